package parse

import (
	"bytes"

	"yagura/internal/event"
)

// services reads the sentences of small services of Linux that have no family of their
// own: clocks, RADIUS, LDAP, mail filters, disks, web consoles. A program is known by
// its tag; what it says and is not in the table is left to generic.
type services struct{}

func (services) name() string { return "linux.services" }

func (services) match(l *Line) int {
	if len(l.Tag) == 0 {
		return 0
	}
	if _, ok := serviceShapes[string(program(l.Tag))]; ok {
		return 90
	}
	return 0
}

func (services) parse(l *Line) bool {
	if len(l.Tag) == 0 {
		return false
	}
	b, name := trim(l.Body), program(l.Tag)
	switch string(name) {
	case "radiusd", "freeradius":
		return radius(l, b)
	case "slapd":
		if slapd(l, b) {
			return true
		}
	}
	return applyFirst(serviceShapes[string(name)], l, b)
}

// radius: "(5) Login incorrect (why): [user/<...>] (from client ap1 port 0 cli MAC)".
func radius(l *Line, b []byte) bool {
	if hasPrefix(b, "(") {
		_, rest, _ := cut(b, ")")
		b = trimLeft(rest)
	}
	b, _ = cutPrefix(b, "Auth: ")
	switch {
	case hasPrefix(b, "Login OK"):
		loginSuccess(l)
	case hasPrefix(b, "Login incorrect"), hasPrefix(b, "Invalid user"), hasPrefix(b, "Rejected"):
		loginFailure(l)
	default:
		return false
	}
	head, rest, ok := cut(b, "[")
	if !ok {
		return true
	}
	if why, ok := between(head, "(", ")"); ok {
		setText(l, event.EventReason, why)
	}
	user, rest, ok := cut(rest, "]")
	if !ok {
		l.broken("radius:cut")
		return true
	}
	name, secret, found := cut(user, "/") // "<via Auth-Type = EAP>", or a password: none of the name
	if string(name) == "host" && found {
		name, _, _ = cut(secret, "/")
		name = user[:len("host/")+len(name)]
	}
	user = name
	setUser(l, event.UserName, event.UserDomain, user)
	inner, ok := between(rest, "(from client ", ")")
	if !ok {
		return true
	}
	client, inner := word(inner)
	setText(l, event.ObserverName, client)
	if _, station, ok := cut(inner, " cli "); ok {
		station, _ = word(station)
		if isMAC(station) {
			l.Set(event.SourceMAC, station)
		} else {
			setIP(l, event.SourceIP, station)
		}
	}
	return true
}

// slapd: "conn=1 op=0 BIND dn="uid=x,ou=y" method=128", "conn=1 op=0 RESULT tag=97
// err=49 text=": tag 97 answers a BIND.
func slapd(l *Line, b []byte) bool {
	if !hasPrefix(b, "conn=") {
		return false
	}
	for p := (pairs{rest: b}); p.next(); {
		if string(p.key) == "conn" || string(p.key) == "op" {
			setText(l, l.LocalBytes("ldap.", p.key), p.value)
		}
	}
	switch {
	case contains(b, " BIND dn=\""):
		dn, _ := between(b, " BIND dn=\"", "\"")
		l.SetString(event.EventAction, "bind")
		l.SetString(event.EventCategory, "authentication")
		if first, _, _ := bytes.Cut(dn, []byte{','}); len(first) > 0 {
			_, name, _ := cut(first, "=")
			setText(l, event.UserName, name)
		}
	case contains(b, " RESULT tag=97 err="):
		_, code, _ := cut(b, " RESULT tag=97 err=")
		code, _ = word(code)
		if string(code) == "0" {
			loginSuccess(l)
		} else {
			loginFailure(l)
			setText(l, event.ErrorCode, code)
		}
	case contains(b, " ACCEPT from IP="):
		_, peer, _ := cut(b, " ACCEPT from IP=")
		peer, here := word(peer)
		l.SetString(event.EventAction, "connect")
		l.SetString(event.EventCategory, "network")
		putFlowEnd(l, event.SourceIP, event.SourcePort, peer)
		if inner, ok := between(here, "(IP=", ")"); ok {
			putFlowEnd(l, event.DestinationIP, event.DestinationPort, inner)
		}
	default:
		return false
	}
	return true
}

