package parse

import "bytes"

// bodyForm is a way to read a text that is no sentence.
type bodyForm uint8

const (
	noForm bodyForm = iota
	kvForm
	csvForm
	jsonForm
)

// pairReader is a compiled PairShape.
type pairReader struct {
	pair, between string
	quote         byte
	least         int
	names         map[string]int // name as written: slot
}

// columnReader is a compiled ColumnShape.
type columnReader struct {
	separator, quote byte
	least            int
	columns          []int // slots, -1 is left out
}

// objectReader is a compiled ObjectShape.
type objectReader struct {
	least int
	names map[string]int
}

// readShape gathers captures. ok: the text is of the form and holds enough of
// what is looked for; whole: it was not cut.
func (c *Custom) readShape(p *Parser, s bodyForm, text []byte) (ok, whole bool) {
	p.custom.damaged = false
	switch s {
	case kvForm:
		ok, whole = c.kv.read(p, text)
	case csvForm:
		ok, whole = c.csv.read(p, text)
	case jsonForm:
		ok, whole = c.json.read(p, text)
	}
	return ok, whole
}

func (r *pairReader) read(p *Parser, b []byte) (ok, whole bool) {
	found, whole := 0, true
	for {
		i := index(b, r.pair)
		if i < 0 {
			return found >= r.least, whole
		}
		name := b[:i]
		if j := bytes.LastIndex(name, bytesOf(r.between)); j >= 0 {
			name = name[j+len(r.between):] // words before it are no pair
		}
		slot, known := r.names[str(trim(name))]
		var v []byte
		var closed bool
		v, b, closed = r.value(p, b[i+len(r.pair):])
		whole = whole && closed
		if known {
			p.capture(slot, v)
			found++
		}
	}
}

// value cuts the value at the start of b.
func (r *pairReader) value(p *Parser, b []byte) (v, rest []byte, closed bool) {
	if q := trimLeft(b); r.quote != 0 && len(q) > 0 && q[0] == r.quote {
		v, n := p.unquoted(q, r.quote)
		if n < 0 {
			return v, nil, false
		}
		return v, q[n:], true
	}
	v, rest, _ = cut(b, r.between)
	return trim(v), rest, true
}

func (r *columnReader) read(p *Parser, b []byte) (ok, whole bool) {
	n, whole := 0, true
	for more := true; more; n++ {
		var v []byte
		closed := true
		v, b, more, closed = r.column(p, b)
		whole = whole && closed
		if n < len(r.columns) && r.columns[n] >= 0 {
			p.capture(r.columns[n], v)
		}
	}
	return n >= r.least, whole
}

// column cuts the column at the start of b; more: a separator follows it.
func (r *columnReader) column(p *Parser, b []byte) (v, rest []byte, more, closed bool) {
	if r.quote != 0 {
		if q := trimLeft(b); len(q) > 0 && q[0] == r.quote {
			v, n := p.doubled(q, r.quote)
			if n < 0 {
				return v, nil, false, false
			}
			i := bytes.IndexByte(q[n:], r.separator)
			if i < 0 {
				return v, nil, false, true
			}
			return v, q[n+i+1:], true, true
		}
	}
	i := bytes.IndexByte(b, r.separator)
	if i < 0 {
		return trim(b), nil, false, true
	}
	return trim(b[:i]), b[i+1:], true, true
}

// doubled is unquoted where a backslash is a backslash: C:\data\.
func (p *Parser) doubled(b []byte, quote byte) (v []byte, n int) {
	from, start, copied := 1, len(p.custom.held), false
	for i := 1; i < len(b); i++ {
		if b[i] != quote {
			continue
		}
		if i+1 < len(b) && b[i+1] == quote {
			p.custom.held = append(p.custom.held, b[from:i]...)
			i++
			from, copied = i, true
			continue
		}
		if !copied {
			return b[1:i], i + 1
		}
		p.custom.held = append(p.custom.held, b[from:i]...)
		return p.custom.held[start:len(p.custom.held):len(p.custom.held)], i + 1
	}
	p.custom.held = append(p.custom.held, b[from:]...)
	return p.custom.held[start:len(p.custom.held):len(p.custom.held)], -1
}

func (r *objectReader) read(p *Parser, b []byte) (ok, whole bool) {
	if len(b) == 0 || b[0] != '{' {
		return false, false
	}
	p.custom.leaves = objectLeaves{parser: p, names: r.names}
	rest, whole := p.json.walk(b, &p.custom.leaves)
	p.custom.leaves.parser = nil
	return p.custom.leaves.found >= r.least, whole && len(trim(rest)) == 0
}

// objectLeaves gathers captures of a JSON object.
type objectLeaves struct {
	parser *Parser
	names  map[string]int
	found  int
}

// leaf implements jsonLeaves. The value is copied, as the next may use its place.
func (o *objectLeaves) leaf(path []byte, kind jsonKind, v []byte) {
	slot, known := o.names[str(path)]
	if !known {
		return
	}
	o.found++
	if kind == jsonNull {
		return
	}
	p := o.parser
	start := len(p.custom.held)
	p.custom.held = append(p.custom.held, v...)
	p.capture(slot, p.custom.held[start:len(p.custom.held):len(p.custom.held)])
}
