package parse

import "yagura/internal/event"

// asaConnection reads 302013 to 302021, 302303 and their kind:
//
//	Built outbound TCP connection 7 for outside:A/80 (A/80) to inside:B/1772 (N/1772)
//	Teardown TCP connection 7 for outside:A/80 to inside:B/1772 duration 0:00:01 bytes 99 TCP FINs
//	Built inbound ICMP connection for faddr F/1 gaddr G/0 laddr L/0
//
// The side of lower security stands first, whoever began: an outbound connection
// was opened by the second.
func asaConnection(l *Line, b []byte) {
	setClass(l.Draft, "network", "")
	verb, rest := word(b)
	putLower(l.Draft, event.EventAction, verb)
	built := string(verb) == "Built"
	if built {
		setClass(l.Draft, "", "allowed")
	} else {
		setClass(l.Draft, "", "end")
	}
	dir := ""
	for range 4 {
		var w []byte
		w, rest = word(rest)
		switch string(w) {
		case "inbound", "Inbound":
			dir = "inbound"
		case "outbound", "Outbound":
			dir = "outbound"
		case "connection":
			if dir != "" {
				l.SetString(event.NetworkDirection, dir)
			}
			asaEnds(l, rest, dir)
			if !built {
				asaTeardown(l, rest)
			}
			return
		default:
			setTransport(l.Draft, w)
		}
	}
}

func asaEnds(l *Line, b []byte, dir string) {
	if faddr, ok := wordAfter(b, "faddr "); ok {
		asaICMP(l, b, asaEnd(faddr), dir)
		return
	}
	ends, ok := after(b, "for ")
	if !ok {
		return
	}
	first, second, ok := cut(ends, " to ")
	if !ok {
		partial(l.Draft, "cisco:cut")
		return
	}
	if i := index(second, " duration "); i >= 0 {
		second = second[:i]
	}
	a, an := asaReal(first)
	z, zn := asaReal(second)
	switch {
	case dir == "outbound", dir == "" && asaServes(a, z):
		a, an, z, zn = z, zn, a, an
	case dir == "" && !asaServes(z, a):
		return // it cannot be told who began
	}
	a.set(l, asaSource)
	z.set(l, asaDestination)
	an.setNAT(l, asaSource, a)
	zn.setNAT(l, asaDestination, z)
	if a.user != nil {
		setUser(l, event.UserName, event.UserDomain, a.user)
	}
	if z.user != nil {
		_, name, ok := cutLast(z.user, `\`)
		if !ok {
			name = z.user
		}
		setText(l, event.DestinationUserName, name)
	}
}

// asaReal cuts "outside:A/80 (M/80)(user)" into the real end and the mapped one.
func asaReal(b []byte) (real, mapped asaPoint) {
	w, rest := word(b)
	real = asaEnd(w)
	if len(rest) > 0 && rest[0] == '(' {
		inner, tail, whole := cut(rest[1:], ")")
		if !whole { // cut: a part of an address is another one
			return real, mapped
		}
		mapped = asaEnd(inner)
		if mapped.iface == nil && mapped.port == nil && !isAddress(mapped.host) {
			real.user, mapped = inner, asaPoint{}
			return real, mapped
		}
		if tail = trimLeft(tail); len(tail) > 1 && tail[0] == '(' {
			user, _, _ := cut(tail[1:], ")")
			real.user = user
		}
	}
	return real, mapped
}

// asaICMP: faddr is the foreign host, laddr the local one, gaddr its mapped
// address. Without a direction it cannot be told who began.
func asaICMP(l *Line, b []byte, foreign asaPoint, dir string) {
	local, ok := wordAfter(b, "laddr ")
	if !ok || dir == "" {
		return
	}
	inside := asaEnd(local)
	mapped := asaPoint{}
	if global, ok := wordAfter(b, "gaddr "); ok {
		mapped = asaEnd(global)
		mapped.port = nil
	}
	inside.port, foreign.port = nil, nil
	if dir == "inbound" {
		foreign.set(l, asaSource)
		inside.set(l, asaDestination)
		mapped.setNAT(l, asaDestination, inside)
		return
	}
	inside.set(l, asaSource)
	foreign.set(l, asaDestination)
	mapped.setNAT(l, asaSource, inside)
}

// asaTeardown reads "duration 0:01:02 bytes 99 TCP FINs".
func asaTeardown(l *Line, b []byte) {
	if d, ok := wordAfter(b, " duration "); ok {
		if seconds, ok := asaDuration(d); ok {
			l.SetInt(event.EventDuration, seconds*1e9)
		}
	}
	tail, ok := after(b, " bytes ")
	if !ok {
		return
	}
	n, reason := word(tail)
	setNumber(l, event.NetworkBytes, n)
	if reason = trim(reason); len(reason) > 0 && reason[0] != '(' {
		l.Set(event.EventReason, reason)
	}
}

// asaDuration reads hours:minutes:seconds.
func asaDuration(b []byte) (seconds int64, ok bool) {
	for range 3 {
		var part []byte
		part, b, _ = cut(b, ":")
		n, ok := number(part)
		if !ok || n > 1<<24 {
			return 0, false
		}
		seconds = seconds*60 + n
	}
	return seconds, len(b) == 0
}

// asaTranslation reads 305009 to 305012: "Built dynamic TCP translation from
// inside:A/1772 to outside:N/8256". The second end is the first one's mapped
// address.
func asaTranslation(l *Line, b []byte) {
	setClass(l.Draft, "network", "info")
	verb, rest := word(b)
	putLower(l.Draft, event.EventAction, verb)
	head, ends, ok := cut(rest, " from ")
	if !ok {
		return
	}
	for len(head) > 0 {
		var w []byte
		w, head = word(head)
		setTransport(l.Draft, w)
	}
	first, second, ok := cut(ends, " to ")
	if !ok {
		return
	}
	if i := index(second, " duration "); i >= 0 {
		if d, ok := wordAfter(second, " duration "); ok {
			if seconds, ok := asaDuration(d); ok {
				l.SetInt(event.EventDuration, seconds*1e9)
			}
		}
		second = second[:i]
	}
	real := asaEnd(first)
	real.set(l, asaSource)
	w, _ := word(second)
	mapped := asaEnd(w)
	mapped.setNAT(l, asaSource, asaPoint{})
	if len(mapped.iface) > 0 {
		l.Set(event.ObserverEgressInterface, mapped.iface)
	}
	if real.user != nil {
		setUser(l, event.UserName, event.UserDomain, real.user)
	}
}
