package parse

import "yagura/internal/event"

// unwrap reads the header of the device itself where a relay put the whole line behind
// a header of its own: host, program and time are the device's. Programs write times,
// too: behind a program's name only a PRI, a process id or a program that is known
// makes the rest a header.
func (p *Parser) unwrap(l *Line) {
	outer, ietf := carrier{l.Host, l.Tag, l.PID, l.Whole, l.Body, l.Time, l.Flags}, l.ietf
	b := l.Body
	pri := b[0] == '<'
	if pri {
		n := digits(b[1:])
		if n == 0 || n > 3 || n+2 >= len(b) || b[n+1] != '>' || atoi(b[1:n+1]) > 191 {
			return
		}
		b = trimLeft(b[n+2:])
	}
	if versionAhead(b) {
		p.unwrap5424(l, b, pri)
		return
	}
	s, n, ok := readStamp(b)
	if !ok && pri && ietf && b[0] != '<' && digit(outer.body[2]) { // sd-daemon(3) writes "<6>" itself
		l.priorityAhead(b)
		return
	}
	if ok && s.plain && l.Time.IsZero() {
		l.setStamp(s)
	}
	if !ok || s.plain || s.dayFirst || n == len(b) || !blank(b[n]) && b[n] != ':' {
		return
	}
	l.Host, l.Tag, l.PID, l.Whole, l.Body, l.ietf = nil, nil, nil, b, b, false
	l.bsd(pri)
	if !pri && outer.tag != nil && !p.ownHeader(l, ietf) {
		outer.restore(l)
		l.ietf = ietf
		return
	}
	if pri {
		l.innerPriority(outer.body)
	}
	if l.Host == nil {
		l.Host = outer.host
	}
}

// ownHeader says whether what was read behind a program's name and a time is the header
// of a device, and no text that a program dates itself.
func (p *Parser) ownHeader(l *Line, ietf bool) bool {
	switch {
	case hasPrefix(l.Body, "%"), hasPrefix(l.Body, "CEF:"), hasPrefix(l.Body, "LEEF:"):
		return true
	case ietf && l.Host != nil:
		return l.Tag != nil || hasDigit(l.Host)
	}
	return l.Tag != nil && (l.PID != nil || p.families.tags[string(program(l.Tag))] != nil)
}

func hasDigit(b []byte) bool {
	for _, c := range b {
		if digit(c) {
			return true
		}
	}
	return false
}

// priorityAhead takes the PRI and the tag of a device that writes neither time nor host,
// in a relay's message.
func (l *Line) priorityAhead(b []byte) {
	l.innerPriority(l.Body)
	l.Whole, l.Body = b, b
	tag, pid := l.Tag, l.PID
	l.Tag, l.PID, l.ietf = nil, nil, false
	if l.Body = l.bareTag(b); l.Tag == nil {
		l.Tag, l.PID = tag, pid
	}
}

// unwrap5424 is unwrap for a header of RFC 5424, with or without its PRI.
func (p *Parser) unwrap5424(l *Line, b []byte, pri bool) {
	outer := l.Body
	l.Delete(event.SyslogVersion)
	l.Delete(event.SyslogMsgID)
	l.Host, l.Tag, l.PID, l.Whole, l.Body, l.ietf = nil, nil, nil, b, b, false
	if p.structured(l, true) && pri {
		l.innerPriority(outer)
	}
}

// container reads what Kubernetes (CRI) writes behind the time: "stdout F text", where
// F is a full line and P a part of one.
func (l *Line) container(b []byte) (rest []byte, ok bool) {
	if len(b) < 9 || !hasPrefix(b, "stdout ") && !hasPrefix(b, "stderr ") || b[7] != 'F' && b[7] != 'P' || b[8] != ' ' {
		return b, false
	}
	l.Set(l.Local("stream"), b[:6])
	if b[7] == 'P' {
		l.broken("container:part")
	}
	l.stream = true
	return b[9:], true
}
