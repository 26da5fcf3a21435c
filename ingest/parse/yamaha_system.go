package parse

import "yagura/internal/event"

// yamahaSystem reads messages of the router itself.
func yamahaSystem(l *Line, b []byte) bool {
	switch {
	case len(b) == 0: // "[HTTPD] " and no more
		return false
	case hasPrefix(b, "Login "), hasPrefix(b, "Logout "), b[0] == '\'':
		return yamahaLogin(l, b)
	case hasPrefix(b, "IP Tunnel["):
		return yamahaTunnel(l, b)
	case hasPrefix(b, "same message repeated "):
		n, _ := word(b[len("same message repeated "):])
		return setNumber(l, event.YaguraRepeat, n)
	case hasPrefix(b, "Configuration saved"):
		l.SetString(event.EventAction, "configuration-saved")
		setClass(l.Draft, "configuration", "change")
		if how, ok := after(b, " by "); ok {
			yamahaSavedBy(l, how)
		}
		return true
	case hasPrefix(b, "Restart by"), hasPrefix(b, "Rebooted"), hasPrefix(b, "Reboot "):
		l.SetString(event.EventAction, "restart")
		setClass(l.Draft, "host", "change")
		return true
	case hasPrefix(b, "Power-on boot"):
		l.SetString(event.EventAction, "power-on")
		setClass(l.Draft, "host", "start")
		return true
	case contains(b[:min(len(b), 40)], " Rev.") && contains(b, " starts"):
		yamahaStart(l, b)
		return true
	}
	if serial, ok := wordAfter(b, " serial="); ok {
		l.Set(event.ObserverSerialNumber, serial)
		return true
	}
	return hexDump(b)
}

// yamahaStart: "RTX1300 Rev.23.00.04 (Wed Aug 10 11:40:27 2022) starts". The date is
// the firmware's.
func yamahaStart(l *Line, b []byte) {
	l.SetString(event.EventAction, "start")
	setClass(l.Draft, "host", "start")
	model, rest := word(b)
	l.Set(event.DeviceModelName, model)
	if v, ok := after(rest, "Rev."); ok {
		w, _ := word(v)
		l.Set(event.ObserverVersion, w)
	}
}

// yamahaTunnel: "IP Tunnel[1] Up".
func yamahaTunnel(l *Line, b []byte) bool {
	name, rest, ok := cut(b[len("IP "):], " ")
	if !ok {
		return false
	}
	l.Set(event.ObserverIngressInterface, name)
	switch w, _ := word(rest); {
	case equalFold(w, "up"):
		l.SetString(event.EventAction, "tunnel-up")
		setClass(l.Draft, "network", "start")
	case equalFold(w, "down"):
		l.SetString(event.EventAction, "tunnel-down")
		setClass(l.Draft, "network", "end")
	}
	return true
}

// yamahaLogin: "Login succeeded for SSH: 192.0.2.2 user", "Login failed for TELNET:
// 192.0.2.2", "'administrator' succeeded for Serial user", "Logout from HTTP: ...".
func yamahaLogin(l *Line, b []byte) bool {
	if rest, ok := cutPrefix(b, "Logout from "); ok {
		l.SetString(event.EventAction, "logout")
		setClass(l.Draft, "authentication", "end")
		w, rest := word(rest)
		yamahaDoor(l, w, rest)
		return true
	}
	what, rest, ok := cut(b, " for ")
	if !ok {
		return false
	}
	outcome := ""
	switch {
	case hasSuffix(what, " succeeded"):
		outcome = "success"
	case hasSuffix(what, " failed"), hasSuffix(what, " rejected"):
		outcome = "failure"
	default:
		return false
	}
	if b[0] == '\'' {
		name, _ := between(what, "'", "'")
		l.Set(event.EventAction, name)
		setClass(l.Draft, "iam", "admin")
	} else {
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
	}
	l.SetString(event.EventOutcome, outcome)
	w, rest := word(rest)
	yamahaDoor(l, w, rest)
	return true
}

// yamahaSavedBy reads who saved: a door ("HTTP"), a user, or a user and a door in
// parentheses: "admin(SSH:192.0.2.7)", "administrator (telnet)".
func yamahaSavedBy(l *Line, how []byte) {
	user, inside, ok := cut(how, "(")
	if !ok {
		w, rest := word(how)
		yamahaDoor(l, w, rest)
		return
	}
	inside, _, _ = cut(inside, ")")
	door, addr, _ := cut(inside, ":")
	if isAddress(inside) { // "HTTP(192.0.2.7)"
		door, addr, user = user, inside, nil
	}
	door, _ = word(door)
	yamahaProtocol(l, door)
	putEnd(l, event.SourceIP, event.SourcePort, addr)
	if user, _ = word(user); len(user) > 0 {
		setUser(l, event.UserName, event.UserDomain, user)
	}
}

// yamahaDoor reads how somebody came in: "SSH:" then address and user, or "Serial"
// and a user.
func yamahaDoor(l *Line, door, rest []byte) {
	if n := len(door); n > 0 && door[n-1] == ':' {
		door = door[:n-1]
	}
	if len(door) == 0 {
		return
	}
	yamahaProtocol(l, door)
	addr, user := word(rest)
	if !putEnd(l, event.SourceIP, event.SourcePort, addr) {
		user = rest
	}
	if user, _ = word(user); contains(user, ".") && !hasLetter(user) { // an address that was cut
		l.broken("yamaha:cut")
	} else if len(user) > 0 && !contains(user, "(") {
		setUser(l, event.UserName, event.UserDomain, user)
	}
}

// yamahaProtocol sets the protocol of a door that is one: a serial line is none, nor
// is a word that was cut.
func yamahaProtocol(l *Line, door []byte) {
	if len(door) > 6 {
		return
	}
	var tmp [6]byte
	switch name := lowerInto(tmp[:0], door); string(name) {
	case "ssh", "telnet", "http", "https", "sftp", "tftp":
		l.Set(event.NetworkProtocol, name)
	}
}
