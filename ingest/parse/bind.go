package parse

import (
	"bytes"

	"yagura/internal/event"
)

// bind reads ISC BIND's client lines: "[category: ][severity: ]client [@0x1] A#p
// [(name)]: [view v: ]query: n IN A + (B)", "query 'n/A/IN' denied", "zone
// transfer 'n/AXFR/IN' denied", "query failed (SERVFAIL) for n/IN/A".
type bind struct{}

func (bind) name() string      { return "dns.bind" }
func (bind) aliases() []string { return []string{"bind", "named"} }
func (bind) tags() []string    { return []string{"named"} }

func (bind) match(l *Line) int {
	b := l.Body
	i := bindClient(b)
	switch {
	case i >= 0:
		return certain
	case string(l.Tag) == "named":
		return 60
	}
	return 0
}

// bindClient is the place behind "client " when an address with a port follows.
func bindClient(b []byte) int {
	i := index(b[:min(len(b), 96)], "client ")
	if i < 0 || i > 0 && b[i-1] != ' ' {
		return -1
	}
	i += len("client ")
	w, rest := word(b[i:])
	if len(w) > 2 && w[0] == '@' {
		w, _ = word(rest)
	}
	w = bytes.TrimRight(w, ":")
	a, _, ok := cut(w, "#")
	if !ok {
		return -1
	}
	if _, ok := address(a); !ok {
		return -1
	}
	return i
}

func (bind) parse(l *Line) bool {
	l.noMACs = true
	b := trim(l.Body)
	i := bindClient(b)
	if i < 0 {
		return bindOther(l, b)
	}
	if string(l.Tag) != "named" && len(l.PID) == 0 { // "security: client ..." is no program
		l.Tag = nil
	}
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	bindCategory(l, b[:i-len("client ")])
	w, rest := word(b[i:])
	if w[0] == '@' {
		w, rest = word(rest)
	}
	a, port, _ := cut(bytes.TrimRight(w, ":"), "#")
	setIP(l, event.SourceIP, a)
	if len(rest) == 0 {
		l.broken("bind:cut")
		return true
	}
	setPort(l, event.SourcePort, port[:digits(port)])
	if i := bytes.IndexByte(port, '/'); i >= 0 { // 40222/key NAME:
		_, rest, _ = cut(rest, ": ")
	}
	name := []byte(nil)
	if len(rest) > 0 && rest[0] == '(' {
		var ok bool
		if name, rest, ok = cut(rest[1:], ")"); !ok {
			l.broken("bind:cut")
			name = nil
		}
		rest, _ = cutPrefix(rest, ": ")
	}
	if view, ok := cutPrefix(rest, "view "); ok {
		_, rest, _ = cut(view, ": ")
	}
	bindText(l, rest)
	if !l.Has(event.DNSQuestionName) {
		setText(l, event.DNSQuestionName, name)
	}
	return true
}

// bindCategory reads "security: error: ".
func bindCategory(l *Line, b []byte) {
	if s, n, ok := readStamp(b); ok { // print-time beside the header's
		l.setStamp(s)
		b = trimLeft(b[n:])
	}
	for len(b) > 0 {
		var w []byte
		w, b, _ = cut(b, ": ")
		switch string(trim(w)) {
		case "":
		case "critical", "error", "warning", "notice", "info", "debug":
			setText(l, event.LogLevel, trim(w))
		default:
			setText(l, event.LogLogger, trim(w))
		}
	}
}

func bindText(l *Line, b []byte) {
	if rest, ok := cutPrefix(b, "query: "); ok {
		l.SetString(event.EventAction, "query")
		bindQuery(l, rest)
		return
	}
	what := b
	if question, ok := between(b, "'", "'"); ok {
		what, _, _ = cut(b, " '")
		bindQuestion(l, question)
	} else if _, question, ok := cut(b, " for "); ok {
		what, _, _ = cut(b, " for ")
		question, _ = word(question)
		bindQuestion(l, trimTail(question))
	}
	if code, ok := between(what, "failed (", ")"); ok {
		l.SetString(event.EventAction, "query-failed")
		l.Set(event.DNSResponseCode, code)
	}
	if contains(b, " denied") {
		l.SetString(event.EventType, "denied")
		l.SetString(event.EventAction, bindDenied(what))
		return
	}
	for _, a := range bindActions {
		if hasPrefix(b, a.head) {
			l.SetString(event.EventAction, a.action)
		}
	}
}

// bindActions are the beginnings of what a client's line says.
var bindActions = [...]struct{ head, action string }{
	{"transfer of ", "zone-transfer"}, {"updating zone ", "update"}, {"received notify ", "notify"},
	{"rate limit ", "rate-limit"}, {"rpz ", "rpz-rewrite"}, {"would rate limit ", "rate-limit"},
}

// bindOther reads lines that are not a client's: "error (why) resolving 'n/T/C':
// A#53", "lame server resolving 'n' (in 'z'?): A#53", "zone z/IN: ...", "transfer
// of 'z/IN' from A#53: ...".
func bindOther(l *Line, b []byte) bool {
	switch {
	case contains(b, " resolving '"):
		l.SetString(event.EventAction, "resolve-failed")
		if why, ok := between(b, "(", ") resolving"); ok {
			setText(l, event.EventReason, why)
		}
		if _, server, ok := cutLast(b, ": "); ok {
			a, port, _ := cut(server, "#")
			if setIP(l, event.DestinationIP, a) {
				setPort(l, event.DestinationPort, port[:digits(port)])
			}
		}
		question, _ := between(b, " resolving '", "'")
		bindQuestion(l, question)
	case hasPrefix(b, "transfer of '"):
		l.SetString(event.EventAction, "zone-transfer")
		question, _ := between(b, "'", "'")
		bindQuestion(l, question)
		if _, server, ok := cut(b, "' from "); ok {
			a, port, _ := cut(server, "#")
			if setIP(l, event.DestinationIP, a) {
				setPort(l, event.DestinationPort, port[:digits(port)])
			}
		}
	default:
		return false
	}
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	return true
}

func bindDenied(what []byte) string {
	switch {
	case hasPrefix(what, "zone transfer"):
		return "zone-transfer-denied"
	case hasPrefix(what, "update"):
		return "update-denied"
	case hasPrefix(what, "notify"):
		return "notify-denied"
	}
	return "query-denied"
}

// bindQuery: "name IN A +E(0)K (B)".
func bindQuery(l *Line, b []byte) {
	name, rest := word(b)
	class, rest := word(rest)
	kind, rest := word(rest)
	setText(l, event.DNSQuestionName, name)
	setText(l, event.DNSQuestionClass, class)
	setText(l, event.DNSQuestionType, kind)
	if here, ok := lastParenthesis(rest); ok {
		setIP(l, event.DestinationIP, here)
	}
}

// bindQuestion reads "name/TYPE/CLASS", "name/CLASS/TYPE" or "name/CLASS".
func bindQuestion(l *Line, b []byte) {
	rest, last, ok := cutLast(b, "/")
	if !ok {
		setText(l, event.DNSQuestionName, b)
		return
	}
	name, middle, ok := cutLast(rest, "/")
	if !ok {
		name = rest
	}
	for _, w := range [2][]byte{middle, last} {
		switch string(w) {
		case "":
		case "IN", "CH", "HS":
			setText(l, event.DNSQuestionClass, w)
		default:
			setText(l, event.DNSQuestionType, w)
		}
	}
	setText(l, event.DNSQuestionName, name)
}
