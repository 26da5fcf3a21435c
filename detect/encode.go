package detect

import (
	"encoding/binary"
	"math"
)

type writer struct{ b []byte }

func (w *writer) uint(v uint64)  { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)    { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) text(s string)  { w.uint(uint64(len(s))); w.b = append(w.b, s...) }
func (w *writer) bytes(v []byte) { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) bool(v bool) {
	if v {
		w.uint(1)
	} else {
		w.uint(0)
	}
}

// counters lists what Stats counts, in the order of the format.
func (s *Stats) counters() []*uint64 {
	return []*uint64{&s.Events, &s.Matches, &s.Alerts, &s.Suppressed, &s.NoGroup, &s.NoValue, &s.Late, &s.Evicted, &s.Merged,
		&s.SuppressEvicted, &s.EvidenceDropped, &s.AlertsDropped}
}

func (w *writer) stats(s *Stats) {
	for _, c := range s.counters() {
		w.uint(*c)
	}
}

func (w *writer) window(g *window) {
	w.text(g.key)
	w.uint(uint64(len(g.group)))
	for _, v := range g.group {
		w.text(v)
	}
	w.int(g.newest)
	w.int(g.touched)
	w.bool(g.fired)
	w.int(g.firedAt)
	w.text(g.alert)
	w.int(g.due)
	w.int(g.opened)
	w.uint(uint64(len(g.entries)))
	for i := range g.entries {
		w.entry(&g.entries[i])
	}
}

func (w *writer) entry(x *entry) {
	w.int(x.at)
	w.int(int64(x.weight))
	w.uint(uint64(x.input))
	w.text(x.value)
	w.uint(math.Float64bits(x.number))
	w.text(x.origin)
	w.int(int64(x.index))
	w.bytes(x.packed)
}

// reader walks a checkpoint; after the first fault it returns zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || r.bad {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 || r.bad {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	n := r.uint()
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

// count reads how many items follow; each takes at least a byte.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) stats(s *Stats) {
	for _, c := range s.counters() {
		*c = r.uint()
	}
}

func (r *reader) window(inputs int) *window {
	w := &window{key: r.text()}
	for n := r.count(); n > 0; n-- {
		w.group = append(w.group, r.text())
	}
	w.newest, w.touched = r.int(), r.int()
	w.fired, w.firedAt, w.alert = r.uint() == 1, r.int(), r.text()
	w.due, w.opened = r.int(), r.int()
	for _, t := range [...]int64{w.newest, w.touched, w.firedAt, w.due, w.opened} {
		r.bad = r.bad || t > 2*farTime || t < -farTime
	}
	last := int64(math.MinInt64)
	for n := r.count(); n > 0 && !r.bad; n-- {
		x := r.entry()
		if x.at < last || x.at < -farTime || x.at > farTime || x.input >= inputs {
			r.bad = true
		}
		last = x.at
		w.entries = append(w.entries, x)
	}
	return w
}

func (r *reader) entry() entry {
	x := entry{at: r.int(), weight: int(r.int()), input: int(r.uint() & math.MaxInt32), value: r.text()}
	x.number, x.origin, x.index = math.Float64frombits(r.uint()), r.text(), int(r.int())
	if text := r.text(); text != "" {
		x.packed = []byte(text)
	}
	return x
}
