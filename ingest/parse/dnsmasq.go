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
	if len(b) == 0 {
		return false
	}
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
		dnsmasqAnswer(l, rest)
	case hasSuffix(what, "/hosts"):
		l.SetString(event.EventAction, "config")
		setText(l, event.DNSQuestionName, name)
		dnsmasqAnswer(l, rest)
	case string(name) == "blocked" && len(rest) > 0: // Pi-hole: gravity blocked n is A
		l.SetString(event.EventAction, "blocked")
		l.SetString(event.EventType, "denied")
		name, _ = word(rest)
		setText(l, event.DNSQuestionName, name)
	case hasPrefix(b, "possible DNS-rebind attack detected: "):
		l.SetString(event.EventAction, "dns-rebind")
		name, _ = word(b[len("possible DNS-rebind attack detected: "):])
		setText(l, event.DNSQuestionName, name)
	default:
		return false
	}
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	return true
}

// dnsmasqAnswer: "is A", "is <CNAME>", "is NXDOMAIN".
func dnsmasqAnswer(l *Line, b []byte) {
	is, ok := cutPrefix(b, "is ")
	if !ok {
		return
	}
	switch is = trim(is); {
	case len(is) > 0 && is[0] == '<': // <CNAME>: the name follows in a line of its own
	case hasPrefix(is, "NXDOMAIN"), hasPrefix(is, "NODATA"), hasPrefix(is, "SERVFAIL"), hasPrefix(is, "REFUSED"):
		setText(l, event.DNSResponseCode, is)
	default:
		setText(l, event.DNSAnswersData, is)
	}
}

// unboundQuery: "[5:0] info: A name. TYPE CLASS[ RCODE ...]"; also "query:" and
// "reply:" in place of "info:", and "info: zone. ACTION A@port name. TYPE CLASS".
func unboundQuery(l *Line, b []byte) bool {
	if b[0] == '[' {
		_, b, _ = cut(b, "] ")
	}
	level, rest := word(b)
	switch string(level) {
	case "info:", "query:", "reply:":
	default:
		return false
	}
	client, rest := word(rest)
	if zone := client; hasSuffix(zone, ".") && len(zone) > 1 { // local-zone
		var verdict []byte
		verdict, rest = word(rest)
		client, rest = word(rest)
		a, port, ok := cut(client, "@")
		if !ok || !setIP(l, event.SourceIP, a) {
			return false
		}
		setPort(l, event.SourcePort, port)
		client = a
		l.Set(event.EventAction, verdict)
	}
	name, rest := word(rest)
	kind, rest := word(rest)
	class, rest := word(rest)
	if len(class) == 0 || !l.Has(event.SourceIP) && !setIP(l, event.SourceIP, client) {
		return false
	}
	if code, _ := word(rest); methodLike(code) {
		setText(l, event.DNSResponseCode, code)
	}
	if n := len(name); n > 1 && name[n-1] == '.' {
		name = name[:n-1]
	}
	switch {
	case l.Has(event.EventAction):
	case string(level) == "reply:", l.Has(event.DNSResponseCode):
		l.SetString(event.EventAction, "reply")
	default:
		l.SetString(event.EventAction, "query")
	}
	setText(l, event.DNSQuestionName, name)
	setText(l, event.DNSQuestionType, kind)
	setText(l, event.DNSQuestionClass, class)
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dns")
	return true
}
