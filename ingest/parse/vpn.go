package parse

import (
	"bytes"

	"yagura/internal/event"
)

// vpn reads OpenVPN ("[user/]A:port text") and strongSwan's charon ("12[IKE] [<c|3>
// ]text").
type vpn struct{}

func (vpn) name() string { return "vpn" }
func (vpn) aliases() []string {
	return []string{"openvpn", "strongswan", "charon"}
}
func (vpn) tags() []string {
	return []string{"openvpn", "ovpn-server", "charon", "charon-systemd", "ipsec"}
}

func (vpn) match(l *Line) int {
	switch {
	case hasPrefix(l.Tag, "openvpn"), hasPrefix(l.Tag, "ovpn"), hasPrefix(l.Tag, "charon"):
		return certain
	case string(l.Tag) == "ipsec" && charonText(l.Body) != nil:
		return certain
	}
	return 0
}

func (vpn) parse(l *Line) bool {
	b := trim(l.Body)
	if l.Tag == nil || l.Tag[0] != 'o' {
		if text := charonText(b); text != nil {
			return charonLine(l, text)
		}
		return false
	}
	text := openvpnClient(l, b)
	l.SetString(event.EventCategory, "network")
	return openvpnLine(l, text) || l.Has(event.SourceIP)
}

// openvpnClient cuts "user/A:port " or "A:port " and returns the text.
func openvpnClient(l *Line, b []byte) []byte {
	w, rest := word(b)
	user, end, named := cutLast(w, "/")
	if !named {
		user, end = nil, w
	}
	end, _ = cutPrefix(end, "[AF_INET]")
	end, _ = cutPrefix(end, "[AF_INET6]")
	if bytes.IndexByte(end, ':') < 0 || !setEndpoint(l, event.SourceIP, event.SourcePort, end) {
		return b
	}
	setUser(l, event.UserName, event.UserDomain, user)
	return rest
}

func openvpnLine(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "[") && contains(b, "] Peer Connection Initiated with "):
		l.SetString(event.EventAction, "tunnel-up")
		if !l.Has(event.UserName) {
			name, _ := between(b, "[", "]")
			setUser(l, event.UserName, event.UserDomain, name)
		}
		if !l.Has(event.SourceIP) {
			_, peer, _ := cut(b, " with ")
			openvpnClient(l, peer)
		}
	case hasPrefix(b, "TLS: Username/Password authentication succeeded for username "):
		loginSuccess(l)
		openvpnUser(l, b)
	case hasPrefix(b, "TLS Auth Error: "), hasPrefix(b, "AUTH: Received control message: AUTH_FAILED"):
		loginFailure(l)
		openvpnUser(l, b)
	case hasPrefix(b, "VERIFY ERROR: "):
		loginFailure(l)
		if why, ok := between(b, "error=", ": "); ok {
			setText(l, event.EventReason, why)
		}
	case hasPrefix(b, "TLS Error: "):
		l.SetString(event.EventAction, "tls-failed")
		if _, peer, ok := cut(b, " from "); ok && !l.Has(event.SourceIP) {
			openvpnClient(l, peer)
		}
	case hasPrefix(b, "SIGTERM["), hasPrefix(b, "SIGUSR1["), contains(b, "client-instance exiting"), contains(b, "client-instance restarting"):
		l.SetString(event.EventAction, "tunnel-down")
	case hasPrefix(b, "MULTI_sva: pool returned IPv4="):
		l.SetString(event.EventAction, "address-assigned")
		a, _, _ := cut(b[len("MULTI_sva: pool returned IPv4="):], ",")
		setIP(l, event.SourceNATIP, a)
	case hasPrefix(b, "Initialization Sequence Completed"):
		l.SetString(event.EventAction, "started")
	default:
		return false
	}
	return true
}

// openvpnUser: "... for username 'x' [CN SET]".
func openvpnUser(l *Line, b []byte) {
	if name, ok := between(b, "'", "'"); ok && !l.Has(event.UserName) {
		setUser(l, event.UserName, event.UserDomain, name)
	}
}

// charonText cuts "12[IKE] " and "<connection|3> "; nil when it is not there.
func charonText(b []byte) []byte {
	n := digits(b)
	if n == 0 || n+5 >= len(b) || b[n] != '[' || b[n+4] != ']' {
		return nil
	}
	b = trimLeft(b[n+5:])
	if len(b) > 0 && b[0] == '<' {
		_, b, _ = cut(b, "> ")
	}
	return b
}

