package parse

import "yagura/internal/event"

// yamahaAnyFlow looks for "TCP a:p > b:p" anywhere.
func yamahaAnyFlow(l *Line, b []byte) {
	for rest := b; len(rest) > 0; {
		var w []byte
		here := rest
		if w, rest = word(rest); transportName(w) != "" && contains(rest, " > ") {
			yamahaFlow(l, here)
			return
		}
	}
	from, to, ok := cut(b, " > ")
	if !ok {
		return
	}
	_, end, _ := cutLast(from, " ")
	putEnd(l, event.SourceIP, event.SourcePort, end)
	end, _ = word(to)
	putEnd(l, event.DestinationIP, event.DestinationPort, end)
}

// yamahaPort reads what follows an interface.
func yamahaPort(l *Line, name, b []byte) bool {
	if len(b) > 0 && b[0] == ':' {
		l.Set(event.ObserverIngressInterface, name)
		return yamahaLink(l, b)
	}
	if len(b) > 0 && b[0] == '[' { // "PP[01] [IDS] text"
		if module, rest, ok := cut(b[1:], "]"); ok && string(module) == "IDS" {
			l.Set(event.ObserverIngressInterface, name)
			return yamahaModule(l, module, trimLeft(rest))
		}
	}
	if verdict, rest, ok := cut(b, " at "); ok && len(verdict) < 12 {
		return yamahaFilter(l, name, trim(verdict), rest)
	}
	if flow, ok := cutPrefix(b, "IP Commencing: "); ok {
		l.SetString(event.EventAction, "ip-commencing")
		setClass(l.Draft, "network", "start")
		l.Set(event.ObserverEgressInterface, name)
		yamahaFlow(l, flow)
		return true
	}
	return yamahaLine(l, name, b)
}

// yamahaFilter: "Rejected at OUT(default) filter: UDP a:p > b:p". The filter of MAC
// addresses writes the same words around "<mac> > <mac> IP".
func yamahaFilter(l *Line, name, verdict, b []byte) bool {
	side, rest, ok := cut(b, " filter:")
	if !ok {
		return false
	}
	putLower(l.Draft, event.EventAction, verdict)
	typ := ""
	switch string(verdict) {
	case "Rejected", "Restricted", "Dropped":
		typ = "denied"
	case "Passed", "Accepted":
		typ = "allowed"
	}
	setClass(l.Draft, "network", typ)
	setIfaceDirection(l, name, hasPrefix(side, "OUT"))
	if id, ok := between(side, "(", ")"); ok && len(id) > 0 {
		l.Set(event.RuleID, id)
	}
	rest = trimLeft(rest)
	if from, tail := word(rest); isMAC(from) {
		l.Set(event.SourceMAC, from)
		if _, tail = word(tail); len(tail) > 0 {
			if to, _ := word(tail); isMAC(to) {
				l.Set(event.DestinationMAC, to)
			}
		}
		return true
	}
	yamahaFlow(l, rest)
	return true
}

// yamahaLine reads the states of PPPoE and PPP lines.
func yamahaLine(l *Line, name, b []byte) bool {
	l.Set(event.ObserverIngressInterface, name)
	action, typ := "", "info"
	switch {
	case hasPrefix(b, "PPPoE Connect"):
		action, typ = "pppoe-connect", "start"
	case hasPrefix(b, "Connecting to PPPoE"):
		action = "pppoe-connecting"
	case hasPrefix(b, "Disconnected"):
		action, typ = "ppp-disconnect", "end"
		if hasPrefix(name, "PPPOE") {
			action = "pppoe-disconnect"
		}
		if cause, ok := between(b, "cause [", "]"); ok {
			l.Set(event.EventReason, cause)
		}
	case hasPrefix(b, "PPP/IPCP up"), hasPrefix(b, "PPP/IPV6CP up"):
		action, typ = "ipcp-up", "start"
		yamahaLocalRemote(l, b)
	case hasPrefix(b, "PPP/IPCP down"), hasPrefix(b, "PPP/IPV6CP down"):
		action, typ = "ipcp-down", "end"
	case hasPrefix(b, "Call detected from user "):
		action, typ = "ppp-call", "start"
		if user, ok := between(b, "'", "'"); ok {
			setUser(l, event.UserName, event.UserDomain, user)
		}
	case hasPrefix(b, "Local ") && contains(b, "IP address "):
		addr, _ := after(b, "IP address ")
		w, _ := word(addr)
		setIP(l, event.HostIP, w)
		action = "ppp-local-address"
	case hasPrefix(b, "Remote ") && contains(b, "IP address "):
		addr, _ := after(b, "IP address ")
		w, _ := word(addr)
		setIP(l, event.DestinationIP, w)
		action = "ppp-remote-address"
	}
	if action == "" && yamahaPPPUser(l, b) {
		return true
	}
	if contains(b, "CHAP Failure") || contains(b, "PAP Nak") || contains(b, "uthentication failed") {
		l.SetString(event.EventOutcome, "failure")
	}
	setClass(l.Draft, "network", typ)
	if action != "" {
		l.SetString(event.EventAction, action)
	}
	return true
}

// yamahaPPPUser: "Authenticated 'x'", "PPP/CHAP authentication failed: user 'x'".
func yamahaPPPUser(l *Line, b []byte) bool {
	failed := contains(b, "uthentication failed")
	if !failed && !hasPrefix(b, "Authenticated ") && !contains(b, "uthentication succeeded") {
		return false
	}
	l.SetString(event.EventAction, "login")
	setClass(l.Draft, "authentication", "start")
	outcome(l, !failed)
	if user, ok := between(b, "'", "'"); ok {
		setUser(l, event.UserName, event.UserDomain, user)
	}
	return true
}

func yamahaLocalRemote(l *Line, b []byte) {
	if local, ok := between(b, "Local: ", ","); ok {
		setIP(l, event.HostIP, local)
	}
	if remote, ok := between(b, "Remote: ", ")"); ok {
		setIP(l, event.DestinationIP, remote)
	}
}
