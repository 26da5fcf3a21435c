package parse

import (
	"bytes"
	"strings"

	"yagura/internal/event"
)

// juniper parses the flows of Juniper SRX, as structured data and as text. Source:
// Junos System Log Explorer, RT_FLOW.
type juniper struct{}

func (juniper) name() string      { return "juniper.srx" }
func (juniper) aliases() []string { return []string{"srx"} }

func (juniper) match(l *Line) int {
	if id, _ := l.Get(event.SyslogMsgID); hasPrefix(id, "RT_FLOW_") {
		return 96
	}
	if (string(l.Tag) == "RT_FLOW" || l.Tag == nil) && hasPrefix(l.Body, "RT_FLOW_SESSION_") {
		return 96
	}
	return 0
}

func (juniper) parse(l *Line) bool {
	setObserver(l.Draft, "Juniper", "SRX", "firewall")
	code, _ := l.Get(event.SyslogMsgID)
	if hasPrefix(code, "RT_FLOW_") {
		srxStructured(l)
	} else {
		var text []byte
		code, text, _ = cut(l.Body, ": ")
		srxText(l, text)
	}
	l.Set(event.EventCode, code)
	setClass(l.Draft, "network", "")
	switch {
	case hasSuffix(code, "_CREATE"), hasSuffix(code, "_CREATE_LS"):
		l.SetString(event.EventAction, "session-create")
		setClass(l.Draft, "", "allowed")
	case hasSuffix(code, "_CLOSE"), hasSuffix(code, "_CLOSE_LS"):
		l.SetString(event.EventAction, "session-close")
		setClass(l.Draft, "", "allowed")
	case hasSuffix(code, "_DENY"), hasSuffix(code, "_DENY_LS"):
		l.SetString(event.EventAction, "session-deny")
		setClass(l.Draft, "", "denied")
	}
	sumBytes(l)
	return true
}

// srxStructured takes the fields that the header's structured data holds.
func srxStructured(l *Line) {
	for i, n := 0, l.Len(); i < n; i++ {
		f, v := l.At(i)
		if f < event.FirstLocal || severalLines(v) { // RFC 5424 allows line ends, SRX writes none
			continue
		}
		if name, ok := strings.CutPrefix(l.NameOf(f), "log.syslog.structured_data.junos@"); ok {
			srxField(l, name[strings.LastIndexByte(name, '.')+1:], v)
		}
	}
}

func srxField(l *Line, key string, v []byte) {
	if string(v) == "UNKNOWN" || string(v) == "None" {
		return
	}
	if f := srxFields[key]; f != 0 {
		setByKind(l, f, v)
		return
	}
	if key == "elapsed-time" {
		if n, ok := number(v); ok && n < 1<<32 {
			l.SetInt(event.EventDuration, n*1e9)
		}
	}
}

var srxFields = map[string]event.Field{
	"source-address": event.SourceIP, "source-port": event.SourcePort, "destination-address": event.DestinationIP,
	"destination-port": event.DestinationPort, "nat-source-address": event.SourceNATIP, "nat-source-port": event.SourceNATPort,
	"nat-destination-address": event.DestinationNATIP, "nat-destination-port": event.DestinationNATPort, "protocol-id": event.NetworkTransport,
	"policy-name": event.RuleID, "source-zone-name": event.ObserverIngressZone, "destination-zone-name": event.ObserverEgressZone,
	"username": event.UserName, "packet-incoming-interface": event.ObserverIngressInterface, "application": event.NetworkApplication,
	"reason": event.EventReason, "bytes-from-client": event.SourceBytes, "bytes-from-server": event.DestinationBytes,
	"packets-from-client": event.SourcePackets, "packets-from-server": event.DestinationPackets,
}

// srxText: "session denied A/p->B/p 0x0 service 6(0) policy zone zone ...",
// "session closed reason: A/p->B/p ... A/p->B/p ... 6 policy zone zone id 10(1000) 12(4000) 30".
func srxText(l *Line, b []byte) {
	b = bytes.TrimPrefix(b, []byte("session "))
	if reason, rest, ok := cut(b, ": "); ok {
		b = rest
		if why, ok := cutPrefix(reason, "closed "); ok {
			setText(l, event.EventReason, why)
		}
	}
	var words [40][]byte
	n, flows := 0, 0
	for len(b) > 0 && n < len(words) {
		var w []byte
		if w, b = word(b); contains(w, "->") {
			flows++
			srxFlow(l, w, flows > 1)
		}
		words[n] = w
		n++
	}
	for i := 1; i+3 < n; i++ { // the protocol stands in front of policy and zones
		proto, _, _ := cut(words[i], "(")
		if p, ok := number(proto); !ok || p > 255 || hasPrefix(words[i], "0x") || len(words[i]) > 8 || !srxName(words[i+1]) || !srxName(words[i+2]) {
			continue
		}
		setTransport(l.Draft, proto)
		l.Set(event.RuleID, words[i+1])
		l.Set(event.ObserverIngressZone, words[i+2])
		setText(l, event.ObserverEgressZone, words[i+3])
		srxCounters(l, words[i+4:n])
		return
	}
}

func srxName(w []byte) bool { return len(w) > 0 && letter(w[0]) && string(w) != "N/A" }

// srxCounters: "100 10(1000) 12(4000) 30": session, packets and bytes each way, seconds.
func srxCounters(l *Line, words [][]byte) {
	if len(words) < 4 || !isNumber(words[0]) {
		return
	}
	for i, f := range [...][2]event.Field{{event.SourcePackets, event.SourceBytes}, {event.DestinationPackets, event.DestinationBytes}} {
		packets, size, ok := cut(words[i+1], "(")
		if !ok {
			return
		}
		setNumber(l, f[0], packets)
		setNumber(l, f[1], bytes.TrimRight(size, ")"))
	}
	if n, ok := number(words[3]); ok && n < 1<<32 {
		l.SetInt(event.EventDuration, n*1e9)
	}
}

func srxFlow(l *Line, w []byte, nat bool) {
	from, to, _ := cut(w, "->")
	if nat {
		putEnd(l, event.SourceNATIP, event.SourceNATPort, from)
		putEnd(l, event.DestinationNATIP, event.DestinationNATPort, to)
		return
	}
	putEnd(l, event.SourceIP, event.SourcePort, from)
	putEnd(l, event.DestinationIP, event.DestinationPort, to)
}
