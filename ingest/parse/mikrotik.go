package parse

import (
	"bytes"

	"yagura/internal/event"
)

// mikrotik reads RouterOS: "topic,topic text". Topics say what it is about and how
// grave it is; firewall lines read "forward: in:ether1 out:bridge, ... proto TCP
// (SYN), A:p->B:q, len 60".
type mikrotik struct{}

func (mikrotik) name() string      { return "mikrotik.routeros" }
func (mikrotik) aliases() []string { return []string{"mikrotik"} }

func (mikrotik) match(l *Line) int {
	b := l.fromTag()
	if len(b) < 12 || b[0]-'a' > 25 {
		return 0
	}
	i := 0
	for i < len(b) && b[i]-'a' <= 25 || i > 0 && i < len(b) && (b[i] == ',' || b[i] == '-') {
		i++
	}
	if i == len(b) || b[i] != ' ' && b[i] != ':' || bytes.IndexByte(b[:i], ',') < 0 {
		return 0
	}
	first, _, _ := cut(b[:i], ",")
	switch string(first) {
	case "firewall", "system", "dhcp", "wireless", "interface", "pppoe", "ppp", "l2tp", "ipsec", "script", "account", "route", "hotspot", "caps", "ovpn", "sstp", "pptp":
		return 75
	}
	return 0
}

func (mikrotik) parse(l *Line) bool {
	topics, b, ok := cut(l.fromTag(), " ")
	if !ok {
		return false
	}
	b = trim(b)
	l.untag(b)
	setObserver(l.Draft, "MikroTik", "RouterOS", "router")
	topics = bytes.TrimRight(topics, ":")
	l.Set(event.EventProvider, topics)
	if hasPrefix(topics, "firewall") {
		return mikrotikFirewall(l, b)
	}
	if !applyFirst(mikrotikShapes[:], l, b) && !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

var mikrotikShapes = [...]shape{
	{start: "user ", form: "user {u} logged in from {h} via {q}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "user ", form: "user {u} logged out from {h} via {q}", action: "logout", category: "authentication", typ: "end"},
	{start: "login failure for user ", form: "login failure for user {u} from {h} via {q}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
}

// mikrotikFirewall reads the parts between commas.
func mikrotikFirewall(l *Line, b []byte) bool {
	setClass(l.Draft, "network", "")
	if head, rest, ok := cut(b, ": in:"); ok { // "DROP-WAN forward: in:ether1 out:bridge"
		if prefix, _, ok := cutLast(head, " "); ok {
			l.Set(event.RuleName, trim(prefix))
		}
		in, _, _ := cut(rest, ",")
		in, out, _ := cut(in, " out:")
		mikrotikPort(l, event.ObserverIngressInterface, in)
		mikrotikPort(l, event.ObserverEgressInterface, out)
	}
	if mac, ok := wordAfter(b, "src-mac "); ok && isMAC(mac) {
		l.Set(event.SourceMAC, mac)
	}
	if proto, ok := wordAfter(b, "proto "); ok {
		setTransport(l.Draft, proto)
	}
	if i := index(b, "->"); i > 0 {
		_, from, ok := cutLast(b[:i], " ")
		if !ok {
			from = b[:i]
		}
		to, _ := word(b[i+2:])
		putEnd(l, event.SourceIP, event.SourcePort, from)
		putEnd(l, event.DestinationIP, event.DestinationPort, bytes.TrimRight(to, ",;"))
	}
	return true
}

func mikrotikPort(l *Line, f event.Field, v []byte) {
	if v = trim(v); len(v) > 0 && !hasPrefix(v, "(") {
		l.Set(f, v)
	}
}
