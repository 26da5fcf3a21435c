package parse

import (
	"yagura/internal/event"
)

// Anomalies of the header.
const (
	anomalyPRI        = "syslog:priority"    // "<" and what follows is no priority of 0 to 191
	anomalyCount      = "syslog:octet_count" // an RFC 6587 length in front of the message
	anomalyTime       = "syslog:time"        // what stands in the place of the time is none
	anomalyHeader     = "syslog:header"      // an RFC 5424 header that ends early or holds control characters
	anomalyStructured = "syslog:structured_data"
)

// header reads PRI and header, whichever kind it is, and leaves host, tag,
// process id and body in the line. Fields that depend on a family's opinion
// (host.name, process.name) are set later, by finish.
func (p *Parser) header(l *Line) {
	b, pri := l.priority(l.Body)
	if pri && len(b) > 2 && b[0] == '<' && digit(b[1]) { // a relay's PRI in front of the device's
		l.framed = b
		b = l.innerPriority(b)
	}
	l.Whole, l.Body = b, b
	if !p.structured(l, pri) {
		l.bsd(pri)
	}
	for range 2 { // a relay's header, and that of the relay before it
		b := trimLeft(l.Body)
		if !l.Headers && !l.ietf || !carried(b) {
			break
		}
		l.Body = b
		if p.unwrap(l); len(l.Body) == len(b) {
			break
		}
	}
	if l.ietf && l.Tag == nil && len(l.Body) > 0 { // a relay that left the tag in the text
		l.Body = l.pidTag(l.Body)
	}
	l.repeated()
}

// priority cuts the octet count of a frame that nobody stripped, and "<PRI>".
func (l *Line) priority(b []byte) (rest []byte, ok bool) {
	if n := digits(b); n > 0 && n < 8 && n+2 < len(b) && b[n] == ' ' && b[n+1] == '<' && digit(b[n+2]) {
		l.Anomaly(anomalyCount)
		b = b[n+1:]
	}
	if len(b) == 0 || b[0] != '<' {
		return b, false
	}
	n := digits(b[1:min(len(b), 5)])
	if n == 0 || n > 3 || len(b) <= n+1 || b[n+1] != '>' || n > 1 && b[1] == '0' {
		if len(b) > 1 && (digit(b[1]) || b[1] == '>') {
			l.Anomaly(anomalyPRI)
		}
		return b, false
	}
	pri := atoi(b[1 : n+1])
	if pri > 191 {
		l.Anomaly(anomalyPRI)
		if rest := trimLeft(b[n+2:]); stampAhead(rest) {
			return rest, false
		}
		return b, false
	}
	l.setPriority(b[1:n+1], pri)
	l.framed = b
	return b[n+2:], true
}

func (l *Line) setPriority(text []byte, pri int) {
	l.Set(event.SyslogPriority, text)
	l.SetString(event.SyslogFacilityCode, smallNumber(pri>>3))
	l.SetString(event.SyslogSeverityCode, smallNumber(pri&7))
}

// smallNumber is the decimal text of 0 <= n < 24 without an allocation.
func smallNumber(n int) string {
	const all = "01234567891011121314151617181920212223"
	if n < 10 {
		return all[n : n+1]
	}
	return all[2*n-10 : 2*n-8]
}

// bsd reads the header of RFC 3164 as devices really send it: any time form,
// with or without host and tag, with a relay's header in front.
func (l *Line) bsd(pri bool) {
	b := trimLeft(l.Body)
	loose := true
	for range 3 { // a relay's header, another, the device's own
		s, n, ok := readStamp(b)
		if !ok || n < len(b) && !blank(b[n]) && b[n] != ':' {
			break
		}
		l.setStamp(s)
		l.Headers = true
		b = colon(b[n:])
		if rest, ok := l.container(b); ok {
			b, loose = rest, false
			break
		}
		strict := s.plain && !pri || s.dayFirst
		b = l.hostWord(b, strict)
		loose = !strict || l.Host != nil
		if len(b) > 2 && b[0] == '<' && digit(b[1]) {
			b = l.innerPriority(b)
		}
	}
	switch {
	case l.stream:
	case l.Headers && loose:
		b = l.tag(b, true)
	case pri:
		b = l.bareTag(b)
	default:
		b = l.pidTag(b)
	}
	l.Body = b
}

