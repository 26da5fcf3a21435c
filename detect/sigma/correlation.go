package sigma

import (
	"fmt"
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
