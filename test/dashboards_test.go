package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yagura/deploy/demo"
)

// choices are the ways in which a person may set the variables.
var choices = map[string]variables{
	"all":   {"tenant": {allValues}, "zone": {allValues}, "host": {allValues}, "user": {allValues}, "clause": {allValues}, "address": {""}},
	"one":   {"tenant": {"demo"}, "zone": {"internet"}, "host": {"web01"}, "user": {"root"}, "clause": {"3-1"}, "address": {"203.0.113.66"}},
	"two":   {"tenant": {"demo", "other"}, "zone": {"internet", "mynumber"}, "host": {"web01", "dc01.honcho.example.jp"}, "user": {"root", "kanri"}, "clause": {"3-1", "6-3-1"}, "address": {"2001:db8::1"}},
	"quote": {"tenant": {"o'neil"}, "zone": {"a'b", "c"}, "host": {"') OR 1=1 --"}, "user": {"it's"}, "clause": {"'"}, "address": {"1' OR '1'='1"}},
}

// mayBeEmpty are panels without rows after the demo stories, with the reason.
var mayBeEmpty = map[string]string{
	"yagura-outbound#4":  "no story has a denied outbound connection",
	"yagura-outbound#24": "no story has DNS logs",
	"yagura-pipeline#30": "nothing is dead in a sound pipeline",
	"yagura-pipeline#32": "every line of the stories is parsed",
	"yagura-address#11":  "the attacker's address is never a destination",
}

// ofAlerts finds queries that have rows only once rules have fired.
var ofAlerts = regexp.MustCompile(`FROM (alerts|incidents|rule_minutes)\b|notEmpty\(rules\)`)

// answer is a result in the engine's JSONCompact format.
type answer struct {
	Meta []struct{ Name, Type string }
	Data [][]any
}

func (a answer) names() (names []string) {
	for _, m := range a.Meta {
		names = append(names, m.Name)
	}
	return names
}

func (e *env) ask(t *testing.T, sql string) (a answer) {
	t.Helper()
	text, err := e.trySQL(sql + "\nFORMAT JSONCompact")
	if err == nil {
		err = json.Unmarshal([]byte(text), &a)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, sql)
	}
	return a
}

// lastDay is the default range of the boards.
func lastDay() grafana {
	now := time.Now()
	return grafana{from: now.Add(-24 * time.Hour), to: now.Add(time.Minute), step: 60}
}

// atNight is a log-on at the last 03:00 in Japan: the boards show it whatever the
// hour at which the test runs.
func atNight() string {
	japan := time.FixedZone("JST", 9*60*60)
	now := time.Now().In(japan)
	night := time.Date(now.Year(), now.Month(), now.Day(), 3, 0, 0, 0, japan)
	if night.After(now) {
		night = night.AddDate(0, 0, -1)
	}
	return "<38>" + night.Format(time.Stamp) + " web01 sshd[99]: Accepted publickey for kanri from 10.1.0.20 port 50122 ssh2: RSA SHA256:9m3Zf0Kq1xR7uV5nT2wYc8bLhJp4sDgA6eQiXoUzMkE"
}

func TestDashboardsOverTheStories(t *testing.T) {
	e := start(t)
	stories, err := demo.Stories()
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, s := range stories {
		var lines []string
		for _, l := range s.Lines(time.Now().In(time.FixedZone("JST", 9*60*60))) {
			lines = append(lines, l.Text)
		}
		e.send(lines...)
		sent += len(lines)
	}
	e.send(atNight())
	sent++
	e.want("SELECT count() FROM events", fmt.Sprint(sent))
	e.settle()
	fired := e.sql("SELECT count() FROM alerts") != "0"
	if fired {
		e.until(30*time.Second, func() bool { return e.sql("SELECT count() FROM incidents") != "0" }, func() string { return "no incident" })
	} else {
		t.Log("no rule fired: panels of alerts are checked for errors only")
	}
	e.runBoards(t)
	for _, b := range readBoards(t) {
		g := lastDay()
		g.vars = initial(b)
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				key := fmt.Sprintf("%s#%d", b.UID, p.ID)
				rows := e.ask(t, g.expand(t, target.RawSQL))
				empty := !hasValue(rows)
				expectable := fired || !ofAlerts.MatchString(target.RawSQL)
				switch why := mayBeEmpty[key]; {
				case empty && expectable && why == "":
					t.Errorf("%s %s: no rows\n%s", key, p.Title, target.RawSQL)
				case !empty && why != "":
					t.Errorf("%s %s has rows, although %s: take it off the list", key, p.Title, why)
				}
			}
		}
	}
}

