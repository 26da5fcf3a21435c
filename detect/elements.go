package detect

import (
	"time"
	"unsafe"

	"yagura/internal/event"
)

// load spreads the event's fields over the slots and forgets the event before.
func (m *matcher) load(e event.Event) {
	for _, a := range m.touched {
		m.answers[a] = unknown
	}
	m.touched, m.elements, m.stamp = m.touched[:0], m.elements[:0], m.stamp[:0]
	m.e, m.noting = e, false // a match that failed may have left it
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
