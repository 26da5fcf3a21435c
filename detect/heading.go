package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// DefaultSuppress is how long the same rule and group raise no second alert,
// unless the rule says suppress:.
const DefaultSuppress = 10 * time.Minute

// heading is what alerts of one rule or correlation have in common.
type heading struct {
	meta     *sigma.Meta
	level    event.Level
	class    string
	suppress time.Duration
	group    []groupField // of a plain rule that states group:
	hash     string       // changes with the rule's meaning: state of another one is not restored
}

// groupField is a part of a group key: the name that alerts show and the slot
// that holds the value.
type groupField struct {
	name string
	slot uint32
}

// newHeading reads the custom keys suppress, group and class.
func newHeading(m *sigma.Meta, sc *scope, s *slots) (*heading, sigma.Errors) {
	h := &heading{meta: m, class: classOfRule(m), suppress: DefaultSuppress}
	if m.Level >= sigma.LevelInformational {
		h.level = event.Level(m.Level - sigma.LevelInformational)
	}
	var errs sigma.Errors
	fail := func(n *sigma.Node, field, found, want string) {
		errs = append(errs, sigma.Error{Path: m.Path, Line: n.Pos.Line, Col: n.Pos.Col, Field: field, Found: found, Want: want})
	}
	for _, c := range m.Custom {
		switch c.Name {
		case "suppress":
			d, ok := parseSpan(c.Value.Text)
			if !ok || c.Value.Kind != sigma.ScalarNode {
				fail(c.Value, "suppress", fmt.Sprintf("%q", c.Value.Text), "0, or a number and s, m, h or d, at most 30d")
			}
			h.suppress = d
		case "group":
			if sc == nil {
				fail(c.Value, "group", "a group of its own", "correlations have group-by")
				continue
			}
			for _, n := range scalars(c.Value) {
				h.group = append(h.group, groupField{sc.groupName(n), s.of(sc.names(n, true))})
			}
			if len(h.group) == 0 {
				fail(c.Value, "group", "no field names", "a field name or a list of them")
			}
		}
	}
	return h, errs
}

func scalars(n *sigma.Node) []string {
	items := []*sigma.Node{n}
	if n.Kind == sigma.ListNode {
		items = n.Items
	}
	var out []string
	for _, i := range items {
		if i.Kind == sigma.ScalarNode && i.Text != "" {
			out = append(out, i.Text)
		}
	}
	return out
}

// parseSpan reads 0, or a number with s, m, h or d.
func parseSpan(text string) (time.Duration, bool) {
	if text == "0" {
		return 0, true
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		d, err := time.ParseDuration(days + "h")
		return 24 * d, err == nil && d >= 0 && d <= 30*time.Hour
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0 && d <= 30*24*time.Hour
}

// classOfRule is the rule's own class, or the folder that names one.
func classOfRule(m *sigma.Meta) string {
	if m.Class != "" {
		return m.Class
	}
	for dir := path.Dir(m.Path); dir != "." && dir != "/"; dir = path.Dir(dir) {
		switch base := path.Base(dir); base {
		case event.ClassUnauthorizedAccess, event.ClassAbnormalOutbound, event.ClassPolicyViolation:
			return base
		}
	}
	return ""
}

// hashRule names a rule's meaning.
func hashRule(r *sigma.Rule) string {
	h := sha256.New()
	names := make([]string, len(r.Selections))
	for i, s := range r.Selections {
		names[i] = s.Name
		for _, g := range s.Any {
			for _, it := range g {
				fmt.Fprintf(h, "%q %q %v %v", s.Name, it.Field, it.All, it.Neq)
				for _, v := range it.Values {
					for _, m := range v.Any {
						_, _ = io.WriteString(h, " "+m.String())
					}
				}
			}
			_, _ = io.WriteString(h, "\n")
		}
	}
	fmt.Fprintf(h, "%q %q %q %s", r.Source.Product, r.Source.Category, r.Source.Service, sigma.FormatCondition(r.Condition, names))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// hashCorrelation names a correlation's meaning, that of its inputs included.
func hashCorrelation(c *sigma.Correlation, inputs []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%v %q %q %d %v %q %g %v %q", c.Type, inputs, c.GroupBy, c.Timespan, c.Aliases, c.Fields, c.Percentile, c.Bounds, c.Key())
	if c.Condition != nil {
		fmt.Fprintf(h, " %s", sigma.FormatCondition(c.Condition, inputs))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
