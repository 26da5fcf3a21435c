package sigma

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTimespan bounds windows; ten years.
const maxTimespan = 3653 * 24 * time.Hour

const maxCorrelated = 10_000 // rules that one correlation or filter lists

var correlationTypes = []string{
	"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile", "value_median",
}

// String gives the specification's word.
func (t CorrelationType) String() string {
	if t == 0 || int(t) > len(correlationTypes) {
		return ""
	}
	return correlationTypes[t-1]
}

var opNames = []string{"eq", "neq", "gt", "gte", "lt", "lte"}

// String gives the specification's word.
func (o Op) String() string { return opNames[o] }

// Holds compares value with number.
func (o Op) Holds(value, number float64) bool {
	switch o {
	case Eq:
		return value == number
	case Neq:
		return value != number
	case Gt:
		return value > number
	case Gte:
		return value >= number
	case Lt:
		return value < number
	}
	return value <= number
}

// isTemporal says whether the type counts rules rather than events or values.
func (t CorrelationType) isTemporal() bool { return t == Temporal || t == TemporalOrdered }

// hasField says whether the type needs condition.field.
func (t CorrelationType) hasField() bool {
	return t == ValueCount || t >= ValueSum
}

func (r *reader) correlation(n, section *Node, meta Meta) Document {
	r.only(section, "correlation", []string{"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"})
	c := &Correlation{Meta: meta}
	c.Type = CorrelationType(r.enumIn(section, "type", correlationTypes))
	c.Rules = r.references(section, "correlation")
	if g := section.get("group-by"); g != nil {
		c.GroupBy = r.textList(g, "correlation.group-by")
		if dup := duplicate(c.GroupBy); dup != "" {
			r.fail(g.Pos, "correlation.group-by", "the field "+quote(dup)+" twice", "once")
		}
	}
	c.Timespan = r.timespan(section)
	c.Generate = r.generate(n, section)
	c.Aliases = r.aliases(section.get("aliases"), c.Rules)
	r.bounds(section, c)
	return c
}

// enumIn is enum for a required word of the correlation section.
func (r *reader) enumIn(section *Node, key string, words []string) int {
	v := section.get(key)
	if v == nil {
		r.fail(section.Pos, "correlation."+key, "no "+key, "one of "+strings.Join(words, ", "))
		return 0
	}
	at := slices.Index(words, v.Text)
	if at < 0 || v.Kind != ScalarNode {
		r.fail(v.Pos, "correlation."+key, v.describe(), suggest(v.Text, words))
	}
	return at + 1
}

// references reads the rules of a correlation or filter.
func (r *reader) references(section *Node, path string) []Reference {
	v, field := section.get("rules"), path+".rules"
	if v == nil || v.Kind == ListNode && len(v.Items) == 0 {
		r.fail(section.Pos, field, "no rules", "the ids or names of rules")
		return nil
	}
	items := []*Node{v}
	if v.Kind == ListNode {
		items = v.Items
	}
	if len(items) > maxCorrelated {
		r.fail(v.Pos, field, fmt.Sprintf("%d rules", len(items)), fmt.Sprintf("at most %d", maxCorrelated))
		return nil
	}
	var out []Reference
	seen := map[string]bool{}
	for _, item := range items {
		switch {
		case item.Kind != ScalarNode || item.Text == "" || item.kind() == nullScalar:
			r.fail(item.Pos, field, item.describe(), "the id or name of a rule")
		case seen[item.Text]:
			r.fail(item.Pos, field, "the rule "+quote(item.Text)+" twice", "once")
		default:
			out = append(out, Reference{item.Text, item.Pos})
		}
		seen[item.Text] = true
	}
	return out
}

func duplicate(list []string) string {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			return s
		}
	}
	return ""
}

var timespanForm = regexp.MustCompile(`^([0-9]{1,9})([smhdwMy])$`)

// parseTimespan reads a number and a unit; M is 30 days, y is 365. It is positive and at most maxTimespan.
func parseTimespan(text string) (time.Duration, bool) {
	m := timespanForm.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	const day = 24 * time.Hour
	unit := map[string]time.Duration{
		"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day, "M": 30 * day, "y": 365 * day,
	}[m[2]]
	count, err := strconv.Atoi(m[1])
	if err != nil || count == 0 || int64(count) > int64(maxTimespan/unit) {
		return 0, false
	}
	return time.Duration(count) * unit, true
}

func (r *reader) timespan(section *Node) time.Duration {
	const want = "a number and one of s m h d w M y, such as 5m, at most ten years"
	v := section.get("timespan")
	if v == nil {
		r.fail(section.Pos, "correlation.timespan", "no timespan", want)
		return 0
	}
	d, ok := parseTimespan(v.Text)
	if !ok {
		r.fail(v.Pos, "correlation.timespan", v.describe(), want)
	}
	return d
}

// generate stands in the section; older files have it beside.
func (r *reader) generate(n, section *Node) bool {
	v := section.get("generate")
	if v == nil {
		v = n.get("generate")
	}
	if v == nil {
		return false
	}
	if v.Kind != ScalarNode || v.kind() != boolScalar {
		r.fail(v.Pos, "correlation.generate", v.describe(), "true or false")
	}
	return isTrue(v.Text)
}

// aliases reads alias: {rule: field}; each listed rule needs an entry.
func (r *reader) aliases(n *Node, rules []Reference) []Alias {
	if n == nil {
		return nil
	}
	const want = "a map of aliases, each a map of rule names to fields"
	if n.Kind != MapNode {
		r.fail(n.Pos, "correlation.aliases", n.describe(), want)
		return nil
	}
	listed := make([]string, len(rules))
	for i, ref := range rules {
		listed[i] = ref.Text
	}
	var out []Alias
	for i, k := range n.Keys {
		field, entries := "correlation.aliases."+k.Text, n.Items[i]
		if entries.Kind != MapNode {
			r.fail(entries.Pos, field, entries.describe(), want)
			continue
		}
		r.only(entries, field, listed)
		a := Alias{Name: k.Text, Fields: make([]string, len(rules))}
		for j, name := range listed {
			if entries.get(name) == nil {
				r.fail(k.Pos, field, "no field for the rule "+quote(name), name+": the field's name there")
			}
			a.Fields[j] = r.text(entries, name)
		}
		out = append(out, a)
	}
	return out
}

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
