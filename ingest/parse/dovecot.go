package parse

import (
	"bytes"

	"yagura/internal/event"
)

// dovecot reads Dovecot's log-ins: "imap-login: Login: user=<x>, method=PLAIN,
// rip=A, lip=B, TLS", "pop3-login: Disconnected (auth failed, 2 attempts in 9
// secs): user=<x>, ...", and the password databases behind them.
type dovecot struct{}

func (dovecot) name() string { return "dovecot" }
func (dovecot) tags() []string {
	return []string{"dovecot", "auth", "auth-worker", "imap-login", "pop3-login"}
}

func (dovecot) match(l *Line) int {
	switch {
	case string(l.Tag) == "dovecot":
		return certain
	case hasSuffix(l.Tag, "-login") && contains(l.Body, "rip="):
		return certain
	case hasPrefix(l.Body, "imap-login: "), hasPrefix(l.Body, "pop3-login: "):
		return 80
	}
	return 0
}

func (dovecot) parse(l *Line) bool {
	b := trim(l.Body)
	service, rest, ok := cut(b, ": ")
	if !ok {
		return false
	}
	if hasPrefix(service, "auth") {
		return dovecotAuth(l, rest)
	}
	switch {
	case contains(rest, "auth failed"), contains(rest, "Auth process") && contains(rest, "fail"), contains(rest, "disallowed"):
		loginFailure(l)
	case contains(rest, "Login: "), hasPrefix(b, "Login: "):
		loginSuccess(l)
	case contains(rest, "Logged out"), hasPrefix(rest, "Disconnected"), hasPrefix(rest, "Aborted login"), hasPrefix(rest, "Login aborted"), contains(rest, "Connection closed"):
		l.SetString(event.EventAction, "disconnect")
	}
	return dovecotPairs(l, b, service)
}

// dovecotPairs reads "user=<x>, method=PLAIN, rip=A, lip=B".
func dovecotPairs(l *Line, b, service []byte) bool {
	found := l.Has(event.EventAction)
	if user, ok := between(b, "user=<", ">"); ok {
		found = setUser(l, event.UserName, event.UserDomain, user) || found
	} else if _, who, ok := cut(service, "("); ok { // imap(x)<12><session>
		who, _, _ = cut(who, ")")
		found = setUser(l, event.UserName, event.UserDomain, who) || found
	}
	for p := (pairs{rest: b, sep: ','}); p.next(); {
		switch string(p.key) {
		case "rip":
			found = setIP(l, event.SourceIP, p.value) || found
		case "lip":
			setIP(l, event.DestinationIP, p.value)
		case "rport":
			setPort(l, event.SourcePort, p.value)
		case "lport":
			setPort(l, event.DestinationPort, p.value)
		}
	}
	if name, _, ok := cut(service, "-login"); ok {
		setText(l, event.NetworkProtocol, name)
	}
	return found
}

// dovecotWho finds "name(user,A[,<session>]): why"; 2.4 puts its connections in
// front, in parentheses, too.
func dovecotWho(b []byte) (user, addr, why []byte) {
	for rest := b; ; {
		var ok bool
		if _, rest, ok = cut(rest, "("); !ok {
			return user, addr, why
		}
		who, text, ok := cut(rest, "): ")
		if !ok {
			return user, addr, why
		}
		name, a, _ := cut(who, ",")
		a, _, _ = cut(a, ",")
		if _, ok := address(trim(a)); ok {
			return name, trim(a), text
		}
		if why == nil && bytes.IndexByte(who, '=') < 0 && bytes.IndexByte(who, '(') < 0 {
			user, addr, why = name, a, text
		}
	}
}

// dovecotAuth: "passwd-file(x,A): unknown user", "pam(x,A,<session>): pam_authenticate()
// failed: Authentication failure (password mismatch?)".
func dovecotAuth(l *Line, b []byte) bool {
	user, addr, why := dovecotWho(b)
	if why == nil {
		return false
	}
	setUser(l, event.UserName, event.UserDomain, user)
	setIP(l, event.SourceIP, trim(addr))
	switch {
	case contains(why, "nknown user"):
		l.SetString(event.EventAction, "invalid-user")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	case contains(why, "mismatch"), contains(why, "ailure"), contains(why, "ogin failed"), contains(why, "uthentication failed"), contains(why, "nvalid"):
		loginFailure(l)
	}
	l.Set(event.EventReason, why)
	return true
}
