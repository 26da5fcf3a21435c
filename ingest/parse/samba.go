package parse

import (
	"bytes"

	"yagura/internal/event"
)

// samba reads Samba's authentication audit (auth_audit): "Auth: [SMB2,(null)]
// user [D]\[u] at [time UTC] with [NTLMv2] status [NT_STATUS_OK] workstation [W]
// remote host [ipv4:A:p] ... local host [ipv4:A:p]". The time inside is UTC and
// exact.
type samba struct{}

func (samba) name() string { return "samba" }

func (samba) match(l *Line) int {
	if hasPrefix(l.Body, "Auth: [") || string(l.Tag) == "Auth" && hasPrefix(l.Body, "[") {
		return certain
	}
	if string(l.Tag) == "smbd_audit" && bytes.IndexByte(l.Body, '|') > 0 {
		return certain
	}
	if !hasPrefix(l.Tag, "sm") && !hasPrefix(l.Tag, "samba") && !hasPrefix(l.Body, "[") {
		return 0
	}
	if contains(l.Body, "Auth: [") && contains(l.Body, "] status [") {
		return 80
	}
	return 0
}

func (samba) parse(l *Line) bool {
	b := l.Body
	if string(l.Tag) == "smbd_audit" {
		return sambaAudit(l, trim(b))
	}
	if string(l.Tag) == "Auth" {
		l.Tag, l.Body = nil, l.Whole
	}
	if rest, ok := after(b, "Auth: "); ok {
		b = rest
	}
	if who, ok := after(b, " user "); ok {
		sambaUser(l, who)
	}
	if at, ok := between(b, " at [", "]"); ok {
		l.setWritten(at)
	}
	l.SetString(event.EventAction, "login")
	l.SetString(event.EventCategory, "authentication")
	if status, ok := between(b, " status [", "]"); ok {
		outcome(l, string(status) == "NT_STATUS_OK")
		if string(status) != "NT_STATUS_OK" {
			l.Set(event.EventReason, status)
		}
	} else {
		l.broken("samba:cut")
	}
	if name, ok := between(b, " workstation [", "]"); ok {
		setText(l, event.SourceDomain, name)
	}
	sambaEnd(l, b, " remote host [", event.SourceIP, event.SourcePort)
	sambaEnd(l, b, " local host [", event.DestinationIP, event.DestinationPort)
	return true
}

// sambaAudit: vfs_full_audit's "PREFIX|operation|ok|arguments|path" or "...|fail
// (why)|..."; the prefix is the administrator's, by default "user|address".
func sambaAudit(l *Line, b []byte) bool {
	head, rest, failed := b, []byte(nil), false
	for _, end := range [...]string{"|ok|", "|fail ("} {
		if h, r, ok := cut(b, end); ok {
			head, rest = h, r
			failed = end != "|ok|"
			outcome(l, !failed)
			break
		}
	}
	head, operation, ok := cutLast(head, "|")
	if !ok || rest == nil {
		return false
	}
	l.SetString(event.EventCategory, "file")
	setText(l, event.EventAction, operation)
	for first := true; len(head) > 0; first = false {
		var part []byte
		part, head, _ = cut(head, "|")
		if !setIPOnce(l, event.SourceIP, part) && first {
			setUser(l, event.UserName, event.UserDomain, part)
		}
	}
	if why, path, ok := cut(rest, ")|"); failed && ok {
		setText(l, event.EventReason, why)
		rest = path
	}
	if i := bytes.LastIndexByte(rest, '|'); i >= 0 {
		rest = rest[i+1:]
	}
	setText(l, event.FilePath, rest)
	return true
}

// sambaUser: "[DOMAIN]\[user]".
func sambaUser(l *Line, b []byte) {
	domain, rest, ok := cut(b, `]\[`)
	name, _, end := cut(rest, "]")
	if !ok || !end || len(domain) == 0 || domain[0] != '[' || bytes.IndexByte(domain[1:], ']') >= 0 {
		return
	}
	setText(l, event.UserDomain, domain[1:])
	setText(l, event.UserName, name)
}

func sambaEnd(l *Line, b []byte, open string, ip, port event.Field) {
	v, ok := between(b, open, "]")
	if !ok {
		return
	}
	if _, addr, ok := cut(v, ":"); ok { // ipv4:, ipv6:
		setEndpoint(l, ip, port, addr)
	}
}
