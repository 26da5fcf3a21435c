package detect

import (
	"math/bits"
	"net/netip"
	"time"
	"unsafe"

	"yagura/detect/sigma"
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
	seen    [maxDispatch]seenValue // the last value of each dispatch slot
	numbers [maxDispatch]map[signature]uint32
	current signatures

	e        event.Event
	epoch    uint32
	slots    []slotState
	elements []element
	answers  []uint8
	touched  []uint32
	wanted   []uint64 // rules to evaluate: bit set
	found    []uint32
	folded   []byte
	second   []byte
	stamp    []byte
	scanning scanning
	report   func(literal uint32, end int)
}

// slotState is what the event holds for a slot, when epoch is the event's.
type slotState struct {
	epoch, scanned uint32
	rank           uint32
	head, tail     int32
	many           bool
}

type element struct {
	v    []byte // nil: null
	next int32  // -1: none
}

// scanning is what the automaton's report needs to know.
type scanning struct {
	index  *index
	length int
}

type seenValue struct {
	value  []byte
	what   signature
	number uint32
	cached bool
}

func newMatcher(p *Program, zone *time.Location) *matcher {
	m := &matcher{
		p: p, place: newPlacement(p.slots), zone: zone, classes: map[classKey]*class{},
		slots: make([]slotState, len(p.slots.list)), answers: make([]uint8, len(p.atoms)),
		wanted: make([]uint64, p.words),
	}
	m.report = m.literal
	return m
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
			if len(m.classes) >= maxClasses {
				clear(m.classes)
			}
			m.classes[key] = c
		}
	}
	m.found = m.found[:0]
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
				m.found = append(m.found, i)
			}
		}
	}
	return m.found
}

// load spreads the event's fields over the slots and forgets the event before.
func (m *matcher) load(e event.Event) {
	for _, a := range m.touched {
		m.answers[a] = unknown
	}
	m.touched, m.elements, m.stamp = m.touched[:0], m.elements[:0], m.stamp[:0]
	m.e = e
	if m.epoch++; m.epoch == 0 {
		clear(m.slots)
		m.epoch = 1
	}
	for i := range e.Len() {
		f, v := e.At(i)
		for _, at := range m.place.of(f) {
			m.put(at, v)
		}
	}
}

func (m *matcher) put(at place, v []byte) {
	s := &m.slots[at.slot]
	n := int32(len(m.elements))
	switch {
	case s.epoch != m.epoch || at.rank < s.rank:
		s.epoch, s.rank, s.head, s.many = m.epoch, at.rank, n, false
	case at.rank > s.rank:
		return
	default:
		m.elements[s.tail].next = n
		s.many = true
	}
	s.tail = n
	m.elements = append(m.elements, element{v, -1})
}

// first returns the number of a slot's first element, -1 when the event has none.
func (m *matcher) first(slot uint32) int32 {
	s := &m.slots[slot]
	if s.epoch == m.epoch {
		return s.head
	}
	if p := m.p.slots.list[slot].pseudo; p != notPseudo {
		m.fillPseudo(slot, p)
		if s.epoch == m.epoch {
			return s.head
		}
	}
	return -1
}

func (m *matcher) fillPseudo(slot uint32, p pseudo) {
	at := place{slot: slot}
	switch p {
	case pseudoLine:
		raw := m.e.Raw()
		m.put(at, raw[:len(raw):len(raw)])
		if msg := m.e.Message(); len(msg) > 0 && !inside(msg, raw) {
			m.put(at, msg)
		}
	case pseudoMessage:
		if msg := m.e.Message(); msg != nil {
			m.put(at, msg)
		}
	case pseudoRaw:
		m.put(at, m.e.Raw())
	case pseudoTime:
		m.put(at, m.format(m.e.Time()))
	case pseudoReceived:
		m.put(at, m.format(m.e.Received()))
	case pseudoPeer:
		m.putText(at, m.e.Source().Peer)
	case pseudoListener:
		m.putText(at, m.e.Source().Listener)
	case pseudoTenant:
		m.putText(at, m.e.Block().ID.Tenant)
	}
}

func (m *matcher) format(t time.Time) []byte {
	from := len(m.stamp)
	m.stamp = t.AppendFormat(m.stamp, time.RFC3339Nano)
	return m.stamp[from:len(m.stamp):len(m.stamp)]
}

func (m *matcher) putText(at place, s string) {
	if s != "" {
		m.put(at, unsafe.Slice(unsafe.StringData(s), len(s)))
	}
}

