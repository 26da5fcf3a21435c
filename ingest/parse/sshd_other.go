package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sshConnection: "Connection closed by [authenticating|invalid] user X A port P".
func sshConnection(l *Line, b []byte, preauth bool) bool {
	if rest, ok := cutPrefix(b, "Disconnecting: "); ok {
		l.SetString(event.EventAction, "disconnect")
		if _, who, ok := cut(rest, " authentication failures for "); ok {
			l.SetString(event.EventOutcome, "failure")
			setUser(l, event.UserName, event.UserDomain, sshStrange(who))
		}
		return true
	}
	if rest, ok := cutPrefix(b, "ROOT LOGIN REFUSED FROM "); ok {
		loginFailure(l)
		l.SetString(event.UserName, "root")
		return sshPeer(l, rest) || true
	}
	for _, head := range [...]string{"Connection closed by ", "Connection reset by ", "Disconnected from ", "Received disconnect from ", "Disconnecting ", "Read error from remote host "} {
		if rest, ok := cutPrefix(b, head); ok {
			l.SetString(event.EventAction, "disconnect")
			sshLeaving(l, rest, preauth)
			return true
		}
	}
	if rest, ok := cutPrefix(b, "Connection from "); ok {
		l.SetString(event.EventAction, "connect")
		sshPeer(l, rest)
		if _, here, ok := cut(rest, " on "); ok {
			w, port := word(here)
			if setIP(l, event.DestinationIP, w) && hasPrefix(port, "port ") {
				setPort(l, event.DestinationPort, port[5:5+digits(port[5:])])
			}
		}
		return true
	}
	if hasPrefix(b, "Did not receive identification string") {
		l.SetString(event.EventAction, "no-identification")
	} else if hasPrefix(b, "Bad protocol version identification") {
		l.SetString(event.EventAction, "bad-protocol")
	}
	return sshOther(l, b)
}

// sshLeaving reads "[KIND user X ]A port P[:code: why]". A user before
// authentication is a failed log-on.
func sshLeaving(l *Line, b []byte, preauth bool) {
	at := -1
	if hasPrefix(b, "user ") {
		at = 5
	} else if i := index(b, " user "); i > 0 && i < 16 && bytes.IndexByte(b[:i], ' ') < 0 {
		at = i + 6
	}
	if at < 0 {
		sshPeer(l, b)
		return
	}
	who, tail, ok := cutLast(b[at:], " port ")
	if !ok {
		who, tail = b[at:], nil
	}
	if user, addr, ok := cutLast(who, " "); ok {
		if setIP(l, event.SourceIP, addr) {
			setPort(l, event.SourcePort, tail[:digits(tail)])
		}
		setUser(l, event.UserName, event.UserDomain, trim(user))
	}
	if preauth {
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	}
}

// sshOther takes the client's address from any other line.
func sshOther(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "User "):
		return sshNotAllowed(l, b)
	case hasPrefix(b, "refused connect from "):
		l.SetString(event.EventAction, "refused")
		l.SetString(event.EventType, "denied")
		if inner, ok := lastParenthesis(b); ok {
			return setIP(l, event.SourceIP, inner) || true
		}
	case hasPrefix(b, "Unable to negotiate with "):
		l.SetString(event.EventAction, "negotiation-failed")
		l.SetString(event.EventOutcome, "failure")
		rest := b[len("Unable to negotiate with "):]
		if _, why, ok := cut(rest, ": "); ok {
			l.Set(event.EventReason, why)
		}
		return sshPeer(l, rest)
	case hasPrefix(b, "pam_"):
		return pamLine(l, b)
	case hasPrefix(b, "Starting session: "), hasPrefix(b, "Close session: "):
		return sshSession(l, b)
	case hasPrefix(b, "subsystem request for "):
		l.SetString(event.EventAction, "subsystem")
		_, who, _ := cut(b, " by user ")
		user, peer := lastFrom(who)
		sshPeer(l, peer)
		return setUser(l, event.UserName, event.UserDomain, user) || true
	case hasPrefix(b, "Server listening on "):
		l.SetString(event.EventAction, "listening")
		return true
	}
	sshAddress(l, b)
	return true
}

// sshNotAllowed: "User X from A not allowed because WHY".
func sshNotAllowed(l *Line, b []byte) bool {
	who, why, ok := cutLast(b[5:], " not allowed because ")
	if !ok {
		sshAddress(l, b)
		return true
	}
	loginFailure(l)
	l.Set(event.EventReason, why)
	user, peer := lastFrom(who)
	sshPeer(l, peer)
	setUser(l, event.UserName, event.UserDomain, user)
	return true
}

// sshSession: "Starting session: shell on pts/0 for X from A port P id 0",
// "Close session: user X from A port P id 0".
func sshSession(l *Line, b []byte) bool {
	action, who := "session-started", b
	if hasPrefix(b, "Close") {
		action = "session-closed"
		_, who, _ = cut(b, " user ")
	} else {
		_, who, _ = cut(b, " for ")
	}
	l.SetString(event.EventAction, action)
	user, peer := lastFrom(who)
	sshPeer(l, peer)
	setUser(l, event.UserName, event.UserDomain, user)
	return true
}

// sshAddress looks for "from|with|by|for A [port P]", then for "[A]" and "(A)",
// then for a word that is an address.
func sshAddress(l *Line, b []byte) {
	if _, peer := lastFrom(b); peer != nil && sshPeer(l, peer) {
		return
	}
	for rest := b; len(rest) > 0; {
		var w []byte
		w, rest = word(rest)
		w = bytes.Trim(w, "()[],:;")
		if _, ok := address(w); ok && len(w) > 3 {
			setIP(l, event.SourceIP, w)
			sshPort(l, rest)
			return
		}
	}
}

// lastParenthesis is what stands in the last pair of parentheses.
func lastParenthesis(b []byte) ([]byte, bool) {
	_, rest, ok := cutLast(b, "(")
	if !ok {
		return nil, false
	}
	inner, _, ok := cut(rest, ")")
	return inner, ok
}
