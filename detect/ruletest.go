package detect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// Parse turns a raw syslog line into an event: what ingest does. The draft may be
// used again for the next line.
type Parse func(line string, received time.Time) (*event.Draft, error)

// TestResult is the outcome of one test of a rule.
type TestResult struct {
	Rule   string // id
	Name   string // of the test
	File   string
	Line   int
	Passed bool
	Want   int      // alerts
	Got    int      // alerts; of a rule that never alerts on its own, matches
	Why    string   // when it failed
	Alerts []string // the reasons of the alerts, to look at
}

// Error says which test failed, where and why.
func (r TestResult) Error() string {
	return fmt.Sprintf("%s:%d: tests: %q of rule %s: %s", r.File, r.Line, r.Name, r.Rule, r.Why)
}

// testStart is when the events of a test begin: noon in Japan on a working day.
var testStart = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// Test runs the tests that rules carry, each with fresh state. Lines go through
// parse and are dispatched as in life; their own time counts unless the test says
// at or every; with repeat, {i} stands for the number of the repetition. Events given as fields reach the rule whatever its log source. zone
// is the one of EngineConfig.
func (p *Program) Test(parse Parse, zone *time.Location) []TestResult {
	e := NewEngine(p, EngineConfig{Location: zone})
	var out []TestResult
	for i := range p.rules {
		for _, t := range p.rules[i].head.meta.Tests {
			out = append(out, e.test(tested{p.rules[i].head, p.classFor([]int{i}), -1}, t, parse))
		}
	}
	for i := range p.correlations {
		for _, t := range p.correlations[i].head.meta.Tests {
			out = append(out, e.test(tested{p.correlations[i].head, p.classFor(p.rulesBelow(i)), i}, t, parse))
		}
	}
	return out
}

// rulesBelow lists the plain rules that a correlation stands on.
func (p *Program) rulesBelow(n int) []int {
	var out []int
	for _, in := range p.correlations[n].inputs {
		if in.rule >= 0 {
			out = append(out, in.rule)
		} else {
			out = append(out, p.rulesBelow(in.inner)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// classFor is the class of events to which just these rules apply.
func (p *Program) classFor(rules []int) *class {
	c := &class{rules: make([]uint64, p.words), always: make([]uint64, p.words), empty: true}
	seen := map[uint32]bool{}
	for _, i := range rules {
		c.add(i, &p.rules[i], p.atoms, seen)
	}
	return c
}

// tested is a rule or correlation under test, and the rules that reach it.
type tested struct {
	*heading
	only        *class
	correlation int // -1: a plain rule
}

func (e *Engine) test(h tested, t sigma.Test, parse Parse) TestResult {
	res := TestResult{Rule: h.meta.Key(), Name: t.Name, File: h.meta.Path, Line: t.Pos.Line, Want: t.Alerts}
	e.Reset()
	next := testStart
	seq := uint64(0)
	for _, te := range t.Events {
		if te.At >= 0 {
			next = testStart.Add(te.At)
		}
		for i := range max(te.Repeat, 1) {
			seq++
			b, err := testBlock(numbered(te, i+1), parse, next, seq)
			if err != nil {
				res.Why = fmt.Sprintf("event at line %d: %v", te.Pos.Line, err)
				return res
			}
			e.only = nil
			if te.Line == "" {
				e.only = h.only
			}
			v, alerts := e.Block(b, seq)
			res.take(h, v, alerts, e.fires)
			next = next.Add(te.Every)
		}
	}
	e.only = nil
	res.take(h, event.Verdict{}, e.Settle(), e.fires)
	res.Passed = res.Got == res.Want
	if !res.Passed {
		res.Why = fmt.Sprintf("%d alerts; should be %d", res.Got, res.Want)
		if !h.meta.Alerts {
			res.Why = fmt.Sprintf("%d matches (the rule does not alert on its own); should be %d", res.Got, res.Want)
		}
	}
	return res
}

// numbered puts the number of a repetition, from 1, in place of {i}. An event that
// is not repeated stays as it is.
func numbered(te sigma.TestEvent, i int) sigma.TestEvent {
	if te.Repeat > 1 {
		te.Line = strings.ReplaceAll(te.Line, "{i}", strconv.Itoa(i))
		te.Fields, _ = withNumber(te.Fields, i).(map[string]any)
	}
	return te
}

// withNumber copies a value; the caller's stays as it is.
func withNumber(v any, i int) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "{i}", strconv.Itoa(i))
	case []any:
		out := make([]any, len(v))
		for k, one := range v {
			out[k] = withNumber(one, i)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, one := range v {
			out[k] = withNumber(one, i)
		}
		return out
	}
	return v
}

// take counts what a block gave for the rule.
func (r *TestResult) take(h tested, v event.Verdict, alerts []event.Alert, fires []int) {
	for _, a := range alerts {
		if a.RuleID == r.Rule && h.meta.Alerts {
			r.Got++
			r.Alerts = append(r.Alerts, a.Reason)
		}
	}
	if h.meta.Alerts {
		return
	}
	if h.correlation >= 0 {
		r.Got += fires[h.correlation]
		return
	}
	for _, hit := range v.Hits {
		if v.Rules[hit.Rule] == r.Rule {
			r.Got++
		}
	}
}

// testBlock makes a block of one event.
func testBlock(te sigma.TestEvent, parse Parse, at time.Time, seq uint64) (*event.Block, error) {
	d := &event.Draft{}
	switch {
	case te.Line == "":
		fillDraft(d, te.Fields)
		d.Received = at
		if v, ok := te.Fields["@timestamp"].(string); ok {
			t, err := time.Parse(time.RFC3339Nano, v)
			if err != nil {
				return nil, fmt.Errorf("@timestamp: %q; should be RFC 3339", v)
			}
			d.Time = t
		}
	case parse == nil:
		return nil, fmt.Errorf("a raw line, and no parser to read it")
	default:
		var err error
		if d, err = parse(te.Line, at); err != nil {
			return nil, fmt.Errorf("parse line: %w", err)
		}
		d.Received = at
		d.Flags &^= event.FlagClock // a test's line was not written now
		if te.At >= 0 || te.Every > 0 {
			d.Time = at
		}
	}
	var b event.Builder
	b.Append(d)
	block, err := b.Block(event.ID{Tenant: "test", Node: "test", Epoch: 1, Seq: seq}, at)
	if err != nil {
		return nil, fmt.Errorf("make block: %w", err)
	}
	return block, nil
}

// fillDraft sets the fields of a map, nested maps by dotted names.
func fillDraft(d *event.Draft, fields map[string]any) {
	raw := ""
	for _, name := range []string{"event.original", "message"} {
		if s, ok := fields[name].(string); ok && raw == "" {
			raw = s
		}
	}
	d.Reset([]byte(raw))
	if s, ok := fields["message"].(string); ok {
		d.SetMessage([]byte(s))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if pseudoOf(name) == notPseudo {
			setField(d, name, fields[name])
		}
	}
}

func setField(d *event.Draft, name string, value any) {
	switch v := value.(type) {
	case nil:
		d.SetNull(d.Local(name))
	case []any:
		for _, one := range v {
			setField(d, name, one)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			setField(d, name+"."+key, v[key])
		}
	case string:
		d.SetString(d.Local(name), v)
	case int64:
		d.SetInt(d.Local(name), v)
	case float64:
		d.SetString(d.Local(name), strconv.FormatFloat(v, 'f', -1, 64))
	case bool:
		d.SetString(d.Local(name), strconv.FormatBool(v))
	default:
		d.SetString(d.Local(name), fmt.Sprint(v))
	}
}
