package parse

// pairs reads key=value pairs as devices write them: values bare, or in double
// quotes with backslash escapes, or in single quotes; separated by sep (0 means
// blanks) and by blanks around it. It never fails: what is no pair is skipped.
//
//	for p := (pairs{rest: body}); p.next(); { use p.key, p.value }
type pairs struct {
	rest  []byte
	sep   byte   // separator beside blanks, 0 for none: ','
	key   []byte // as written
	value []byte // without its quotes, escapes as written
	open  bool   // the last value's quote never ended: the line is damaged
	words int    // words skipped because they held no '='
}

// next moves to the next pair.
func (p *pairs) next() bool {
	for {
		p.skip()
		if len(p.rest) == 0 {
			return false
		}
		i := 0
		for i < len(p.rest) && p.rest[i] != '=' && !p.ends(p.rest[i]) {
			i++
		}
		if i == len(p.rest) || p.rest[i] != '=' || i == 0 {
			p.rest = p.rest[min(i+1, len(p.rest)):]
			p.words++
			continue
		}
		p.key = p.rest[:i]
		p.take(p.rest[i+1:])
		return true
	}
}

func (p *pairs) take(b []byte) {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		p.quote(b)
		return
	}
	i := 0
	for i < len(b) && !p.ends(b[i]) {
		i++
	}
	p.value, p.rest = b[:i], b[i:]
}

func (p *pairs) quote(b []byte) {
	q := b[0]
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\\':
			i++
		case b[i] == q:
			p.value, p.rest = b[1:i], b[i+1:]
			return
		}
	}
	p.value, p.rest, p.open = b[1:], nil, true
}

func (p *pairs) skip() {
	for len(p.rest) > 0 && p.ends(p.rest[0]) {
		p.rest = p.rest[1:]
	}
}

func (p *pairs) ends(c byte) bool { return blank(c) || c == '\n' || c == '\r' || c != 0 && c == p.sep }