func TestDashboardsOnAnEmptyDatabase(t *testing.T) {
	e := start(t)
	e.runBoards(t)
}

// initial is what the variables are when a board is opened, with an address typed.
func initial(b board) variables {
	v := variables{"address": {"203.0.113.66"}}
	for _, x := range b.Templating.List {
		if list, ok := x.Current.Value.([]any); ok {
			for _, one := range list {
				v[x.Name] = append(v[x.Name], fmt.Sprint(one))
			}
		}
	}
	return v
}

func hasValue(a answer) bool {
	for _, row := range a.Data {
		if slices.ContainsFunc(row, func(v any) bool { return v != nil }) {
			return true
		}
	}
	return false
}

// runBoards runs every query of every board with every choice and checks what the
// plugin needs of the columns.
func (e *env) runBoards(t *testing.T) {
	t.Helper()
	queries := 0
	for _, b := range readBoards(t) {
		for name, vars := range choices {
			g := lastDay()
			g.vars = vars
			t.Run(b.UID+"/"+name, func(t *testing.T) {
				for _, p := range b.Panels {
					for _, target := range p.Targets {
						queries++
						a := e.ask(t, g.expand(t, target.RawSQL))
						checkColumns(t, p.Title, target.Format, a)
						for _, o := range p.FieldConfig.Overrides {
							if !slices.Contains(a.names(), fmt.Sprint(o.Matcher.Options)) {
								t.Errorf("%s: no column %v in %v", p.Title, o.Matcher.Options, a.names())
							}
						}
					}
				}
				for _, v := range b.Templating.List {
					if v.Type != "query" {
						continue
					}
					var q boardTarget
					if err := json.Unmarshal(v.Query, &q); err != nil {
						t.Fatal(err)
					}
					queries++
					if a := e.ask(t, g.expand(t, q.RawSQL)); len(a.Meta) > 2 || len(a.Data) > 1000 {
						t.Errorf("variable %s: %v, %d rows", v.Name, a.names(), len(a.Data))
					}
				}
				for _, n := range b.Annotations.List {
					queries++
					a := e.ask(t, g.expand(t, n.Target.RawSQL))
					if want := []string{"time", "title", "text", "tags"}; !slices.Equal(a.names(), want) {
						t.Errorf("annotation: columns %v, want %v", a.names(), want)
					}
				}
			})
		}
	}
	t.Logf("%d queries", queries)
}

// logLevels are the words that Grafana colours.
var logLevels = []string{"critical", "error", "warn", "info", "debug", "trace"}

func checkColumns(t *testing.T, title string, format int, a answer) {
	t.Helper()
	if len(a.Meta) == 0 {
		return // the error is reported already
	}
	if len(a.Data) > 1500 {
		t.Errorf("%s: %d rows", title, len(a.Data))
	}
	switch format {
	case formatSeries:
		checkSeries(t, title, a)
	case formatLogs:
		if names := a.names(); !slices.Equal(names[:3], []string{"timestamp", "body", "level"}) {
			t.Errorf("%s: columns %v; want timestamp, body, level first", title, names)
		}
		for i, row := range a.Data {
			if !slices.Contains(logLevels, fmt.Sprint(row[2])) {
				t.Errorf("%s: level %v", title, row[2])
			}
			if i > 0 && fmt.Sprint(a.Data[i-1][0]) < fmt.Sprint(row[0]) {
				t.Errorf("%s: the newest must come first", title)
			}
		}
	case formatTable:
		if len(a.Data) > 200 {
			t.Errorf("%s: %d rows in a table", title, len(a.Data))
		}
	}
}

// number matches the types that become values of a series.
var number = regexp.MustCompile(`^(Nullable\()?(U?Int|Float|Decimal)`)

func checkSeries(t *testing.T, title string, a answer) {
	t.Helper()
	if a.Meta[0].Name != "time" || !strings.HasPrefix(a.Meta[0].Type, "DateTime") {
		t.Errorf("%s: the first column is %v; want time, a DateTime", title, a.Meta[0])
	}
	values := 0
	for _, m := range a.Meta[1:] {
		if number.MatchString(m.Type) {
			values++
		}
	}
	if values == 0 {
		t.Errorf("%s: no column of numbers in %v", title, a.Meta)
	}
	for i, row := range a.Data {
		if i > 0 && fmt.Sprint(a.Data[i-1][0]) > fmt.Sprint(row[0]) {
			t.Errorf("%s: times do not ascend", title)
		}
	}
}
