package parse

import (
	"bytes"

	"yagura/internal/event"
)

// webAccess reads the common and combined log formats of Apache httpd and nginx:
// `[vhost[:port]] client ident user [time] "request" status bytes ["referrer"
// "agent"]`.
type webAccess struct{}

func (webAccess) name() string { return "web.access" }
func (webAccess) aliases() []string {
	return []string{"apache.access", "nginx.access"}
}
func (webAccess) tags() []string { return []string{"nginx", "httpd", "apache2", "apache", "haproxy"} }

func (webAccess) match(l *Line) int {
	if webTime(l.Body) > 0 {
		return certain
	}
	return 0
}

// webTime finds "[08/Jun/2020:06:49:01 +0000] " and returns the place of the
// bracket, or 0.
func webTime(b []byte) int {
	for from := 0; from < 512; {
		i := bytes.IndexByte(b[from:], '[')
		if i < 0 {
			return 0
		}
		i += from
		if len(b) > i+24 && b[i+3] == '/' && b[i+7] == '/' && b[i+12] == ':' && b[i+15] == ':' && digit(b[i+1]) {
			return i
		}
		from = i + 1
	}
	return 0
}

func (webAccess) parse(l *Line) bool {
	l.noMACs = true
	b := trim(l.Body)
	at := webTime(b)
	if at == 0 {
		return false
	}
	when, rest, ok := cut(b[at+1:], "] ")
	if !ok {
		when, rest, _ = cut(b[at+1:], "]")
	}
	l.setWritten(when)
	l.SetString(event.EventCategory, "web")
	webClient(l, trim(b[:at]))
	if rest = trimLeft(rest); len(rest) > 0 && rest[0] != '"' {
		return haproxy(l, rest)
	}
	rest = webRequest(l, rest)
	status, rest := word(rest)
	if len(status) == 3 {
		setNumber(l, event.HTTPResponseStatusCode, status)
	}
	size, rest := word(rest)
	setNumber(l, event.HTTPResponseBytes, size)
	referrer, rest, ok := quoted(rest)
	if !ok {
		return true
	}
	setText(l, event.HTTPRequestReferrer, referrer)
	agent, _, ok := quoted(trimLeft(rest))
	if !ok {
		l.broken("web:cut")
		return true
	}
	setText(l, event.UserAgentOriginal, agent)
	return true
}

// webClient reads "[vhost[:port]] client ident user"; the user may hold blanks.
func webClient(l *Line, b []byte) {
	first, rest := word(b)
	for more := first; len(more) > 1 && more[len(more)-1] == ','; { // X-Forwarded-For: the client, then proxies
		more, rest = word(rest)
	}
	first = bytes.TrimRight(first, ",")
	second, after := word(rest)
	if _, ok := address(first); !ok && len(after) > 0 {
		_, ok := address(second)
		if _, user := word(after); ok || len(user) > 0 && !none(second) {
			setAuthority(l, first)
			first, rest = second, after
		}
	}
	if !setEndpoint(l, event.SourceIP, event.SourcePort, first) && !hasSuffix(first, ":") { // "unix:" is none
		setHost(l, event.SourceIP, event.SourceDomain, first)
	}
	_, user := word(rest) // ident is never used
	if user = trim(user); notOneUser(user) {
		l.broken("web:client")
		return
	}
	setUser(l, event.UserName, event.UserDomain, unquote(user))
}

// notOneUser says whether the words in the place of the user are several fields: a log
// of another format.
func notOneUser(b []byte) bool {
	return len(b) > 1 && (hasPrefix(b, "- ") || hasSuffix(b, " -") || contains(b, " - ") || contains(b, "]: ") || contains(b, "=\""))
}

// haproxy reads what follows the time in HAProxy's HTTP log: "frontend
// backend/server timers status bytes ... "request"".
func haproxy(l *Line, b []byte) bool {
	_, rest := word(b)
	_, rest = word(rest)
	_, rest = word(rest)
	status, rest := word(rest)
	size, rest := word(rest)
	if n, ok := number(status); ok && n >= 100 && n < 600 {
		l.Set(event.HTTPResponseStatusCode, status)
	}
	setNumber(l, event.HTTPResponseBytes, size)
	if i := bytes.IndexByte(rest, '"'); i >= 0 {
		webRequest(l, rest[i:])
	}
	return true
}

// webRequest reads `"GET /path HTTP/1.1"` and returns what follows.
func webRequest(l *Line, b []byte) []byte {
	request, rest, ok := quoted(b)
	if !ok {
		l.broken("web:request")
	}
	method, url := word(request)
	switch {
	case methodLike(method):
	case ok:
		setURLText(l, request)
		return trimLeft(rest)
	default: // cut in the method
		return nil
	}
	l.Set(event.HTTPRequestMethod, method)
	target, version, found := cutLast(url, " HTTP/")
	if found {
		setText(l, event.HTTPVersion, trim(version))
	} else if !ok { // cut in the version, or before
		if target, version = word(target); len(version) == 0 {
			return nil
		}
	}
	setURL(l, target)
	return trimLeft(rest)
}

// setURLText keeps a request that is none (a TLS hello, a scanner's bytes).
func setURLText(l *Line, b []byte) {
	if setText(l, event.URLOriginal, b) {
		l.Anomaly("web:not_http")
	}
}
