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
	return []string{"sshd", "sshd-session", "sshd-auth", "internal-sftp", "sftp-server", "dropbear"}
}

func (sshd) match(l *Line) int {
	tag := l.Tag
	if len(tag) > 0 && tag[0] == '/' {
		tag = program(tag)
	}
	if hasPrefix(l.Body, "SSHD_LOGIN_") { // Junos
		return 0
	}
	switch string(tag) {
	case "sshd", "sshd-session", "sshd-auth", "internal-sftp", "sftp-server", "dropbear":
		return certain
	}
	return 0
}

func (sshd) parse(l *Line) bool {
	l.noMACs = true
	b := trim(l.Body)
	b, _ = cutPrefix(b, "error: ")
	b, _ = cutPrefix(b, "fatal: ")
	b, preauth := dropPreauth(b)
	if len(b) == 0 {
		return false
	}
	if string(l.Tag) == "dropbear" {
		return dropbear(l, b)
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
	if string(method) == "hostbased" { // what follows names the client's user
		rest, _, _ = cut(rest, `, client user "`)
	}
	user, peer := sshFrom(rest)
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

// sshFrom is lastFrom where a port or nothing follows the address: what follows
// the port may hold a certificate's name. Without any it is lastFrom.
func sshFrom(b []byte) (before, peer []byte) {
	before, peer = lastFrom(b)
	for head, tail := before, peer; tail != nil; head, tail = lastFrom(head) {
		if _, rest := word(tail); len(rest) == 0 || hasPrefix(rest, "port ") {
			return head, tail
		}
	}
	return before, peer
}

// sshPeer reads "A port P": the client. A may be a name (UseDNS).
func sshPeer(l *Line, b []byte) bool {
	w, rest := word(b)
	for n := len(w); n > 0 && (w[n-1] == ':' || w[n-1] == ','); n-- {
		w = w[:n-1]
	}
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
	if peer == nil && b[0] == 'I' { // cut before "from": the name may be cut, too
		l.broken("sshd:cut")
		return true
	}
	sshPeer(l, peer)
	setUser(l, event.UserName, event.UserDomain, trim(user))
	return true
}

// sshPAM: "PAM: Authentication failure for X from A", "PAM 4 more ...".
func sshPAM(l *Line, b []byte) bool {
	if rest, ok := cutPrefix(b, "PAM: "); ok {
		if _, who, ok := cut(rest, " for "); ok {
			loginFailure(l)
			sshWho(l, b[len(b)-len(who)-len("for "):])
			return true
		}
	}
	if rest, ok := cutPrefix(b, "Postponed "); ok { // asked for more: neither yet
		l.SetString(event.EventAction, "login-pending")
		sshWho(l, rest)
		return true
	}
	if rest, ok := cutPrefix(b, "Partial "); ok {
		l.SetString(event.EventAction, "login-partial")
		sshWho(l, rest)
		return true
	}
	if hasPrefix(b, "PAM ") && contains(b, " more authentication failure") {
		return pamMore(l, b)
	}
	return sshOther(l, b)
}
