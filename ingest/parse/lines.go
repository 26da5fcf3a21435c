package parse

import "bytes"

// anomalyLines says that more lines came in one message, and that only the first was
// read: the others are in the raw line and in the message.
const anomalyLines = "lines"

// multiline is a family whose values may hold line ends: documents, and texts that
// Windows writes. All others see the first line only: what follows is another event,
// and must not become the end of a user's name.
type multiline interface{ multiline() }

func (windows) multiline() {}
func (trellix) multiline() {}

// oneLine leaves the first line in Whole and Body, unless the line belongs to a
// family whose values may hold line ends; it says whether it did.
func (p *Parser) oneLine(l *Line) bool {
	if jsonAhead(l.Body) || exportAhead(l.Body) {
		return false
	}
	if _, ok := p.families.find(l, nil).(multiline); ok {
		return false
	}
	l.Whole, l.Body = firstLine(l.Whole), firstLine(l.Body)
	return true
}

// rejoin undoes oneLine, given what Whole and Body were: the message is all the text.
// read: something was understood of the line.
func (l *Line) rejoin(whole, body []byte, read bool) {
	l.Whole = whole
	if !read {
		l.Body = body
		return
	}
	if b, ok := l.from(l.Body); ok && endsLine(b[len(l.Body):]) {
		l.Body = b
	}
	l.broken(anomalyLines)
}

func jsonAhead(b []byte) bool {
	b = trimLeft(b)
	return hasPrefix(b, "{") || hasPrefix(b, "@cee:")
}

// firstLine is the first line of b that is not empty, without its end.
func firstLine(b []byte) []byte {
	b = bytes.TrimLeft(b, "\r\n")
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return b[:i]
	}
	return b
}

// endsLine says whether nothing but blanks stands before the next line end.
func endsLine(b []byte) bool {
	b = trimLeft(b)
	return len(b) > 0 && (b[0] == '\r' || b[0] == '\n')
}

// severalLines says whether a line end stands inside b.
func severalLines(b []byte) bool { return bytes.ContainsAny(b, "\r\n") }
