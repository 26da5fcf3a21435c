package parse

import (
	"bytes"

	"yagura/internal/event"
)

// webError reads the error logs of nginx ("2026/11/20 08:15:42 [error] 12#12: *5
// why, client: A, server: s, request: "..."") and Apache httpd ("[Fri Nov 20
// 08:15:42.1 2026] [core:error] [pid 1] [client A:5] AH01: why").
type webError struct{}

func (webError) name() string      { return "web.error" }
func (webError) aliases() []string { return []string{"apache.error", "nginx.error"} }

func (webError) match(l *Line) int {
	b := l.Body
	if len(b) < 10 || b[0] != '[' {
		return 0
	}
	if weekday(b[1:]) && b[4] == ' ' {
		return certain
	}
	if level, rest, ok := cut(b[1:min(len(b), 40)], "] "); ok && webLevel(level) {
		if n := digits(rest); n > 0 && n < len(rest) && rest[n] == '#' { // pid#tid
			return certain
		}
	} else if _, level, module := cut(level, ":"); ok && module && webLevel(level) && hasPrefix(rest, "[pid ") { // by syslog: no time
		return certain
	}
	return 0
}

func webLevel(b []byte) bool {
	switch string(b) {
	case "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug":
		return true
	}
	return false
}

func (webError) parse(l *Line) bool {
	b := trim(l.Body)
	if len(b) < 10 || b[0] != '[' {
		return false
	}
	l.SetString(event.EventCategory, "web")
	if level, _, _ := cut(b[1:], "] "); webLevel(level) && !weekday(b[1:]) {
		return nginxError(l, b)
	}
	for len(b) > 0 && b[0] == '[' {
		from := 0
		if hasPrefix(b, "[client [") { // an IPv6 address with a port
			from = max(bytes.IndexByte(b, ']')+1, 1) - 1
		}
		part, rest, ok := cut(b[1+from:], "]")
		if !ok {
			l.broken("web:cut")
			return true
		}
		apachePart(l, b[1:1+from+len(part)])
		b = trimLeft(rest)
	}
	if code, rest, ok := cut(b, ": "); ok && hasPrefix(code, "AH") && digits(code[2:]) == len(code)-2 {
		l.Set(event.EventCode, code)
		webLogin(l, rest)
	} else if contains(b, "ModSecurity: ") {
		modSecurity(l, b)
	}
	return true
}

// webLogin: `user x: authentication failure for "/a": Password Mismatch`, `user x
// not found: /a` (Apache), `user "x": password mismatch`, `user "x" was not found
// in "/f"` (nginx).
func webLogin(l *Line, b []byte) {
	rest, ok := cutPrefix(b, "user ")
	if !ok {
		return
	}
	var why []byte
	for _, mark := range [...]string{": authentication failure", " not found: ", ": password mismatch", " was not found in "} {
		if i := index(rest, mark); i > 0 {
			rest, why = rest[:i], trim(bytes.TrimLeft(rest[i:], ": "))
			break
		}
	}
	if why == nil {
		return
	}
	loginFailure(l)
	setUser(l, event.UserName, event.UserDomain, unquote(rest))
}

// modSecurity reads the parts in brackets behind ModSecurity's sentence.
func modSecurity(l *Line, b []byte) {
	if contains(b, "Access denied") {
		l.SetString(event.EventType, "denied")
		l.SetString(event.EventAction, "denied")
	} else {
		l.SetString(event.EventAction, "detected")
	}
	for _, part := range [...]struct {
		open  string
		field event.Field
	}{{` [id "`, event.RuleID}, {` [msg "`, event.RuleName}, {` [hostname "`, event.URLDomain}, {` [uri "`, event.URLPath}} {
		if v, ok := between(b, part.open, `"]`); ok {
			setText(l, part.field, v)
		}
	}
}

func apachePart(l *Line, b []byte) {
	if rest, ok := cutPrefix(b, "client "); ok {
		if l.Has(event.SourceIP) { // ModSecurity says it twice
			return
		}
		if !setIP(l, event.SourceIP, rest) {
			setEndpoint(l, event.SourceIP, event.SourcePort, rest)
		}
		return
	}
	if rest, ok := cutPrefix(b, "pid "); ok {
		setNumber(l, event.ProcessPID, rest[:digits(rest)])
		return
	}
	if l.setWritten(b) {
		return
	}
	if module, level, ok := cut(b, ":"); ok {
		setText(l, event.LogLogger, module)
		b = level
	}
	if webLevel(b) {
		l.Set(event.LogLevel, b)
	}
}

func nginxError(l *Line, b []byte) bool {
	level, rest, _ := cut(b[1:], "] ")
	l.Set(event.LogLevel, level)
	setNumber(l, event.ProcessPID, rest[:digits(rest)])
	client, _ := between(rest, ", client: ", ",")
	setIP(l, event.SourceIP, client)
	server, _ := between(rest, ", server: ", ",")
	if string(server) == "_" { // any
		_, server, _ = cut(rest, `, host: "`)
		server, _, _ = cut(server, `"`)
	}
	setText(l, event.URLDomain, server)
	if _, text, ok := cut(rest, ": *"); ok {
		_, text = word(text)
		webLogin(l, text)
	}
	if request, ok := after(rest, ", request: "); ok {
		webRequest(l, request)
	}
	return true
}
