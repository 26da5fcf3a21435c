package parse

import "yagura/internal/event"

// The setters of this file set a field only when the text is fit for it: an
// address, a port, a name of somebody.

// setIP sets f when b is an address, in canonical text, and says so.
func setIP(l *Line, f event.Field, b []byte) bool {
	if ipv4(b) {
		l.Set(f, b)
		return true
	}
	a, ok := address(b)
	if !ok {
		return false
	}
	var tmp [64]byte
	l.Set(f, a.AppendTo(tmp[:0]))
	return true
}

// setPort sets f when b is a port number, and says so.
func setPort(l *Line, f event.Field, b []byte) bool {
	n, ok := number(b)
	if !ok || n > 65535 || len(b) > 5 {
		return false
	}
	if len(b) > 1 && b[0] == '0' {
		l.SetInt(f, n)
	} else {
		l.Set(f, b)
	}
	return true
}

// setHost sets ip when b is an address, else domain when b names a host.
func setHost(l *Line, ip, domain event.Field, b []byte) {
	if none(b) || setIP(l, ip, b) || equalFold(b, "unknown") {
		return
	}
	l.Set(domain, b)
}

// setEndpoint sets "address:port" or "[address]:port" or an address alone.
func setEndpoint(l *Line, ip, port event.Field, b []byte) bool {
	if setIP(l, ip, b) {
		return true
	}
	host, p, ok := cutLast(b, ":")
	if !ok || !setIP(l, ip, host) {
		return false
	}
	setPort(l, port, p)
	return true
}

// setNumber sets f when b is a decimal number, and says so.
func setNumber(l *Line, f event.Field, b []byte) bool {
	n, ok := number(b)
	if !ok {
		return false
	}
	if len(b) > 1 && b[0] == '0' {
		l.SetInt(f, n)
	} else {
		l.Set(f, b)
	}
	return true
}

// setText sets f unless b stands for nothing.
func setText(l *Line, f event.Field, b []byte) bool {
	if none(b) {
		return false
	}
	l.Set(f, b)
	return true
}

// setUser sets a user name, split at a backslash into domain and name. What
// stands for nobody sets nothing.
func setUser(l *Line, name, domain event.Field, b []byte) bool {
	if none(b) {
		return false
	}
	if d, n, ok := cutLast(b, `\`); ok && len(d) > 0 && len(n) > 0 {
		for len(d) > 0 && d[len(d)-1] == '\\' { // escaped: DOMAIN\\user
			d = d[:len(d)-1]
		}
		l.Set(domain, d)
		b = n
	}
	l.Set(name, b)
	return true
}
