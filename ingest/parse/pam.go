package parse

import "yagura/internal/event"

// pamHead cuts "pam_x(service:type): ".
func pamHead(b []byte) (text []byte, ok bool) {
	if !hasPrefix(b, "pam_") {
		return nil, false
	}
	if _, text, ok = cut(b, "): "); !ok {
		_, text, ok = cut(b, ": ")
	}
	return text, ok
}

// pamLine reads what PAM modules write under any program's tag:
// "pam_unix(sshd:auth): authentication failure; logname= uid=0 ... user=x".
// What a module says beside is the module's, and no log-on.
func pamLine(l *Line, b []byte) bool {
	rest, ok := pamHead(b)
	return ok && (pamText(l, rest) || true)
}

// pamText reads the text behind the module's name. Old modules put their name
// into the tag: "sshd(pam_unix)[12]: session opened for user x by (uid=0)".
func pamText(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "session opened for "), hasPrefix(b, "session closed for "):
		return pamSession(l, b)
	case hasPrefix(b, "authentication failure"), hasPrefix(b, "Authentication failure"):
		loginFailure(l)
		pamPairs(l, b)
	case hasPrefix(b, "authentication success"):
		pamGranted(l)
		pamPairs(l, b)
	case hasPrefix(b, "conversation failed"), hasPrefix(b, "auth could not identify password"):
		loginFailure(l)
		if who, ok := between(b, "[", "]"); ok {
			setUser(l, event.UserName, event.UserDomain, who)
		}
	case hasPrefix(b, "received for user "):
		who, why, _ := cut(b[len("received for user "):], ": ")
		l.SetString(event.EventOutcome, "failure")
		setUser(l, event.UserName, event.UserDomain, who)
		setText(l, event.EventReason, why)
	case hasPrefix(b, "access denied for user "):
		loginFailure(l)
		who, peer := lastFrom(b[len("access denied for user "):])
		setUser(l, event.UserName, event.UserDomain, quotedName(who))
		setHost(l, event.SourceIP, event.SourceDomain, quotedName(peer))
	case hasPrefix(b, "check pass; user unknown"):
		l.SetString(event.EventAction, "invalid-user")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	case contains(b, "not met by user "), contains(b, "is not met by user"):
		_, who, _ := cutLast(b, "user ")
		l.SetString(event.EventAction, "requirement-not-met")
		if who = trim(who); len(who) > 0 && who[0] == '"' && (len(who) == 1 || who[len(who)-1] != '"') {
			l.broken("pam:cut")
			break
		}
		setUser(l, event.UserName, event.UserDomain, unquote(who))
	case hasPrefix(b, "user "):
		return pamTally(l, b)
	case hasPrefix(b, "account "):
		return pamAccount(l, b)
	case hasPrefix(b, "password changed for "):
		l.SetString(event.EventCategory, "iam")
		l.SetString(event.EventAction, "password-changed")
		l.SetString(event.EventOutcome, "success")
		setUser(l, event.UserTargetName, event.UserTargetDomain, trim(b[len("password changed for "):]))
	case hasPrefix(b, "Consecutive login failures for user "), hasPrefix(b, "User ") && hasSuffix(b, " account locked"):
		l.SetString(event.EventAction, "account-locked")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
		pamNamed(l, b, "ser ")
	case hasPrefix(b, "Access denied for user "):
		loginFailure(l)
		pamNamed(l, b, "user ")
	case hasPrefix(b, "Refused user "):
		loginFailure(l)
		pamNamed(l, b, "user ")
	case hasPrefix(b, "Invalid verification code for "):
		loginFailure(l)
		pamNamed(l, b, " for ")
	case hasPrefix(b, "Access denied to '"):
		pamWheel(l, b)
	case hasPrefix(b, "access denied"):
		loginFailure(l)
	case hasPrefix(b, "expired password for user "):
		l.SetString(event.EventAction, "password-expired")
		pamNamed(l, b, "user ")
	case hasPrefix(b, "Accepted ") && contains(b, " for "):
		pamGranted(l)
		pamNamed(l, b, " for ")
	default:
		return pamPairs(l, b)
	}
	return true
}

// pamNamed sets the user from the word behind mark.
func pamNamed(l *Line, b []byte, mark string) {
	_, who, _ := cut(b, mark)
	w, _ := word(who)
	setUser(l, event.UserName, event.UserDomain, quotedName(trimTail(w)))
}

// pamGranted: a module said yes; the program tells of the log-on itself.
func pamGranted(l *Line) {
	l.SetString(event.EventAction, "authenticated")
	l.SetString(event.EventOutcome, "success")
	l.SetString(event.EventCategory, "authentication")
}

