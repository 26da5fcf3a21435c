package sigma

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type testLists map[string][]string

func (l testLists) List(name string) (iter.Seq[string], bool) {
	entries, ok := l[name]
	return slices.Values(entries), ok
}

// correlation writes a document whose condition stands on line 6.
func correlation(kind, condition string, more ...string) string {
	return fmt.Sprintf("title: c\nname: c\ncorrelation:\n  type: %s\n  rules: [r1, r2]\n  condition: {%s}\n  timespan: 5m\n%s", kind, condition, strings.Join(more, "\n"))
}

// rule writes a minimal rule of that name.
func rule(name string, more ...string) string {
	return fmt.Sprintf("title: %[1]s\nname: %[1]s\nlogsource: {product: p, service: s}\ndetection: {s: {f: %[1]s}, condition: s}\n%[2]s", name, strings.Join(more, "\n"))
}

func TestCorrelationGood(t *testing.T) {
	bounds := func(c *Correlation) string {
		out := fmt.Sprint(c.Type, " ", c.Timespan, " ", c.Fields, " ")
		for _, b := range c.Bounds {
			out += fmt.Sprintf("%v%v ", b.Op, b.Number)
		}
		if c.Condition != nil {
			out += FormatCondition(c.Condition, []string{"r1", "r2"}) + " "
		}
		if c.Percentile > 0 {
			out += fmt.Sprintf("p%v", c.Percentile)
		}
		return strings.TrimSpace(out)
	}
	for _, tt := range []struct{ in, want string }{
		{correlation("event_count", "gte: 10"), "event_count 5m0s [] gte10"},
		{correlation("event_count", "gt: 1, lte: 5"), "event_count 5m0s [] gt1 lte5"},
		{correlation("event_count", "eq: 0"), "event_count 5m0s [] eq0"},
		{correlation("value_count", "field: user, gte: 3"), "value_count 5m0s [user] gte3"},
		{correlation("value_count", "field: [user, ip], neq: 3"), "value_count 5m0s [user ip] neq3"},
		{correlation("temporal", "gte: 2"), "temporal 5m0s [] gte2"},
		{strings.Replace(correlation("temporal", ""), "  condition: {}\n", "", 1), "temporal 5m0s [] gte2"},
		{strings.Replace(correlation("temporal_ordered", ""), "{}", "r1 and not r2", 1), "temporal_ordered 5m0s [] r1 and not r2"},
		{correlation("value_sum", "field: bytes, gt: 1.5e3"), "value_sum 5m0s [bytes] gt1500"},
		{correlation("value_avg", "field: bytes, lt: -0.5"), "value_avg 5m0s [bytes] lt-0.5"},
		{correlation("value_percentile", "field: bytes, gt: 5, percentile: 99.9"), "value_percentile 5m0s [bytes] gt5 p99.9"},
		{correlation("value_median", "field: bytes, gt: 5"), "value_median 5m0s [bytes] gt5"},
	} {
		docs, errs := Parse("c.yml", []byte(tt.in))
		if len(errs) > 0 {
			t.Errorf("%s\n%v", tt.in, errs)
			continue
		}
		if diff := cmp.Diff(tt.want, bounds(docs[0].(*Correlation))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.in, diff)
		}
	}
	for text, want := range map[string]time.Duration{
		"1s": time.Second, "5m": 5 * time.Minute, "2h": 2 * time.Hour, "1d": 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1M": 30 * 24 * time.Hour,
		"1y": 365 * 24 * time.Hour, "10y": 3650 * 24 * time.Hour, "11y": 0, "0s": 0, "5": 0, "m": 0, "-5m": 0, "1.5h": 0, "5min": 0, "999999999y": 0, "": 0, "5D": 0,
	} {
		if got, ok := parseTimespan(text); got != want || ok != (want > 0) {
			t.Errorf("timespan %q: %v, %v", text, got, ok)
		}
	}
}

