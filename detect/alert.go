package detect

import (
	"strconv"
	"time"

	"yagura/internal/event"
)

// alertRule raises the alert of a plain rule's match, unless its group has
// alerted lately.
func (e *Engine) alertRule(ev event.Event, r *rule, weight int) {
	now := windowTime(ev)
	e.group = e.groupOf(e.group[:0], ev, r)
	e.key = suppressKey(e.key[:0], r.head, e.group)
	if e.quiet(ev, now) {
		return
	}
	key := string(e.key)
	group := make([]event.Pair, len(e.group))
	for i, g := range e.group {
		group[i] = event.Pair{Name: g.name, Value: cut(g.value, event.MaxAlertText)}
	}
	first := alertEvent(ev, event.MaxAlertText)
	a := e.newAlert(r.head, group, first.ID)
	a.Time, a.First = time.Unix(0, now).UTC(), time.Unix(0, now).UTC()
	a.Count = weight
	a.Events = []event.AlertEvent{first}
	a.Matches = e.explain(r)
	a.Reason, a.ReasonJa = reasonOfRule(r.head, group, weight)
	e.raise(a, key, now, r.head)
	e.part(ev, a.ID)
}

// quiet counts a match whose group, in e.key, has alerted lately.
func (e *Engine) quiet(ev event.Event, now int64) bool {
	s := e.suppress.active(e.key, now)
	if s == nil {
		return false
	}
	s.count++
	e.stats.Suppressed++
	e.part(ev, s.alert)
	return true
}

// part notes that an event of this block contributed to an alert.
func (e *Engine) part(ev event.Event, alert string) {
	e.verdict.Alert = append(e.verdict.Alert, event.EventIn{Event: uint16(ev.Index()), Alert: alert})
}

// groupValue is a part of a group while it is only looked up: a slice of the event.
type groupValue struct {
	name  string
	value []byte
}

// suppressKey names a rule, what it means, and a group.
func suppressKey(dst []byte, h *heading, group []groupValue) []byte {
	dst = append(append(dst, h.hash...), 0)
	dst = append(append(dst, h.meta.Key()...), 0)
	for _, g := range group {
		dst = append(append(dst, g.name...), '=')
		dst = append(append(dst, g.value[:min(len(g.value), event.MaxAlertText)]...), 0)
	}
	return dst
}

func (e *Engine) groupOf(dst []groupValue, ev event.Event, r *rule) []groupValue {
	if r.head.group == nil {
		return entityGroup(dst, ev)
	}
	for _, g := range r.head.group {
		if at := e.m.first(g.slot); at >= 0 && len(e.m.elements[at].v) > 0 {
			dst = append(dst, groupValue{g.name, e.m.elements[at].v})
		}
	}
	return dst
}

func (e *Engine) newAlert(h *heading, group []event.Pair, firstEvent string) event.Alert {
	m := h.meta
	tenant := e.cfg.Tenant
	if tenant == "" {
		tenant = e.block.ID.Tenant
	}
	return event.Alert{
		ID: event.AlertID(m.Key(), group, firstEvent), Tenant: tenant,
		RuleID: m.Key(), RuleName: m.Title, RuleJa: m.TitleJA, Level: h.level, Class: h.class, Author: m.Author,
		Policy: m.Policy, Tags: m.Tags, Group: group, RunbookJa: m.Runbook.JA, RunbookEn: m.Runbook.EN,
		False: m.FalsePositives, Suppress: int(h.suppress / time.Second),
	}
}

// raise hands an alert out and begins its suppression.
func (e *Engine) raise(a event.Alert, key string, now int64, h *heading) {
	if len(e.alerts) >= e.cfg.MaxAlertRate {
		e.stats.AlertsDropped++ // and not suppressed: a later match alerts
		return
	}
	if h.suppress > 0 {
		e.suppress.forget(e.mark, int64(e.cfg.Lateness))
		s := &suppression{key: key, at: now, span: int64(h.suppress), alert: a.ID}
		e.stats.SuppressEvicted += uint64(e.suppress.start(s, e.cfg.MaxSuppress))
	}
	e.stats.Alerts++
	e.alerts = append(e.alerts, a)
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