// colon drops ":" with blanks around it.
func colon(b []byte) []byte {
	b = trimLeft(b)
	if len(b) > 0 && b[0] == ':' && (len(b) == 1 || blank(b[1])) {
		b = trimLeft(b[1:])
	}
	return b
}

// innerPriority takes the device's own PRI in a relayed line in place of the
// relay's.
func (l *Line) innerPriority(b []byte) []byte {
	n := digits(b[1:])
	if n > 3 || n+1 >= len(b) || b[n+1] != '>' || n > 1 && b[1] == '0' {
		return b
	}
	pri := atoi(b[1 : n+1])
	if pri > 191 {
		return b
	}
	l.Delete(event.SyslogPriority)
	l.Delete(event.SyslogFacilityCode)
	l.Delete(event.SyslogSeverityCode)
	l.setPriority(b[1:n+1], pri)
	return trimLeft(b[n+2:])
}

// hostWord takes the host's name after a time, if there is one. strict: the
// time is of a form that applications write, so the first word is a host only
// when a tag follows.
func (l *Line) hostWord(b []byte, strict bool) []byte {
	w, rest := word(b)
	if len(w) == 0 {
		return b
	}
	if len(w) == 1 && w[0] == '-' {
		return rest
	}
	if facilityWord(w) {
		return l.hostWord(rest, strict)
	}
	if last := w[len(w)-1]; last == ':' {
		name := w[:len(w)-1]
		_, addr := address(name)
		if hostLike(name) && (addr || hasPrefix(rest, "%") || stampAhead(rest) || pidAhead(rest)) {
			l.Host = name
			return rest
		}
		if pidAhead(rest) { // model,address,version: program[pid]:
			return rest
		}
		return b
	}
	if n := tagLength(w, true); n > 0 && w[n-1] == ']' || w[0] == '/' {
		return b // program[pid] or a path: no host
	}
	if !hostLike(w) {
		if tagAhead(rest) && w[0] != '[' && w[0] != '%' && w[0] != '"' {
			return rest // the place of the host, but no name: model,mac,version
		}
		return b
	}
	if (strict || digits(w) == len(w)) && !tagAhead(rest) || severityWord(w) { // a number alone is a thread's or a size
		return b
	}
	l.Host = w
	return colon(rest)
}

// hostLike says whether w may be the name or address of a host.
func hostLike(w []byte) bool {
	if len(w) == 0 || len(w) > 255 {
		return false
	}
	alpha, dots := false, 0
	for i, c := range w {
		switch {
		case letter(c):
			alpha = true
		case c == '.' || c == ':':
			dots++
		case digit(c), c == '_', c == '-' && i > 0, c == '/' && i > 0, c == '%' && i > 0:
		default:
			return false
		}
	}
	if !alpha || dots > 1 && w[len(w)-1] != '.' {
		if _, ok := address(w); ok {
			return true
		}
	}
	return alpha || dots == 0 // digits and dots that are no address are no host
}

// severityWord says whether w is a level's word: never a host.
func severityWord(w []byte) bool {
	switch len(w) {
	case 4:
		return equalFold(w, "info") || equalFold(w, "warn")
	case 5:
		return equalFold(w, "error") || equalFold(w, "debug") || equalFold(w, "fatal")
	case 6:
		return equalFold(w, "notice")
	case 7:
		return equalFold(w, "warning")
	}
	return false
}

// facilityWord says whether w is "user.info": facility and severity as words,
// which some relays put in front of the host.
func facilityWord(w []byte) bool {
	f, s, ok := cut(w, ".")
	if !ok || len(w) > 17 {
		return false
	}
	switch string(f) {
	case "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7":
	default:
		return false
	}
	switch string(s) {
	case "emerg", "alert", "crit", "err", "error", "warning", "warn", "notice", "info", "debug":
		return true
	}
	return false
}

func stampAhead(b []byte) bool { _, _, ok := readStamp(b); return ok }
