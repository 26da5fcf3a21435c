package parse

import "bytes"

// relayedProvider is the provider of a line that an agent wrote as "PROVIDER: ID:
// text" behind a syslog header (Eventlog to Syslog and its like), "" when the tag
// is none.
func relayedProvider(tag, body []byte) string {
	if n := digits(body); n == 0 || n > 5 || n+2 > len(body) || body[n] != ':' || body[n+1] != ' ' {
		return ""
	}
	switch {
	case string(tag) == "Security-Auditing", string(tag) == "Microsoft-Windows-Security-Auditing":
		return "Microsoft-Windows-Security-Auditing"
	case string(tag) == "Service_Control_Manager", string(tag) == "Service-Control-Manager":
		return "Service Control Manager"
	}
	return ""
}

// readRelayed reads "4625: [AUDIT_FAILURE ]An account failed to log on. ...".
func (r *winRecord) readRelayed(provider string, b []byte) {
	r.id, b, _ = cut(b, ": ")
	r.provider = []byte(provider)
	r.channel = []byte("System")
	if provider == "Microsoft-Windows-Security-Auditing" {
		r.channel = []byte("Security")
	}
	if w, rest := word(b); hasPrefix(w, "AUDIT_") {
		r.kind, b = w, rest
	}
	r.message, r.Body = b, b
}

// running says whether a message's lines were joined by single blanks.
func running(b []byte) bool {
	return bytes.IndexByte(b, '\t') < 0 && bytes.IndexByte(b, '\n') < 0 && gaps(b) < 2 && !contains(b, "#011")
}

// gaps counts the runs of blanks that part values; those behind a label are
// Windows' own.
func gaps(b []byte) int {
	n := 0
	for i := 1; i+1 < len(b); i++ {
		if b[i] == ' ' && b[i+1] == ' ' && b[i-1] != ':' && b[i-1] != ' ' {
			n++
		}
	}
	return n
}

// readRunning reads a message without line ends: a label is known by its words,
// and a value ends where the next label begins.
func (r *winRecord) readRunning(b []byte, subjectIsTarget bool) {
	who := wSubjectUserName
	if subjectIsTarget {
		who = wTargetUserName
	}
	var label []byte
	from := 0
	for i := 0; i <= len(b); i++ {
		at := i
		if i < len(b) {
			if b[i] != ':' || i+1 < len(b) && b[i+1] != ' ' {
				continue
			}
			if at = r.runningLabel(b[from:i]); at < 0 {
				continue
			}
			at += from
		}
		value := trim(b[from:at])
		switch heading := textHeading(label); {
		case label == nil:
		case heading == winKeys:
			if len(value) > 0 {
				if value = runningValue(label, value); len(value) > 0 {
					r.textField(label, value, who)
				}
			}
		case heading != wSubjectUserName || !subjectIsTarget:
			who = heading
		}
		if i < len(b) {
			label, from = b[at:i], i+1
		}
	}
}

// runningLabel is where the longest label at the end of b begins, -1 when it ends
// with none.
func (r *winRecord) runningLabel(b []byte) int {
	if contains(r.provider, "Sysmon") { // one word each
		if i := bytes.LastIndexByte(b, ' '); sysmonLabel(b[i+1:]) {
			return i + 1
		}
		return -1
	}
	best := -1
	for i, words := len(b), 0; i >= 0 && words < 7; words++ {
		i = bytes.LastIndexByte(b[:i], ' ')
		if textKnown(b[i+1:]) {
			best = i + 1
		}
	}
	return best
}

// sysmonLabel says whether a word is a name of Sysmon's data.
func sysmonLabel(word []byte) bool {
	if _, known := winKeyIndex[string(word)]; known {
		return true
	}
	switch string(word) {
	case "FileVersion", "Description", "Product", "Company", "LogonGuid", "LogonId", "TerminalSessionId", "IntegrityLevel",
		"ParentProcessGuid", "ParentUser", "CreationUtcTime", "PreviousCreationUtcTime", "SourceProcessGuid", "SourceProcessGUID",
		"SourceThreadId", "TargetProcessGuid", "TargetProcessGUID", "TargetProcessId", "GrantedAccess", "CallTrace", "StartAddress",
		"StartModule", "StartFunction", "NewThreadId", "SourceIsIpv6", "DestinationIsIpv6", "SourcePortName", "DestinationPortName",
		"Signed", "Signature", "SignatureStatus", "EventType", "QueryStatus", "Contents", "Hash", "NewName", "IsExecutable", "Archived",
		"Type", "Device", "Operation", "EventNamespace", "Name", "Query", "Destination", "Consumer", "Filter", "Configuration":
		return true
	}
	return false
}

// textKnown says whether a label is one of a message's.
func textKnown(label []byte) bool {
	if textKey(label) != winKeys || textHeading(label) != winKeys {
		return true
	}
	switch string(label) {
	case "Account Name", "Group Name", "Account Domain", "Domain Name", "Supplied Realm Name", "Group Domain", "Security ID", "User ID",
		"Logon ID", "アカウント名", "グループ名", "グループ ドメイン", "アカウント ドメイン", "アカウントのドメイン", "提供された領域名", "ドメイン名", "セキュリティ ID", "ユーザー ID", "ログオン ID",
		// labels that are not read, and end a value
		"Logon GUID", "Linked Logon ID", "Network Account Name", "Network Account Domain", "Logon Process", "Authentication Package",
		"Transited Services", "Package Name (NTLM only)", "Key Length", "Token Elevation Type", "Mandatory Label", "Restricted Admin Mode",
		"Remote Credential Guard", "Virtual Account", "Elevated Token", "Impersonation Level", "Privileges", "Service Type",
		"Service Start Type", "Service Account", "Ticket Options", "Ticket Encryption Type", "Pre-Authentication Type", "Handle ID",
		"Service ID", "Share Path", "Target Server Name", "Certificate Issuer Name", "Resource Attributes", "Display Name", "User Principal Name",
		"サービス ID", "共有パス", "ターゲット サーバー名", "トークン昇格の種類", "必須ラベル", "作成元プロセス ID",
		"Accesses", "Access Mask", "Object Server", "Task Content", "Changed Attributes", "User Account Control", "SAM Account Name",
		"ログオン GUID", "リンクされたログオン ID", "ネットワーク アカウント名", "ネットワーク アカウント ドメイン", "ログオン プロセス", "認証パッケージ",
		"移行されたサービス", "パッケージ名 (NTLM のみ)", "キーの長さ", "制限付き管理モード", "仮想アカウント", "昇格されたトークン", "偽装レベル", "特権":
		return true
	}
	return false
}

// runningValue cuts an explanation that follows the last value: numbers, codes and
// addresses are one word.
func runningValue(label, value []byte) []byte {
	switch string(label) {
	case "Logon ID", "ログオン ID":
		value, _ = word(value)
	case "Account Name", "Account Domain", "Domain Name", "Security ID", "Group Name", "アカウント名", "アカウント ドメイン", "ドメイン名", "セキュリティ ID":
		if contains(value, ": ") { // a label that is not known hides in it
			return nil
		}
	}
	switch textKey(label) {
	case wIPPort, wIPAddress, wSourceAddress, wDestAddress, wDestPort, wLogonType, wStatus, wSubStatus, wProcessID, wNewProcessID, wProtocol:
		value, _ = word(value)
	case wCommandLine: // Windows' explanation follows
		value, _, _ = cut(value, " Token Elevation Type indicates")
		value, _, _ = cut(value, " トークン昇格の種類は")
	}
	return value
}