// pamWheel: "Access denied to 'x' for 'root'": who may not become whom.
func pamWheel(l *Line, b []byte) {
	l.SetString(event.EventAction, "su")
	l.SetString(event.EventOutcome, "failure")
	l.SetString(event.EventCategory, "authentication")
	who, as, _ := cut(b[len("Access denied to "):], " for ")
	setUser(l, event.UserName, event.UserDomain, quotedName(who))
	setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), quotedName(as))
}

// pamSession: "session opened for user x(uid=0) by y(uid=1000)".
func pamSession(l *Line, b []byte) bool {
	action := "session-opened"
	if hasPrefix(b, "session closed") {
		action = "session-closed"
	}
	l.SetString(event.EventAction, action)
	l.SetString(event.EventCategory, "session")
	rest := b[len("session opened for "):]
	rest, ok := cutPrefix(rest, "user ")
	if !ok && string(rest) == "user" {
		l.broken("pam:cut")
		return true
	}
	who, by, _ := cutLast(rest, " by ")
	setUser(l, event.UserName, event.UserDomain, withoutUID(who))
	if by = withoutUID(by); len(by) > 0 {
		setText(l, l.Local("user.session.opened_by"), by)
	}
	return true
}

// withoutUID drops "(uid=0)" behind a name.
func withoutUID(b []byte) []byte {
	b = trim(b)
	if n := len(b); n > 0 && b[n-1] == ')' {
		if who, _, ok := cutLast(b, "(uid="); ok {
			return trim(who)
		}
	}
	return b
}

// pamPairs reads "logname= uid=0 euid=0 tty=ssh ruser= rhost=A  user=x". The
// name stands last and may hold blanks.
func pamPairs(l *Line, b []byte) bool {
	found := false
	head := b
	if i := index(b, " user="); i >= 0 {
		head = b[:i]
		found = setUser(l, event.UserName, event.UserDomain, trim(b[i+6:]))
	}
	for p := (pairs{rest: head}); p.next(); {
		switch string(p.key) {
		case "rhost":
			found = true
			setHost(l, event.SourceIP, event.SourceDomain, p.value)
		case "ruser":
			found = true
			setText(l, event.SourceUserName, p.value)
		case "tty":
			setText(l, l.Local("process.tty.name"), p.value)
		}
	}
	return found
}

// pamMore: "PAM 4 more authentication failures; ... rhost=A  user=x". The
// failures that it counts were logged before, so it is no log-on of its own.
func pamMore(l *Line, b []byte) bool {
	l.SetString(event.EventAction, "login-failures-summary")
	l.SetString(event.EventOutcome, "failure")
	l.SetString(event.EventCategory, "authentication")
	count, _ := word(b[len("PAM "):])
	setNumber(l, l.Local("system.auth.failures"), count)
	pamPairs(l, b)
	return true
}

// pamTally: "user x (4001) tally 6, deny 5" (pam_tally2), "user x locked", "user
// 'D\x' granted access" (pam_winbind), "user x authenticated as x@R" (pam_krb5).
func pamTally(l *Line, b []byte) bool {
	w, rest := word(b[len("user "):])
	setUser(l, event.UserName, event.UserDomain, quotedName(trimTail(w)))
	switch {
	case hasPrefix(rest, "granted access"), hasPrefix(rest, "authenticated as "):
		pamGranted(l)
	case hasPrefix(rest, "denied access"):
		loginFailure(l)
	case contains(rest, "tally "), contains(rest, "lock"):
		l.SetString(event.EventAction, "account-locked")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	}
	return true
}

// pamAccount: "account x has expired (account expired)".
func pamAccount(l *Line, b []byte) bool {
	w, rest := word(b[len("account "):])
	setUser(l, event.UserName, event.UserDomain, w)
	if contains(rest, "expired") {
		loginFailure(l)
		l.Set(event.EventReason, rest)
	}
	return true
}

// quotedName drops the quotes of `name'.
func quotedName(b []byte) []byte {
	b = trim(b)
	if n := len(b); n >= 2 && b[0] == '`' && b[n-1] == '\'' {
		return b[1 : n-1]
	}
	return unquote(b)
}

// trimTail drops punctuation behind a word.
func trimTail(b []byte) []byte {
	for n := len(b); n > 0 && (b[n-1] == ',' || b[n-1] == ';' || b[n-1] == ':' || b[n-1] == '.' || b[n-1] == ')'); n-- {
		b = b[:n-1]
	}
	return b
}
