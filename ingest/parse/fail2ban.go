package parse

import (
	"bytes"

	"yagura/internal/event"
)

// fail2ban reads fail2ban's syslog and its own file: "fail2ban.actions[812]: NOTICE
// [sshd] Ban A", "fail2ban.filter [812]: INFO [sshd] Found A - TIME".
type fail2ban struct{}

func (fail2ban) name() string { return "fail2ban" }
func (fail2ban) tags() []string {
	return []string{"fail2ban.actions", "fail2ban.filter", "fail2ban-server", "fail2ban"}
}

func (fail2ban) match(l *Line) int {
	if hasPrefix(l.Tag, "fail2ban") || l.Tag == nil && hasPrefix(l.Body, "fail2ban.") {
		return certain
	}
	return 0
}

func (fail2ban) parse(l *Line) bool {
	b := trim(l.Body)
	if l.Tag == nil {
		l.Tag, b = word(b)
		if len(b) > 0 && b[0] == '[' {
			l.PID, b, _ = cut(b[1:], "]: ")
		}
		l.Body = trim(b)
		b = l.Body
	}
	if b, _ = cutPrefix(b, "fail2ban.actions: "); len(b) == 0 {
		return false
	}
	if w, rest := word(b); methodLike(w) {
		setLower(l, event.LogLevel, w)
		b = rest
	}
	if len(b) == 0 || b[0] != '[' {
		return fail2banServer(l, b)
	}
	jail, b, ok := cut(b[1:], "] ")
	if !ok {
		return false
	}
	setText(l, event.RuleName, jail)
	b, _ = cutPrefix(b, "Restore ")
	what, rest := word(b)
	switch string(what) {
	case "Ban":
		l.SetString(event.EventAction, "ban")
		l.SetString(event.EventType, "denied")
	case "Unban":
		l.SetString(event.EventAction, "unban")
	case "Found":
		l.SetString(event.EventAction, "found")
	case "Ignore":
		l.SetString(event.EventAction, "ignored")
	default:
		if hasSuffix(b, " already banned") {
			l.SetString(event.EventAction, "already-banned")
			return setIP(l, event.SourceIP, what)
		}
		return false
	}
	l.SetString(event.EventCategory, "intrusion_detection")
	w, _ := word(rest)
	return setIP(l, event.SourceIP, bytes.TrimRight(w, ",")) || true
}

// fail2banServer: "Jail 'sshd' started", "Jail 'sshd' stopped", "Starting Fail2ban
// v1.0.2", "Exiting Fail2ban".
func fail2banServer(l *Line, b []byte) bool {
	name, rest, jail := []byte(nil), b, false
	if inner, ok := cutPrefix(b, "Jail '"); ok {
		name, rest, jail = cut(inner, "' ")
	}
	switch {
	case jail && hasPrefix(rest, "started"), hasPrefix(b, "Starting Fail2ban"):
		l.SetString(event.EventAction, "service-started")
	case jail && hasPrefix(rest, "stopped"), hasPrefix(b, "Exiting Fail2ban"), hasPrefix(b, "Stopping all jails"):
		l.SetString(event.EventAction, "service-stopped")
	default:
		return false
	}
	setText(l, event.RuleName, name)
	return true
}
