package detect

import (
	"bytes"
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
			e.fire(t.correlation, w, first, end, number, trigger{})
		}
	}
	e.prune(w, end, 0)
	if len(w.entries) > 0 {
		e.open(t.correlation, c, w, w.entries[0].at)
	}
}

// fire raises the correlation's alert and tells the outer correlations.
func (e *Engine) fire(n int, w *window, first, end int, number float64, t trigger) {
	c := &e.p.correlations[n]
	list := w.entries[first:end]
	w.fired, w.firedAt = true, list[len(list)-1].at
	e.fires[n]++
	if c.head.meta.Alerts {
		e.alertCorrelation(c, w, list, number, t)
	}
	if len(c.feeds) == 0 {
		return
	}
	res := result{at: w.firedAt, group: w.group, first: list[0].id(), text: list[0].packed}
	if len(list) > 1 && t.r != nil {
		res.text = append(bytes.Clone(res.text), e.packEvent(t.ev)...)
	}
	for _, f := range c.feeds {
		e.feedResult(f, res)
	}
}

func (e *Engine) alertCorrelation(c *correlation, w *window, list []entry, number float64, t trigger) {
	now := w.firedAt
	e.group = e.group[:0]
	for i, v := range w.group {
		e.group = append(e.group, groupValue{c.names[i], []byte(v)})
	}
	key := suppressKey(nil, c.head, e.group)
	if s := e.suppress.active(key, now); s != nil {
		s.count++
		e.stats.Suppressed++
		w.alert = s.alert
		e.contributed(list, s.alert)
		return
	}
	group := make([]event.Pair, len(w.group))
	for i, v := range w.group {
		group[i] = event.Pair{Name: c.names[i], Value: v}
	}
	a := e.newAlert(c.head, group, list[0].id())
	w.alert = a.ID
	a.First, a.Time = time.Unix(0, list[0].at).UTC(), time.Unix(0, now).UTC()
	for i := range list {
		a.Count += list[i].weight
	}
	a.Events = e.textsOf(list, t)
	if t.r != nil {
		a.Matches = e.explain(t.r)
	}
	a.Reason, a.ReasonJa = reasonOfCorrelation(c, group, a.Count, number, a.Time.Sub(a.First))
	e.raise(a, string(key), now, c.head)
	e.contributed(list, a.ID)
}

// contributed notes which events of this block are part of an alert.
func (e *Engine) contributed(list []entry, alert string) {
	for i := range list {
		if list[i].index >= 0 && list[i].origin == e.identity {
			e.verdict.Alert = append(e.verdict.Alert, event.EventIn{Event: uint16(list[i].index), Alert: alert})
		}
	}
}

// textsOf gathers the events that an alert lists: the first ones, and the event at
// hand.
func (e *Engine) textsOf(list []entry, t trigger) []event.AlertEvent {
	var all []event.AlertEvent
	for i := range list {
		all = append(all, unpackEvents(list[i].packed)...)
	}
	if t.r == nil {
		return all[:min(len(all), event.MaxAlertEvents)]
	}
	id := t.ev.ID()
	if slices.ContainsFunc(all, func(a event.AlertEvent) bool { return a.ID == id }) && len(all) <= event.MaxAlertEvents {
		return all
	}
	return append(all[:min(len(all), event.MaxAlertEvents-1)], alertEvent(t.ev, maxKeptText))
}
