package detect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"yagura/internal/event"
)

// checkpointMagic begins a checkpoint; its last digit is the version.
const checkpointMagic = "YGDETECT1"

// ErrCheckpoint is what Restore returns, wrapped, for bytes that are no checkpoint
// of this version.
var ErrCheckpoint = errors.New("damaged or foreign checkpoint")

// Checkpoint appends the engine's state to dst. Call it between blocks. State is
// kept by rule and by the rule's meaning, so that a changed rule set restores what
// still means the same.
func (e *Engine) Checkpoint(dst []byte) ([]byte, error) {
	start := len(dst)
	w := writer{append(dst, checkpointMagic...)}
	w.int(e.mark)
	w.stats(&e.stats)
	w.uint(uint64(len(e.suppress.byKey)))
	for el := e.suppress.order.Front(); el != nil; el = el.Next() {
		s := el.Value.(*suppression)
		w.text(s.key)
		w.int(s.at)
		w.int(s.span)
		w.text(s.alert)
		w.int(int64(s.count))
	}
	w.uint(uint64(len(e.windows)))
	for i := range e.windows {
		w.text(e.p.correlations[i].head.meta.Key())
		w.text(e.p.correlations[i].head.hash)
		w.uint(uint64(len(e.windows[i].byKey)))
		body := writer{}
		for g := e.windows[i].first; g != nil; g = g.next {
			body.window(g)
		}
		w.text(string(body.b))
	}
	return binary.LittleEndian.AppendUint32(w.b, crc32.ChecksumIEEE(w.b[start:])), nil
}

// Restore replaces the engine's state by a checkpoint's. State of rules that are
// no longer there, or mean something else now, is left out. After an error the
// engine is as it was.
func (e *Engine) Restore(data []byte) error {
	if len(data) < len(checkpointMagic)+4 || string(data[:len(checkpointMagic)]) != checkpointMagic {
		return fmt.Errorf("%w: no %s header", ErrCheckpoint, checkpointMagic)
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return fmt.Errorf("%w: checksum", ErrCheckpoint)
	}
	fresh := &Engine{p: e.p, cfg: e.cfg}
	fresh.Reset()
	r := reader{rest: body[len(checkpointMagic):]}
	fresh.mark = r.int()
	r.stats(&fresh.stats)
	fresh.readSuppressions(&r)
	fresh.readCorrelations(&r)
	if r.bad || len(r.rest) != 0 {
		return fmt.Errorf("%w: cut short or too long", ErrCheckpoint)
	}
	e.mark, e.stats, e.suppress, e.windows, e.timers, e.evidence = fresh.mark, fresh.stats, fresh.suppress, fresh.windows, fresh.timers, fresh.evidence
	return nil
}

func (e *Engine) readSuppressions(r *reader) {
	known := map[string]bool{}
	for i := range e.p.rules {
		known[e.p.rules[i].head.hash+"\x00"+e.p.rules[i].head.meta.Key()] = true
	}
	for i := range e.p.correlations {
		known[e.p.correlations[i].head.hash+"\x00"+e.p.correlations[i].head.meta.Key()] = true
	}
	for n := r.uint(); n > 0 && !r.bad; n-- {
		s := &suppression{key: r.text(), at: r.int(), span: r.int(), alert: r.text(), count: int(r.int())}
		if !r.bad && known[ruleOfKey(s.key)] {
			e.suppress.start(s, e.cfg.MaxSuppress)
		}
	}
}

// ruleOfKey cuts the group off a suppression's key.
func ruleOfKey(key string) string {
	parts := 0
	for i := range len(key) {
		if key[i] == 0 {
			if parts++; parts == 2 {
				return key[:i]
			}
		}
	}
	return key
}

func (e *Engine) readCorrelations(r *reader) {
	for n := r.uint(); n > 0 && !r.bad; n-- {
		key, hash, count := r.text(), r.text(), r.uint()
		body := reader{rest: []byte(r.text())}
		at := -1
		for i := range e.p.correlations {
			if h := e.p.correlations[i].head; h.meta.Key() == key && h.hash == hash {
				at = i
			}
		}
		if at < 0 {
			continue
		}
		for ; count > 0 && !body.bad; count-- {
			if w := body.window(len(e.p.correlations[at].inputs)); !body.bad {
				e.adopt(at, w)
			}
		}
		r.bad = r.bad || body.bad || len(body.rest) != 0
	}
}

// adopt takes a restored group in.
func (e *Engine) adopt(n int, w *window) {
	g := &e.windows[n]
	if len(w.group) != len(e.p.correlations[n].names) || g.byKey[w.key] != nil {
		return
	}
	g.byKey[w.key] = w
	g.touch(w)
	for i := range w.entries {
		if len(w.entries[i].texts) > 0 {
			w.evidence++
		}
		for k := range w.entries[i].texts {
			e.evidence += sizeOf(&w.entries[i].texts[k])
		}
	}
	if w.due != 0 {
		e.timers.push(timer{w.due, n, w})
	}
}

type writer struct{ b []byte }

func (w *writer) uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)   { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) text(s string) { w.uint(uint64(len(s))); w.b = append(w.b, s...) }
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
	w.uint(uint64(len(x.texts)))
	for i := range x.texts {
		t := &x.texts[i]
		w.text(t.ID)
		w.int(t.Time.UnixNano())
		w.text(t.Source)
		w.text(t.Message)
		w.uint(uint64(len(t.Fields)))
		for _, f := range t.Fields {
			w.text(f.Name)
			w.text(f.Value)
		}
	}
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
	last := int64(math.MinInt64)
	for n := r.count(); n > 0 && !r.bad; n-- {
		x := r.entry()
		if x.at < last || x.input >= inputs {
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
	for n := r.count(); n > 0 && !r.bad; n-- {
		t := event.AlertEvent{ID: r.text(), Time: time.Unix(0, r.int()).UTC(), Source: r.text(), Message: r.text()}
		for f := r.count(); f > 0 && !r.bad; f-- {
			t.Fields = append(t.Fields, event.Pair{Name: r.text(), Value: r.text()})
		}
		x.texts = append(x.texts, t)
	}
	return x
}