// serviceShapes are the sentences of each program.
var serviceShapes = map[string][]shape{
	"radiusd": nil, "freeradius": nil,
	"chronyd": {
		{form: "Selected source {z}", action: "time-source-selected", category: "host", typ: "info"},
		{form: "System clock wrong by {r}", action: "clock-wrong", category: "host", typ: "info"},
		{form: "System clock was stepped by {r}", action: "clock-stepped", category: "host", typ: "change"},
		{form: "Can't synchronise: {r}", action: "time-source-lost", category: "host", typ: "info"},
		{form: "Source {z} offline", action: "time-source-offline", category: "host", typ: "info"},
		{form: "Source {z} online", action: "time-source-online", category: "host", typ: "info"},
		{form: "Forward time jump detected", action: "clock-jumped", category: "host", typ: "info"},
		{form: "Backward time jump detected", action: "clock-jumped", category: "host", typ: "info"},
	},
	"ntpd": {
		{form: "time reset {r}", action: "clock-stepped", category: "host", typ: "change"},
		{form: "synchronized to {z}, stratum", action: "time-source-selected", category: "host", typ: "info"},
		{form: "no servers reachable", action: "time-source-lost", category: "host", typ: "info"},
		{form: "kernel reports TIME_ERROR", action: "clock-unsynchronized", category: "host", typ: "info"},
	},
	"systemd-timesyncd": {
		{form: "Timed out waiting for reply from {z} (", action: "time-source-lost", category: "host", typ: "info"},
		{form: "Contacted time server {z} (", action: "time-source-selected", category: "host", typ: "info"},
		{form: "Initial synchronization to time server {z} (", action: "time-source-selected", category: "host", typ: "info"},
		{form: "Synchronized to time server {z} (", action: "time-source-selected", category: "host", typ: "info"},
	},
	"slapd": {
		{form: "slapd starting", action: "service-started", category: "process", typ: "start"},
		{form: "slapd stopped", action: "service-stopped", category: "process", typ: "end"},
	},
	"ocserv": {
		{form: "main[{u}]:{h} user logged in", action: "login", category: "authentication", typ: "start", outcome: "success"},
		{form: "main[{u}]:{h} new user session", action: "session-opened", category: "session", typ: "start"},
		{form: "main[{u}]:{h} user disconnected", action: "disconnect", category: "session", typ: "end"},
	},
	"pvedaemon": {
		{form: "authentication failure; rhost={h} user={u} msg={r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
		{form: "<{_}> successful auth for user '{u}'", action: "login", category: "authentication", typ: "start", outcome: "success"},
	},
	"webmin": {
		{form: "Invalid login as {u} from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
		{form: "Non-existent login as {u} from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
		{form: "Successful login as {u} from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	},
	"xinetd": {
		{form: "START: {n} pid={_} from={h}", action: "connect", category: "network", typ: "start"},
		{form: "FAIL: {n} {_} from={h}", action: "refused", category: "network", typ: "denied"},
	},
	"in.tftpd": {
		{form: "RRQ from {h} filename {f}", action: "download", category: "file", typ: "access"},
		{form: "WRQ from {h} filename {f}", action: "upload", category: "file", typ: "creation"},
	},
	"smartd": {
		{form: "Device: {_}, {_} Currently unreadable", action: "disk-failing", category: "host", typ: "info"},
		{form: "Device: {_}, {_} Offline uncorrectable", action: "disk-failing", category: "host", typ: "info"},
		{form: "Device: {_}, FAILED SMART self-check", action: "disk-failing", category: "host", typ: "info"},
	},
	"auditd": {
		{form: "Audit daemon is low on disk space", action: "audit-space-low", category: "configuration", typ: "info"},
		{form: "Audit daemon is suspending logging", action: "audit-suspended", category: "configuration", typ: "end"},
		{form: "Audit daemon rotating log files", action: "rotated-audit-logs", category: "configuration", typ: "info"},
		{form: "The audit daemon is exiting", action: "shutdown-audit", category: "configuration", typ: "end"},
		{form: "Init complete, auditd {_} listening", action: "started-audit", category: "configuration", typ: "start"},
	},
	"freshclam": {
		{form: "Database updated", action: "signatures-updated", category: "configuration", typ: "change", outcome: "success"},
		{form: "{_} updated (version", action: "signatures-updated", category: "configuration", typ: "change", outcome: "success"},
		{form: "Update failed", action: "signature-update-failed", category: "configuration", typ: "change", outcome: "failure"},
		{form: "ERROR: Update failed", action: "signature-update-failed", category: "configuration", typ: "change", outcome: "failure"},
	},
	"haproxy": {
		{form: "Server {n} is DOWN, reason: {r}", action: "server-down", category: "host", typ: "info"},
		{form: "Server {n} is UP", action: "server-up", category: "host", typ: "info"},
		{form: "backend {n} has no server available", action: "backend-down", category: "host", typ: "info"},
	},
	"amavis": {
		{form: "({_}) Blocked INFECTED ({a}), [{h}]", action: "malware-blocked", category: "malware", typ: "denied"},
		{form: "({_}) Blocked INFECTED ({a})", action: "malware-blocked", category: "malware", typ: "denied"},
		{form: "({_}) Blocked BANNED ({a}), {_}[{h}]", action: "attachment-blocked", category: "email", typ: "denied"},
		{form: "({_}) Blocked SPAM", action: "spam-blocked", category: "email", typ: "denied"},
		{form: "({_}) Passed CLEAN", action: "mail-passed", category: "email", typ: "allowed"},
	},
}
