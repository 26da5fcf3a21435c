package detect

import (
	"slices"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// key names the event's class.
func (m *matcher) key() (key classKey) {
	for i, slot := range m.p.dispatch.slots {
		at := m.first(slot)
		if at < 0 || m.elements[at].v == nil {
			m.current[i] = signature{}
			continue
		}
		v := m.elements[at].v
		last := &m.seen[i][seenAt(v)]
		if d := m.p.dispatch; len(d.dict[i]) == 0 && len(d.prefixes[i]) == 0 { // only presence matters
			key[i], m.current[i] = 1, signature{id: other}
			continue
		}
		if m.slots[slot].many || !last.cached || string(last.value) != string(v) {
			m.sign(i, last, v, m.slots[slot].many)
		}
		key[i], m.current[i] = last.number, last.what
	}
	return key
}

// sign looks a dispatch value up; senders repeat themselves, so it is remembered.
func (m *matcher) sign(i int, last *seenValue, v []byte, many bool) {
	d := m.p.dispatch
	last.what = signature{id: other}
	last.value = append(last.value[:0], v...)
	if len(v) <= 4*d.longest[i]+64 {
		m.folded = appendFold(m.folded[:0], v)
		if known, ok := d.dict[i][string(m.folded)]; ok {
			last.what.id = known
		}
		for n, p := range d.prefixes[i] {
			if len(p) <= len(m.folded) && string(m.folded[:len(p)]) == p {
				last.what.prefixes[n/64] |= 1 << (n % 64)
			}
		}
	}
	if many || !plainNumber(v) {
		last.what.id = undecided
	}
	number, ok := m.numbers[i][last.what]
	if !ok {
		if m.numbers[i] == nil {
			m.numbers[i] = map[signature]uint32{}
		}
		number = uint32(len(m.numbers[i]) + 1)
		m.numbers[i][last.what] = number
	}
	last.number, last.cached = number, !many
}

// class is what is known about all events of one key: which rules can apply, which
// of them nothing wakes, and which slots wake the others.
type class struct {
	rules  []uint64 // bit set
	always []uint64
	slots  []uint32
	empty  bool
}

// classOf builds the class of the event that m holds.
func (m *matcher) classOf() *class {
	p, key := m.p, &m.current
	c := &class{rules: make([]uint64, p.words), always: make([]uint64, p.words), empty: true}
	open := make([]bool, len(p.gates))
	for i := range p.gates {
		open[i] = p.scopes[i].why == "" && (p.gates[i].holds(key) || m.unnamed())
	}
	seen := map[uint32]bool{}
	for i := range p.rules {
		r := &p.rules[i]
		if !open[r.gate] || m.early(&r.cond, key) == no {
			continue
		}
		c.add(i, r, p.atoms, seen)
	}
	return c
}

func (c *class) add(i int, r *rule, atoms []atom, seen map[uint32]bool) {
	c.empty = false
	c.rules[i/64] |= 1 << (i % 64)
	if r.wake == nil {
		c.always[i/64] |= 1 << (i % 64)
		return
	}
	for _, a := range r.wake {
		if s := atoms[a].slot; !seen[s] {
			seen[s] = true
			c.slots = append(c.slots, s)
		}
	}
}

// early evaluates a condition by what the class's key decides: yes, no or unknown.
func (m *matcher) early(n *node, key *signatures) uint8 {
	switch n.op {
	case opFalse:
		return no
	case opTrue:
		return yes
	case opAtom:
		return m.earlyAtom(n.atom, key)
	case opNot:
		switch m.early(&n.kids[0], key) {
		case yes:
			return no
		case no:
			return yes
		}
		return unknown
	}
	decides, otherwise := no, yes // of a conjunction
	if n.op == opOr {
		decides, otherwise = yes, no
	}
	for i := range n.kids {
		switch m.early(&n.kids[i], key) {
		case decides:
			return decides
		case unknown:
			otherwise = unknown
		}
	}
	return otherwise
}

// earlyAtom answers an exact comparison of a dispatch slot.
func (m *matcher) earlyAtom(n uint32, key *signatures) uint8 {
	a := &m.p.atoms[n]
	if !a.indexed {
		return unknown
	}
	switch t := a.m.(type) {
	case *sigma.Number, *sigma.Bool:
	case *sigma.Text:
		if _, whole := t.Pattern.Whole(); !whole || t.Cased {
			return unknown
		}
	default:
		return unknown
	}
	at := slices.Index(m.p.dispatch.slots, a.slot)
	if at < 0 {
		return unknown
	}
	switch key[at].id {
	case absent:
		return no
	case undecided:
		return unknown
	}
	if m.holds(n) {
		return yes
	}
	return no
}

// AnySource is the yagura.parser of an event whose device nobody knows, given
// offline in Sigma's own field names: the rules of every log source apply to it.
const AnySource = "sigma.event"

func (m *matcher) unnamed() bool {
	v, ok := m.e.Get(event.YaguraParser)
	return ok && string(v) == AnySource
}
