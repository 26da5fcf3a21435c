package parse

import "yagura/internal/event"

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
	if level, ok := between(b, "[", "] "); ok && webLevel(level) && contains(b, "#") && contains(b, ", client: ") {
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
	if !weekday(b[1:]) {
		return nginxError(l, b)
	}
	for len(b) > 0 && b[0] == '[' {
		part, rest, ok := cut(b[1:], "]")
		if !ok {
			l.broken("web:cut")
			return true
		}
		apachePart(l, part)
		b = trimLeft(rest)
	}
	if code, _, ok := cut(b, ": "); ok && hasPrefix(code, "AH") && digits(code[2:]) == len(code)-2 {
		l.Set(event.EventCode, code)
	}
	return true
}

func apachePart(l *Line, b []byte) {
	if rest, ok := cutPrefix(b, "client "); ok {
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
	if server, ok := between(rest, ", server: ", ","); ok {
		setText(l, event.URLDomain, server)
	}
	if request, ok := after(rest, ", request: "); ok {
		webRequest(l, request)
	}
	return true
}
