package sigma

import "strings"

// filter reads a document with a filter section.
func (r *reader) filter(n, section *Node, meta Meta) Document {
	f := &Filter{Meta: meta, Source: r.logsource(n, false)}
	if n.get("logsource") == nil {
		r.fail(n.Pos, "logsource", "no logsource", "a map with category, product or service, as in the rules that it filters")
	}
	if n.get("level") == nil {
		f.Level = 0
	}
	rules := section.get("rules")
	switch {
	case rules == nil:
		r.fail(section.Pos, "filter.rules", "no rules", "the ids or names of rules, or any")
	case rules.Kind == ListNode && len(rules.Items) == 0, rules.Kind == ScalarNode && strings.EqualFold(rules.Text, "any"):
		f.Any = true
	default:
		f.Rules = r.references(section, "filter")
	}
	f.Selections = r.selections(section, "filter", []string{"rules"})
	if f.At = section.Pos; section.get("condition") != nil {
		f.At = section.get("condition").Pos
	}
	f.Condition, f.HasNot = r.condition(section, "filter", names(f.Selections))
	return f
}

// applyFilter returns the rule joined with a filter: both conditions must hold.
func applyFilter(rule *Rule, f *Filter) *Rule {
	out := *rule
	out.Selections = append([]Selection(nil), rule.Selections...)
	for _, s := range f.Selections {
		s.Name = "filter:" + f.Key() + ":" + s.Name
		out.Selections = append(out.Selections, s)
	}
	out.Condition = allOf([]Expr{rule.Condition, shift(f.Condition, len(rule.Selections))})
	out.Filters = append(append([]string(nil), rule.Filters...), f.Key())
	return &out
}

// shift moves every leaf of an expression by n.
func shift(e Expr, n int) Expr {
	switch e := e.(type) {
	case Sel:
		return e + Sel(n)
	case Not:
		return Not{shift(e.Of, n)}
	case And:
		return And{shiftAll(e.Of, n)}
	case Or:
		return Or{shiftAll(e.Of, n)}
	}
	return e
}

func shiftAll(of []Expr, n int) []Expr {
	out := make([]Expr, len(of))
	for i, e := range of {
		out[i] = shift(e, n)
	}
	return out
}
