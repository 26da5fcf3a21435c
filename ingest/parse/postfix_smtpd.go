package parse

import (
	"bytes"

	"yagura/internal/event"
)

// postfixOther reads the lines of a connection: they have no queue id.
func postfixOther(l *Line, b []byte) bool {
	b, warning := cutPrefix(b, "warning: ")
	if contains(b, "authentication failed") {
		postfixSASL(l, b)
		return true
	}
	if warning && hasPrefix(b, "hostname ") { // hostname x does not resolve to address A
		l.SetString(event.EventAction, "hostname-mismatch")
		if _, addr, ok := cut(b, " address "); ok {
			w, _ := word(addr)
			setIP(l, event.SourceIP, trimTail(w))
		}
		return true
	}
	if warning && postfixWarning(l, b) {
		return true
	}
	if rest, ok := cutPrefix(b, "addr "); ok && contains(rest, " listed by domain ") {
		l.SetString(event.EventAction, "dnsbl")
		w, _ := word(rest)
		return setIP(l, event.SourceIP, w)
	}
	for _, head := range [...]string{"connect to ", "lost connection with ", "conversation with "} { // of the client: smtp
		if rest, ok := cutPrefix(b, head); ok && setClient(l, rest, destinationEnd) {
			l.SetString(event.EventAction, "connect-failed")
			if _, why, ok := cut(rest, "]"); ok {
				_, why, _ = cut(why, " ")
				setText(l, event.EventReason, why)
			}
			return true
		}
	}
	for _, v := range [...]struct{ head, action string }{
		{"connect from ", "connect"}, {"disconnect from ", "disconnect"},
		{"lost connection after ", "lost-connection"}, {"timeout after ", "timeout"},
		{"too many errors after ", "too-many-errors"}, {"non-SMTP command from ", "non-smtp-command"},
		{"SSL_accept error from ", "tls-failed"}, {"PREGREET ", "pregreet"}, {"HANGUP ", "hangup"},
		{"CONNECT ", "connect"}, {"DISCONNECT ", "disconnect"}, {"PASS ", "pass"}, {"DNSBL ", "dnsbl"},
		{"WHITELISTED ", "allowlisted"}, {"ALLOWLISTED ", "allowlisted"}, {"BLACKLISTED ", "denylisted"}, {"DENYLISTED ", "denylisted"},
		{"COMMAND ", "command-fault"}, {"BARE NEWLINE ", "bare-newline"}, {"NON-SMTP COMMAND ", "non-smtp-command"},
		{"improper command pipelining ", "improper-pipelining"},
	} {
		if rest, ok := cutPrefix(b, v.head); ok {
			l.SetString(event.EventAction, v.action)
			postfixPeer(l, rest)
			return true
		}
	}
	if kind, rest, ok := cut(b, " TLS connection "); ok && len(kind) < 12 {
		postfixTLS(l, rest)
		return true
	}
	return postfixPeer(l, b) || warning
}

// postfixWarning: "A: hostname x verification failed: why", "Connection rate limit
// exceeded: 61 from h[A] for service smtp".
func postfixWarning(l *Line, b []byte) bool {
	w, rest := word(b)
	switch {
	case hasPrefix(rest, "hostname ") && setIP(l, event.SourceIP, bytes.TrimRight(w, ":")):
		l.SetString(event.EventAction, "hostname-mismatch")
	case contains(b, " limit exceeded: "):
		l.SetString(event.EventAction, "rate-limit")
		postfixPeer(l, b)
	default:
		return false
	}
	return true
}

// postfixPeer finds the other side: "from h[A]", else the first word that is
// written as one.
func postfixPeer(l *Line, b []byte) bool {
	if _, rest, ok := cut(b, "from "); ok && setClient(l, rest, sourceEnd) {
		if i := bytes.IndexByte(rest, ']'); i > 0 {
			if _, here, ok := cut(rest[i:], " to ["); ok {
				inner, _, _ := cut(here, "]")
				setIP(l, event.DestinationIP, inner)
			}
		}
		return true
	}
	for rest := b; len(rest) > 0; {
		var w []byte
		w, rest = word(rest)
		if bytes.IndexByte(w, '[') >= 0 && setClient(l, w, sourceEnd) {
			return true
		}
		if w[0] == '(' { // (smtpd:A)
			if _, a, ok := cut(bytes.Trim(w, "()"), ":"); ok && setIP(l, event.SourceIP, a) {
				return true
			}
		}
	}
	return false
}

// postfixSASL: "h[A]: SASL LOGIN authentication failed: why, sasl_username=x".
func postfixSASL(l *Line, b []byte) {
	l.SetString(event.EventAction, "sasl-login")
	l.SetString(event.EventOutcome, "failure")
	l.Set(event.EventCategory, []byte("authentication"))
	setClient(l, b, sourceEnd)
	_, why, _ := cut(b, "authentication failed")
	why, _ = cutPrefix(why, ": ")
	why, user, ok := cut(why, "sasl_username=")
	if ok {
		user, _ = word(user)
		setUser(l, event.UserName, event.UserDomain, trimTail(user))
	}
	setText(l, event.EventReason, bytes.Trim(why, ", "))
}

// postfixTLS: "established from h[A]: TLSv1.2 with cipher C (...)"; "to" when
// this side opened it.
func postfixTLS(l *Line, b []byte) {
	l.SetString(event.EventAction, "tls-established")
	rest, outward := cutPrefix(b, "established to ")
	e := destinationEnd
	if !outward {
		e = sourceEnd
		_, rest, _ = cut(b, "from ")
	}
	setClient(l, rest, e)
	_, rest, _ = cut(rest, ": ")
	version, rest, ok := cut(rest, " with cipher ")
	if ok {
		setText(l, event.TLSVersion, version)
		cipher, _ := word(rest)
		setText(l, event.TLSCipher, cipher)
	}
}
