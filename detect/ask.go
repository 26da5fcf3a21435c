package detect

import (
	"bytes"
	"net/netip"
	"unsafe"

	"yagura/detect/sigma"
)

// holds answers an atom, once for each event.
func (m *matcher) holds(n uint32) bool {
	switch m.answers[n] {
	case yes:
		return true
	case no:
		return false
	}
	if slot := m.p.scans[n]; slot != noScan {
		if m.slots[slot].scanned != m.epoch {
			m.scan(slot)
		}
		switch m.answers[n] {
		case yes:
			return true
		case unknown:
			return false
		}
	} else if m.answers[n] == unknown {
		m.touched = append(m.touched, n)
	}
	ok := m.ask(&m.p.atoms[n])
	m.answers[n] = no
	if ok {
		m.answers[n] = yes
	}
	return ok
}

// ask looks at the slot's elements one by one.
func (m *matcher) ask(a *atom) bool {
	at := m.first(a.slot)
	switch q := a.m.(type) {
	case *sigma.Exists:
		return at >= 0 == q.Want
	case *sigma.Null:
		null := at < 0
		for ; at >= 0; at = m.elements[at].next {
			null = null || m.elements[at].v == nil
		}
		return null
	}
	for ; at >= 0; at = m.elements[at].next {
		if v := m.elements[at].v; v != nil && m.askValue(a, v) {
			return true
		}
	}
	return false
}

func (m *matcher) askValue(a *atom, v []byte) bool {
	switch q := a.m.(type) {
	case *sigma.Text:
		if a.cased {
			return a.glob.match(v)
		}
		m.folded = appendFold(m.folded[:0], v)
		return a.glob.match(m.folded)
	case *sigma.Regexp:
		if a.must != "" && !bytes.ContainsAny(v, a.must) {
			return false
		}
		return q.Re.Match(v)
	case *sigma.Network:
		addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(v), len(v)))
		return err == nil && q.Prefix.Contains(addr.Unmap().WithZone(""))
	case *sigma.Compare:
		if n, ok := smallInt(v); ok && q.Part == sigma.PartNone && q.Number.IsInt {
			return q.Op.Holds(float64(n), float64(q.Number.Int))
		}
		return q.Match(string(v), m.zone)
	case *sigma.Number:
		return q.Match(string(v))
	case *sigma.Bool:
		return q.Match(string(v))
	case *sigma.FieldRef:
		return m.askOther(q, a, v)
	case *sigma.List:
		element := v
		if !q.Cased {
			m.folded = appendFold(m.folded[:0], v)
			element = m.folded
		}
		return a.list.match(element, v, q.Cased)
	}
	return false
}

// askOther compares with every element of the other field.
func (m *matcher) askOther(q *sigma.FieldRef, a *atom, v []byte) bool {
	for at := m.first(a.other); at >= 0; at = m.elements[at].next {
		o := m.elements[at].v
		if o == nil {
			continue
		}
		x := v
		if !q.Cased {
			m.folded, m.second = appendFold(m.folded[:0], v), appendFold(m.second[:0], o)
			x, o = m.folded, m.second
		}
		if compareWhere(q.Where, x, o) {
			return true
		}
	}
	return false
}

func compareWhere(w sigma.Where, v, part []byte) bool {
	switch w {
	case sigma.Prefix:
		return bytes.HasPrefix(v, part)
	case sigma.Suffix:
		return bytes.HasSuffix(v, part)
	case sigma.Anywhere:
		return bytes.Contains(v, part)
	}
	return bytes.Equal(v, part)
}

// smallInt reads a whole number of at most 15 digits, which floats hold exactly.
func smallInt(v []byte) (n int64, ok bool) {
	if len(v) == 0 || len(v) > 15 {
		return 0, false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
