package detect

import (
	"container/heap"
	"slices"
	"time"

	"yagura/internal/event"
)

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
	e.fires[n]++
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
	e.group = e.group[:0]
	for _, p := range a.Group {
		e.group = append(e.group, groupValue{p.Name, []byte(p.Value)})
	}
	key := suppressKey(nil, c.head, e.group)
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
	e.raise(a, string(key), now, c.head)
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
