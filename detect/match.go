package detect

import (
	"math/bits"
	"time"

	"yagura/internal/event"
)

// maxClasses bounds the cache of classes; when it is full it is emptied.
const maxClasses = 4096

// matcher finds the rules that match one event after another. It is scratch
// space, no state: what it answers depends on the program and the event only.
type matcher struct {
	p       *Program
	place   *placement
	zone    *time.Location
	classes map[classKey]*class
	seen    [maxDispatch][seenValues]seenValue // recent values of each dispatch slot
	numbers [maxDispatch]map[signature]uint32
	current signatures

	e      event.Event
	memos  []memo // by slot
	noting bool   // answers go to noted
	noted  []hit

	epoch    uint32
	slots    []slotState
	elements []element
	answers  []uint8
	touched  []uint32
	wanted   []uint64 // rules to evaluate: bit set
	reached  []uint64 // rules that some class had: bit set
	matched  []uint32
	folded   []byte
	second   []byte
	stamp    []byte
}

// slotState is what the event holds for a slot, when epoch is the event's.
type slotState struct {
	epoch, scanned uint32
	from, to       uint32 // of touched: what its index answered
	rank           uint32
	head, tail     int32
	many           bool
}

type element struct {
	v    []byte // nil: null
	next int32  // -1: none
}

// seenValues is how many values of a dispatch slot are remembered, by a small hash.
const seenValues = 32

// seenAt is a value's place among them.
func seenAt(v []byte) int {
	if len(v) == 0 {
		return 0
	}
	return (len(v)*7 + int(v[len(v)/2])*3 + int(v[len(v)-1])) % seenValues
}

type seenValue struct {
	value  []byte
	what   signature
	number uint32
	cached bool
}

func newMatcher(p *Program, zone *time.Location) *matcher {
	return &matcher{
		p: p, place: newPlacement(p.slots), zone: zone, classes: map[classKey]*class{},
		slots: make([]slotState, len(p.slots.list)), memos: make([]memo, len(p.slots.list)), answers: make([]uint8, len(p.atoms)),
		wanted: make([]uint64, p.words), reached: make([]uint64, p.words),
	}
}

// match returns the rules that match the event, in their order. The slice is valid
// until the next call. only, when not nil, are the rules to try whatever the log
// source.
func (m *matcher) match(e event.Event, only *class) []uint32 {
	m.load(e)
	c := only
	if c == nil {
		key := m.key()
		if c = m.classes[key]; c == nil {
			c = m.classOf()
			m.load(e) // classOf has looked at values already
			for w := range c.rules {
				m.reached[w] |= c.rules[w]
			}
			if len(m.classes) >= maxClasses {
				clear(m.classes)
			}
			m.classes[key] = c
		}
	}
	m.matched = m.matched[:0]
	if c.empty {
		return nil
	}
	copy(m.wanted, c.always)
	for _, s := range c.slots {
		m.scan(s)
	}
	for w, word := range m.wanted {
		for word &= c.rules[w]; word != 0; word &= word - 1 {
			i := uint32(w*64 + bits.TrailingZeros64(word))
			if m.eval(&m.p.rules[i].cond) {
				m.matched = append(m.matched, i)
			}
		}
	}
	return m.matched
}

func (m *matcher) eval(n *node) bool {
	switch n.op {
	case opAtom:
		return m.holds(n.atom)
	case opNot:
		return !m.eval(&n.kids[0])
	case opAnd:
		for i := range n.kids {
			if k := &n.kids[i]; k.op == opAtom && !m.holds(k.atom) || k.op != opAtom && !m.eval(k) {
				return false
			}
		}
		return true
	case opOr:
		if n.scan != noScan {
			return m.anyHolds(n)
		}
		for i := range n.kids {
			if k := &n.kids[i]; k.op == opAtom && m.holds(k.atom) || k.op != opAtom && m.eval(k) {
				return true
			}
		}
		return false
	}
	return n.op == opTrue
}
