package parse

import (
	"bytes"

	"yagura/internal/event"
)

// necIX reads the routers UNIVERGE IX of NEC: "MODULE.nnn: text", with the time in
// front where it is configured. event.code is "ACL.003". Flows read "BLOCK tcp
// A(p) > B(p), match list, interface in"; other sentences are read by their words.
type necIX struct{}

func (necIX) name() string      { return "nec.ix" }
func (necIX) aliases() []string { return []string{"nec", "univerge.ix"} }

func (necIX) match(l *Line) int {
	if len(l.Tag) > 0 {
		return necTag(l.Tag)
	}
	if b := l.Body; len(b) > 8 && b[0] >= 'A' && b[0] <= 'Z' {
		if i := bytes.IndexByte(b[:min(len(b), 16)], ':'); i > 0 {
			return necTag(b[:i])
		}
	}
	return 0
}

// necTag judges "ACL.003".
func necTag(tag []byte) int {
	n := len(tag) - 4
	if n < 2 || n > 8 || tag[n] != '.' || digits(tag[n+1:]) != 3 {
		return 0
	}
	switch string(tag[:n]) {
	case "ACL", "BGP", "BRI", "CMN", "DDNS", "DHCP", "DHCPV6", "DNS", "ETH", "FLT", "GE", "HTTP", "IKE", "IKE2", "IKEV2", "IP", "IPSEC", "IPV6", "ISDN",
		"L2TP", "LLDP", "MAIL", "MOB", "NAPT", "NAT", "NET", "NETMON", "NGN", "NM", "NTP", "OSPF", "PKI", "PPP", "PPPOE", "QOS", "RADIUS", "RIP", "SEC",
		"SNMP", "SNTP", "SSH", "SSHD", "SW", "SYS", "TEL", "TELNET", "TUN", "UFS", "URLF", "USB", "VRRP", "WEB":
		return 92
	}
	return 0
}

func (necIX) parse(l *Line) bool {
	b := l.fromTag()
	tag, b, ok := cut(b, ":")
	if !ok || necTag(tag) == 0 {
		return false
	}
	b = trim(b)
	l.untag(b)
	setObserver(l.Draft, "NEC", "UNIVERGE IX", "router")
	l.Set(event.EventCode, tag)
	if necFlow(l, b) || deviceWords(l, b) {
		return true
	}
	switch {
	case necTunnel(l, tag, b):
	case hasPrefix(b, "interface ") || contains(b, "thernet"):
		deviceInterface(l, b)
		setClass(l.Draft, "network", "")
	default:
		setClass(l.Draft, "network", "")
	}
	return true
}

// necFlow: "BLOCK tcp 192.0.2.1(80) > 198.51.100.1(1024), match list, GigaEthernet0.0 in".
func necFlow(l *Line, b []byte) bool {
	verb, rest := word(b)
	denied := false
	switch string(verb) {
	case "BLOCK", "DROP", "DENY", "DISCARD", "REJECT":
		denied = true
	case "PERMIT", "PASS", "ALLOW":
	default:
		return false
	}
	putLower(l.Draft, event.EventAction, verb)
	setClass(l.Draft, "network", allowedOr(!denied))
	proto, rest := word(rest)
	setTransport(l.Draft, proto)
	from, rest := word(rest)
	putFlowEnd(l, event.SourceIP, event.SourcePort, bytes.TrimRight(from, ","))
	arrow, to := word(rest)
	if string(arrow) != ">" && string(arrow) != "->" {
		return true
	}
	to, rest = word(to)
	putFlowEnd(l, event.DestinationIP, event.DestinationPort, bytes.TrimRight(to, ","))
	if name, ok := wordAfter(rest, "match "); ok {
		l.Set(event.RuleName, name)
	}
	if _, side, ok := cutLast(rest, ","); ok {
		name, dir := word(side)
		switch dir, _ = word(dir); string(dir) {
		case "in":
			setIfaceDirection(l, name, false)
		case "out":
			setIfaceDirection(l, name, true)
		}
	}
	return true
}

func allowedOr(allowed bool) string {
	if allowed {
		return "allowed"
	}
	return "denied"
}

// necTunnel reads what the modules of tunnels and lines say.
func necTunnel(l *Line, tag, b []byte) bool {
	module, _, _ := cut(tag, ".")
	switch string(module) {
	case "IKE", "IKE2", "IKEV2", "IPSEC", "SEC":
		l.SetString(event.EventAction, "ike")
	case "PPP", "PPPOE":
		l.SetString(event.EventAction, "ppp")
	case "L2TP":
		l.SetString(event.EventAction, "l2tp")
	default:
		return false
	}
	switch {
	case contains(b, "established"), contains(b, "negotiated"):
		setClass(l.Draft, "network", "start")
	case contains(b, "deleted"), contains(b, "disconnect"), contains(b, "terminated"):
		setClass(l.Draft, "network", "end")
	default:
		setClass(l.Draft, "network", "")
	}
	if contains(b, "fail") || contains(b, "timeout") || contains(b, "no proposal") {
		l.SetString(event.EventOutcome, "failure")
	}
	deviceInterface(l, b)
	if peer, ok := wordAfter(b, "peer "); ok {
		if contains(b, "initiator") {
			putEnd(l, event.DestinationIP, event.DestinationPort, peer)
		} else if contains(b, "responder") {
			putEnd(l, event.SourceIP, event.SourcePort, peer)
		}
	} else if peer, ok := wordAfter(b, " from "); ok {
		putEnd(l, event.SourceIP, event.SourcePort, peer)
	} else if peer, ok := wordAfter(b, " to "); ok {
		putEnd(l, event.DestinationIP, event.DestinationPort, peer)
	}
	return true
}
