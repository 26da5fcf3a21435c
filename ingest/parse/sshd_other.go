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
	at := sshUser(b)
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

// sshUser is the place of the name in "[KIND ]user X A port P", -1 when there is
// none.
func sshUser(b []byte) int {
	if hasPrefix(b, "user ") {
		return len("user ")
	}
	if i := index(b, " user "); i > 0 && i < 16 && bytes.IndexByte(b[:i], ' ') < 0 {
		return i + len(" user ")
	}
	return -1
}

// sshOther takes the client's address from any other line.
func sshOther(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "User "):
		return sshNotAllowed(l, b)
	case hasPrefix(b, "session opened for local user "), hasPrefix(b, "session closed for local user "):
		return sftpSession(l, b)
	case hasPrefix(b, "Access denied for user "):
		loginFailure(l)
		who, why, _ := cutLast(b[len("Access denied for user "):], " by ")
		setText(l, event.EventReason, why)
		return setUser(l, event.UserName, event.UserDomain, who) || true
	case hasPrefix(b, "drop connection "):
		l.SetString(event.EventAction, "connection-dropped")
		return sshEnds(l, b)
	case hasPrefix(b, "Timeout before authentication"):
		l.SetString(event.EventAction, "login-timeout")
		return sshEnds(l, b)
	case hasPrefix(b, "Authentication tried for "):
		loginFailure(l)
		who, why, _ := cut(b[len("Authentication tried for "):], " with ")
		if inner, ok := between(why, "ip=", ","); ok {
			setIP(l, event.SourceIP, inner)
		}
		return setUser(l, event.UserName, event.UserDomain, who) || true
	case hasPrefix(b, "Bind to port "), hasPrefix(b, "connect_to "), hasPrefix(b, "refused local port forward"):
		return true // addresses of this host or of a third one
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

// sshEnds: "... from A[ port P] [to|on] B": the client, and this host.
func sshEnds(l *Line, b []byte) bool {
	_, peer, ok := cut(b, " from ")
	if !ok {
		sshAddress(l, b)
		return true
	}
	sshPeer(l, peer)
	_, rest := word(peer)
	for _, mark := range [...]string{"on ", "to "} {
		if here, ok := cutPrefix(rest, mark); ok {
			w, _ := word(here)
			setEndpoint(l, event.DestinationIP, event.DestinationPort, bytes.TrimRight(w, ","))
		}
	}
	return true
}

// sftpSession: "session opened for local user X from [A]".
func sftpSession(l *Line, b []byte) bool {
	if hasPrefix(b, "session opened") {
		l.SetString(event.EventAction, "sftp-session-opened")
	} else {
		l.SetString(event.EventAction, "sftp-session-closed")
	}
	user, peer := lastFrom(b[len("session opened for local user "):])
	sshPeer(l, peer)
	return setUser(l, event.UserName, event.UserDomain, user) || true
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
	if _, peer := lastFrom(b); peer != nil {
		if sshUser(peer) > 0 { // "from invalid user X A port P"
			sshLeaving(l, peer, false)
			return
		}
		if w, rest := word(peer); sshEnded(w, rest) && sshPeer(l, peer) {
			return
		}
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

// sshEnded says whether a word behind "from" is the client: an address, or a name
// at the end of the sentence or with a port. Sentences say "from a permitted host".
func sshEnded(w, rest []byte) bool {
	_, ok := address(bytes.Trim(w, "[]():,"))
	return ok || len(rest) == 0 || hasPrefix(rest, "port ") || bytes.IndexByte(w, ':') > 0
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
