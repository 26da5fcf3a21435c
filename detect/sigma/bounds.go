package sigma

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// bounds reads the condition: operators and numbers with the fields of value_*, or boolean text for temporal types.
func (r *reader) bounds(section *Node, c *Correlation) {
	const field = "correlation.condition"
	n := section.get("condition")
	switch {
	case c.Type == 0:
		return
	case n == nil && c.Type.isTemporal():
		c.Bounds = []Bound{{Gte, float64(len(c.Rules))}}
		return
	case n == nil:
		r.fail(section.Pos, field, "no condition", "a map such as {gte: 10}")
		return
	case n.Kind == ScalarNode && n.kind() == textScalar && c.Type.isTemporal():
		listed := make([]string, len(c.Rules))
		for i, ref := range c.Rules {
			listed[i] = ref.Text
		}
		e, fault := parseCondition(n.Text, listed)
		if fault != nil {
			r.fail(r.within(n, fault.at), field, strings.Replace(fault.found, "unknown selection", "unknown rule", 1), fault.want)
		}
		c.Condition = e
		return
	case n.Kind != MapNode:
		r.fail(n.Pos, field, n.describe(), "a map such as {gte: 10}; temporal types take boolean text over the rules too")
		return
	}
	allowed := slices.Clone(opNames)
	if c.Type.hasField() {
		allowed = append(allowed, "field")
	}
	if c.Type == ValuePercentile {
		allowed = append(allowed, "percentile")
	}
	r.only(n, field, allowed)
	for i, k := range n.Keys {
		if op := slices.Index(opNames, k.Text); op >= 0 {
			if x, ok := r.bound(n.Items[i], c.Type, field+"."+k.Text); ok {
				c.Bounds = append(c.Bounds, Bound{Op(op), x})
			}
		}
	}
	r.rangeOf(n, c.Bounds)
	r.valueFields(n, c)
}

// bound reads a number; what is counted is never negative nor a fraction.
func (r *reader) bound(v *Node, t CorrelationType, field string) (float64, bool) {
	num, ok := parseNumber(v.Text)
	counts := t <= TemporalOrdered
	if !ok || v.Kind != ScalarNode || counts && (!num.IsInt || num.Int < 0) {
		want := "a number"
		if counts {
			want = "a whole number, 0 or more"
		}
		r.fail(v.Pos, field, v.describe(), want)
		return 0, false
	}
	return num.Float, true
}

// rangeOf checks the operators: one, or a lower and an upper one with something between.
func (r *reader) rangeOf(n *Node, bounds []Bound) {
	const field = "correlation.condition"
	operators := 0
	for _, k := range n.Keys {
		if slices.Contains(opNames, k.Text) {
			operators++
		}
	}
	if operators == 0 {
		r.fail(n.Pos, field, "no operator", "one of "+strings.Join(opNames, ", ")+" and a number")
	}
	if operators != len(bounds) || operators < 2 {
		return
	}
	lower := slices.IndexFunc(bounds, func(b Bound) bool { return b.Op == Gt || b.Op == Gte })
	upper := slices.IndexFunc(bounds, func(b Bound) bool { return b.Op == Lt || b.Op == Lte })
	switch {
	case operators > 2 || lower < 0 || upper < 0:
		r.fail(n.Pos, field, fmt.Sprintf("%d operators that are no range", operators), "one operator, or gt or gte with lt or lte")
	case bounds[lower].Number > bounds[upper].Number ||
		bounds[lower].Number == bounds[upper].Number && (bounds[lower].Op == Gt || bounds[upper].Op == Lt):
		r.fail(n.Pos, field, "a range that holds no number", "a lower bound below the upper one")
	}
}

func (r *reader) valueFields(n *Node, c *Correlation) {
	const field = "correlation.condition"
	if !c.Type.hasField() {
		return
	}
	if f := n.get("field"); f == nil {
		r.fail(n.Pos, field+".field", "no field", c.Type.String()+" needs the field whose values count")
	} else if c.Fields = r.textList(f, field+".field"); len(c.Fields) != 1 && c.Type != ValueCount || len(c.Fields) == 0 {
		r.fail(f.Pos, field+".field", f.describe(), "one field")
	}
	if c.Type != ValuePercentile {
		return
	}
	p := n.get("percentile")
	if p == nil {
		r.fail(n.Pos, field+".percentile", "no percentile", "such as percentile: 95: the value that 95 % of the events do not exceed is compared")
		return
	}
	num, ok := parseNumber(p.Text)
	if !ok || p.Kind != ScalarNode || num.Float <= 0 || num.Float > 100 || math.IsNaN(num.Float) {
		r.fail(p.Pos, field+".percentile", p.describe(), "a number above 0, at most 100")
	}
	c.Percentile = num.Float
}
