package detect

import (
	"strconv"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// result is what an inner correlation tells an outer one: its time is that of the
// last contributing event, its fields are its group.
type result struct {
	at    int64
	group []string
	first string // id of the first contributing event
	text  []byte // of that event, and of the last one: see unpackEvents
}

// longBack is how far a group's time must jump back to be taken for a clock that
// was set: the group then begins anew.
const longBack = int64(24 * time.Hour)

// feedEvent counts a match of a listed rule.
func (e *Engine) feedEvent(ev event.Event, r *rule, f feed, weight int) {
	c := &e.p.correlations[f.correlation]
	in := &c.inputs[f.input]
	e.parts = e.parts[:0]
	for _, slot := range in.group {
		v, ok := e.value(slot)
		if !ok {
			e.stats.NoGroup++
			return
		}
		e.parts = append(e.parts, v)
	}
	x := entry{at: windowTime(ev), weight: weight, input: f.input, origin: e.identity, index: ev.Index()}
	if !e.measure(c, &x, len(in.values), func(i int) ([]byte, bool) { return e.value(in.values[i]) }) {
		return
	}
	e.add(f.correlation, e.parts, x, trigger{ev, r})
}

// trigger is the event at hand, when an entry is one and not an inner result.
type trigger struct {
	ev event.Event
	r  *rule // nil: an inner result, or a timer
}

// value is the first element of a slot.
func (e *Engine) value(slot int) ([]byte, bool) {
	at := e.m.first(uint32(slot))
	if at < 0 || e.m.elements[at].v == nil {
		return nil, false
	}
	v := e.m.elements[at].v
	return v[:min(len(v), event.MaxAlertText)], true
}

// feedResult counts a result of an inner correlation.
func (e *Engine) feedResult(f feed, res result) {
	c := &e.p.correlations[f.correlation]
	in := &c.inputs[f.input]
	values := make([][]byte, len(in.group))
	for i, at := range in.group {
		values[i] = []byte(res.group[at])
	}
	x := entry{at: res.at, weight: 1, input: f.input, origin: res.first, index: -1, packed: res.text}
	ok := e.measure(c, &x, len(in.values), func(i int) ([]byte, bool) {
		if in.values[i] < 0 {
			return nil, false
		}
		return []byte(res.group[in.values[i]]), true
	})
	if ok {
		e.add(f.correlation, values, x, trigger{})
	}
}

// measure fills in what the correlation counts; false when the entry has none.
func (e *Engine) measure(c *correlation, x *entry, fields int, value func(int) ([]byte, bool)) bool {
	switch c.src.Type {
	case sigma.ValueCount:
		for i := range fields {
			v, ok := value(i)
			if !ok {
				e.stats.NoValue++
				return false
			}
			if i > 0 {
				x.value += "\x00"
			}
			x.value += string(v)
		}
	case sigma.ValueSum, sigma.ValueAvg, sigma.ValuePercentile, sigma.ValueMedian:
		v, ok := value(0)
		if n, small := smallInt(v); small {
			x.number = float64(n)
			break
		}
		n, isNumber := sigma.Decimal(string(v))
		if !ok || !isNumber {
			e.stats.NoValue++
			return false
		}
		x.number = n.Float
	}
	return true
}

// add puts an entry into its group and raises what that completes.
func (e *Engine) add(n int, values [][]byte, x entry, t trigger) {
	c := &e.p.correlations[n]
	w := e.groupFor(n, values)
	reach := c.span + int64(e.cfg.Lateness)
	if len(w.entries) > 0 && x.at < w.newest-reach {
		if w.newest-x.at < longBack {
			e.stats.Late++
			return
		}
		e.clearWindow(w)
	}
	at := w.place(x.at)
	if c.once && w.ends(at, &x) {
		return
	}
	if t.r != nil && w.wantsText() {
		x.packed = e.packEvent(t.ev)
	}
	w.insert(at, x)
	e.charge(&e.windows[n], w, at)
	at -= e.prune(w, w.from(w.newest-reach), at)
	at = e.dropBetween(c, w, at)
	at = e.compact(c, w, at)
	if c.atEnd {
		e.open(n, c, w, x.at)
		return
	}
	if w.fired && x.at < w.firedAt+c.span && x.at > w.firedAt-c.span {
		e.stats.Suppressed++
		if t.r != nil && c.head.meta.Alerts {
			e.part(t.ev, w.alert)
		}
		return
	}
	// A late event also completes windows that end at later ones.
	for end := at; end < len(w.entries) && w.entries[end].at < w.entries[at].at+c.span; end++ {
		first := w.from(w.entries[end].at - c.span)
		if number, ok := e.complete(c, w.entries[first:end+1]); ok {
			e.fire(n, w, first, end+1, number, t)
			return
		}
	}
}

// groupFor finds or makes a group; the oldest makes room.
func (e *Engine) groupFor(n int, values [][]byte) *window {
	e.key = e.key[:0]
	for _, v := range values {
		e.key = strconv.AppendInt(e.key, int64(len(v)), 10)
		e.key = append(append(e.key, ':'), v...)
	}
	g := &e.windows[n]
	w := g.byKey[string(e.key)]
	if w == nil {
		w = &window{key: string(e.key), group: make([]string, len(values))}
		for i, v := range values {
			w.group[i] = cut(v, event.MaxAlertText)
		}
		g.byKey[w.key] = w
	}
	w.touched = e.mark
	g.touch(w)
	reach := e.p.correlations[n].span + int64(e.cfg.Lateness)
	for range 2 { // what ended long ago only takes memory
		if old := g.first; old != w && e.mark-old.touched > 2*reach && old.due == 0 {
			e.dropWindow(n, old)
		}
	}
	for len(g.byKey) > e.cfg.MaxGroups {
		e.stats.Evicted++
		e.dropWindow(n, g.first)
	}
	return w
}

func (e *Engine) dropWindow(n int, w *window) {
	e.clearWindow(w)
	if w.due != 0 {
		e.timers.remove(w)
	}
	e.windows[n].unlink(w)
	delete(e.windows[n].byKey, w.key)
}

// clearWindow forgets a group's events.
func (e *Engine) clearWindow(w *window) {
	e.prune(w, len(w.entries), 0)
	w.newest, w.fired, w.firedAt = 0, false, 0
}