func TestAliases(t *testing.T) {
	docs, errs := Parse("c.yml", []byte(correlation("value_count", "field: who, gte: 2", "  group-by: [ip, host.name]\n  generate: true\n"+
		"  aliases:\n    ip: {r1: source.ip, r2: destination.ip}\n    who: {r2: user.name, r1: user}\n")))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	c := docs[0].(*Correlation)
	if diff := cmp.Diff([]string{"destination.ip", "host.name"}, c.GroupFields(1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"user"}, c.ValueFields(0)); diff != "" {
		t.Error(diff)
	}
	if !c.Generate {
		t.Error("generate is lost")
	}
}

func TestCorrelationBad(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{correlation("event_cout", "gte: 1"), `4:9: correlation.type: "event_cout"; did you mean event_count?`},
		{strings.Replace(correlation("event_count", "gte: 1"), "  type: event_count\n", "", 1), "4:3: correlation.type: no type; one of " + strings.Join(correlationTypes, ", ")},
		{correlation("event_count", "gte: x"), `6:20: correlation.condition.gte: "x"; a whole number, 0 or more`},
		{correlation("event_count", "gte: -1"), `6:20: correlation.condition.gte: "-1"; a whole number, 0 or more`},
		{correlation("value_count", "field: f, gte: 1.5"), `6:30: correlation.condition.gte: "1.5"; a whole number, 0 or more`},
		{correlation("value_sum", "field: f, gte: x"), `6:30: correlation.condition.gte: "x"; a number`},
		{correlation("event_count", "get: 1"), `6:15: correlation.condition: the unknown key "get"; did you mean gt?` + "\n" +
			"c.yml:6:15: correlation.condition: no operator; one of eq, neq, gt, gte, lt, lte and a number"},
		{correlation("event_count", "gte: 1, field: f"), `6:23: correlation.condition: the unknown key "field"; one of eq, neq, gt, gte, lt, lte`},
		{correlation("event_count", "gte: 1, gt: 2"), `6:15: correlation.condition: 2 operators that are no range; one operator, or gt or gte with lt or lte`},
		{correlation("event_count", "gte: 1, lte: 2, eq: 1"), `6:15: correlation.condition: 3 operators that are no range; one operator, or gt or gte with lt or lte`},
		{correlation("event_count", "gt: 5, lt: 3"), `6:15: correlation.condition: a range that holds no number; a lower bound below the upper one`},
		{correlation("event_count", "gt: 5, lte: 5"), `6:15: correlation.condition: a range that holds no number; a lower bound below the upper one`},
		{strings.Replace(correlation("event_count", ""), "  condition: {}\n", "", 1), "4:3: correlation.condition: no condition; a map such as {gte: 10}"},
		{strings.Replace(correlation("event_count", ""), "{}", "r1 and r2", 1),
			`6:14: correlation.condition: "r1 and r2"; a map such as {gte: 10}; temporal types take boolean text over the rules too`},
		{strings.Replace(correlation("temporal", ""), "{}", "r1 and r3", 1), `6:21: correlation.condition: the unknown rule "r3"; did you mean r1?`},
		{correlation("value_count", "gte: 1"), "6:15: correlation.condition.field: no field; value_count needs the field whose values count"},
		{correlation("value_sum", "field: [a, b], gte: 1"), "6:22: correlation.condition.field: a list; one field"},
		{correlation("value_percentile", "field: a, gte: 1"),
			"6:15: correlation.condition.percentile: no percentile; such as percentile: 95: the value that 95 % of the events do not exceed is compared"},
		{correlation("value_percentile", "field: a, gte: 1, percentile: 101"), `6:45: correlation.condition.percentile: "101"; a number above 0, at most 100`},
		{strings.Replace(correlation("event_count", "gte: 1"), "5m", "5x", 1), `7:13: correlation.timespan: "5x"; a number and one of s m h d w M y, such as 5m, at most ten years`},
		{strings.Replace(correlation("event_count", "gte: 1"), "  timespan: 5m\n", "", 1), `4:3: correlation.timespan: no timespan; a number and one of s m h d w M y, such as 5m, at most ten years`},
		{strings.Replace(correlation("event_count", "gte: 1"), "[r1, r2]", "[]", 1), "4:3: correlation.rules: no rules; the ids or names of rules"},
		{strings.Replace(correlation("event_count", "gte: 1"), "[r1, r2]", "[r1, r1]", 1), `5:15: correlation.rules: the rule "r1" twice; once`},
		{correlation("event_count", "gte: 1", "  window: 5m\n"), `8:3: correlation: the unknown key "window"; one of type, rules, group-by, timespan, condition, aliases, generate`},
		{correlation("event_count", "gte: 1", "  group_by: [a]\n"), `8:3: correlation: the unknown key "group_by"; did you mean group-by?`},
		{correlation("event_count", "gte: 1", "  group-by: [a, a]\n"), `8:13: correlation.group-by: the field "a" twice; once`},
		{correlation("event_count", "gte: 1", "  generate: 'true'\n"), `8:13: correlation.generate: "true"; true or false`},
		{correlation("event_count", "gte: 1", "  aliases: {ip: {r1: a, r3: b}}\n"), `8:13: correlation.aliases.ip: no field for the rule "r2"; r2: the field's name there` + "\n" +
			`c.yml:8:25: correlation.aliases.ip: the unknown key "r3"; did you mean r1?`},
	} {
		_, errs := Parse("c.yml", []byte(tt.in))
		if diff := cmp.Diff("c.yml:"+tt.want, errs.Error()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.in, diff)
		}
	}
}