func charonLine(l *Line, b []byte) bool {
	l.SetString(event.EventCategory, "network")
	switch {
	case hasPrefix(b, "IKE_SA ") && contains(b, " established between "):
		l.SetString(event.EventAction, "tunnel-up")
		charonEnds(l, b, " between ")
	case hasPrefix(b, "deleting IKE_SA "):
		l.SetString(event.EventAction, "tunnel-down")
		charonEnds(l, b, " between ")
	case hasPrefix(b, "CHILD_SA ") && contains(b, " established "):
		l.SetString(event.EventAction, "child-sa-up")
	case hasPrefix(b, "looking for peer configs matching "), hasPrefix(b, "no matching peer config found"):
		l.SetString(event.EventAction, "peer-lookup")
		charonEnds(l, b, " matching ")
	case hasPrefix(b, "no IKE config found for "):
		l.SetString(event.EventAction, "negotiation-failed")
		charonEnds(l, b, " for ")
	case contains(b, " is initiating a"):
		l.SetString(event.EventAction, "connect")
		w, _ := word(b)
		setIP(l, event.SourceIP, w)
	case hasPrefix(b, "EAP method ") && contains(b, " failed for peer "):
		loginFailure(l)
		_, who, _ := cut(b, " for peer ")
		setUser(l, event.UserName, event.UserDomain, unquote(trim(who)))
	case contains(b, "' (myself) "):
		return true
	case hasPrefix(b, "authentication of '"):
		if contains(b, "successful") {
			loginSuccess(l)
		} else if contains(b, "failed") {
			loginFailure(l)
		}
		who, _ := between(b, "'", "'")
		setUser(l, event.UserName, event.UserDomain, who)
	case hasPrefix(b, "assigning virtual IP "):
		l.SetString(event.EventAction, "address-assigned")
		w, rest := word(b[len("assigning virtual IP "):])
		setIP(l, event.SourceNATIP, w)
		who, _ := between(rest, "'", "'")
		setUser(l, event.UserName, event.UserDomain, who)
	case hasPrefix(b, "received packet: from "), hasPrefix(b, "sending packet: from "):
		charonPacket(l, b)
	case hasPrefix(b, "received AUTHENTICATION_FAILED"), contains(b, "but MAC mismatched"):
		l.SetString(event.EventAction, "peer-authentication-failed")
		l.SetString(event.EventOutcome, "failure")
	case contains(b, "NO_PROPOSAL_CHOSEN"):
		l.SetString(event.EventAction, "negotiation-failed")
	case hasPrefix(b, "peer not responding"), hasPrefix(b, "giving up after "):
		l.SetString(event.EventAction, "peer-not-responding")
	default:
		return true // what the daemon says of itself
	}
	return true
}

// charonEnds reads "HERE[id]...THERE[id]": this host first.
func charonEnds(l *Line, b []byte, mark string) {
	_, rest, _ := cut(b, mark)
	here, there, ok := cut(rest, "...")
	if !ok {
		return
	}
	here, _, _ = cut(here, "[")
	i := 0
	for i < len(there) && there[i] != '[' && there[i] != ',' && there[i] != ' ' {
		i++
	}
	setIP(l, event.DestinationIP, here)
	setIP(l, event.SourceIP, there[:i])
}

// charonPacket: "received packet: from A[500] to B[500] (336 bytes)".
func charonPacket(l *Line, b []byte) {
	kind, rest, _ := cut(b, ": from ")
	kind, _, _ = cut(kind, " ")
	if string(kind) == "received" {
		l.SetString(event.EventAction, "packet-received")
	} else {
		l.SetString(event.EventAction, "packet-sent")
	}
	from, rest, _ := cut(rest, " to ")
	for _, end := range [...]struct {
		text     []byte
		ip, port event.Field
	}{{from, event.SourceIP, event.SourcePort}, {rest, event.DestinationIP, event.DestinationPort}} {
		a, port, ok := cut(end.text, "[")
		if ok && setIP(l, end.ip, a) {
			port, _, _ = cut(port, "]")
			setPort(l, end.port, port)
		}
	}
}
