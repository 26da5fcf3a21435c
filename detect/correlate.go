package detect

import (
	"container/heap"
	"slices"
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
	texts []event.AlertEvent
}

// maxInnerTexts is how many events an inner result shows in an outer alert.
const maxInnerTexts = 4

// longBack is how far a group's time must jump back to be taken for a clock that
// was set: the group then begins anew.
const longBack = int64(24 * time.Hour)

// feedEvent counts a match of a listed rule.
func (e *Engine) feedEvent(ev event.Event, r *rule, f feed, weight int) {
	c := &e.p.correlations[f.correlation]
	in := &c.inputs[f.input]
	values := make([]string, len(in.group))
	for i, slot := range in.group {
		v, ok := e.value(slot)
		if !ok {
			e.stats.NoGroup++
			return
		}
		values[i] = v
	}
	x := entry{at: ev.WindowNano(), weight: weight, input: f.input, origin: e.identity, index: ev.Index()}
	if !e.measure(c, &x, len(in.values), func(i int) (string, bool) { return e.value(in.values[i]) }) {
		return
	}
	x.texts = []event.AlertEvent{alertEvent(ev, maxKeptText)}
	e.add(f.correlation, values, x, &trigger{ev, r})
}

// trigger is the event at hand, when an entry is one and not an inner result.
type trigger struct {
	ev event.Event
	r  *rule
}

// value copies the first element of a slot.
func (e *Engine) value(slot int) (string, bool) {
	at := e.m.first(uint32(slot))
	if at < 0 || e.m.elements[at].v == nil {
		return "", false
	}
	return cut(e.m.elements[at].v, event.MaxAlertText), true
}

// feedResult counts a result of an inner correlation.
func (e *Engine) feedResult(f feed, res result) {
	c := &e.p.correlations[f.correlation]
	in := &c.inputs[f.input]
	values := make([]string, len(in.group))
	for i, at := range in.group {
		values[i] = res.group[at]
	}
	x := entry{at: res.at, weight: 1, input: f.input, origin: res.first, index: -1, texts: res.texts}
	ok := e.measure(c, &x, len(in.values), func(i int) (string, bool) {
		if in.values[i] < 0 {
			return "", false
		}
		return res.group[in.values[i]], true
	})
	if ok {
		e.add(f.correlation, values, x, nil)
	}
}

// measure fills in what the correlation counts; false when the entry has none.
func (e *Engine) measure(c *correlation, x *entry, fields int, value func(int) (string, bool)) bool {
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
			x.value += v
		}
	case sigma.ValueSum, sigma.ValueAvg, sigma.ValuePercentile, sigma.ValueMedian:
		v, ok := value(0)
		n, isNumber := sigma.Decimal(v)
		if !ok || !isNumber {
			e.stats.NoValue++
			return false
		}
		x.number = n.Float
	}
	return true
}

