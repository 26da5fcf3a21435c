package parse

import (
	"bytes"

	"yagura/internal/event"
)

// watchguard parses the traffic of Fireware. Source: Fireware Log Message Reference.
type watchguard struct{}

func (watchguard) name() string { return "watchguard.fireware" }

func (watchguard) match(l *Line) int {
	if l.Tag != nil && string(l.Tag) != "firewall" && !hasPrefix(l.Body, "msg_id=") {
		return 0
	}
	if _, verdict := watchguardText(l); verdict != nil {
		return 96
	}
	return 0
}

// watchguardText is what follows `msg_id="3000-0148" `, and the verdict in front of it.
func watchguardText(l *Line) (rest, verdict []byte) {
	b, ok := after(l.Whole[:min(len(l.Whole), 300)], `msg_id="`)
	if !ok {
		return nil, nil
	}
	_, b, ok = cut(b, `" `)
	w, b := word(b)
	if !ok || string(w) != "Allow" && string(w) != "Deny" || len(b) == 0 {
		return nil, nil
	}
	rest, _ = l.from(b)
	return rest, w
}

// parse reads "Deny IN OUT length protocol header ttl source destination port port ...
// (policy-00)".
func (watchguard) parse(l *Line) bool {
	b, verdict := watchguardText(l)
	if verdict == nil {
		return false
	}
	setObserver(l.Draft, "WatchGuard", "Fireware", "firewall")
	if id, ok := between(l.Whole, `msg_id="`, `"`); ok {
		l.Set(event.EventCode, id)
	}
	putLower(l.Draft, event.EventAction, verdict)
	if string(verdict) == "Allow" {
		setClass(l.Draft, "network", "allowed")
	} else {
		setClass(l.Draft, "network", "denied")
	}
	in, b := word(b)
	setText(l, event.ObserverIngressInterface, in)
	if out, rest := word(b); !isNumber(out) {
		setText(l, event.ObserverEgressInterface, out)
		b = rest
	}
	_, b = word(b)
	proto, b := word(b)
	known := setTransport(l.Draft, proto)
	_, b = word(b)
	_, b = word(b)
	from, b := word(b)
	to, b := word(b)
	if !setIP(l, event.SourceIP, from) || !setIP(l, event.DestinationIP, to) {
		partial(l.Draft, "watchguard:end")
	}
	if known && (string(proto) == "tcp" || string(proto) == "udp") {
		sport, rest := word(b)
		dport, _ := word(rest)
		putPort(l, event.SourcePort, sport)
		putPort(l, event.DestinationPort, dport)
	}
	if i := bytes.LastIndexByte(b, '('); i >= 0 && b[len(b)-1] == ')' {
		setText(l, event.RuleID, b[i+1:len(b)-1])
	}
	return true
}
