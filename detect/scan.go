package detect

import "yagura/detect/sigma"

// scan answers all indexed atoms of a slot and wakes their rules.
func (m *matcher) scan(slot uint32) {
	s := &m.slots[slot]
	if s.scanned == m.epoch {
		return
	}
	s.scanned = m.epoch
	x, before := &m.p.indexes[slot], len(m.touched)
	at := m.first(slot)
	if at >= 0 {
		for _, a := range x.present {
			m.answer(a, possible)
		}
	}
	for ; at >= 0; at = m.elements[at].next {
		if v := m.elements[at].v; v != nil {
			m.scanKnown(x, &m.memos[slot], v)
		}
	}
	s.from, s.to = uint32(before), uint32(len(m.touched))
}

// anyHolds asks those atoms of an alternative that the slot's index has answered.
func (m *matcher) anyHolds(n *node) bool {
	s := &m.slots[n.scan]
	if s.scanned != m.epoch {
		m.scan(n.scan)
	}
	for _, a := range m.touched[s.from:s.to] {
		if n.any.has(a) && m.holds(a) {
			return true
		}
	}
	return false
}

func (m *matcher) scanValue(x *index, v []byte) {
	text, plain := v, true
	if x.literals != nil || len(v) <= 3*x.longest {
		if plain = isASCII(v); !plain {
			m.folded = appendFold(m.folded[:0], v)
			text = m.folded
		}
	}
	if x.exact != nil && len(v) <= 3*x.longest && (!plain || x.shapes.may(v)) {
		if plain {
			m.folded = m.folded[:0]
			for _, c := range v {
				m.folded = append(m.folded, asciiFold[c])
			}
		}
		for _, h := range x.exact[string(m.folded)] {
			m.answer(h.atom, h.answer)
		}
	}
	if len(x.numbers) > 0 && !plainNumber(v) {
		m.scanNumber(x, v)
	}
	if x.literals != nil {
		m.scanLiterals(x, text)
	}
	for _, a := range x.quick {
		if m.askValue(&m.p.atoms[a], v) {
			m.answer(a, yes)
		}
	}
}

// scanNumber answers the numbers' atoms for a value that is written unusually.
func (m *matcher) scanNumber(x *index, v []byte) {
	digits := v
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	if _, ok := smallInt(digits); ok { // only zeros too many: "0000000013"
		for _, h := range x.exact[string(digits)] {
			if _, ok := m.p.atoms[h.atom].m.(*sigma.Number); ok {
				m.answer(h.atom, yes)
			}
		}
		return
	}
	n, ok := sigma.Decimal(string(v))
	if !ok {
		return
	}
	for _, a := range x.numbers {
		if q := m.p.atoms[a].m.(*sigma.Number); q.IsInt && n.IsInt && q.Int == n.Int || !(q.IsInt && n.IsInt) && q.Float == n.Float {
			m.answer(a, yes)
		}
	}
}

// scanLiterals walks the slot's automaton over a text that is ASCII in any case, or
// folded. From the root it skips to where a literal can begin; a state one byte
// deep is the root before that byte.
func (m *matcher) scanLiterals(x *index, text []byte) {
	a := x.literals
	rows, width, dense := a.rows, a.width, a.dense
	s := uint32(0)
	for i := a.skip(text, 0); i < len(text); i++ {
		c := a.class[text[i]]
		root := s == 0
		if s < dense {
			s = rows[s*width+uint32(c)]
		} else {
			s = a.step(s, c)
		}
		if s&hasOut != 0 {
			s &^= hasOut
			m.found(x, s, i+1, len(text))
		}
		switch {
		case s == 0:
			i = a.skip(text, i+1) - 1
		case s <= a.first && !root && a.starts != nil:
			if next := a.skip(text, i); next > i {
				s, i = 0, next-1
			}
		}
	}
}

// found answers for all literals that end in a state.
func (m *matcher) found(x *index, s uint32, end, length int) {
	a := x.literals
	for ; s != 0; s = a.next[s] {
		first := a.out[s]
		if first == 0 {
			continue
		}
		for _, l := range a.outs[first:] {
			if l == endOut {
				break
			}
			m.literal(x, l, end, length)
		}
	}
}

// literal answers the atoms that a literal found decides.
func (m *matcher) literal(x *index, n uint32, end, length int) {
	for _, u := range x.uses[x.useAt[n]:x.useAt[n+1]] {
		switch u.at {
		case anywhere:
			m.answer(u.atom, yes)
		case atStart:
			if end == int(x.lengths[n]) {
				m.answer(u.atom, yes)
			}
		case atEnd:
			if end == length {
				m.answer(u.atom, yes)
			}
		default:
			m.answer(u.atom, possible)
		}
	}
}

// answer notes what was found about an atom and wakes the rules that wait for it.
func (m *matcher) answer(a uint32, what uint8) {
	if m.noting {
		m.noted = append(m.noted, hit{a, what})
		return
	}
	have := m.answers[a]
	if have >= what {
		return
	}
	m.answers[a] = what
	if have != unknown {
		return
	}
	m.touched = append(m.touched, a)
	for _, r := range m.p.wakes[m.p.wakeAt[a]:m.p.wakeAt[a+1]] {
		m.wanted[r/64] |= 1 << (r % 64)
	}
}