// add puts an entry into its group and raises what that completes.
func (e *Engine) add(n int, values []string, x entry, t *trigger) {
	c := &e.p.correlations[n]
	w := e.group(n, values)
	reach := c.span + int64(e.cfg.Lateness)
	if len(w.entries) > 0 && x.at < w.newest-reach {
		if w.newest-x.at < longBack {
			e.stats.Late++
			return
		}
		e.clearWindow(w)
	}
	at := w.insert(x)
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
		if t != nil && c.head.meta.Alerts {
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

// group finds or makes a group; the oldest makes room.
func (e *Engine) group(n int, values []string) *window {
	e.key = e.key[:0]
	for _, v := range values {
		e.key = strconv.AppendInt(e.key, int64(len(v)), 10)
		e.key = append(append(e.key, ':'), v...)
	}
	g := &e.windows[n]
	w := g.byKey[string(e.key)]
	if w == nil {
		w = &window{key: string(e.key), group: values}
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

// prune drops the first n entries and returns how many of them stood before at.
func (e *Engine) prune(w *window, n, at int) int {
	for i := range w.entries[:n] {
		e.strip(w, i)
	}
	clear(w.entries[:n])
	w.entries = w.entries[n:]
	return min(n, at)
}

// charge books an entry's texts; what is in the middle of a crowded group, or too
// much altogether, loses them.
func (e *Engine) charge(g *groups, w *window, at int) {
	if len(w.entries[at].texts) == 0 {
		return
	}
	size := 0
	for i := range w.entries[at].texts {
		size += sizeOf(&w.entries[at].texts[i])
	}
	for e.evidence+size > e.cfg.MaxEvidence {
		e.stats.EvidenceDropped++
		old := g.clothed()
		if old == nil || old == w {
			w.entries[at].texts = nil
			return
		}
		for i := range old.entries {
			e.strip(old, i)
		}
	}
	e.evidence += size
	w.evidence++
	if w.evidence <= event.MaxAlertEvents {
		return
	}
	seen := 0
	for i := range w.entries {
		if len(w.entries[i].texts) > 0 {
			if seen++; seen > event.MaxAlertEvents/2 {
				e.strip(w, i)
				return
			}
		}
	}
}

// strip takes an entry's texts away.
func (e *Engine) strip(w *window, i int) {
	if len(w.entries[i].texts) == 0 {
		return
	}
	for k := range w.entries[i].texts {
		e.evidence -= sizeOf(&w.entries[i].texts[k])
	}
	w.entries[i].texts = nil
	w.evidence--
}

// dropBetween forgets what no window needs: of three entries of one value (one
// rule, for temporal) within a timespan, the middle one decides nothing.
func (e *Engine) dropBetween(c *correlation, w *window, at int) int {
	if c.src.Type != sigma.ValueCount && c.src.Type != sigma.Temporal {
		return at
	}
	x, middle := &w.entries[at], -1
	for i := at - 1; i >= 0 && x.at-w.entries[i].at <= c.span; i-- {
		if y := &w.entries[i]; y.input != x.input && c.src.Type == sigma.Temporal || y.value != x.value {
			continue
		}
		if middle < 0 {
			middle = i
			continue
		}
		x.weight += w.entries[middle].weight
		e.strip(w, middle)
		w.entries = slices.Delete(w.entries, middle, middle+1)
		return at - 1
	}
	return at
}

// compact keeps a group within its bound: neighbours that are alike are merged in
// pairs, the older time wins; where nothing is alike the oldest go.
func (e *Engine) compact(c *correlation, w *window, at int) int {
	limit := c.keep
	if limit == 0 || limit > e.cfg.MaxEntries {
		limit = e.cfg.MaxEntries
	}
	if len(w.entries) <= limit {
		return at
	}
	kept, moved := 0, at
	for i := 0; i < len(w.entries); i++ {
		if i == at {
			moved = kept
		}
		w.entries[kept] = w.entries[i]
		x := &w.entries[kept]
		kept++
		if i+1 == len(w.entries) || i == at || i+1 == at || !sameKind(c, x, &w.entries[i+1]) {
			continue
		}
		e.strip(w, i+1)
		x.weight += w.entries[i+1].weight
		x.number += w.entries[i+1].number
		e.stats.Merged++
		i++
	}
	clear(w.entries[kept:])
	w.entries = w.entries[:kept]
	over := min(max(kept-limit, 0), moved)
	e.stats.Merged += uint64(over)
	return moved - e.prune(w, over, moved)
}

// sameKind tells whether two neighbours may become one entry.
func sameKind(c *correlation, a, b *entry) bool {
	switch c.src.Type {
	case sigma.ValueAvg, sigma.ValuePercentile, sigma.ValueMedian:
		return false
	}
	return a.input == b.input && a.value == b.value
}

// open begins a tumbling window at a group's first event, for conditions that are
// known only when it has ended.
func (e *Engine) open(n int, c *correlation, w *window, at int64) {
	if w.due != 0 {
		return
	}
	w.opened = at
	w.due = max(at+c.span+min(int64(e.cfg.Lateness), c.span), 1)
	e.timers.push(timer{w.due, n, w})
}

// expire ends the window whose time has come.
func (e *Engine) expire() {
	t := heap.Pop(&e.timers).(timer)
	w, c := t.w, &e.p.correlations[t.correlation]
	w.due = 0
	first, end := w.from(w.opened-1), w.from(w.opened+c.span-1)
	if first < end {
		if number, ok := e.complete(c, w.entries[first:end]); ok {
			e.fire(t.correlation, w, first, end, number, nil)
		}
	}
	e.prune(w, end, 0)
	if len(w.entries) > 0 {
		e.open(t.correlation, c, w, w.entries[0].at)
	}
}

// fire raises the correlation's alert and tells the outer correlations.
func (e *Engine) fire(n int, w *window, first, end int, number float64, t *trigger) {
	c := &e.p.correlations[n]
	list := w.entries[first:end]
	last := list[len(list)-1].at
	w.fired, w.firedAt = true, last
	group := make([]event.Pair, len(w.group))
	for i, v := range w.group {
		group[i] = event.Pair{Name: c.names[i], Value: v}
	}
	a := e.newAlert(c.head, group, list[0].id())
	w.alert = a.ID
	a.First, a.Time = time.Unix(0, list[0].at).UTC(), time.Unix(0, last).UTC()
	for i := range list {
		a.Count += list[i].weight
	}
	a.Events = textsOf(list, event.MaxAlertEvents)
	if c.head.meta.Alerts {
		e.alertCorrelation(c, w, a, list, number, t)
	}
	if len(c.feeds) == 0 {
		return
	}
	res := result{at: last, group: slices.Clone(w.group), first: list[0].id(), texts: textsOf(list, maxInnerTexts)}
	for _, f := range c.feeds {
		e.feedResult(f, res)
	}
}

func (e *Engine) alertCorrelation(c *correlation, w *window, a event.Alert, list []entry, number float64, t *trigger) {
	now := list[len(list)-1].at
	key := c.head.hash + "\x00" + c.head.meta.Key() + "\x00" + event.GroupKey(a.Group)
	if s := e.suppress.active(key, now); s != nil {
		s.count++
		e.stats.Suppressed++
		w.alert = s.alert
		e.parts(list, s.alert)
		return
	}
	if t != nil {
		a.Matches = e.explain(t.r)
	}
	a.Reason, a.ReasonJa = reasonOfCorrelation(c, a.Group, a.Count, number, a.Time.Sub(a.First))
	e.raise(a, key, now, c.head)
	e.parts(list, a.ID)
}

// parts notes which events of this block contributed.
func (e *Engine) parts(list []entry, alert string) {
	for i := range list {
		if list[i].index >= 0 && list[i].origin == e.identity {
			e.verdict.Alert = append(e.verdict.Alert, event.EventIn{Event: uint16(list[i].index), Alert: alert})
		}
	}
}

// textsOf gathers the events that an alert lists: the first and the last ones.
func textsOf(list []entry, limit int) []event.AlertEvent {
	var all []event.AlertEvent
	for i := range list {
		all = append(all, list[i].texts...)
	}
	if len(all) <= limit {
		return all
	}
	return append(all[:limit/2:limit/2], all[len(all)-(limit-limit/2):]...)
}
