package parse

import "yagura/internal/event"

// yamaha parses the lines of YAMAHA RTX, NVR and FWX routers. On the wire a line is
// "<PRI>message": no time, no host, no tag; in a log file or external memory
// "2026/11/20 08:15:42: message"; behind a relay the relay's header. The firmware
// versions spell one message differently, so every part between the words that
// carry the meaning is optional. Source: YAMAHA "SYSLOG メッセージ" reference and
// logs of RTX810 to RTX1300.
//
// A line "same message repeated N times" stands for N events: yagura.repeat.
type yamaha struct{}

func (yamaha) name() string      { return "yamaha.rtx" }
func (yamaha) aliases() []string { return []string{"yamaha", "rtx"} }

func (yamaha) match(l *Line) int {
	_, sure := yamahaText(l)
	return sure
}

func (yamaha) parse(l *Line) bool {
	text, sure := yamahaText(l)
	if sure == 0 {
		text = l.fromTag()
	}
	if host, ok := l.from(l.Host); ok && len(host) == len(text) {
		l.Host = nil
	}
	if len(l.Tag) > 0 && len(l.PID) == 0 && len(text) > 0 && len(text) <= len(l.Body) && !l.ietf {
		l.Host = l.Tag // "rtx1: message": the name of the router, whoever passed it on
	} else if name, rest := l.named(); name != nil && len(rest) == len(text) {
		l.Host = name
	}
	l.untag(text)
	setObserver(l.Draft, "YAMAHA", "RTX", "router")
	return yamahaMessage(l, text) || sure > 0
}

// yamahaText finds where the message begins and how surely it is one: the header
// parser may have taken its first words for host or tag.
func yamahaText(l *Line) ([]byte, int) {
	text := l.fromTag()
	if sure := yamahaShape(text); sure > 0 {
		return text, sure
	}
	if host, ok := l.from(l.Host); ok {
		if sure := yamahaShape(host); sure > 0 {
			return host, sure
		}
	}
	if name, rest := l.named(); name != nil {
		if sure := yamahaShape(rest); sure >= 90 {
			return rest, sure
		}
	}
	if sure := yamahaShape(l.Body); len(l.Tag) > 0 && sure >= 90 {
		return trimLeft(l.Body), sure
	}
	return text, 0
}

// yamahaShape judges the first words.
func yamahaShape(b []byte) int {
	b = trimLeft(b)
	if len(b) < 8 {
		return 0
	}
	switch b[0] {
	case '[':
		return yamahaBracket(b)
	case 'L', 'P', 'T', 'W', 'O', 'B', 'V':
		if sure := yamahaInterfaceLine(b); sure > 0 {
			return sure
		}
	case '\'':
		if hasPrefix(b, "'administrator' ") {
			return 97
		}
	case 'I':
		if hasPrefix(b, "IP Tunnel[") {
			return 97
		}
	case 's':
		if hasPrefix(b, "same message repeated ") {
			return 90
		}
	}
	switch b[0] {
	case 'A', 'C', 'D', 'F', 'L', 'N', 'P', 'R', 'S':
		if sure, known := yamahaSentence(b); known {
			return sure
		}
	}
	switch {
	case contains(b[:min(len(b), 80)], " serial=") && contains(b, " MAC-Address="):
		return 90
	case blank(b[2]) && hexDump(b):
		return 40
	}
	return 0
}

// yamahaSentence judges the sentences that begin with a capital. known: nothing else
// can be said of the line.
func yamahaSentence(b []byte) (sure int, known bool) {
	switch {
	case hasPrefix(b, "Login succeeded for ") && yamahaDoorAhead(b[len("Login succeeded for "):]),
		hasPrefix(b, "Login failed for ") && yamahaDoorAhead(b[len("Login failed for "):]),
		hasPrefix(b, "Logout from ") && yamahaDoorAhead(b[len("Logout from "):]):
		return 90, true
	case hasPrefix(b, "Configuration saved in \"CONFIG"), hasPrefix(b, "Power-on boot"), hasPrefix(b, "Restart by "):
		return 90, true
	case hasPrefix(b, "RTX"), hasPrefix(b, "NVR"), hasPrefix(b, "FWX"), hasPrefix(b, "SRT"):
		if contains(b[:min(len(b), 40)], " Rev.") {
			return 97, true
		}
		return 0, true
	case hasPrefix(b, "Add IPv6 prefix "), hasPrefix(b, "Delete IPv6 prefix "):
		return 90, true
	}
	return 0, false
}

// yamahaDoorAhead says whether b begins with the way somebody came in, "SSH:" or
// "Serial": others write "Login failed for user x" too.
func yamahaDoorAhead(b []byte) bool {
	w, _ := word(b)
	if len(w) < 2 || w[0] < 'A' || w[0] > 'Z' {
		return false
	}
	return equalFold(w, "serial") || w[len(w)-1] == ':' && w[1] >= 'A' && w[1] <= 'Z'
}

// isIKE: the module is "IKE", or "IKE1" and "IKE2" by the version of the protocol.
func isIKE(name []byte) bool {
	return hasPrefix(name, "IKE") && len(name) <= 4 && digits(name[3:]) == len(name)-3
}

