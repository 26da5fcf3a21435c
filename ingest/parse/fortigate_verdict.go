package parse

import (
	"bytes"

	"yagura/internal/event"
)

// verdict sets action, category, type and outcome. In old firmware status= is the
// action of a flow, in events it is how the action ended.
func (f *fortiLine) verdict() {
	flow := string(f.kind) != "event"
	action := f.action
	if action == nil && flow {
		action = f.status
	}
	if !none(action) {
		putLower(f.Draft, event.EventAction, action)
	}
	if flow {
		f.category()
		typ := fortiFlow(action)
		if typ == "" {
			typ = "connection"
		}
		f.SetString(event.EventType, typ)
		return
	}
	f.event(action)
}

func (f *fortiLine) category() {
	switch string(f.kind) {
	case "attack":
		setClass(f.Draft, "intrusion_detection", "")
		f.SetString(event.EventKind, "alert")
		return
	case "spam", "statistics", "virus":
		setClass(f.Draft, "email", "")
		return
	}
	switch string(f.subkind) {
	case "virus":
		setClass(f.Draft, "malware", "")
		f.SetString(event.EventKind, "alert")
	case "ips", "anomaly":
		setClass(f.Draft, "intrusion_detection", "")
		f.SetString(event.EventKind, "alert")
	case "webfilter":
		setClass(f.Draft, "web", "")
	case "emailfilter":
		setClass(f.Draft, "email", "")
	default:
		setClass(f.Draft, "network", "")
	}
}

// fortiFlow says what became of a flow. A session that ended by a reset of one end
// was allowed.
func fortiFlow(action []byte) string {
	var tmp [40]byte
	if len(action) > len(tmp) {
		return ""
	}
	switch string(lowerInto(tmp[:0], action)) {
	case "accept", "accepted", "close", "client-rst", "server-rst", "timeout", "ip-conn", "dns", "start",
		"pass", "passed", "passthrough", "pass_session", "pass-session", "permit", "permitted", "allow", "allowed",
		"detected", "detect", "monitored", "monitor", "exempt", "exempted", "log-only", "log_only", "logged",
		"alert", "erase", "analytics", "submitted", "content-archive", "authenticate", "bypass":
		return "allowed"
	case "deny", "denied", "block", "blocked", "drop", "dropped", "drop_session", "drop-session",
		"reset", "reset_client", "reset-client", "reset_server", "reset-server", "reset_both",
		"clear_session", "clear-session", "redirect", "redirected", "quarantine", "quarantined",
		"violation", "deny-session", "alert_deny", "period_block", "deny_no_log", "client id block period", "infected", "replacemsg", "ban", "ban-ip", "ssl-block":
		return "denied"
	}
	return ""
}

// event judges administration, VPN and system events.
func (f *fortiLine) event(action []byte) {
	outcome := f.outcome(action)
	switch {
	case f.cfgpath != nil || bytes.HasPrefix(f.logdesc, []byte("Configuration changed")):
		setClass(f.Draft, "configuration", "change")
	case bytes.Contains(action, []byte("logout")) || bytes.Contains(action, []byte("logoff")):
		setClass(f.Draft, "authentication", "end")
	case bytes.Contains(action, []byte("login")) || bytes.Contains(action, []byte("logon")) ||
		string(f.subkind) == "user" || bytes.HasPrefix(action, []byte("auth")):
		setClass(f.Draft, "authentication", "start")
	case string(f.subkind) == "vpn":
		setClass(f.Draft, "network", fortiTunnel(action))
	case string(f.subkind) == "ha":
		setClass(f.Draft, "host", "change")
	default:
		setClass(f.Draft, "host", "info")
	}
	if outcome != "" {
		f.SetString(event.EventOutcome, outcome)
	}
	if !none(f.status) {
		f.own("status", f.status)
	}
	if !none(f.result) {
		f.own("result", f.result)
	}
}

func fortiTunnel(action []byte) string {
	switch string(action) {
	case "tunnel-up", "phase2-up":
		return "start"
	case "tunnel-down", "phase2-down":
		return "end"
	}
	return "info"
}

// outcome reads status, then what the action itself says.
func (f *fortiLine) outcome(action []byte) string {
	for _, word := range [...][]byte{f.status, f.result} {
		switch {
		case bytes.Contains(word, []byte("fail")), string(word) == "ERROR", string(word) == "denied", string(word) == "timeout":
			return "failure"
		case string(word) == "success", string(word) == "OK", string(word) == "authentication succeeded":
			return "success"
		}
	}
	switch {
	case bytes.Contains(action, []byte("fail")) || bytes.Contains(action, []byte("-deny")):
		return "failure"
	case string(action) == "tunnel-up", string(action) == "phase2-up", string(action) == "ssl-new-con",
		string(action) == "auth-logon", string(action) == "FSSO-logon":
		return "success"
	}
	return ""
}
