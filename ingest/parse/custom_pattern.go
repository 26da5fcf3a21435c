package parse

import "regexp"

// pattern is one compiled form of a text. Immutable.
type pattern struct {
	parts  []part
	regex  *regexp.Regexp // in place of parts
	ahead  string         // must stand in the text before the expression is tried
	groups []int          // slots of the expression's groups, -1 is none
	set    []constant
}

// part is a literal, a placeholder, or the head of an optional part.
type part struct {
	kind  partKind
	text  string   // of a literal
	slot  int      // of a placeholder; -1 reads and forgets
	scan  scan     // of a placeholder
	stops []string // literals that may end a text
	end   bool     // the end of the line may end the text
	size  int      // of an optional part: so many parts follow that belong to it
	time  *layout  // of scanTime
}

type partKind uint8

const (
	literalPart partKind = iota
	valuePart
	optionalPart
)

// scan says how far a placeholder reaches.
type scan uint8

const (
	scanText   scan = iota // up to the first of the stops
	scanLast               // up to the last of them
	scanRest               // to the end
	scanWord               // to the next blank, or to what ends a text
	scanQuoted             // "..." with backslash escapes or doubled quotes
	scanIP
	scanInt
	scanNumber
	scanMAC
	scanTime
	scanShape // the rest, read as kv, csv or json
)

// fitting says how a text fits a pattern.
type fitting uint8

const (
	fitsNot   fitting = iota
	fits              // to the end
	endsEarly         // as far as the text goes, and it ends inside the pattern
)

// maxRegexText is how much of a text a regular expression sees.
const maxRegexText = 8 << 10

// read matches the text and gathers captures in p.
func (t *pattern) read(c *Custom, p *Parser, text []byte) fitting {
	if t.regex != nil {
		return t.readRegex(p, text)
	}
	m := matcher{c: c, p: p}
	rest, ok := m.match(t.parts, text)
	p.custom.damaged = m.damaged
	switch {
	case ok && len(trim(rest)) == 0:
		return fits
	case !ok && m.early && m.firm && len(p.custom.captures) > 0:
		return endsEarly
	}
	return fitsNot
}

func (t *pattern) readRegex(p *Parser, text []byte) fitting {
	p.custom.damaged = false
	if index(text, t.ahead) < 0 {
		return fitsNot
	}
	at := t.regex.FindSubmatchIndex(text[:min(len(text), maxRegexText)])
	if at == nil {
		return fitsNot
	}
	for i, slot := range t.groups {
		if from := at[2*i+2]; slot >= 0 && from >= 0 {
			p.capture(slot, text[from:at[2*i+3]])
		}
	}
	return fits
}

func (p *Parser) capture(slot int, v []byte) {
	if len(p.custom.captures) < maxCaptures {
		p.custom.captures = append(p.custom.captures, capture{slot, v})
	}
}

// matcher walks a text along the parts of a pattern: once, without going back,
// but for an optional part that does not fit.
type matcher struct {
	c       *Custom
	p       *Parser
	early   bool // the text ended where more was expected
	firm    bool // a literal that says something was matched
	damaged bool // kv, csv or json was cut
}

func (m *matcher) match(parts []part, b []byte) (rest []byte, ok bool) {
	for i := 0; i < len(parts); i++ {
		switch t := &parts[i]; t.kind {
		case literalPart:
			if b, ok = m.literal(b, t.text); !ok {
				if m.early && len(b) == 0 && i > 0 && parts[i-1].slot >= 0 && parts[i-1].kind == valuePart {
					m.p.custom.captures = m.p.custom.captures[:len(m.p.custom.captures)-1] // it may be cut, too
				}
				return b, false
			}
		case optionalPart:
			b = m.optional(parts[i+1:i+1+t.size], b)
			i += t.size
		default:
			if b, ok = m.value(t, b); !ok {
				return b, false
			}
		}
	}
	return b, true
}

func (m *matcher) optional(parts []part, b []byte) []byte {
	captures, early, damaged := len(m.p.custom.captures), m.early, m.damaged
	rest, ok := m.match(parts, b)
	if ok {
		return rest
	}
	m.p.custom.captures, m.early, m.damaged = m.p.custom.captures[:captures], early, damaged
	return b
}

// literal matches s; one blank at either end stands for any number of them.
func (m *matcher) literal(b []byte, s string) (rest []byte, ok bool) {
	if s[0] == ' ' {
		for len(b) > 1 && b[0] == ' ' && b[1] == ' ' {
			b = b[1:]
		}
	}
	if !hasPrefix(b, s) {
		m.early = len(b) < len(s) && string(b) == s[:len(b)]
		return b, false
	}
	m.firm = m.firm || len(s) >= minLiteral
	b = b[len(s):]
	if s[len(s)-1] == ' ' {
		b = trimLeft(b)
	}
	return b, true
}

func (m *matcher) value(t *part, b []byte) (rest []byte, ok bool) {
	n := 0
	switch t.scan {
	case scanShape:
		found, whole := m.c.readShape(m.p, bodyForm(t.size), trim(b))
		m.damaged = m.damaged || !whole
		return nil, found
	case scanQuoted:
		return m.quoted(t, b)
	case scanText, scanLast:
		n = textLength(t, b)
	case scanRest:
		n = len(b)
	case scanWord:
		n = wordLength(t, b)
	case scanIP:
		n = ipLength(b)
	case scanInt, scanNumber:
		n = numberLength(b, t.scan == scanNumber)
	case scanMAC:
		n = macLength(b)
	case scanTime:
		n = t.time.length(b)
	}
	if n <= 0 && len(b) > 0 && b[0] == '-' && t.scan >= scanIP && (len(b) == 1 || blank(b[1]) || isStop(t, b[1:])) {
		return b[1:], true // "-" stands for nothing
	}
	if n < 0 || n == 0 && t.scan >= scanWord {
		m.early = len(b) == 0
		return b, false
	}
	if t.slot >= 0 {
		m.p.capture(t.slot, trim(b[:n]))
	}
	return b[n:], true
}

func (m *matcher) quoted(t *part, b []byte) (rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		m.early = len(b) == 0
		return b, false
	}
	v, n := m.p.unquoted(b, '"')
	if n < 0 {
		return b, false
	}
	if t.slot >= 0 {
		m.p.capture(t.slot, v)
	}
	return b[n:], true
}
