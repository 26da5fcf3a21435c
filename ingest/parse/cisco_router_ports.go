package parse

import (
	"bytes"

	"yagura/internal/event"
)

// iosAccessList: "list NAME permitted tcp A(p) -> B(p), 1 packet"; interface and MAC
// may stand in parentheses after the source.
func iosAccessList(l *Line, b []byte) {
	rest, ok := cutPrefix(b, "list ")
	if !ok {
		return
	}
	name, rest := word(rest)
	if base, _, cut := cut(name, "/"); cut {
		name = base // IPv6: NAME/sequence
	}
	if len(rest) == 0 { // cut
		return
	}
	l.Set(event.RuleName, name)
	verdict, rest := word(rest)
	typ := ""
	switch string(verdict) {
	case "permitted":
		typ = "allowed"
	case "denied":
		typ = "denied"
	default:
		if len(rest) == 0 {
			return
		}
	}
	l.Set(event.EventAction, verdict)
	setClass(l.Draft, "network", typ)
	proto, tail := word(rest)
	if setTransport(l.Draft, proto) || !isAddress(proto) {
		rest = tail
	}
	from, rest := word(rest)
	asaEnd(from).set(l, asaSource)
	if arrow, to, ok := cut(rest, "-> "); ok && len(arrow) < 80 {
		end, tail := word(to)
		end = bytes.TrimRight(end, ",")
		asaEnd(end).set(l, asaDestination)
		rest = tail
	}
	iosPackets(l, rest)
}

// iosPackets reads "1 packet" at the end.
func iosPackets(l *Line, b []byte) {
	head, _, ok := cutLast(b, " packet")
	if !ok {
		return
	}
	if _, n, ok := cutLast(head, " "); ok {
		head = n
	}
	setNumber(l, event.NetworkPackets, head)
}

// iosState: "Interface X, changed state to down"; the state is the action.
func iosState(l *Line, b []byte) {
	setClass(l.Draft, "network", "change")
	if name, ok := wordAfter(b, "nterface "); ok && digit(name[len(name)-1]) {
		l.Set(event.ObserverIngressInterface, name)
	}
	if state, ok := after(b, "changed state to "); ok {
		state = bytes.TrimRight(trim(state), ".")
		if len(state) < 40 {
			putLower(l.Draft, event.EventAction, state)
		}
		return
	}
	switch {
	case contains(b, " is down"):
		l.SetString(event.EventAction, "down")
	case contains(b, " is up"):
		l.SetString(event.EventAction, "up")
	}
}

// iosMACAndPort sets the hardware address and the port behind two marks.
func iosMACAndPort(l *Line, b []byte, macMark, portMark string) {
	if macMark != "" {
		if mac, ok := wordAfter(b, macMark); ok && isMAC(mac) {
			l.Set(event.SourceMAC, mac)
		}
	}
	if port, ok := wordAfter(b, portMark); ok {
		l.Set(event.ObserverIngressInterface, port)
	}
}

// iosPortAuth reads 802.1X, MAC bypass and the session manager: AUTHMGR, DOT1X, MAB.
func iosPortAuth(l *Line, t ciscoTag) {
	switch string(t.facility) {
	case "AUTHMGR", "DOT1X", "MAB", "SESSION_MGR", "DOT1X_SWITCH", "WEBAUTH":
	default:
		return
	}
	l.SetString(event.EventAction, "port-authentication")
	setClass(l.Draft, "authentication", "start")
	switch string(t.mnemonic) {
	case "FAIL":
		l.SetString(event.EventOutcome, "failure")
	case "SUCCESS":
		l.SetString(event.EventOutcome, "success")
	}
	if mac, ok := between(t.body, "client (", ")"); ok && isMAC(mac) {
		l.Set(event.SourceMAC, mac)
	}
	if port, ok := wordAfter(t.body, "nterface "); ok {
		l.Set(event.ObserverIngressInterface, port)
	}
}

// iosNeighbor: "neighbor 192.0.2.1 Down reason", "Nbr 192.0.2.1 on Gi0/1 from FULL
// to DOWN, reason".
func iosNeighbor(l *Line, b []byte) {
	setClass(l.Draft, "network", "change")
	peer, ok := wordAfter(b, "Nbr ")
	if !ok {
		peer, ok = wordAfter(b, "eighbor ")
	}
	if ok {
		setIP(l, event.DestinationIP, peer)
	}
	switch {
	case contains(b, "Down"), contains(b, "to DOWN"), contains(b, "is down"):
		l.SetString(event.EventAction, "neighbor-down")
	case contains(b, "Up"), contains(b, "to FULL"), contains(b, "is up"):
		l.SetString(event.EventAction, "neighbor-up")
	}
}