func parseAll(t *testing.T, texts ...string) []Document {
	t.Helper()
	var out []Document
	for i, text := range texts {
		docs, errs := Parse(fmt.Sprintf("%c.yml", 'a'+i), []byte(text))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		out = append(out, docs...)
	}
	return out
}

// filter writes a filter document; rules stands on line 4.
func filter(rules, source, condition string) string {
	return fmt.Sprintf("title: f\nid: f1\nlogsource: {%s}\nfilter:\n  rules: %s\n  s: {u: adm}\n  condition: %s\n", source, rules, condition)
}

func TestFilters(t *testing.T) {
	for _, tt := range []struct{ rules, source, condition, r1, r2, warnings string }{
		{"[r1]", "product: p", "not s", "s and not filter:f1:s", "s", ""},
		{"r1", "", "not s", "s and not filter:f1:s", "s", ""},
		{"any", "product: p, service: s", "not 1 of s*", "s and not filter:f1:s", "s and not filter:f1:s", ""},
		{"[]", "product: p", "not s", "s and not filter:f1:s", "s and not filter:f1:s", ""},
		{"Any", "product: q", "not s", "s", "s", "c.yml:1:1: filter: a filter that hits no rule; rules and a log source that lies within the filter's"},
		{"any", "category: c", "not s", "s", "s", "c.yml:1:1: filter: a filter that hits no rule; rules and a log source that lies within the filter's"},
		{"[r1]", "product: p", "s", "s and filter:f1:s", "s",
			"c.yml:7:14: filter.condition: a filter without not: the rules will match only what it selects; not selection"},
		{"[r1, r3x]", "product: p", "not s", "s and not filter:f1:s", "s", `c.yml:5:15: filter.rules: no rule "r3x"; one of f1, r1, r2`},
	} {
		set, errs, warnings := NewSet(parseAll(t, rule("r1"), rule("r2"), filter(tt.rules, tt.source, tt.condition)), Options{})
		got := []string{errs.Error(), warnings.Error()}
		for _, r := range set.Rules {
			got = append(got, FormatCondition(r.Condition, names(r.Selections)))
		}
		if diff := cmp.Diff([]string{"", tt.warnings, tt.r1, tt.r2}, got); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", tt, diff)
		}
	}
	docs := parseAll(t, rule("r1"), filter("any", "product: p", "not s"))
	NewSet(docs, Options{})
	if r := docs[0].(*Rule); len(r.Selections) != 1 || len(r.Filters) != 0 {
		t.Error("NewSet changed its input")
	}
}

