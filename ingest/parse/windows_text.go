package parse

import (
	"bytes"

	"yagura/internal/event"
)

// readText reads the message text of an event: "Label: value" in tabs and lines, or
// with runs of blanks where an agent wrote them so. Labels are English or Japanese;
// the same label means the one who acts or the target by the heading above it.
// Values become the fields that EventData would have had. subjectIsTarget: the event
// has one account and calls it the subject though it is the one logged off.
func (r *winRecord) readText(b []byte, subjectIsTarget bool) {
	if running(b) {
		r.readRunning(b, subjectIsTarget)
		return
	}
	who := wSubjectUserName
	if subjectIsTarget {
		who = wTargetUserName
	}
	for len(b) > 0 {
		var part []byte
		part, b = textPart(b)
		label, value, ok := textLabel(part)
		if !ok {
			continue
		}
		if len(value) == 0 {
			if heading := textHeading(label); heading != winKeys {
				if heading != wSubjectUserName || !subjectIsTarget {
					who = heading
				}
				continue
			}
			next, rest := textPart(b)
			if _, _, another := textLabel(next); another {
				continue // an empty value: the next part is a label itself
			}
			value, b = next, rest
		}
		r.textField(label, value, who)
	}
}

// textPart cuts up to two blanks, a tab or a newline, or a relay's "#011".
func textPart(b []byte) (part, rest []byte) {
	for len(b) > 0 && (blank(b[0]) || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	for i, c := range b {
		if c == '\t' || c == '\n' || c == '\r' || c == ' ' && i+1 < len(b) && (b[i+1] == ' ' || b[i+1] == '\t') ||
			c == '#' && hasPrefix(b[i:], "#011") {
			if c == '#' {
				return b[:i], b[i+4:]
			}
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// textLabel cuts "Label:" or "Label: value". A drive letter is no label.
func textLabel(part []byte) (label, value []byte, ok bool) {
	i := bytes.IndexByte(part, ':')
	if i < 2 || i > 80 {
		return nil, nil, false
	}
	if i+1 == len(part) {
		return part[:i], nil, true
	}
	if part[i+1] != ' ' {
		return nil, nil, false
	}
	return part[:i], trim(part[i+1:]), true
}

// textHeading returns whose account the labels below a heading mean; winKeys when
// the label is no heading.
func textHeading(label []byte) winKey {
	switch string(label) {
	case "Subject", "Creator Subject", "サブジェクト", "作成元サブジェクト":
		return wSubjectUserName
	case "New Logon", "Account For Which Logon Failed", "Account Whose Credentials Were Used", "Target Account", "Target Subject",
		"Account Information", "New Account", "User", "Account That Was Locked Out", "Computer Account", "New Computer Account", "Computer Account That Was Changed",
		"新しいログオン", "ログオンを失敗したアカウント", "資格情報が使用されたアカウント", "ターゲット アカウント", "対象のアカウント", "対象アカウント", "ターゲット サブジェクト", "対象サブジェクト", "アカウント情報", "新しいアカウント",
		"ロックアウトされたアカウント", "新しいコンピューター アカウント":
		return wTargetUserName
	case "Member", "メンバー":
		return wMemberName
	case "Group", "New Group", "グループ", "新しいグループ":
		return wTargetSid
	case "Logon Information", "Network Information", "Process Information", "Detailed Authentication Information",
		"Failure Information", "Service Information", "Additional Information", "Share Information", "Access Request Information",
		"Task Information", "Application Information", "Filter Information", "Attributes", "Object", "LAPS Context",
		"ネットワーク情報", "プロセス情報", "詳細な認証情報", "エラー情報", "ログオン情報", "サービス情報", "追加情報", "共有情報":
		return winKeyNone
	}
	return winKeys
}

// winKeyNone: a heading below which no account stands.
const winKeyNone = winKeys + 1

// textField files one labelled value.
func (r *winRecord) textField(label, value []byte, who winKey) {
	if key := textKey(label); key != winKeys && !contains(r.provider, "Sysmon") {
		key = r.textNamed(key)
		r.derive(key, value)
		return
	}
	name, domain, sid, logon := winKeys, winKeys, winKeys, winKeys
	switch who {
	case wSubjectUserName:
		name, domain, sid, logon = wSubjectUserName, wSubjectDomainName, wSubjectUserSid, wSubjectLogonID
	case wTargetUserName:
		name, domain, sid, logon = wTargetUserName, wTargetDomainName, r.targetSID(), wTargetLogonID
	case wMemberName:
		name, sid = wMemberName, wMemberSid
	case wTargetSid:
		name, domain, sid = wTargetUserName, wTargetDomainName, wTargetSid
	}
	key := winKeys
	switch string(label) {
	case "Account Name", "Group Name", "アカウント名", "グループ名":
		key = name
	case "Account Domain", "Domain Name", "Supplied Realm Name", "Group Domain", "グループ ドメイン", "アカウント ドメイン", "アカウントのドメイン", "提供された領域名", "ドメイン名":
		key = domain
	case "Security ID", "User ID", "セキュリティ ID", "ユーザー ID":
		key = sid
	case "Logon ID", "ログオン ID":
		key = logon
	}
	switch {
	case key != winKeys:
		r.derive(key, value)
	case bytes.IndexByte(label, ' ') < 0 && contains(r.provider, "Sysmon"):
		if string(label) == "UtcTime" {
			r.utc = value
		}
		r.data(label, value) // Sysmon's text has the names themselves
	}
}

// textNamed corrects the name of a label that providers' data call by several.
func (r *winRecord) textNamed(key winKey) winKey {
	share := string(r.id) == "5140" || string(r.id) == "5145"
	switch {
	case key == wSourceAddress && share:
		return wIPAddress
	case key == wIPPort && r.has[wSourceAddress]:
		return wSourcePort
	case key == wServiceFileName && string(r.id) == "7045":
		return wImagePath
	}
	return key
}

// targetSID is what an event calls the id of the account it is about: the log-ons
// call it otherwise than account management.
func (r *winRecord) targetSID() winKey {
	if id := legacyID(r.id); id >= "4720" && id <= "4771" && len(id) == 4 {
		return wTargetSid
	}
	return wTargetUserSid
}

// textKey returns the field of a label that means one thing wherever it stands.
func textKey(label []byte) winKey {
	switch string(label) {
	case "Logon Type", "ログオン タイプ", "ログオンの種類":
		return wLogonType
	case "User Name", "Logon Account", "Target User Name", "ユーザー名", "ログオン アカウント":
		return wTargetUserName
	case "Domain", "Target Domain", "ドメイン":
		return wTargetDomainName
	case "Source Network Address", "Client Address", "Network Address", "ソース ネットワーク アドレス", "クライアント アドレス", "ネットワーク アドレス":
		return wIPAddress
	case "Client Port", "Port", "クライアント ポート", "ポート":
		return wIPPort
	case "Source Port", "ソース ポート":
		return wIPPort
	case "Source Address", "ソース アドレス", "送信元アドレス":
		return wSourceAddress
	case "Destination Address", "宛先アドレス":
		return wDestAddress
	case "Destination Port", "宛先ポート":
		return wDestPort
	case "Protocol", "プロトコル":
		return wProtocol
	case "Direction", "方向":
		return wDirection
	case "Workstation Name", "ワークステーション名":
		return wWorkstationName
	case "Source Workstation", "ソース ワークステーション":
		return wWorkstation
	case "New Process Name", "Image File Name", "新しいプロセス名":
		return wNewProcessName
	case "New Process ID", "新しいプロセス ID":
		return wNewProcessID
	case "Creator Process Name", "作成元プロセス名":
		return wParentProcessName
	case "Process Command Line", "プロセスのコマンド ライン", "プロセス コマンド ライン":
		return wCommandLine
	case "Process ID", "Creator Process ID", "Caller Process ID", "プロセス ID", "作成元プロセス ID", "呼び出し側プロセス ID":
		return wProcessID
	case "Process Name", "Caller Process Name", "プロセス名", "呼び出し側プロセス名":
		return wProcessName
	case "Application Name", "アプリケーション名":
		return wApplication
	case "Service Name", "サービス名":
		return wServiceName
	case "Service File Name", "サービス ファイル名":
		return wServiceFileName
	case "Service Type", "サービスの種類":
		return wServiceType
	case "Caller Computer Name", "呼び出し元コンピューター名", "呼び出し側コンピューター名":
		return wTargetDomainName
	case "Task Name", "タスク名":
		return wTaskName
	case "Share Name", "共有名":
		return wShareName
	case "Relative Target Name", "相対ターゲット名":
		return wRelativeTargetName
	case "Object Name", "オブジェクト名":
		return wObjectName
	case "Object Type", "オブジェクトの種類":
		return wObjectType
	case "Status", "Result Code", "Failure Code", "Error Code", "状態", "ステータス", "結果コード", "エラー コード":
		return wStatus
	case "Sub Status", "サブステータス", "サブ ステータス":
		return wSubStatus
	case "Failure Reason", "失敗の原因":
		return wFailureReason
	}
	return winKeys
}

// winSentence returns the security id of a message that stands alone, by its first
// sentence; "" when it is none of the few that matter without an id.
func winSentence(b []byte) string {
	if len(b) < 20 || b[0] != 'A' && b[0] != 'T' && b[0] != 'K' && b[0] != 'S' && b[0] < 0x80 {
		return ""
	}
	for _, s := range winSentences {
		if hasPrefix(b, s.text) {
			return s.id
		}
	}
	return ""
}

// winSentences are the first sentences of messages, as Windows writes them.
var winSentences = [...]struct{ text, id string }{
	{"An account failed to log on.", "4625"},
	{"An account was successfully logged on.", "4624"},
	{"An account was logged off.", "4634"},
	{"A logon was attempted using explicit credentials.", "4648"},
	{"Special privileges assigned to new logon.", "4672"},
	{"The audit log was cleared.", "1102"},
	{"A user account was created.", "4720"},
	{"A user account was locked out.", "4740"},
	{"A service was installed in the system.", "4697"},
	{"A scheduled task was created.", "4698"},
	{"System audit policy was changed.", "4719"},
	{"アカウントがログオンに失敗しました。", "4625"},
	{"アカウントが正常にログオンしました。", "4624"},
	{"アカウントがログオフしました。", "4634"},
	{"明示的な資格情報を使用してログオンが試行されました。", "4648"},
	{"新しいログオンに特権が割り当てられました。", "4672"},
	{"監査ログが消去されました。", "1102"},
	{"ユーザー アカウントが作成されました。", "4720"},
	{"ユーザー アカウントがロックアウトされました。", "4740"},
	{"サービスがシステムにインストールされました。", "4697"},
	{"スケジュールされたタスクが作成されました。", "4698"},
	{"システム監査ポリシーが変更されました。", "4719"},
}

// readBareText reads a message that came without id, provider and channel: what it
// means is known, its number is not claimed.
func (r *winRecord) readBareText(b []byte) {
	id := winSentence(b)
	m := securityEvents[id]
	r.readText(b, id == "4634")
	r.action, r.category, r.typ = []byte(m.action), []byte(m.category), []byte(m.typ)
	switch id {
	case "4625":
		r.outcome = []byte("failure")
	case "4624":
		r.outcome = []byte("success")
	}
	r.bare = id
	r.SetString(event.EventModule, "security")
}
