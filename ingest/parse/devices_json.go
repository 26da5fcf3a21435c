package parse

import "unicode/utf8"

// jsonKind is the kind of a JSON leaf.
type jsonKind byte

const (
	jsonString jsonKind = 's'
	jsonNumber jsonKind = 'n'
	jsonBool   jsonKind = 'b'
	jsonNull   jsonKind = 'z'
)

// jsonLeaves is called for every leaf in the order of the text. path is the keys
// joined by dots, without the places in arrays; it and an unescaped value live
// until the call returns, a value without escapes is a part of the text.
type jsonLeaves interface {
	leaf(path []byte, kind jsonKind, value []byte)
}

// Bounds of one JSON object.
const (
	maxJSONDepth  = 32
	maxJSONLeaves = 512
)

// jsonWalk reads one JSON value leaf by leaf, without building it: no allocation,
// and an object that was cut gives what stands before the cut. Zero value ready;
// keep one for its buffers.
type jsonWalk struct {
	b      []byte
	at     int
	path   []byte
	value  []byte
	leaves int
	to     jsonLeaves
}

// walk reads the value at the start of b and returns what follows it. False: it
// ended early or broke; the leaves until then were given.
func (w *jsonWalk) walk(b []byte, to jsonLeaves) (rest []byte, ok bool) {
	w.b, w.at, w.path, w.leaves, w.to = b, 0, w.path[:0], 0, to
	ok = w.any(0)
	w.to = nil
	return b[min(w.at, len(b)):], ok
}

func (w *jsonWalk) any(depth int) bool {
	w.blanks()
	if w.at >= len(w.b) || depth > maxJSONDepth {
		return false
	}
	switch c := w.b[w.at]; {
	case c == '{':
		return w.object(depth)
	case c == '[':
		return w.array(depth)
	case c == '"':
		v, ok := w.text(&w.value)
		if !ok {
			return false
		}
		return w.give(jsonString, v)
	default:
		return w.bare()
	}
}

func (w *jsonWalk) object(depth int) bool {
	w.at++
	size := len(w.path)
	for {
		w.blanks()
		if w.at >= len(w.b) {
			return false
		}
		switch w.b[w.at] {
		case '}':
			w.at++
			return true
		case ',':
			w.at++
			continue
		case '"':
		default:
			return false
		}
		if size > 0 {
			w.path = append(w.path, '.')
		}
		key, ok := w.text(&w.value)
		if !ok {
			return false
		}
		w.path = append(w.path, key...)
		w.blanks()
		if w.at >= len(w.b) || w.b[w.at] != ':' || len(w.path) > 512 {
			return false
		}
		w.at++
		if !w.any(depth + 1) {
			return false
		}
		w.path = w.path[:size]
	}
}

func (w *jsonWalk) array(depth int) bool {
	w.at++
	for {
		w.blanks()
		if w.at >= len(w.b) {
			return false
		}
		switch w.b[w.at] {
		case ']':
			w.at++
			return true
		case ',':
			w.at++
			continue
		}
		if !w.any(depth + 1) {
			return false
		}
	}
}

// bare reads a number, true, false or null. One that ends with the text may be
// cut and is not given.
func (w *jsonWalk) bare() bool {
	start := w.at
	for w.at < len(w.b) && !jsonEnds(w.b[w.at]) {
		w.at++
	}
	v := w.b[start:w.at]
	if len(v) == 0 || w.at == len(w.b) && len(w.path) > 0 {
		return false
	}
	switch c := v[0]; {
	case digit(c), c == '-' && len(v) > 1:
		return w.give(jsonNumber, v)
	case string(v) == "true", string(v) == "false":
		return w.give(jsonBool, v)
	case string(v) == "null":
		return w.give(jsonNull, nil)
	}
	return false
}

func jsonEnds(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':'
}

func (w *jsonWalk) give(kind jsonKind, v []byte) bool {
	if w.leaves++; w.leaves <= maxJSONLeaves { // more are read and left out
		w.to.leaf(w.path, kind, v)
	}
	return true
}

func (w *jsonWalk) blanks() {
	for w.at < len(w.b) {
		switch w.b[w.at] {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return
		}
	}
}

// text reads a string. Without escapes it is a part of the text, else it is
// unescaped into buf.
func (w *jsonWalk) text(buf *[]byte) ([]byte, bool) {
	w.at++
	start := w.at
	for w.at < len(w.b) {
		switch w.b[w.at] {
		case '"':
			w.at++
			return w.b[start : w.at-1], true
		case '\\':
			*buf = append((*buf)[:0], w.b[start:w.at]...)
			return w.escaped(buf)
		}
		w.at++
	}
	return nil, false
}

func (w *jsonWalk) escaped(buf *[]byte) ([]byte, bool) {
	out := *buf
	for w.at < len(w.b) {
		c := w.b[w.at]
		switch {
		case c == '"':
			w.at++
			*buf = out
			return out, true
		case c != '\\':
			out = append(out, c)
			w.at++
			continue
		case w.at+1 >= len(w.b):
			return nil, false
		}
		w.at += 2
		switch e := w.b[w.at-1]; e {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			out = w.unicode(out)
		default:
			out = append(out, e)
		}
	}
	return nil, false
}

// unicode reads the digits after \u, and the second half of a pair.
func (w *jsonWalk) unicode(out []byte) []byte {
	r, ok := w.hex4()
	if !ok {
		return append(out, `\u`...)
	}
	if r >= 0xd800 && r < 0xdc00 && w.at+1 < len(w.b) && w.b[w.at] == '\\' && w.b[w.at+1] == 'u' {
		back := w.at
		w.at += 2
		low, ok := w.hex4()
		if ok && low >= 0xdc00 && low < 0xe000 {
			return utf8.AppendRune(out, (r-0xd800)<<10+(low-0xdc00)+0x10000)
		}
		w.at = back
	}
	return utf8.AppendRune(out, r)
}

func (w *jsonWalk) hex4() (rune, bool) {
	if w.at+4 > len(w.b) || !isHex(w.b[w.at:w.at+4]) {
		return 0, false
	}
	n, _ := hexNumber(w.b[w.at : w.at+4])
	w.at += 4
	return rune(n), true
}

// jsonNames says whether b holds the quoted text name: a key, or a value. It looks for
// the name first, as quotes are everywhere.
func jsonNames(b []byte, name string) bool {
	for at := 0; ; {
		i := index(b[at:], name)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(name)
		if at > 0 && b[at-1] == '"' && end < len(b) && b[end] == '"' {
			return true
		}
		at++
	}
}