func TestSetErrors(t *testing.T) {
	chain := func(name, rules string, more ...string) string {
		return fmt.Sprintf("title: t\nname: %s\ncorrelation: {type: event_count, rules: [%s], timespan: 1m, condition: {gte: 2}%s}\n", name, rules, strings.Join(more, ""))
	}
	for _, tt := range []struct {
		name           string
		in             []string
		errs, warnings string
	}{
		{"names", []string{rule("r1"), rule("r1")}, `b.yml:1:1: name: "r1" is taken by a.yml:1; one of its own`, ""},
		{"id against name", []string{rule("r1"), rule("r2", "id: r1")}, `b.yml:1:1: id: "r1" is taken by a.yml:1; one of its own`, ""},
		{"id is name", []string{rule("r1", "id: r1")}, "", ""},
		{"unknown rule", []string{rule("rule_one"), chain("c", "rule_on")}, `b.yml:3:42: correlation.rules: no rule "rule_on"; did you mean rule_one?`, ""},
		{"self", []string{chain("c", "c")}, `a.yml:3:42: correlation.rules: "c" refers back to this correlation; no cycle`, ""},
		{"cycle", []string{chain("c1", "c2"), chain("c2", "c3"), chain("c3", "c1")}, `c.yml:3:42: correlation.rules: "c1" refers back to this correlation; no cycle`, ""},
		{"filter listed", []string{rule("r1"), filter("[r1]", "", "not s"), chain("c", "f1")}, `c.yml:3:42: correlation.rules: "f1" is a filter; a rule or a correlation`, ""},
		{"filter names correlation", []string{rule("r1"), chain("c", "r1"), filter("[c, r1]", "", "not s")}, "",
			`c.yml:5:11: filter.rules: "c" is a correlation; filters apply to rules: name the rules that it lists`},
		{"inner group", []string{rule("r1"), chain("c1", "r1", ", group-by: [ip]"), chain("c2", "c1", ", group-by: [user]")},
			`c.yml:3:42: correlation.group-by: "user" is not in the group-by of "c1"; a field of its group-by, or an alias for one`, ""},
		{"inner group by alias", []string{rule("r1"), chain("c1", "r1", ", group-by: [ip]"), chain("c2", "c1", ", group-by: [who], aliases: {who: {c1: ip}}")}, "", ""},
		{"deprecated", []string{rule("r1", "status: deprecated")}, "", "a.yml:1:1: status: deprecated: not loaded; remove the file, or set another status"},
		{"misspelt key", []string{rule("r1", "polcy: [a]")}, "", "a.yml:5:8: polcy: an unknown key; did you mean policy?"},
		{"unused", []string{strings.Replace(rule("r1"), "{s: {", "{t: {f: 1}, s: {", 1)}, "", "a.yml:4:13: detection.t: the condition does not use this selection; use it, or remove it"},
		{"baseline", []string{"title: b\nlogsource: {product: p}\nbaseline: {type: rare}\n"}, "a.yml:3:12: baseline: a baseline, which is not supported yet; a detection or correlation", ""},
	} {
		_, errs, warnings := NewSet(parseAll(t, tt.in...), Options{})
		if diff := cmp.Diff([]string{tt.errs, tt.warnings}, []string{errs.Error(), warnings.Error()}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
	set, _, _ := NewSet(parseAll(t, rule("r1", "status: unsupported")), Options{LoadDeprecated: true})
	if len(set.Rules) != 1 {
		t.Error("LoadDeprecated does not load")
	}
}

func TestSetOrderAndAlerts(t *testing.T) {
	chain := func(name, rules, generate, level string) string {
		return fmt.Sprintf("title: t\nname: %s\nlevel: %s\ncorrelation: {type: event_count, rules: [%s], timespan: 1m, condition: {gte: 2}, generate: %s}\n", name, level, rules, generate)
	}
	set, errs, _ := NewSet(parseAll(t, chain("outer", "inner, r1", "false", "high"), rule("r1"), chain("inner", "r2, r3", "true", "low"), rule("r2"), rule("r3"),
		rule("r4"), rule("r5", "level: informational"), chain("other", "r3", "false", "informational")), Options{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	got := map[string]bool{}
	var order []string
	for _, c := range set.Correlations {
		order = append(order, c.Name)
		got[c.Name] = c.Alerts
	}
	for _, r := range set.Rules {
		got[r.Name] = r.Alerts
	}
	if diff := cmp.Diff([]string{"inner", "outer", "other"}, order); diff != "" {
		t.Errorf("order (-want +got)\n%s", diff)
	}
	want := map[string]bool{"outer": true, "inner": false, "other": false, "r1": false, "r2": true, "r3": true, "r4": true, "r5": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts (-want +got)\n%s", diff)
	}
	set, errs, _ = NewSet(parseAll(t, chain("outer", "inner, r1", "false", "high"), rule("r1"), chain("inner", "nope", "true", "low")), Options{})
	if len(errs) != 1 || len(set.Correlations) != 0 {
		t.Errorf("a correlation over a broken one: %v, %d left", errs, len(set.Correlations))
	}
}

func TestSetInputs(t *testing.T) {
	set, errs, _ := NewSet(parseAll(t, strings.Replace(rule("r1"), "title: r1", "title: a", 1), rule("r2"), correlation("event_count", "gte: 2"),
		"title: o\ncorrelation: {type: event_count, rules: [c, r1], timespan: 1m, condition: {gte: 2}}\n", filter("any", "", "not s")), Options{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	outer := set.Correlations[1]
	if outer.Inputs[0] != Document(set.Correlations[0]) || outer.Inputs[1] != Document(set.Rules[0]) {
		t.Error("inputs are not the documents of the set")
	}
}

func TestResolve(t *testing.T) {
	value := func(name, value string) string {
		return fmt.Sprintf("title: t\nname: %s\nlogsource: {product: p}\ndetection:\n  s:\n    f|expand: %s\n  condition: s\n", name, value)
	}
	lists := testLists{"adm": {"root", "Ad*min"}, "x": {"1", "2"}, "empty": nil}
	for _, tt := range []struct{ in, want string }{
		{"'%adm%'", `f [list adm]`},
		{"'%empty%'", `f [list empty]`},
		{"'a%x%b'", `f [text "a1b" or text "a2b"]`},
		{"'%x%-%x%'", `f [text "1-1" or text "2-1" or text "1-2" or text "2-2"]`},
		{"['*\\\\%adm%', z]", ""},
		{"'/%adm%/*'", `f [text "/root/*" or text "/ad\\*min/*"]`},
		{"'%nope%'", `a.yml:6:15: f: the unknown list %nope%; a list of that name`},
		{"'a%nope%'", `a.yml:6:15: f: the unknown list %nope%; a list of that name`},
		{"'a%empty%'", `a.yml:6:15: f: the empty list %empty% inside a longer text; at least one entry`},
		{"'" + strings.Repeat("-%x%", 14) + "'", "a.yml:6:15: f: a text that expands to more than 10000 values; a value that is one placeholder and nothing else"},
	} {
		docs, errs := Parse("a.yml", []byte(value("r", tt.in)))
		if len(errs) > 0 {
			if tt.want != "" {
				t.Errorf("%s: %v", tt.in, errs)
			}
			continue
		}
		set, _, _ := NewSet(docs, Options{})
		got, errs := set.Resolve(lists)
		text := errs.Error()
		if len(errs) == 0 {
			text = render(got.Rules[0])
		}
		if diff := cmp.Diff(tt.want, text); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.in, diff)
		}
	}
	set, _, _ := NewSet(parseAll(t, value("r1", "'%adm%'"), value("r2", "'%nope%'"), correlation("event_count", "gte: 1")), Options{})
	got, errs := set.Resolve(lists)
	if len(errs) != 1 || len(got.Rules) != 1 || len(got.Correlations) != 0 {
		t.Errorf("%v, %d rules, %d correlations", errs, len(got.Rules), len(got.Correlations))
	}
	if got, errs = set.Resolve(nil); len(errs) != 2 || len(got.Rules) != 0 {
		t.Errorf("without lists: %v", errs)
	}
}
