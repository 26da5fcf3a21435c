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
	return bytes.IndexByte(b, '\t') < 0 && bytes.IndexByte(b, '\n') < 0 && !contains(b, "  ") && !contains(b, "#011")
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
			if at = runningLabel(b[from:i]); at < 0 {
				continue
			}
			at += from
		}
		value := trim(b[from:at])
		switch heading := textHeading(label); {
		case label == nil:
		case heading == winKeys:
			if len(value) > 0 {
				r.textField(label, runningValue(label, value), who)
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
func runningLabel(b []byte) int {
	best := -1
	for i, words := len(b), 0; i >= 0 && words < 7; words++ {
		i = bytes.LastIndexByte(b[:i], ' ')
		if textKnown(b[i+1:]) {
			best = i + 1
		}
	}
	return best
}

// textKnown says whether a label is one of a message's.
func textKnown(label []byte) bool {
	if textKey(label) != winKeys || textHeading(label) != winKeys {
		return true
	}
	switch string(label) {
	case "Account Name", "Group Name", "Account Domain", "Domain Name", "Supplied Realm Name", "Group Domain", "Security ID", "User ID",
		"Logon ID", "アカウント名", "グループ名", "アカウント ドメイン", "アカウントのドメイン", "提供された領域名", "ドメイン名", "セキュリティ ID", "ユーザー ID", "ログオン ID",
		// labels that are not read, and end a value
		"Logon GUID", "Linked Logon ID", "Network Account Name", "Network Account Domain", "Logon Process", "Authentication Package",
		"Transited Services", "Package Name (NTLM only)", "Key Length", "Token Elevation Type", "Mandatory Label", "Restricted Admin Mode",
		"Remote Credential Guard", "Virtual Account", "Elevated Token", "Impersonation Level", "Privileges", "Service Type",
		"Service Start Type", "Service Account", "Ticket Options", "Ticket Encryption Type", "Pre-Authentication Type", "Handle ID",
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
	switch textKey(label) {
	case wIPPort, wIPAddress, wSourceAddress, wDestAddress, wDestPort, wLogonType, wStatus, wSubStatus, wProcessID, wNewProcessID, wProtocol:
		value, _ = word(value)
	}
	return value
}
