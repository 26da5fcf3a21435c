package parse

import "yagura/internal/event"

// yamahaModule reads what follows "[MODULE]".
func yamahaModule(l *Line, module, b []byte) bool {
	if isIKE(module) || string(module) == "IPSEC" {
		l.SetString(event.EventAction, "ike")
		yamahaIKE(l, b)
		return true
	}
	switch string(module) {
	case "INSPECT":
		return yamahaInspect(l, b)
	case "DHCPD":
		return yamahaDHCP(l, b)
	case "L2TP", "PPTP":
		yamahaTunnelModule(l, module, b)
	case "SWCTL":
		yamahaSwitch(l, b)
	case "IDS":
		l.SetString(event.EventAction, "ids")
		l.SetString(event.EventKind, "alert")
		setClass(l.Draft, "intrusion_detection", "info")
		yamahaAnyFlow(l, b)
	case "SSHD", "TELNETD", "HTTPD":
		if !yamahaSystem(l, b) && !deviceWords(l, b) {
			yamahaPeer(l, b)
		}
		if !l.Has(event.NetworkProtocol) {
			putLower(l.Draft, event.NetworkProtocol, module[:len(module)-1])
		}
	default:
		l.Set(event.EventModule, module)
		if !deviceWords(l, b) {
			setClass(l.Draft, "network", "")
		}
		return len(module) > 0
	}
	return true
}

// yamahaPeer takes who is spoken of: "closed by A", "request from A".
func yamahaPeer(l *Line, b []byte) {
	for _, mark := range [...]string{" from ", " by "} {
		if w, ok := wordAfter(b, mark); ok && putEnd(l, event.SourceIP, event.SourcePort, w) {
			return
		}
	}
}

// yamahaInspect: "LAN2[out][101098] TCP a:p > b:p (2026/06/07 18:52:57)". The time is
// when the session was made; the line is written when it ends.
func yamahaInspect(l *Line, b []byte) bool {
	l.SetString(event.EventAction, "inspect")
	name, rest, ok := yamahaInterface(b)
	if !ok {
		return true
	}
	if dir, tail, ok := cut(rest, "]"); ok && len(dir) > 1 && dir[0] == '[' {
		setIfaceDirection(l, name, string(dir[1:]) == "out")
		if id, after, ok := cut(tail, "]"); ok && len(id) > 1 && id[0] == '[' {
			l.Set(event.RuleID, id[1:])
			tail = after
		}
		rest = tail
	}
	setClass(l.Draft, "network", "")
	tail := yamahaFlow(l, rest)
	if l.Has(event.DestinationIP) {
		setClass(l.Draft, "", "allowed")
	}
	if when, ok := between(tail, "(", ")"); ok {
		if s, n, ok := readStamp(when); ok && n == len(when) {
			l.setDate(event.EventStart, resolve(s, l.Received, l.Zone))
		}
	}
	return true
}

// yamahaDHCP: "LAN1(port10) Allocates 192.0.2.27: aa:bb:cc:dd:ee:01", interface
// and port optional.
func yamahaDHCP(l *Line, b []byte) bool {
	setClass(l.Draft, "network", "info")
	l.SetString(event.NetworkProtocol, "dhcp")
	if name, rest, ok := yamahaInterface(b); ok {
		l.Set(event.ObserverIngressInterface, name)
		b = rest
	}
	verb, b := word(b)
	switch string(verb) {
	case "Allocates":
		l.SetString(event.EventAction, "dhcp-allocate")
	case "Extends":
		l.SetString(event.EventAction, "dhcp-extend")
	case "Releases":
		l.SetString(event.EventAction, "dhcp-release")
	case "Declines", "Declined":
		l.SetString(event.EventAction, "dhcp-decline")
	case "Expires", "Expired":
		l.SetString(event.EventAction, "dhcp-expire")
	default:
		l.SetString(event.EventAction, "dhcp")
		return true
	}
	addr, rest := word(b)
	if n := len(addr); n > 0 && addr[n-1] == ':' {
		addr = addr[:n-1]
	}
	setIP(l, event.ClientIP, addr)
	if mac, _ := word(rest); isMAC(mac) {
		l.Set(event.ClientMAC, mac)
	}
	return true
}

