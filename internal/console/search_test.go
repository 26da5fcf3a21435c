package console

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestSplitStages(t *testing.T) {
	for q, want := range map[string][2]string{
		"":                                     {"", ""},
		"a b":                                  {"a b", ""},
		"a | count by b":                       {"a", "| count by b"},
		"| count":                              {"", "| count"},
		`"a | b" c | limit 1`:                  {`"a | b" c`, "| limit 1"},
		`"a \" | b" | limit 1`:                 {`"a \" | b"`, "| limit 1"},
		`url.path:/a|b\/c|d/ x | count`:        {`url.path:/a|b\/c|d/ x`, "| count"},
		`source.ip:10.0.0.0/8 b/c | count | x`: {"source.ip:10.0.0.0/8 b/c", "| count | x"},
		`"never closed | a`:                    {`"never closed | a`, ""},
	} {
		where, stages := splitStages(q)
		if where != want[0] || stages != want[1] {
			t.Errorf("splitStages(%q) = %q, %q", q, where, stages)
		}
	}
}

func TestFilterTerm(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"source.ip", "192.0.2.1", `source.ip:"192.0.2.1"`},
		{"user.name", `DOM\a"b`, `user.name:"DOM\\a\"b"`},
		{"yagura.zone", "internet", `yagura.zone:"internet"`},
		{"vendor.x", "y", `fields['vendor.x']:"y"`},
		{"vendor'x", "y", ""},
		{"sum(bytes)", "1", ""},
		{"user.name", "", ""},
	} {
		if got := filterTerm(tt.name, tt.value); got != tt.want {
			t.Errorf("filterTerm(%q, %q) = %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"日本語 a\tb\nc":                  "日本語 a\tb\nc",
		"<a href='x'>&":                "&lt;a href=&#39;x&#39;&gt;&amp;",
		"a\u202eb":                     `a<span class="ctl">U+202E</span>b`,
		"\x00\x1b\x7f":                 `<span class="ctl">U+0000</span><span class="ctl">U+001B</span><span class="ctl">U+007F</span>`,
		"\u0085\u2028":                 `<span class="ctl">U+0085</span><span class="ctl">U+2028</span>`,
		"\U000e0041":                   `<span class="ctl">U+E0041</span>`,
		"a\xff\xfe\ufffd":              `a<span class="ctl">\xFF</span><span class="ctl">\xFE</span>` + "\ufffd",
		strings.Repeat("あ", mostShown): strings.Repeat("あ", mostShown/3) + `<span class="ctl">… +32768 bytes</span>`,
	} {
		if got := string(visible(in)); got != want {
			t.Errorf("visible(%.40q) = %.120q, want %.120q", in, got, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add(evil)
	f.Add("\u202e\xff<")
	f.Fuzz(func(t *testing.T, s string) {
		out := strings.ReplaceAll(strings.ReplaceAll(string(visible(s)), `<span class="ctl">`, ""), "</span>", "")
		if i := strings.IndexAny(out, "<>\"'"); i >= 0 {
			t.Errorf("%q: %q is not escaped", s, out[i])
		}
		if strings.ContainsFunc(out, func(r rune) bool { return treacherous(r) && r != '\n' && r != '\t' }) {
			t.Errorf("%q: treacherous: %q", s, out)
		}
	})
}

func TestCutInSteps(t *testing.T) {
	until := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]time.Duration{
		time.Second: time.Second, 15 * time.Minute: 10 * time.Second, time.Hour: time.Minute, 24 * time.Hour: 30 * time.Minute,
		7 * 24 * time.Hour: 3 * time.Hour, 30 * 24 * time.Hour: 12 * time.Hour, 100 * 365 * 24 * time.Hour: 30 * 24 * time.Hour,
	} {
		s := cutInSteps(until.Add(-age), until)
		if s.step != want || s.until.Sub(s.since) > maxBars*s.step {
			t.Errorf("%s: step %s, want %s", age, s.step, want)
		}
	}
	tokyo := time.FixedZone("JST", 9*3600)
	day := span{step: 24 * time.Hour}
	if got := day.start(time.Date(2026, 11, 24, 1, 0, 0, 0, tokyo), tokyo); !got.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, tokyo)) {
		t.Errorf("day begins %s", got)
	}
}

func TestHistogramOfASearch(t *testing.T) {
	e := newEnv(t)
	base := time.Now().UTC().Truncate(time.Minute)
	e.search.answers["| timechart"] = rowsOf(named("time DateTime", "count UInt64"),
		[]any{base.Add(-10 * time.Minute).Format(time.RFC3339), uint64(40)}, []any{base.Add(-5 * time.Minute).Format(time.RFC3339), uint64(20)},
		[]any{base.Add(-5 * time.Hour).Format(time.RFC3339), uint64(999)}) // outside: not drawn
	body := e.do("GET", "/search?"+url.Values{"q": {"sshd | limit 5"}, "since": {"1h"}}.Encode(), "").Body.String()
	if n := strings.Count(body, `<rect class="g0"`); n != 2 {
		t.Errorf("%d bars", n)
	}
	if !strings.Contains(body, `<small>60 `) {
		t.Error("the sum is missing")
	}
	asked := map[string]bool{}
	for _, q := range e.search.asked {
		asked[q.Text] = true
	}
	if !asked["sshd | timechart 1m0s"] || !asked["sshd | limit 5"] {
		t.Errorf("asked %v", asked)
	}
}

func TestSeriesIsDrawnByGroup(t *testing.T) {
	e := newEnv(t)
	row := func(minute int, host string, n uint64) []any {
		return []any{time.Date(2026, 11, 24, 9, minute, 0, 0, time.UTC).Format(time.RFC3339), host, n}
	}
	e.search.answers["by host"] = rowsOf(named("time DateTime", "host.name String", "count UInt64"), row(0, "a", 5), row(0, "b", 7), row(5, "a", 1), row(15, "b", 1))
	body := e.do("GET", "/search?"+url.Values{"q": {"x | timechart 5m by host.name"}, "since": {"30d"}}.Encode(), "").Body.String()
	if strings.Count(body, `<rect class="g0"`) != 2 || strings.Count(body, `<rect class="g1"`) != 2 || !strings.Contains(body, `<i class="g0"></i>b</span>`) {
		t.Errorf("bars or legend are wrong:\n%s", body)
	}
}

func TestSearchPage(t *testing.T) {
	tests := []struct{ name, query, has, lacks string }{
		{"first visit asks nothing", "", "検索式の書き方", `id="results"`},
		{"error shows its place", "q=a+bad+c", "<pre>a <mark>bad</mark> c</pre>", `id="results"`},
		{"error in a time", "q=a&since=tomorrow", "30d, or a time", `id="results"`},
		{"nothing found", "q=a", "該当するイベントはありません", ""},
		{"the SQL", "q=a", "SELECT 1 /* a */", ""},
		{"an event", "q=needle", "vendor.x", "該当する"},
		{"filter by value", "q=needle", `href="/search?limit=200&amp;q=needle&#43;source.ip%3A%22192.0.2.1%22&amp;since=1h`, ""},
		{"filter of alternatives", "q=needle+OR+b", `q=%28needle&#43;OR&#43;b%29&#43;NOT&#43;source.ip%3A%22192.0.2.1%22`, ""},
		{"values kept together", "q=needle", `<span class="value">b</span>`, "\x1f"},
		{"a statement", "q=SELECT+1+needle", "SELECT 文には期間の指定が効きません", `class="events"`},
	}
	for _, tt := range tests {
		body := filled(t).do("GET", "/search?"+tt.query, "").Body.String()
		if !strings.Contains(body, tt.has) || tt.lacks != "" && strings.Contains(body, tt.lacks) {
			t.Errorf("%s: want %q and not %q in\n%s", tt.name, tt.has, tt.lacks, body)
		}
	}
}

func TestColumnTypes(t *testing.T) {
	for typ, want := range map[string]string{
		"DateTime64(6, 'UTC')": "time", "Nullable(DateTime)": "time", "Date32": "time", "SimpleAggregateFunction(max, DateTime64(9, 'UTC'))": "time",
		"SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC')))": "time", "UInt64": "number", "LowCardinality(Nullable(Int8))": "number", "Float64": "number",
		"String": "", "Array(UInt64)": "", "IPv6": "", "IntervalDay": "", "SimpleAggregateFunction(max, String)": "",
	} {
		got := ""
		if isTime(Column{Type: typ}) {
			got = "time"
		} else if isNumber(Column{Type: typ}) {
			got = "number"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", typ, got, want)
		}
	}
}

func TestFaultOfTheEngineIsShort(t *testing.T) {
	for _, c := range []struct{ err, want string }{
		{"query: sendQuery: [HTTP 404] code: 47, message: Unknown identifier `x`", "Unknown identifier `x`"},
		{"query: code: 62, message: Syntax error", "Syntax error"},
		{"engine away", "engine away"},
		{`query: failed to query server hello: sendQuery: Post "http://grafana:***@engine?a=b&c=d": context deadline exceeded`, words["store_slow"][1]},
		{`query: sendQuery: Post "http://grafana:***@engine?a=b": dial unix d/engine.sock: connect: connection refused`, words["store_away"][1]},
		{"query: sendQuery: clickhouse: acquire conn timeout. you can increase the number", words["store_slow"][1]},
		{`query: sendQuery: Post "http://grafana:***@engine?a=b": strange`, "query: sendQuery: strange"},
	} {
		if got := languages["en"].fault(errors.New(c.err), "q").Message; got != c.want {
			t.Errorf("%s: %s", c.err, got)
		}
	}
}
