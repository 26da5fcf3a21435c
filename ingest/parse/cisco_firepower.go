package parse

import "yagura/internal/event"

// firepowerPairs recognises the pairs of Firepower without a tag (SFIMS).
func firepowerPairs(b []byte) bool {
	return len(b) > 40 && contains(b, "SrcIP: ") && contains(b, "DstIP: ") && contains(b, "Policy: ")
}

// asaPairs reads "Key: value, Key: value" of Firepower's connection, intrusion and
// file events.
func asaPairs(l *Line, code, b []byte) {
	switch string(code) {
	case "430001":
		l.SetString(event.EventKind, "alert")
		setClass(l.Draft, "intrusion_detection", "")
	case "430004":
		setClass(l.Draft, "file", "")
	case "430005":
		l.SetString(event.EventKind, "alert")
		setClass(l.Draft, "malware", "")
	}
	setClass(l.Draft, "network", "")
	for len(b) > 0 {
		var key, v []byte
		if key, b, _ = cut(b, ": "); len(b) > 1 && b[0] == '"' { // a text: it may hold commas
			v, b, _ = cut(b[1:], "\"")
			_, b, _ = cut(b, ", ")
		} else {
			v, b, _ = cut(b, ", ")
		}
		if _, last, ok := cutLast(key, ", "); ok { // words without a value in front of it
			key = last
		}
		asaPair(l, key, trim(v))
	}
	in, ok := l.Get(event.SourceBytes)
	out, ok2 := l.Get(event.DestinationBytes)
	if sent, a := number(in); ok && a {
		if received, c := number(out); ok2 && c {
			l.SetInt(event.NetworkBytes, sent+received)
		}
	}
}

func asaPair(l *Line, key, v []byte) {
	switch string(key) {
	case "SrcIP":
		setIP(l, event.SourceIP, v)
	case "DstIP":
		setIP(l, event.DestinationIP, v)
	case "SrcPort":
		putPort(l, event.SourcePort, v)
	case "DstPort":
		putPort(l, event.DestinationPort, v)
	case "Protocol":
		setTransport(l.Draft, v)
	case "IngressInterface":
		setText(l, event.ObserverIngressInterface, v)
	case "EgressInterface":
		setText(l, event.ObserverEgressInterface, v)
	case "IngressZone":
		setText(l, event.ObserverIngressZone, v)
	case "EgressZone":
		setText(l, event.ObserverEgressZone, v)
	case "AccessControlRuleName":
		setText(l, event.RuleName, v)
	case "ACPolicy":
		setText(l, event.RuleRuleset, v)
	case "AccessControlRuleAction", "InlineResult":
		putLower(l.Draft, event.EventAction, v)
		if equalFold(v, "allow") || equalFold(v, "trust") {
			setClass(l.Draft, "", "allowed")
		} else if contains(v, "lock") || equalFold(v, "dropped") {
			setClass(l.Draft, "", "denied")
		}
	case "InitiatorBytes":
		setNumber(l, event.SourceBytes, v)
	case "ResponderBytes":
		setNumber(l, event.DestinationBytes, v)
	case "InitiatorPackets":
		setNumber(l, event.SourcePackets, v)
	case "ResponderPackets":
		setNumber(l, event.DestinationPackets, v)
	case "User", "UserName":
		if !equalFold(v, "no authentication required") && !equalFold(v, "unknown") {
			setUser(l, event.UserName, event.UserDomain, v)
		}
	case "URL":
		setText(l, event.URLOriginal, v)
	case "SID":
		setText(l, event.RuleID, v)
	case "Message":
		setText(l, event.RuleName, unquote(v))
	case "Classification":
		setText(l, event.RuleCategory, v)
	case "FileName":
		setText(l, event.FileName, v)
	case "FileSHA256", "SHA_Disposition":
		if len(v) == 64 {
			l.Set(event.FileHashSHA256, v)
		}
	case "ApplicationProtocol":
		putLower(l.Draft, event.NetworkProtocol, v)
	}
}
