package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	maxTestRepeat = 100_000
	maxTestEvents = 10_000
)

// tests reads yagura's tests section.
func (r *reader) tests(n *Node) []Test {
	if n == nil {
		return nil
	}
	if n.Kind != ListNode {
		r.fail(n.Pos, "tests", n.describe(), "a list of maps with name, events and alerts")
		return nil
	}
	var out []Test
	for i, item := range n.Items {
		field := fmt.Sprintf("tests[%d]", i)
		if item.Kind != MapNode {
			r.fail(item.Pos, field, item.describe(), "a map with name, events and alerts")
			continue
		}
		out = append(out, r.test(item, field))
	}
	return out
}

func (r *reader) test(n *Node, field string) Test {
	r.only(n, field, []string{"name", "events", "alerts"})
	t := Test{Name: r.text(n, "name"), Pos: n.Pos}
	if t.Name == "" && n.get("name") == nil {
		r.fail(n.Pos, field, "no name", "a text that says what the test shows")
	}
	if v := n.get("alerts"); v == nil {
		r.fail(n.Pos, field, "no alerts", "alerts: how many the events must give, such as 1 or 0")
	} else {
		t.Alerts = r.count(v, field+".alerts", 0)
	}
	events := n.get("events")
	if events == nil || events.Kind != ListNode || len(events.Items) == 0 || len(events.Items) > maxTestEvents {
		r.fail(n.Pos, field+".events", "no events", fmt.Sprintf("a list of 1 to %d syslog lines or maps of fields", maxTestEvents))
		return t
	}
	for i, e := range events.Items {
		t.Events = append(t.Events, r.testEvent(e, fmt.Sprintf("%s.events[%d]", field, i)))
	}
	return t
}

// count reads a whole number of at least least.
func (r *reader) count(v *Node, field string, least int) int {
	num, ok := Number{}, v.Kind == ScalarNode && v.kind() == numberScalar
	if ok {
		num, ok = parseNumber(v.Text)
	}
	if !ok || !num.IsInt || num.Int < int64(least) || num.Int > maxTestRepeat {
		r.fail(v.Pos, field, v.describe(), fmt.Sprintf("a whole number from %d to %d", least, maxTestRepeat))
		return least
	}
	return int(num.Int)
}

// helperKeys are the keys of a test event that are no fields.
var helperKeys = []string{"line", "repeat", "every", "at"}

func (r *reader) testEvent(n *Node, field string) TestEvent {
	e := TestEvent{Pos: n.Pos, Repeat: 1, At: -1}
	switch {
	case n.Kind == ScalarNode && n.kind() == textScalar && n.Text != "":
		e.Line = n.Text
		return e
	case n.Kind != MapNode:
		r.fail(n.Pos, field, n.describe(), "a syslog line, or a map of fields")
		return e
	}
	if v := n.get("repeat"); v != nil {
		e.Repeat = r.count(v, field+".repeat", 1)
	}
	if v := n.get("every"); v != nil {
		e.Every = r.duration(v, field+".every")
	}
	if v := n.get("at"); v != nil {
		e.At = r.duration(v, field+".at")
	}
	e.Line = r.text(n, "line")
	for i, k := range n.Keys {
		if slices.Contains(helperKeys, k.Text) {
			continue
		}
		if e.Fields == nil {
			e.Fields = map[string]any{}
		}
		e.Fields[k.Text] = r.plain(n.Items[i])
	}
	if (e.Line == "") == (e.Fields == nil) {
		r.fail(n.Pos, field, "a line and fields, or neither", "either line: a syslog line, or the fields of an event")
	}
	return e
}

// plain turns a node into Go values.
func (r *reader) plain(n *Node) any {
	switch n.Kind {
	case MapNode:
		out := make(map[string]any, len(n.Keys))
		for i, k := range n.Keys {
			out[k.Text] = r.plain(n.Items[i])
		}
		return out
	case ListNode:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = r.plain(item)
		}
		return out
	}
	switch n.kind() {
	case nullScalar:
		return nil
	case boolScalar:
		b, err := strconv.ParseBool(n.Text)
		if err != nil {
			r.fail(n.Pos, "", n.describe(), "true or false")
		}
		return b
	case numberScalar:
		num, ok := parseNumber(n.Text)
		if !ok {
			r.fail(n.Pos, "", n.describe(), "a number")
		}
		if num.IsInt {
			return num.Int
		}
		return num.Float
	}
	return n.Text
}

// duration reads a test's offset: 0, or a number with a unit (ms as well).
func (r *reader) duration(v *Node, field string) time.Duration {
	if v.Kind == ScalarNode && v.Text == "0" {
		return 0
	}
	if v.Kind == ScalarNode {
		if d, err := time.ParseDuration(v.Text); err == nil && d >= 0 && d < maxTimespan {
			return d
		}
		if d, ok := parseTimespan(v.Text); ok {
			return d
		}
	}
	r.fail(v.Pos, field, v.describe(), "a number and a unit, such as 500ms, 5s, 2m, 1h or 1d")
	return 0
}
