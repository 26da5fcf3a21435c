package parse

import "yagura/internal/event"

// dropbear reads the small server of routers and storage: "Bad password attempt
// for 'X' from A:P", "Password auth succeeded for 'X' from A:P", "Exit before auth
// from <A:P>: (user 'X', 3 fails): why".
func dropbear(l *Line, b []byte) bool {
	user, known := between(b, "'", "'")
	switch {
	case hasPrefix(b, "Bad password attempt for "), hasPrefix(b, "Bad PAM password attempt for "):
		loginFailure(l)
	case hasPrefix(b, "Password auth succeeded for "), hasPrefix(b, "Pubkey auth succeeded for "), hasPrefix(b, "PAM password auth succeeded for "):
		loginSuccess(l)
	case hasPrefix(b, "Login attempt for nonexistent user"), hasPrefix(b, "Login attempt with wrong user"):
		l.SetString(event.EventAction, "invalid-user")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	case hasPrefix(b, "Child connection from "):
		l.SetString(event.EventAction, "connect")
	case hasPrefix(b, "Exit"):
		l.SetString(event.EventAction, "disconnect")
	}
	if known {
		setUser(l, event.UserName, event.UserDomain, user)
	}
	if _, peer := lastFrom(b); peer != nil {
		if peer[0] == '<' {
			peer, _, _ = cut(peer[1:], ">")
		}
		sshPeer(l, peer)
	}
	return true
}
