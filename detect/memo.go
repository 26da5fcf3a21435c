package detect

// memo remembers what the index of a slot answers for values seen lately: devices
// repeat their actions, ports, names and addresses. One entry a place, the newest.
type memo struct{ entries []memoEntry }

type memoEntry struct {
	value []byte
	hits  []hit
	known bool
}

const (
	memoPlaces = 64
	memoLength = 64 // longest value remembered, bytes
	memoHits   = 16 // most answers remembered
)

// memoAt is a value's place.
func memoAt(v []byte) int {
	if len(v) == 0 {
		return 0
	}
	return (len(v) + int(v[0])*3 + int(v[len(v)/2])*11 + int(v[len(v)-1])*7) % memoPlaces
}

// scanKnown is scanValue by memory where it serves.
func (m *matcher) scanKnown(x *index, known *memo, v []byte) {
	if len(v) > memoLength {
		m.scanValue(x, v)
		return
	}
	if known.entries == nil {
		known.entries = make([]memoEntry, memoPlaces)
	}
	e := &known.entries[memoAt(v)]
	if !e.known || string(e.value) != string(v) {
		m.learn(x, e, v)
		return
	}
	for _, h := range e.hits {
		m.answer(h.atom, h.answer)
	}
}

// learn scans the value and remembers the answers.
func (m *matcher) learn(x *index, e *memoEntry, v []byte) {
	m.noted, m.noting = m.noted[:0], true
	m.scanValue(x, v)
	m.noting = false
	for _, h := range m.noted {
		m.answer(h.atom, h.answer)
	}
	if e.known = len(m.noted) <= memoHits; e.known {
		e.value = append(e.value[:0], v...)
		e.hits = append(e.hits[:0], m.noted...)
	}
}
