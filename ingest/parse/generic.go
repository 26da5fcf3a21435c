package parse

import (
	"bytes"

	"yagura/internal/event"
)

// generic takes what it can from a line that no family knows: a JSON object of
// any shape, key=value pairs, and the words of a log-on. It returns the name for
// yagura.parser, or "" when it understood nothing.
func (p *Parser) generic(l *Line) string {
	b := trim(l.Body)
	if rest, ok := cutPrefix(b, "@cee:"); ok {
		b = trimLeft(rest)
	}
	if len(b) > 1 && b[0] == '{' {
		if name := p.genericJSON(l, b); name != "" {
			return name
		}
	}
	if exportAhead(b) {
		if name := p.export(l, b); name != "" {
			return name
		}
	}
	if l.lines {
		b = firstLine(b) // of what looked like a JSON object and is none
	}
	if carried(b) {
		if name := p.inner(l, b); name != "" {
			return name
		}
	}
	switch {
	case string(b) == "-- MARK --":
		l.SetString(event.EventAction, "mark")
		return "generic.syslog"
	case lastRepeated(l, b):
		return "generic.syslog"
	}
	pairs := genericPairs(l, b)
	words := genericWords(l, b)
	switch {
	case pairs:
		return "generic.kv"
	case words:
		return "generic.syslog"
	}
	return ""
}

// lastRepeated: "last message repeated 3 times" (syslogd): it stands for events
// that were sent before.
func lastRepeated(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "last message repeated ")
	if !ok {
		return false
	}
	n, rest := word(rest)
	if !hasPrefix(rest, "time") || !setNumber(l, event.YaguraRepeat, n) {
		return false
	}
	l.SetString(event.EventAction, "last-message-repeated")
	return true
}

// genericPairs reads key=value pairs: names that products share become ECS
// fields, others keep their name. One pair may be chance, unless its name is
// known.
func genericPairs(l *Line, b []byte) bool {
	if bytes.IndexByte(b, '=') < 0 {
		return false
	}
	n := 0
	for p := (pairs{rest: b}); p.next(); n++ {
		if !nameLike(p.key) {
			n--
			continue
		}
		v := bytes.TrimRight(p.value, ",;")
		if n := len(v); n > 0 && v[n-1] == ']' && bytes.IndexByte(v, '[') < 0 { // the last of "[a=1 b=2]"
			v = v[:n-1]
		}
		if !setCommon(l, p.key, v) && !none(v) && !kvTime(l, p.key, v) && !hasPrefix(p.key, "yagura.") {
			l.Set(l.LocalBytes("", p.key), v)
		}
		if p.open {
			l.broken("kv:unterminated_quote")
		}
	}
	return n > 0
}

// kvTime takes the time of a line that names it: time="2026-11-24T11:15:42Z" (logfmt).
func kvTime(l *Line, key, v []byte) bool {
	switch string(key) {
	case "time", "ts", "timestamp", "@timestamp":
		return len(v) > 18 && l.setWritten(v)
	}
	return false
}

