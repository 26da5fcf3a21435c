package parse

import "bytes"

// fortiPairs walks the pairs of a line. The key that follows a value is measured
// while the value's end is looked for, and not again.
//
//	for p.next() { use p.key, p.value }
type fortiPairs struct {
	key    []byte
	index  int    // of the key in fortiKeys, -1 of an unknown one
	value  []byte // without its quotes
	rest   []byte // behind the value
	ahead  int    // size of the key that rest begins with; 0 is not known
	which  int    // its index
	csv    bool
	last   bool   // a bare value that the line's end ended
	broken string // why it ended before the end of the line; "" is no fault
}

// next moves to the next pair; words that are none are skipped.
func (p *fortiPairs) next() bool {
	for p.ahead == 0 {
		p.rest = p.rest[fortiBlanks(p.rest):]
		if len(p.rest) == 0 {
			return false
		}
		if p.ahead, p.which = fortiKey(p.rest); p.ahead > 0 {
			break
		}
		i := bytes.IndexByte(p.rest, ' ')
		if i < 0 || i+1 == len(p.rest) {
			p.broken = "fortigate:cut"
			return false
		}
		p.rest = p.rest[i+1:]
	}
	p.key, p.index = p.rest[:p.ahead], p.which
	p.rest, p.ahead = p.rest[p.ahead+1:], 0
	switch {
	case len(p.rest) == 0 || p.rest[0] != '"':
		p.bare()
	case !p.quoted(p.rest[1:]):
		p.broken = "fortigate:unterminated_quote"
		return false
	}
	return true
}

// quoted takes a value up to a quote that ends the line or stands before the next
// pair, as texts hold quotes of their own, escaped or not.
func (p *fortiPairs) quoted(b []byte) bool {
	for i, c := range b {
		if c != '"' {
			continue
		}
		n := fortiBlanks(b[i+1:])
		next := b[i+1+n:]
		if n > 0 {
			p.ahead, p.which = fortiKey(next)
		}
		if len(next) == 0 || p.ahead > 0 {
			p.value, p.rest = b[:i], next
			return true
		}
	}
	return false
}

// bare takes a value up to a blank before the next pair ("time=10: 13:03"), or to
// the next comma.
func (p *fortiPairs) bare() {
	b := p.rest
	stop := byte(' ')
	if p.csv {
		stop = ','
	}
	first := 0
	for first < len(b) && b[first] != stop {
		first++
	}
	if first == len(b) {
		p.last = true
		p.value, p.rest = bytes.TrimRight(b, " \r\n\x00"), nil
		return
	}
	p.value, p.rest = b[:first], b[first+1:]
	if p.csv {
		return
	}
	p.rest = trimLeft(p.rest)
	if p.ahead, p.which = fortiKey(p.rest); p.ahead > 0 {
		return
	}
	for i := first + 1; i < len(b) && i < first+256; i++ {
		if b[i] != stop {
			continue
		}
		if p.ahead, p.which = fortiKey(b[i+1:]); p.ahead > 0 {
			p.value, p.rest = bytes.TrimRight(b[:i], " "), b[i+1:]
			return
		}
	}
}

// fortiBlanks is how many blanks, commas and ends of line b begins with.
func fortiBlanks(b []byte) int {
	for i, c := range b {
		switch c {
		case ' ', ',', '\r', '\n', '\t', 0:
		default:
			return i
		}
	}
	return len(b)
}

// maxFortiKey bounds a key's name.
const maxFortiKey = 41

// fortiKeySize is the length of the key when b begins with "key=", else 0.
func fortiKeySize(b []byte) int {
	for i, c := range b {
		if fortiKeyBytes[c] {
			continue
		}
		if c == '=' && i <= maxFortiKey {
			return i
		}
		return 0
	}
	return 0
}

var fortiKeyBytes = func() (ok [256]bool) {
	for c := range 256 {
		b := byte(c)
		ok[c] = letter(b) || digit(b) || b == '_' || b == '-' || b == '.'
	}
	return ok
}()
