package parse

import (
	"bytes"

	"yagura/internal/event"
)

// structured reads an RFC 5424 header and says whether the line has one: a
// version and a time (or "-"). After that the line is RFC 5424 whatever
// follows: a header that ends early keeps what was read.
func (p *Parser) structured(l *Line, pri bool) bool {
	b := trimLeft(l.Body)
	v := digits(b)
	if v == 0 || v > 3 || b[0] == '0' {
		return false
	}
	if v == len(b) || len(b) == v+1 && b[v] == ' ' {
		if pri && v < len(b) {
			l.Body = nil
			l.broken(anomalyHeader)
		}
		return pri && v < len(b)
	}
	if b[v] != ' ' {
		return false
	}
	rest := b[v+1:]
	switch {
	case pri && rest[0] == '-' && (len(rest) == 1 || rest[1] == ' '):
		rest = next(rest[1:])
	case dateAhead(rest):
		s, n, ok := readStamp(rest)
		if !ok || n < len(rest) && rest[n] != ' ' {
			if pri {
				l.broken(anomalyTime)
				l.Body = rest
			}
			return pri
		}
		if n == len(rest) && !s.zoned && pri { // cut: the zone may be missing
			l.Set(event.SyslogVersion, b[:v])
			l.broken(anomalyHeader)
			l.Body = nil
			return true
		}
		if s.plain { // a blank for the T: no RFC 5424, and clear
			l.Anomaly(anomalyTime)
		}
		l.setStamp(s)
		l.Headers = true
		rest = next(rest[n:])
	default:
		return false
	}
	l.Set(event.SyslogVersion, b[:v])
	l.ietf = true
	p.fields5424(l, rest)
	return true
}

// broken notes where a header broke.
func (l *Line) broken(anomaly string) {
	l.Flags |= event.FlagPartial
	l.Anomaly(anomaly)
}

// dateAhead says whether b begins with "2026-11-".
func dateAhead(b []byte) bool {
	return len(b) > 8 && digits(b) == 4 && b[4] == '-' && digit(b[5]) && digit(b[6]) && b[7] == '-'
}

// next drops the one blank between two parts of the header; senders that write
// more are forgiven.
func next(b []byte) []byte { return trimLeft(b) }

// fields5424 reads HOSTNAME APP-NAME PROCID MSGID, structured data and message.
func (p *Parser) fields5424(l *Line, b []byte) {
	var part [4][]byte
	for i := range part {
		w := token(b)
		if w == nil && len(b) > 0 {
			l.broken(anomalyHeader) // a control character: no part of a header
			l.Body = b
			return
		}
		if len(w) == 0 {
			l.broken(anomalyHeader)
			break
		}
		if len(w) != 1 || w[0] != '-' {
			part[i] = w
		}
		b = next(b[len(w):])
	}
	l.Host, l.Tag, l.PID = part[0], part[1], part[2]
	if part[3] != nil {
		l.Set(event.SyslogMsgID, part[3])
	}
	l.Body = p.structuredData(l, b)
}

// token cuts the next part of the header; nil when it holds a control character.
func token(b []byte) []byte {
	for i, c := range b {
		if c == ' ' {
			return b[:i]
		}
		if c < ' ' || c == 0x7f {
			return nil
		}
	}
	return b
}

// structuredData reads "-" or "[id name="value" ...]..." and returns the
// message. An element that is damaged is skipped to its end, or, when it has
// none, to the first "] ".
func (p *Parser) structuredData(l *Line, b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	if b[0] == '-' && (len(b) == 1 || b[1] == ' ') {
		return message5424(b[1:])
	}
	for len(b) > 1 && b[0] == '[' && !blank(b[1]) {
		rest, clean := p.element(l, b[1:])
		if !clean {
			l.broken(anomalyStructured)
		}
		if rest == nil {
			rest, _ = after(b, "] ")
			return message5424(rest)
		}
		b = rest
	}
	return message5424(b)
}

// message5424 drops the blank and the byte order mark in front of a message.
func message5424(b []byte) []byte {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	b, _ = cutPrefix(b, "\ufeff")
	return b
}

// element reads `id name="value" ...]` and returns what follows; nil when it
// never ends. clean is false when something in it was not as RFC 5424 says.
func (p *Parser) element(l *Line, b []byte) (rest []byte, clean bool) {
	id := b[:nameLength(b)]
	b, clean = trimLeft(b[len(id):]), len(id) > 0
	for {
		if len(b) == 0 {
			return nil, false
		}
		if b[0] == ']' {
			return b[1:], clean
		}
		n := nameLength(b)
		if n == 0 || n+1 >= len(b) || b[n] != '=' || b[n+1] != '"' {
			clean = false
			b = trimLeft(b[skipLoose(b):])
			continue
		}
		value, after, ok := quoted(b[n+1:])
		if !ok {
			return nil, false
		}
		p.parameter(l, id, b[:n], value)
		b = trimLeft(after)
	}
}

// nameLength is the length of an SD-NAME at the start of b.
func nameLength(b []byte) int {
	i := 0
	for i < len(b) && b[i] > ' ' && b[i] != '=' && b[i] != ']' && b[i] != '"' {
		i++
	}
	return i
}

// skipLoose is the length of something that is no parameter: up to a blank or
// the closing bracket, at least one byte.
func skipLoose(b []byte) int {
	i := 0
	for i < len(b) && !blank(b[i]) && b[i] != ']' {
		i++
	}
	return max(i, 1)
}

// parameter sets log.syslog.structured_data.ID.NAME.
func (p *Parser) parameter(l *Line, id, name, value []byte) {
	if len(id) > 128 || len(name) > 128 {
		return
	}
	p.scratch = append(append(p.scratch[:0], id...), '.')
	p.scratch = append(p.scratch, name...)
	f := l.LocalBytes("log.syslog.structured_data.", p.scratch)
	if bytes.IndexByte(value, '\\') < 0 {
		l.Set(f, value)
		return
	}
	p.scratch = unescape5424(p.scratch[:0], value)
	l.Set(f, p.scratch)
}

// unescape5424 drops the backslash in front of '"', '\\' and ']'; any other
// backslash stays (RFC 5424, 6.3.3).
func unescape5424(dst, value []byte) []byte {
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			if c := value[i+1]; c == '"' || c == '\\' || c == ']' {
				i++
			}
		}
		dst = append(dst, value[i])
	}
	return dst
}
