package parse

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON objects and arrays.
const maxDepth = 32

// maxPath bounds the dotted name of a JSON value.
const maxPath = 512

// jsonKind is the kind of a JSON value.
type jsonKind uint8

const (
	jsonText jsonKind = iota
	jsonNumber
	jsonBool
	jsonNull
)

// jsonVisit is told every scalar of a document: its dotted name ("a.b"; members
// of arrays have the array's name), its value with escapes decoded. Both are
// valid during the call; Set copies what is not part of the line.
type jsonVisit func(path, value []byte, kind jsonKind)

// walkJSON reads the object at the start of b and returns what follows it. ok is
// false when the document is damaged or cut: what was read until then was
// visited. Nothing is allocated; unknown depth and bad escapes are survived.
func (l *Line) walkJSON(b []byte, visit jsonVisit) (rest []byte, ok bool) {
	w := jsonWalk{path: l.scratch.path[:0], text: l.scratch.scratch[:0], rest: b}
	ok = w.object(visit, 0)
	l.scratch.path, l.scratch.scratch = w.path, w.text
	return w.rest, ok
}

type jsonWalk struct {
	rest []byte
	path []byte
	text []byte // a string with escapes, decoded
}

func (w *jsonWalk) space() {
	for len(w.rest) > 0 && (w.rest[0] == ' ' || w.rest[0] == '\t' || w.rest[0] == '\n' || w.rest[0] == '\r') {
		w.rest = w.rest[1:]
	}
}

func (w *jsonWalk) take(c byte) bool {
	w.space()
	if len(w.rest) == 0 || w.rest[0] != c {
		return false
	}
	w.rest = w.rest[1:]
	return true
}

func (w *jsonWalk) object(visit jsonVisit, depth int) bool {
	if depth > maxDepth || !w.take('{') {
		return false
	}
	if w.take('}') {
		return true
	}
	base := len(w.path)
	for {
		w.space()
		key, ok := w.string()
		if !ok || !w.take(':') {
			return false
		}
		if base > 0 {
			w.path = append(w.path, '.')
		}
		w.path = append(w.path, key[:min(len(key), maxPath)]...)
		if len(w.path) > 2*maxPath {
			return false
		}
		ok = w.value(visit, depth+1)
		w.path = w.path[:base]
		if !ok {
			return false
		}
		if w.take('}') {
			return true
		}
		if !w.take(',') {
			return false
		}
	}
}

func (w *jsonWalk) array(visit jsonVisit, depth int) bool {
	if depth > maxDepth || !w.take('[') {
		return false
	}
	if w.take(']') {
		return true
	}
	for {
		if !w.value(visit, depth+1) {
			return false
		}
		if w.take(']') {
			return true
		}
		if !w.take(',') {
			return false
		}
	}
}

func (w *jsonWalk) value(visit jsonVisit, depth int) bool {
	w.space()
	if len(w.rest) == 0 {
		return false
	}
	switch w.rest[0] {
	case '{':
		return w.object(visit, depth)
	case '[':
		return w.array(visit, depth)
	case '"':
		s, ok := w.string()
		if s != nil {
			visit(w.path, s, jsonText)
		}
		return ok
	}
	return w.bare(visit)
}

// bare reads a number, true, false or null.
func (w *jsonWalk) bare(visit jsonVisit) bool {
	n := 0
	for n < len(w.rest) && w.rest[n] > ' ' && w.rest[n] != ',' && w.rest[n] != '}' && w.rest[n] != ']' {
		n++
	}
	v := w.rest[:n]
	if n == 0 || n == len(w.rest) { // cut: the number may go on
		return false
	}
	kind := jsonNumber
	switch string(v) {
	case "true", "false":
		kind = jsonBool
	case "null":
		kind = jsonNull
	default:
		if !digit(v[0]) && (v[0] != '-' || n < 2 || !digit(v[1])) {
			return false
		}
	}
	visit(w.path, v, kind)
	w.rest = w.rest[n:]
	return true
}

// string reads a string. A string that is cut is given with ok false.
func (w *jsonWalk) string() (s []byte, ok bool) {
	if len(w.rest) == 0 || w.rest[0] != '"' {
		return nil, false
	}
	b := w.rest[1:]
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			w.rest = b[i+1:]
			return b[:i:i], true
		case '\\':
			return w.escaped(b, i)
		}
	}
	w.rest = nil
	return b, false
}

// escaped goes on with a string that has its first backslash at i.
func (w *jsonWalk) escaped(b []byte, i int) ([]byte, bool) {
	w.text = append(w.text[:0], b[:i]...)
	for i < len(b) {
		c := b[i]
		if c == '"' {
			w.rest = b[i+1:]
			return w.text, true
		}
		if c != '\\' || i+1 == len(b) {
			w.text = append(w.text, c)
			i++
			continue
		}
		i += 2
		switch c = b[i-1]; c {
		case 'n':
			w.text = append(w.text, '\n')
		case 't':
			w.text = append(w.text, '\t')
		case 'r':
			w.text = append(w.text, '\r')
		case 'b', 'f':
			w.text = append(w.text, ' ')
		case 'u':
			i += w.unicode(b[i:])
		case '"', '\\', '/':
			w.text = append(w.text, c)
		default: // no escape of JSON: a sender that forgot to escape a path
			w.text = append(w.text, '\\', c)
		}
	}
	w.rest = nil
	return w.text, false
}

// unicode decodes the digits behind \u, with the second half of a pair, and
// says how many bytes it took.
func (w *jsonWalk) unicode(b []byte) int {
	r, ok := hex4(b)
	if !ok {
		w.text = append(w.text, '\\', 'u')
		return 0
	}
	n := 4
	if utf16.IsSurrogate(r) && len(b) >= 10 && b[4] == '\\' && b[5] == 'u' {
		if low, ok := hex4(b[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				r, n = pair, 10
			}
		}
	}
	w.text = utf8.AppendRune(w.text, r)
	return n
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case digit(c):
			r |= rune(c - '0')
		case c|0x20-'a' <= 5:
			r |= rune(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return r, true
}