// yamahaIKE: "initiate ISAKMP phase to A (local address B)", "respond ... from A".
func yamahaIKE(l *Line, b []byte) {
	switch {
	case contains(b, " established"), contains(b, " ESTABLISHED"):
		setClass(l.Draft, "network", "start")
	case contains(b, " deleted"), contains(b, " to DELETED"):
		setClass(l.Draft, "network", "end")
	default:
		setClass(l.Draft, "network", "info")
	}
	switch {
	case hasPrefix(b, "respond "): // the peer began
		peer, _ := after(b, " to ")
		w, _ := word(peer)
		setIP(l, event.SourceIP, w)
	case contains(b, " phase to "):
		peer, _ := after(b, " phase to ")
		w, _ := word(peer)
		setIP(l, event.DestinationIP, w)
		if local, ok := between(b, "(local address ", ")"); ok {
			setIP(l, event.SourceIP, local)
		}
	case contains(b, " from "):
		peer, _ := after(b, " from ")
		w, _ := word(peer)
		setIP(l, event.SourceIP, w)
	case contains(b, " established with "):
		peer, _ := wordAfter(b, " established with ")
		setIP(l, event.DestinationIP, peer)
	}
	if contains(b, "invalid") || contains(b, "authentication failed") || contains(b, "retransmission") && contains(b, "fail") {
		l.SetString(event.EventOutcome, "failure")
	}
}

func yamahaTunnelModule(l *Line, module, b []byte) {
	setClass(l.Draft, "network", "")
	if name, rest, ok := yamahaInterface(b); ok {
		l.Set(event.ObserverIngressInterface, name)
		b = trimLeft(rest)
	}
	pptp := string(module) == "PPTP"
	switch {
	case hasPrefix(b, "connected"):
		yamahaAction(l, pptp, "l2tp-connect", "pptp-connect")
		setClass(l.Draft, "", "start")
	case contains(b, "disconnect"):
		yamahaAction(l, pptp, "l2tp-disconnect", "pptp-disconnect")
		setClass(l.Draft, "", "end")
	case contains(b, "established"):
		yamahaAction(l, pptp, "l2tp-established", "pptp-established")
		setClass(l.Draft, "", "start")
	default:
		yamahaAction(l, pptp, "l2tp", "pptp")
		setClass(l.Draft, "", "info")
	}
	if peer, ok := after(b, " from "); ok {
		w, _ := word(peer)
		putEnd(l, event.SourceIP, event.SourcePort, w)
	}
}

func yamahaAction(l *Line, second bool, first, other string) {
	if second {
		first = other
	}
	l.SetString(event.EventAction, first)
}

// yamahaSwitch reads what the router sees of the switches under it: "lan1:6(mac):
// PORT2 link down", "lan1:6(mac): detect down".
func yamahaSwitch(l *Line, b []byte) {
	if mac, ok := between(b, "(", ")"); ok && isMAC(mac) {
		l.Set(event.HostMAC, mac)
	}
	if yamahaLink(l, b) {
		return
	}
	setClass(l.Draft, "network", "")
	switch {
	case contains(b, "detect down"):
		l.SetString(event.EventAction, "switch-down")
	case contains(b, "find switch"):
		l.SetString(event.EventAction, "switch-found")
	}
}

// yamahaLink reads link changes, of the router or of a switch under it.
func yamahaLink(l *Line, b []byte) bool {
	action := ""
	switch {
	case contains(b, "link up"):
		action = "link-up"
	case contains(b, "link down"):
		action = "link-down"
	case contains(b, "link changed"):
		action = "link-changed"
	default:
		return false
	}
	l.SetString(event.EventAction, action)
	setClass(l.Draft, "network", "change")
	return true
}
