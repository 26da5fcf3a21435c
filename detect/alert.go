package detect

import (
	"strconv"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// alertRule raises the alert of a plain rule's match, unless its group has
// alerted lately.
func (e *Engine) alertRule(ev event.Event, r *rule, weight int) {
	group := e.groupOf(ev, r)
	now := ev.WindowNano()
	key := r.head.hash + "\x00" + r.head.meta.Key() + "\x00" + event.GroupKey(group)
	if e.quiet(ev, key, now) {
		return
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

// quiet counts a match whose group has alerted lately.
func (e *Engine) quiet(ev event.Event, key string, now int64) bool {
	s := e.suppress.active(key, now)
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

func (e *Engine) groupOf(ev event.Event, r *rule) []event.Pair {
	if r.head.group == nil {
		return entityGroup(ev)
	}
	var group []event.Pair
	for _, g := range r.head.group {
		if at := e.m.first(g.slot); at >= 0 && len(e.m.elements[at].v) > 0 {
			group = append(group, event.Pair{Name: g.name, Value: cut(e.m.elements[at].v, event.MaxAlertText)})
		}
	}
	return group
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
	if h.suppress > 0 {
		e.suppress.forget(e.mark, int64(e.cfg.Lateness))
		s := &suppression{key: key, at: now, span: int64(h.suppress), alert: a.ID}
		e.stats.SuppressEvicted += uint64(e.suppress.start(s, e.cfg.MaxSuppress))
	}
	if len(e.alerts) >= e.cfg.MaxAlertRate {
		e.stats.AlertsDropped++
		return
	}
	e.stats.Alerts++
	e.alerts = append(e.alerts, a)
}

// explain lists the fields and values that met the rule's selections. The event is
// still in the matcher.
func (e *Engine) explain(r *rule) []event.Match {
	var out []event.Match
	for i, s := range r.sels {
		if !positive(r.src.Condition, sigma.Sel(i), true) {
			continue
		}
		for _, g := range s.groups {
			if out = e.explainGroup(out, r.src.Selections[i].Name, g); len(out) >= event.MaxAlertMatches {
				return out[:event.MaxAlertMatches]
			}
		}
	}
	return out
}

// positive tells whether the selection stands in the condition without a not.
func positive(x sigma.Expr, s sigma.Sel, sign bool) bool {
	any := func(list []sigma.Expr) bool {
		for _, of := range list {
			if positive(of, s, sign) {
				return true
			}
		}
		return false
	}
	switch x := x.(type) {
	case sigma.Sel:
		return x == s && sign
	case sigma.Not:
		return positive(x.Of, s, !sign)
	case sigma.And:
		return any(x.Of)
	case sigma.Or:
		return any(x.Of)
	}
	return false
}

// explainGroup adds the matches of a group that holds as a whole.
func (e *Engine) explainGroup(out []event.Match, selection string, g group) []event.Match {
	before := len(out)
	for i := range g {
		matched := 0
		for v, alternatives := range g[i].values {
			for _, a := range alternatives {
				if e.m.holds(a) {
					matched++
					out = append(out, e.explainAtom(selection, g[i].src, v, a))
					break
				}
			}
		}
		holds := matched > 0
		if g[i].src.All {
			holds = matched == len(g[i].values)
		}
		if holds == g[i].src.Neq {
			return out[:before]
		}
	}
	return out
}

func (e *Engine) explainAtom(selection string, it *sigma.Item, value int, n uint32) event.Match {
	a := &e.p.atoms[n]
	m := event.Match{Selection: selection, Field: it.Field, Pattern: cut([]byte(it.Values[value].Text), event.MaxAlertText)}
	for _, mod := range it.Modifiers {
		m.Pattern = mod + " " + m.Pattern
	}
	if it.Field == "" {
		m.Field = "event.original"
	}
	for at := e.m.first(a.slot); at >= 0; at = e.m.elements[at].next {
		v := e.m.elements[at].v
		if v != nil && (m.Value == "" || e.m.askIndexed(a, v)) {
			m.Value = cut(v, event.MaxAlertText/4)
			if e.m.askIndexed(a, v) {
				break
			}
		}
	}
	return m
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
