package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sshd reads OpenSSH's server (auth.c, auth2.c, packet.c, sshd.c, 3.x to 10.x).
// A user's name is whatever the client sent, blanks and " from 192.0.2.1"
// included: lines are cut from the right.
type sshd struct{}

func (sshd) name() string      { return "openssh.sshd" }
func (sshd) aliases() []string { return []string{"sshd"} }
func (sshd) tags() []string {
	return []string{"sshd", "sshd-session", "sshd-auth", "internal-sftp"}
}

func (sshd) match(l *Line) int {
	switch string(l.Tag) {
	case "sshd", "sshd-session", "sshd-auth", "internal-sftp":
		return certain
	}
	return 0
}

func (sshd) parse(l *Line) bool {
	b := trim(l.Body)
	b, _ = cutPrefix(b, "error: ")
	b, _ = cutPrefix(b, "fatal: ")
	b, preauth := dropPreauth(b)
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case 'A':
		return sshAccepted(l, b)
	case 'F', 'P', 'm':
		return sshFailed(l, b)
	case 'I', 'i':
		return sshInvalid(l, b)
	case 'C', 'D', 'R', 'B':
		return sshConnection(l, b, preauth)
	case 'p':
		return pamLine(l, b) || sshOther(l, b)
	}
	return sshOther(l, b)
}

func dropPreauth(b []byte) ([]byte, bool) {
	if n := len(b); n > 0 && b[n-1] == ']' && hasSuffix(b, "[preauth]") {
		return trim(b[:n-len("[preauth]")]), true
	}
	return b, false
}

func sshAccepted(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "Accepted ")
	if !ok {
		return sshOther(l, b)
	}
	l.SetString(event.EventAction, "login")
	l.SetString(event.EventOutcome, "success")
	l.SetString(event.EventCategory, "authentication")
	sshWho(l, rest)
	return true
}

// sshFailed: "Failed password for [invalid user ]X from A port P ssh2".
func sshFailed(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "Failed ")
	if !ok {
		if rest, ok = cutPrefix(b, "maximum authentication attempts exceeded"); !ok {
			return sshPAM(l, b)
		}
	}
	loginFailure(l)
	sshWho(l, rest)
	return true
}

func loginFailure(l *Line) {
	l.SetString(event.EventAction, "login")
	l.SetString(event.EventOutcome, "failure")
	l.SetString(event.EventCategory, "authentication")
}

// sshWho reads "METHOD for [invalid user ]X from A port P ...".
func sshWho(l *Line, b []byte) {
	method, rest, ok := cut(b, " for ")
	if !ok {
		if rest, ok = cutPrefix(b, "for "); !ok {
			return
		}
		method = nil
	}
	if len(method) > 0 && len(method) < 64 {
		l.Set(l.Local("system.auth.ssh.method"), method)
	}
	rest = sshStrange(rest)
	user, peer := lastFrom(rest)
	if peer == nil { // cut before "from": the name may be cut, too
		l.broken("sshd:cut")
		return
	}
	sshPeer(l, peer)
	setUser(l, event.UserName, event.UserDomain, trim(user))
}

// sshStrange drops what stands in front of a name that is no account.
func sshStrange(b []byte) []byte {
	if rest, ok := cutPrefix(b, "invalid user "); ok {
		return rest
	}
	rest, _ := cutPrefix(b, "illegal user ")
	return rest
}

// lastFrom cuts at the last " from ": what precedes is the client's own text.
func lastFrom(b []byte) (before, peer []byte) {
	for i := len(b) - 6; i >= 0; i-- {
		if b[i] == ' ' && string(b[i:i+6]) == " from " {
			return b[:i], b[i+6:]
		}
	}
	if rest, ok := cutPrefix(b, "from "); ok {
		return nil, rest
	}
	return b, nil
}

// sshPeer reads "A port P": the client. A may be a name (UseDNS).
func sshPeer(l *Line, b []byte) bool {
	w, rest := word(b)
	w = bytes.TrimRight(w, ":,")
	if len(w) == 0 {
		return false
	}
	if w[0] == '[' || bytes.IndexByte(w, ':') > 0 {
		if setEndpoint(l, event.SourceIP, event.SourcePort, w) {
			return sshPort(l, rest) || true
		}
	}
	if !setIP(l, event.SourceIP, w) {
		if !hostLike(w) || equalFold(w, "unknown") {
			return false
		}
		l.Set(event.SourceDomain, w)
	}
	sshPort(l, rest)
	return true
}

func sshPort(l *Line, b []byte) bool {
	b, ok := cutPrefix(b, "port ")
	if !ok {
		return false
	}
	return setPort(l, event.SourcePort, b[:digits(b)])
}

// sshInvalid: "Invalid user X from A port P".
func sshInvalid(l *Line, b []byte) bool {
	rest, ok := b, false
	for _, head := range [...]string{"Invalid user ", "Illegal user ", "input_userauth_request: invalid user ", "input_userauth_request: illegal user "} {
		if rest, ok = cutPrefix(b, head); ok {
			break
		}
	}
	if !ok {
		return sshOther(l, b)
	}
	l.SetString(event.EventAction, "invalid-user")
	l.SetString(event.EventOutcome, "failure")
	l.SetString(event.EventCategory, "authentication")
	user, peer := lastFrom(rest)
	if peer != nil {
		sshPeer(l, peer)
	}
	setUser(l, event.UserName, event.UserDomain, trim(user))
	return true
}

// sshConnection: "Connection closed by [authenticating|invalid] user X A port P".
func sshConnection(l *Line, b []byte, preauth bool) bool {
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

// sshPAM: "PAM: Authentication failure for X from A", "PAM 4 more ...".
func sshPAM(l *Line, b []byte) bool {
	if rest, ok := cutPrefix(b, "PAM: "); ok && contains(rest, "ailure for ") {
		loginFailure(l)
		_, rest, _ = cut(rest, "ailure")
		sshWho(l, trimLeft(rest))
		return true
	}
	if hasPrefix(b, "PAM ") {
		return pamMore(l, b)
	}
	return sshOther(l, b)
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