func yamahaBracket(b []byte) int {
	name, _, ok := cut(b[1:], "]")
	if !ok {
		return 0
	}
	if isIKE(name) {
		return 97
	}
	switch string(name) {
	case "INSPECT", "DHCPD", "SWCTL", "L2TP", "PPTP":
		return 97
	case "DHCPC", "IDS", "IPSEC", "NAT", "DNS", "HTTPD", "SSHD", "TELNETD", "LUA", "MLD", "BGP", "OSPF", "RIP", "USB", "WOL", "NTP",
		"SNTP", "DDNS", "NetVolante-DNS", "HEARTBEAT", "HEARTBEAT2", "LANMAP", "VRRP", "SIP", "EXT-MEMORY", "URL_FILTER", "SNMP", "RADIUS", "QAC/TM", "STATUS", "TUNNEL", "IPIP", "BRIDGE", "APCTL", "LOOPDETECT", "YNO", "MOBILE", "EXEC", "SCHEDULE":
		return 50
	}
	return 0
}

func yamahaInterfaceLine(b []byte) int {
	name, rest, ok := yamahaInterface(b)
	if !ok {
		return 0
	}
	switch {
	case contains(rest[:min(len(rest), 48)], " filter:"):
		return 97
	case hasPrefix(name, "PPPOE["), hasPrefix(name, "PP["), hasPrefix(name, "TUNNEL["):
		return 96
	case len(rest) > 0 && rest[0] == ':' && contains(rest, "link "):
		return 96
	}
	return 0
}

// yamahaInterface cuts an interface at the start of b: "LAN1", "LAN1(port3)",
// "LAN1/2", "LANC3", "PP[01]", "PP[ANONYMOUS01]", "TUNNEL[1]", "PPPOE[02]". The port
// of a switch belongs to rest.
func yamahaInterface(b []byte) (name, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i] >= 'A' && b[i] <= 'Z' {
		i++
	}
	switch string(b[:i]) {
	case "LAN", "LANC", "WAN", "ONU", "BRIDGE", "VLAN":
		n := digits(b[i:])
		if n == 0 {
			return nil, b, false
		}
		if i += n; i+1 < len(b) && (b[i] == '/' || b[i] == '.') {
			i += 1 + digits(b[i+1:])
		}
	case "PP", "PPPOE", "TUNNEL", "MODEM", "MOBILE":
		if i >= len(b) || b[i] != '[' {
			return nil, b, false
		}
		inner, _, found := cut(b[i:], "]")
		if !found || len(inner) > 20 {
			return nil, b, false
		}
		i += len(inner) + 1
	default:
		return nil, b, false
	}
	name, rest = b[:i], b[i:]
	if len(rest) > 0 && rest[0] == '(' {
		if _, tail, found := cut(rest, ")"); found {
			rest = tail
		}
	}
	return name, rest, true
}

// hexDump says whether b is "c0 21 01 01 ...": it follows lines about PPP.
func hexDump(b []byte) bool {
	pairs := 0
	for len(b) > 0 {
		var w []byte
		if w, b = word(b); len(w) != 2 || !isHex(w) {
			return false
		}
		pairs++
	}
	return pairs >= 4
}

// yamahaMessage reads the message. False: no form of it was known.
func yamahaMessage(l *Line, b []byte) bool {
	b = trimLeft(b)
	if len(b) == 0 {
		return false
	}
	if b[0] == '[' {
		name, rest, ok := cut(b[1:], "]")
		return ok && yamahaModule(l, name, trimLeft(rest))
	}
	if name, rest, ok := yamahaInterface(b); ok {
		return yamahaPort(l, name, trimLeft(rest))
	}
	return yamahaSystem(l, b)
}

// setIfaceDirection sets the interface at the side the direction names.
func setIfaceDirection(l *Line, name []byte, out bool) {
	if out {
		l.Set(event.ObserverEgressInterface, name)
		l.SetString(event.NetworkDirection, "outbound")
		return
	}
	l.Set(event.ObserverIngressInterface, name)
	l.SetString(event.NetworkDirection, "inbound")
}

// yamahaFlow reads "TCP 192.0.2.1:80 > 198.51.100.1:1024 rest"; damaged ends are
// left out. It returns what follows the destination.
func yamahaFlow(l *Line, b []byte) (rest []byte) {
	proto, b := word(b)
	if !setTransport(l.Draft, proto) {
		return b
	}
	put := putEnd
	if equalFold(proto, "tcp") || equalFold(proto, "udp") {
		put = putFlowEnd
	}
	from, b := word(b)
	if !put(l, event.SourceIP, event.SourcePort, from) {
		maskedPort(l, event.SourcePort, from)
	}
	arrow, b := word(b)
	if string(arrow) != ">" {
		return b
	}
	to, rest := word(b)
	if !put(l, event.DestinationIP, event.DestinationPort, to) {
		maskedPort(l, event.DestinationPort, to)
	}
	return rest
}

// maskedPort reads the port of an end whose address is none ("A.B.C.D:67").
func maskedPort(l *Line, port event.Field, end []byte) {
	if host, p, ok := cutLast(end, ":"); ok && len(host) > 0 && index(host, ":") < 0 {
		setPort(l, port, p)
	}
}
