package detect

import (
	"yagura/detect/sigma"
	"yagura/internal/event"
)

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
		if v != nil && (m.Value == "" || e.m.askValue(a, v)) {
			m.Value = cut(v, event.MaxAlertText/4)
			if e.m.askValue(a, v) {
				break
			}
		}
	}
	return m
}