// nameLike says whether a key may be a field's name.
func nameLike(b []byte) bool {
	if len(b) == 0 || len(b) > 64 || !letter(b[0]) && b[0] != '_' {
		return false
	}
	for _, c := range b {
		if !letter(c) && !digit(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// genericWords takes "from A" as the source and, in a sentence about a log-on,
// its user and outcome. It claims nothing else.
func genericWords(l *Line, b []byte) bool {
	found, hint := false, hintsOf(b)
	if !l.Has(event.SourceIP) {
		found = hint&hintFrom != 0 && addressAfter(l, b, "from ") ||
			hint&hintIP != 0 && (addressAfter(l, b, "src IP ") || addressAfter(l, b, "source IP ")) ||
			hint&hintClient != 0 && (addressAfter(l, b, "lient ") || addressAfter(l, b, "lient: ")) ||
			leadingClient(l, b)
	}
	if !l.Has(event.DestinationIP) {
		found = hint&hintConnect != 0 && (endpointAfter(l, b, "connected to ") || endpointAfter(l, b, "connect to ") ||
			endpointAfter(l, b, "connection to ")) || hint&hintIP != 0 && serverAfter(l, b) || found
	}
	if hint&hintLogon == 0 {
		return found
	}
	action := logonWords(b)
	if action == logonNone {
		if rest, ok := after(b, "authenticate user "); ok && !l.Has(event.UserName) {
			w, _ := word(rest)
			found = setUser(l, event.UserName, event.UserDomain, trimTail(w)) || found
		}
		return found
	}
	if !l.Has(event.EventAction) {
		l.SetString(event.EventAction, "login")
	}
	if !l.Has(event.EventOutcome) {
		outcome(l, action == logonSuccess)
	}
	l.SetString(event.EventCategory, "authentication")
	if !l.Has(event.UserName) {
		userAfter(l, b)
	}
	return true
}

type logon uint8

const (
	logonNone logon = iota
	logonSuccess
	logonFailure
)

// logonWords looks for the sentences of log-ons. Failure words win.
func logonWords(b []byte) logon {
	var tmp [256]byte
	n := copy(tmp[:], b)
	s := tmp[:n]
	for i, c := range s {
		if c-'A' <= 25 {
			s[i] = c | 0x20
		}
	}
	about := contains(s, "login") || contains(s, "log in") || contains(s, "logon") || contains(s, "logged in") ||
		contains(s, "sign in") || contains(s, "signed in") || contains(s, "authentication") || contains(s, "password")
	switch {
	case !about:
		return logonNone
	case contains(s, "fail"), contains(s, "denied"), contains(s, "invalid"), contains(s, "incorrect"), contains(s, "rejected"), contains(s, "wrong "):
		return logonFailure
	case contains(s, "success"), contains(s, "logged in"), contains(s, "signed in"), contains(s, "succeeded"), contains(s, "ok login"):
		return logonSuccess
	}
	return logonNone
}

// addressAfter sets the source from the first word behind mark that is an
// address, with or without brackets and port.
func addressAfter(l *Line, b []byte, mark string) bool {
	for rest := b; ; {
		var ok bool
		if rest, ok = after(rest, mark); !ok {
			return false
		}
		w, _ := word(rest)
		w = bytes.Trim(w, "[](){}<>,;'\".")
		if setEndpoint(l, event.SourceIP, event.SourcePort, w) {
			return true
		}
	}
}

// leadingClient takes the client from a line that begins with "A:port " or
// "name/A:port " (OpenVPN, HAProxy).
func leadingClient(l *Line, b []byte) bool {
	w, _ := word(b)
	if bytes.IndexByte(w, ':') < 0 {
		return false
	}
	name, end, ok := cutLast(w, "/")
	if !ok {
		name, end = nil, w
	}
	if bytes.IndexByte(end, ':') < 7 || !setEndpoint(l, event.SourceIP, event.SourcePort, end) {
		return false
	}
	setUser(l, event.UserName, event.UserDomain, name)
	return true
}

// endpointAfter sets the destination from "A:port" behind mark.
func endpointAfter(l *Line, b []byte, mark string) bool {
	rest, ok := after(b, mark)
	if !ok {
		return false
	}
	w, _ := word(rest)
	return setEndpoint(l, event.DestinationIP, event.DestinationPort, bytes.Trim(w, "[](){}<>,;'\"."))
}

// serverAfter: "server (ip A, port P)".
func serverAfter(l *Line, b []byte) bool {
	inner, ok := between(b, "server (ip ", ")")
	if !ok {
		return false
	}
	a, port, _ := cut(inner, ", port ")
	setPort(l, event.DestinationPort, port)
	return setIP(l, event.DestinationIP, a)
}

// userAfter: "user x", "User [x]", "username 'x'", "user=x".
func userAfter(l *Line, b []byte) {
	for _, mark := range [...]string{"user [", "User [", "user '", "User '", "user \"", "user ", "User ", "username ", "account "} {
		_, rest, ok := cut(b, mark)
		if !ok {
			continue
		}
		end := byte(' ')
		switch mark[len(mark)-1] {
		case '[':
			end = ']'
		case '\'':
			end = '\''
		case '"':
			end = '"'
		}
		if i := bytes.IndexByte(rest, end); i >= 0 {
			if at, ok := cutPrefix(rest[i:], "'@'"); ok && !l.Has(event.SourceIP) { // MySQL: 'x'@'A'
				at, _, _ = cut(at, "'")
				setIP(l, event.SourceIP, at)
			}
			rest = rest[:i]
		}
		rest = bytes.Trim(rest, "[]()'\",;:.")
		if len(rest) == 0 || len(rest) > 64 || notAName(rest) {
			return
		}
		if name, at, ok := cutLast(rest, "@"); ok && !l.Has(event.SourceIP) && setIP(l, event.SourceIP, at) {
			rest = name
		}
		setUser(l, event.UserName, event.UserDomain, rest)
		return
	}
}

// notAName: words that follow "user" in sentences and name nobody.
func notAName(w []byte) bool {
	if hasPrefix(w, "name/") || hasPrefix(w, "ID/") {
		return true
	}
	switch string(w) {
	case "from", "login", "logged", "name", "is", "was", "has", "authentication", "failed", "with", "to", "on", "at", "in", "unknown", "attempting", "not", "account", "session", "interface":
		return true
	}
	return false
}
