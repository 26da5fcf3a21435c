package parse

import "yagura/internal/event"

// dnsmasq reads dnsmasq's and Unbound's query logs: "query[A] name from A",
// "reply name is A", "[1234:0] info: A name. TYPE CLASS".
type dnsmasq struct{}

func (dnsmasq) name() string   { return "dns.dnsmasq" }
func (dnsmasq) tags() []string { return []string{"dnsmasq", "unbound"} }

func (dnsmasq) match(l *Line) int {
	if string(l.Tag) == "dnsmasq" || string(l.Tag) == "unbound" {
		return certain
	}
	return 0
}

func (dnsmasq) parse(l *Line) bool {
	b := trim(l.Body)
	if string(l.Tag) == "unbound" {
		return unboundQuery(l, b)
	}
	what, rest := word(b)
	if n, ok := number(what); ok && n > 0 { // log-queries=extra: serial client/port
		client, more := word(rest)
		if a, port, ok := cutLast(client, "/"); ok && setIP(l, event.SourceIP, a) {
			setPort(l, event.SourcePort, port)
		}
		what, rest = word(more)
	}
	name, rest := word(rest)
	switch {
	case hasPrefix(what, "query["):
		l.SetString(event.EventAction, "query")
		setText(l, event.DNSQuestionType, what[len("query["):max(len(what)-1, len("query["))])
		setText(l, event.DNSQuestionName, name)
		if from, ok := cutPrefix(rest, "from "); ok && !l.Has(event.SourceIP) {
			setIP(l, event.SourceIP, trim(from))
		}
	case string(what) == "forwarded":
		l.SetString(event.EventAction, "forwarded")
		setText(l, event.DNSQuestionName, name)
		if to, ok := cutPrefix(rest, "to "); ok {
			setIP(l, event.DestinationIP, trim(to))
		}
	case string(what) == "reply", string(what) == "cached", string(what) == "config":
		l.Set(event.EventAction, what)
		setText(l, event.DNSQuestionName, name)
		if is, ok := cutPrefix(rest, "is "); ok {
			setText(l, event.DNSAnswersData, trim(is))
		}
	default:
		return false
	}
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	return true
}

func unboundQuery(l *Line, b []byte) bool {
	_, rest, ok := cut(b, "info: ")
	if !ok {
		return false
	}
	client, rest := word(rest)
	name, rest := word(rest)
	kind, class := word(rest)
	class, _ = word(class)
	if len(class) == 0 || !setIP(l, event.SourceIP, client) {
		return false
	}
	if n := len(name); n > 1 && name[n-1] == '.' {
		name = name[:n-1]
	}
	l.SetString(event.EventAction, "query")
	setText(l, event.DNSQuestionName, name)
	setText(l, event.DNSQuestionType, kind)
	setText(l, event.DNSQuestionClass, class)
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	return true
}
