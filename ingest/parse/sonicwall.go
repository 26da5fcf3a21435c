package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sonicwall parses the pairs of SonicOS: "id=firewall sn=... m=537 src=A:port:X0".
// Source: SonicOS Log Events Reference. Keys without an ECS name are kept as
// sonicwall.KEY.
type sonicwall struct{}

func (sonicwall) name() string { return "sonicwall" }

func (sonicwall) match(l *Line) int {
	if l.Tag != nil && !hasPrefix(l.Body, "id=") {
		return 0
	}
	head := l.Whole[:min(len(l.Whole), 200)]
	if i := index(head, "id="); i >= 0 && index(head, " sn=") > 0 && index(head, " fw=") > 0 && index(l.Whole, " m=") > 0 {
		return 96
	}
	return 0
}

func (sonicwall) parse(l *Line) bool {
	i := index(l.Whole, "id=")
	if i < 0 {
		return false
	}
	l.untag(l.Whole[i:])
	setObserver(l.Draft, "SonicWall", "SonicOS", "firewall")
	var text, action []byte
	for p := (pairs{rest: l.Body}); p.next(); {
		switch v := p.value; string(p.key) {
		case "id", "n", "c", "srcV6", "dstV6":
		case "time":
			l.setWritten(v)
		case "src":
			sonicEnd(l, event.SourceIP, event.SourcePort, event.ObserverIngressInterface, v)
		case "dst":
			sonicEnd(l, event.DestinationIP, event.DestinationPort, event.ObserverEgressInterface, v)
		case "proto":
			proto, service, _ := cut(v, "/")
			setTransport(l.Draft, proto)
			setText(l, l.Local("sonicwall.service"), service)
		case "msg":
			text = v
			l.SetMessage(v)
		case "fw_action":
			if action = v; !none(v) && !equalFold(v, "na") {
				putLower(l.Draft, event.EventAction, v)
			}
		case "rule":
			id, _, _ := cut(v, " ")
			setText(l, event.RuleID, id)
		default:
			setPair(l, sonicFields, "sonicwall.", &p)
		}
	}
	sonicVerdict(l, text, action)
	sumBytes(l)
	return true
}

var sonicFields = map[string]event.Field{
	"sn": event.ObserverSerialNumber, "fw": event.ObserverIP, "pri": event.EventSeverity, "m": event.EventCode, "usr": event.UserName,
	"user": event.UserName, "srcMac": event.SourceMAC, "dstMac": event.DestinationMAC, "sent": event.SourceBytes, "rcvd": event.DestinationBytes,
	"spkt": event.SourcePackets, "rpkt": event.DestinationPackets, "dstname": event.DestinationDomain, "note": event.EventReason,
	"Category": event.RuleCategory, "arg": event.URLPath,
}

// sonicEnd reads "address:port:interface[:name]"; an IPv6 address stands in brackets
// or has a key of its own.
func sonicEnd(l *Line, ip, port, iface event.Field, v []byte) {
	host, rest, _ := cut(v, ":")
	if hasPrefix(v, "[") {
		host, rest, _ = cut(v[1:], "]")
		rest = bytes.TrimPrefix(rest, []byte(":"))
	}
	if !setIP(l, ip, host) {
		return
	}
	num, rest, _ := cut(rest, ":")
	putPort(l, port, num)
	name, _, _ := cut(rest, ":")
	setText(l, iface, name)
}

// sonicVerdict: what the device did stands in fw_action, else in the sentence.
func sonicVerdict(l *Line, text, action []byte) {
	var tmp [128]byte
	s := lowerInto(tmp[:0], text[:min(len(text), len(tmp))])
	if contains(s, "login") {
		setClass(l.Draft, "authentication", "start")
		if !l.Has(event.EventAction) {
			l.SetString(event.EventAction, "login")
		}
		switch {
		case contains(s, "denied"), contains(s, "fail"):
			l.SetString(event.EventOutcome, "failure")
		case contains(s, "allowed"), contains(s, "success"):
			l.SetString(event.EventOutcome, "success")
		}
		return
	}
	typ := ""
	switch {
	case equalFold(action, "drop"), contains(s, "dropped"), contains(s, "denied"), contains(s, "blocked"), contains(s, "rejected"):
		typ = "denied"
	case equalFold(action, "forward"), hasPrefix(s, "connection opened"), hasPrefix(s, "connection closed"):
		typ = "allowed"
	}
	category := "network"
	if contains(s, "scan detected") || contains(s, "attack") || contains(s, "spoof") || contains(s, "flood") {
		category = "intrusion_detection"
		l.SetString(event.EventKind, "alert")
	}
	setClass(l.Draft, category, typ)
}
