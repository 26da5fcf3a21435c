package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yagura/dashboards"
)

// This file does with a board's queries what Grafana and its ClickHouse plugin do:
// it expands macros and variables. There is no Grafana to run here.

// board is what the tests need of a dashboard's JSON.
type board struct {
	UID    string `json:"uid"`
	Panels []struct {
		ID          int           `json:"id"`
		Type        string        `json:"type"`
		Title       string        `json:"title"`
		Targets     []boardTarget `json:"targets"`
		FieldConfig struct {
			Overrides []struct {
				Matcher struct {
					ID      string `json:"id"`
					Options any    `json:"options"`
				} `json:"matcher"`
			} `json:"overrides"`
		} `json:"fieldConfig"`
	} `json:"panels"`
	Templating struct {
		List []struct {
			Name    string          `json:"name"`
			Type    string          `json:"type"`
			Query   json.RawMessage `json:"query"`
			Current struct {
				Value any `json:"value"`
			} `json:"current"`
		} `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []struct {
			Target boardTarget `json:"target"`
		} `json:"list"`
	} `json:"annotations"`
}

type boardTarget struct {
	RawSQL string `json:"rawSql"`
	Format int    `json:"format"`
}

// Values of boardTarget.Format.
const (
	formatSeries = iota
	formatTable
	formatLogs
)

func readBoards(t *testing.T) []board {
	t.Helper()
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	var all []board
	for name, text := range files {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b board) int { return strings.Compare(a.UID, b.UID) })
	return all
}

// variables are the chosen values; allValues is the choice of all.
type variables map[string][]string

const allValues = "$__all"

// grafana expands what a browser and the plugin's backend expand, for one range.
type grafana struct {
	from, to time.Time
	step     int // seconds
	vars     variables
}

var singleQuoted = regexp.MustCompile(`\$\{(\w+):singlequote\}`)

func (g grafana) expand(t *testing.T, sql string) string {
	t.Helper()
	sql = macro(t, sql, "conditionalAll", func(a []string) string {
		v := g.vars[strings.TrimPrefix(strings.TrimSpace(a[1]), "$")]
		if joined := strings.Join(v, ","); joined == "" || joined == allValues {
			return "1=1"
		}
		return a[0]
	})
	sql = singleQuoted.ReplaceAllStringFunc(sql, func(m string) string {
		var quoted []string
		for _, v := range g.vars[singleQuoted.FindStringSubmatch(m)[1]] {
			quoted = append(quoted, "'"+strings.ReplaceAll(v, "'", `\'`)+"'")
		}
		if quoted == nil {
			return "''"
		}
		return strings.Join(quoted, ",")
	})
	from, to := fmt.Sprintf("toDateTime(%d)", g.from.Unix()), fmt.Sprintf("toDateTime(%d)", g.to.Unix())
	sql = macro(t, sql, "timeFilter", func(a []string) string {
		return fmt.Sprintf("%s >= %s AND %s <= %s", a[0], from, a[0], to)
	})
	sql = macro(t, sql, "timeInterval", func(a []string) string {
		return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", a[0], g.step)
	})
	sql = strings.NewReplacer("$__fromTime", from, "$__toTime", to, "$__interval_s", fmt.Sprint(g.step)).Replace(sql)
	if i := strings.Index(sql, "$"); i >= 0 {
		t.Errorf("what is %.40s in\n%s", sql[i:], sql)
	}
	return sql
}

// macro replaces every $__name(…), the innermost first.
func macro(t *testing.T, sql, name string, replace func(args []string) string) string {
	t.Helper()
	head := "$__" + name + "("
	for {
		at := strings.LastIndex(sql, head)
		if at < 0 {
			return sql
		}
		args, length := arguments(sql[at+len(head):])
		if length == 0 {
			t.Fatalf("no end of %s in\n%s", name, sql)
		}
		sql = sql[:at] + replace(args) + sql[at+len(head)+length:]
	}
}

// arguments splits what stands before the closing bracket at commas that stand in
// no bracket and no string; length includes the bracket.
func arguments(text string) (args []string, length int) {
	depth, start, quoted := 0, 0, false
	for i, c := range text {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ',' && depth == 0:
			args, start = append(args, text[start:i]), i+1
		case (c == ')' || c == ']') && depth > 0:
			depth--
		case c == ')':
			return append(args, text[start:i]), i + 1
		}
	}
	return nil, 0
}

func TestMacrosExpandAsThePluginDoes(t *testing.T) {
	g := grafana{from: time.Unix(100, 0), to: time.Unix(200, 0), step: 60, vars: variables{"a": {"x", "it's"}, "all": {allValues}}}
	for _, c := range []struct{ in, want string }{
		{"$__timeFilter(minute)", "minute >= toDateTime(100) AND minute <= toDateTime(200)"},
		{"$__timeInterval(m + INTERVAL 7 DAY) AS time", "toStartOfInterval(toDateTime(m + INTERVAL 7 DAY), INTERVAL 60 second) AS time"},
		{"$__conditionalAll(c IN (${a:singlequote}), $a)", `c IN ('x','it\'s')`},
		{"$__conditionalAll((f(c, 1) OR d IN (${all:singlequote})), $all) AND 1", "1=1 AND 1"},
		{"x > $__fromTime / $__interval_s", "x > toDateTime(100) / 60"},
		{"${none:singlequote}", "''"},
	} {
		if got := g.expand(t, c.in); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}