// inside reports whether part is a slice of whole.
func inside(part, whole []byte) bool {
	if len(part) == 0 || len(whole) == 0 {
		return len(part) == 0
	}
	p, w := uintptr(unsafe.Pointer(unsafe.SliceData(part))), uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return p >= w && p+uintptr(len(part)) <= w+uintptr(len(whole))
}

// key names the event's class.
func (m *matcher) key() (key classKey) {
	for i, slot := range m.p.dispatch.slots {
		at := m.first(slot)
		if at < 0 || m.elements[at].v == nil {
			m.current[i] = signature{}
			continue
		}
		v := m.elements[at].v
		last := &m.seen[i]
		if m.slots[slot].many || !last.cached || string(last.value) != string(v) {
			m.sign(i, v, m.slots[slot].many)
		}
		key[i], m.current[i] = last.number, last.what
	}
	return key
}

// sign looks a dispatch value up; senders repeat themselves, so the last one is kept.
func (m *matcher) sign(i int, v []byte, many bool) {
	d, last := m.p.dispatch, &m.seen[i]
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

// scan answers all indexed atoms of a slot and wakes their rules.
func (m *matcher) scan(slot uint32) {
	at := m.first(slot)
	s := &m.slots[slot]
	if s.scanned == m.epoch {
		return
	}
	s.scanned = m.epoch
	x := &m.p.indexes[slot]
	for ; at >= 0; at = m.elements[at].next {
		if v := m.elements[at].v; v != nil {
			m.scanValue(x, v)
		}
	}
}

func (m *matcher) scanValue(x *index, v []byte) {
	text, plain := v, true
	if x.literals != nil || len(v) <= 3*x.longest {
		if plain = isASCII(v); !plain {
			m.folded = appendFold(m.folded[:0], v)
			text = m.folded
		}
	}
	if x.exact != nil && len(v) <= 3*x.longest {
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
		for _, a := range x.numbers {
			if m.p.atoms[a].m.(*sigma.Number).Match(string(v)) {
				m.answer(a, yes)
			}
		}
	}
	if x.literals != nil {
		m.scanning = scanning{x, len(text)}
		x.literals.scan(text, m.report)
	}
}

// literal is told of every literal found.
func (m *matcher) literal(n uint32, end int) {
	x := m.scanning.index
	for _, u := range x.uses[n] {
		switch u.at {
		case anywhere:
			m.answer(u.atom, yes)
		case atStart:
			if end == x.lengths[n] {
				m.answer(u.atom, yes)
			}
		case atEnd:
			if end == m.scanning.length {
				m.answer(u.atom, yes)
			}
		default:
			m.answer(u.atom, possible)
		}
	}
}

// answer notes what was found about an atom and wakes the rules that wait for it.
func (m *matcher) answer(a uint32, what uint8) {
	have := m.answers[a]
	if have >= what {
		return
	}
	m.answers[a] = what
	if have != unknown {
		return
	}
	m.touched = append(m.touched, a)
	for _, r := range m.p.wakes[a] {
		m.wanted[r/64] |= 1 << (r % 64)
	}
}

func (m *matcher) eval(n *node) bool {
	switch n.op {
	case opAtom:
		return m.holds(n.atom)
	case opNot:
		return !m.eval(&n.kids[0])
	case opAnd:
		for i := range n.kids {
			if !m.eval(&n.kids[i]) {
				return false
			}
		}
		return true
	case opOr:
		for i := range n.kids {
			if m.eval(&n.kids[i]) {
				return true
			}
		}
		return false
	}
	return n.op == opTrue
}

// holds answers an atom, once for each event.
func (m *matcher) holds(n uint32) bool {
	a := &m.p.atoms[n]
	if a.indexed {
		m.scan(a.slot)
	}
	switch m.answers[n] {
	case yes:
		return true
	case no:
		return false
	case unknown:
		if a.indexed {
			return false
		}
		m.touched = append(m.touched, n)
	}
	ok := m.ask(a)
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
		return q.Re.Match(v)
	case *sigma.Network:
		addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(v), len(v)))
		return err == nil && q.Prefix.Contains(addr.Unmap().WithZone(""))
	case *sigma.Compare:
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

func (m *matcher) askOther(q *sigma.FieldRef, a *atom, v []byte) bool {
	for at := m.first(a.other); at >= 0; at = m.elements[at].next {
		if o := m.elements[at].v; o != nil && q.Match(string(v), string(o)) {
			return true
		}
	}
	return false
}

// askIndexed tells whether one value meets an atom: to explain a match.
func (m *matcher) askIndexed(a *atom, v []byte) bool { return m.askValue(a, v) }
