package parse

import "bytes"

// The functions of this file say how far a placeholder of a kind reaches.

// unquoted reads a quoted value at the start of b: backslash escapes, or quotes
// that are doubled. n is what it took, -1 when the quote never ends: then v is
// what there is.
func (p *Parser) unquoted(b []byte, quote byte) (v []byte, n int) {
	from, start, copied := 1, len(p.custom.held), false
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b) && (b[i+1] == quote || b[i+1] == '\\'),
			b[i] == quote && i+1 < len(b) && b[i+1] == quote:
			p.custom.held = append(p.custom.held, b[from:i]...)
			from, copied = i+1, true
			i++
		case b[i] == quote:
			if !copied {
				return b[1:i], i + 1
			}
			p.custom.held = append(p.custom.held, b[from:i]...)
			return p.custom.held[start:len(p.custom.held):len(p.custom.held)], i + 1
		}
	}
	if !copied {
		return b[1:], -1
	}
	p.custom.held = append(p.custom.held, b[from:]...)
	return p.custom.held[start:len(p.custom.held):len(p.custom.held)], -1
}

// textLength is where the first (or last) of the stops begins; -1 when none does
// and the text may not reach to the end.
func textLength(t *part, b []byte) int {
	best := -1
	for _, s := range t.stops {
		limit := b
		if best >= 0 && t.scan == scanText {
			limit = b[:min(len(b), best+len(s))]
		}
		i := -1
		if t.scan == scanLast {
			i = bytes.LastIndex(b, bytesOf(s))
		} else {
			i = index(limit, s)
		}
		if i >= 0 && (best < 0 || t.scan == scanText && i < best || t.scan == scanLast && i > best) {
			best = i
		}
	}
	if best < 0 && t.end {
		return len(b)
	}
	return best
}

func wordLength(t *part, b []byte) int {
	n := 0
	for n < len(b) && !blank(b[n]) && (n == 0 || !isStop(t, b[n:])) {
		n++
	}
	return n
}

func isStop(t *part, b []byte) bool {
	for _, s := range t.stops {
		if hasPrefix(b, s) {
			return true
		}
	}
	return false
}

// ipLength is the length of an address at the start of b.
func ipLength(b []byte) int {
	if len(b) > 0 && b[0] == '[' {
		if i := bytes.IndexByte(b[:min(len(b), 60)], ']'); i > 0 {
			if _, ok := address(b[:i+1]); ok {
				return i + 1
			}
		}
		return 0
	}
	n := 0
	for n < len(b) && n < 16 && (digit(b[n]) || b[n] == '.') {
		n++
	}
	for n > 0 && b[n-1] == '.' {
		n--
	}
	if ipv4(b[:n]) {
		return n
	}
	n = 0
	for n < len(b) && n < 60 && (isHex(b[n:n+1]) || b[n] == '.' || b[n] == ':') {
		n++
	}
	for n > 0 && b[n-1] == '.' || n > 1 && b[n-1] == ':' && b[n-2] != ':' {
		n--
	}
	if _, ok := address(b[:n]); !ok {
		return 0
	}
	if n < len(b) && b[n] == '%' { // fe80::1%eth0
		z := n + 1
		for z < len(b) && z < n+20 && (letter(b[z]) || digit(b[z])) {
			z++
		}
		return z
	}
	return n
}

// numberLength is the length of a number at the start of b.
func numberLength(b []byte, fraction bool) int {
	n := 0
	if len(b) > 1 && (b[0] == '-' || b[0] == '+') {
		n = 1
	}
	d := digits(b[n:])
	if d == 0 {
		return 0
	}
	n += d
	if fraction && n+1 < len(b) && b[n] == '.' && digit(b[n+1]) {
		n += 1 + digits(b[n+1:])
	}
	return n
}
