package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Limits of the search page.
const (
	pageRows     = 200
	mostPageRows = 2000
	searchTime   = 40 * time.Second
)

// searchView is the search page.
type searchView struct {
	Q, Since, Until string
	Limit           int
	Asked           bool // there is a result or an error
	SQLText         bool // the question is a statement: the range does not apply
	Fault           *faultView
	Chart           chart
	Events          []eventView
	Table           tableView
	Count           int
	Truncated       bool
	Broken          error // ended midway
	Took            time.Duration
	Export          string // link to the same result as CSV
	SQL             string
	Params          []paramView
	Ranges          []rangeView
	Help            []helpLine
}

// faultView shows an error and where in the question it is.
type faultView struct {
	Message, Hint     string
	Before, At, After string // the question around the fault; all "" when the place is not known
}

type paramView struct{ Name, Value string }

type rangeView struct {
	Text, Link string
	Chosen     bool
}

type helpLine struct{ Example, Key, Link string }

func (c *Console) searchPage(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	in := r.URL.Query()
	v := searchView{Q: strings.TrimSpace(in.Get("q")), Since: in.Get("since"), Until: in.Get("until"), Limit: limitOf(in.Get("limit"), pageRows, mostPageRows)}
	if v.Since == "" && v.Until == "" {
		v.Since = "1h"
	}
	v.Asked = in.Has("q")
	v.Ranges, v.Help, v.Export = ranges(v), help, v.export(time.Now())
	status := http.StatusOK
	if v.Asked {
		if err := c.fill(r, &v); err != nil {
			v.Fault = p.fault(err, v.Q)
			status = c.status(err)
		}
	}
	c.draw(w, r, p, status, frame{Page: "search", Title: p.say("search"), Content: v})
}

// limitOf reads a bound of rows from a form.
func limitOf(text string, usual, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return usual
	}
	return min(n, most)
}

// fill asks the question and, beside it, the chart.
func (c *Console) fill(r *http.Request, v *searchView) error {
	now := time.Now()
	q, err := question(v.values(), now, c.config.Zone)
	if err != nil {
		return err
	}
	if c.deps.Search == nil {
		return errAbsent
	}
	sql, params, err := c.deps.Search.Explain(r.Context(), q)
	if err != nil {
		return err
	}
	v.SQL, v.SQLText = sql, sql != "" && strings.HasPrefix(q.Text, sql) // a statement is explained by itself
	for _, name := range slices.Sorted(maps.Keys(params)) {
		v.Params = append(v.Params, paramView{name, params[name]})
	}
	c.audit(r, "query", q.Text)
	var all sync.WaitGroup
	var x result
	all.Go(func() { x = c.gather(r.Context(), q, searchTime) })
	all.Go(func() { v.Chart = c.histogram(r.Context(), q, v, now) })
	all.Wait()
	if x.Err != nil && len(x.Rows) == 0 {
		return x.Err
	}
	v.Broken, v.Truncated, v.Count, v.Took = x.Err, x.Truncated, len(x.Rows), x.Took
	c.show(x, v)
	return nil
}

func (v *searchView) values() url.Values {
	return url.Values{"q": {v.Q}, "since": {v.Since}, "until": {v.Until}, "limit": {strconv.Itoa(v.Limit)}}
}

// histogram counts the events of a search over its range: the search without its
// stages, and a timechart. A statement, and a search of all times, has none.
func (c *Console) histogram(ctx context.Context, q Question, v *searchView, now time.Time) chart {
	if v.SQLText || q.Since.IsZero() {
		return chart{}
	}
	until := q.Until
	if until.IsZero() {
		until = now
	}
	s := cutInSteps(q.Since, until)
	where, _ := splitStages(q.Text)
	ask := Question{Text: where + " | timechart " + stepText(s.step), Since: s.since, Until: q.Until, Limit: 4 * maxBars}
	x := c.gather(ctx, ask, searchTime/2)
	if len(x.Columns) < 2 {
		return chart{Err: x.Err}
	}
	return c.chartOf(x, s).linked(v.values(), s.start(s.since, c.config.Zone), s.step)
}

func stepText(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return d.String()
}

// splitStages cuts a search before its first stage: a bar outside quotes and
// regular expressions.
func splitStages(q string) (where, stages string) {
	quoted, regexp := false, false
	for i := 0; i < len(q); i++ {
		switch ch := q[i]; {
		case ch == '\\' && (quoted || regexp):
			i++
		case ch == '"' && !regexp:
			quoted = !quoted
		case ch == '/' && !quoted && (regexp || i > 0 && q[i-1] == ':'):
			regexp = !regexp
		case ch == '|' && !quoted && !regexp:
			return strings.TrimSpace(q[:i]), q[i:]
		}
	}
	return strings.TrimSpace(q), ""
}

// fault finds the place of an error in the question.
func (s speech) fault(err error, q string) *faultView {
	var bad *BadRequest
	if !errors.As(err, &bad) {
		return &faultView{Message: s.reason(err)}
	}
	f := &faultView{Message: bad.Message, Hint: bad.Hint}
	if runes := []rune(q); bad.Column > 0 && bad.Column <= len(runes)+1 {
		i := bad.Column - 1
		f.Before, f.At = string(runes[:i]), " "
		end := i
		for end < len(runes) && (end == i || !unicode.IsSpace(runes[end])) {
			end++
		}
		if i < end {
			f.At, f.After = string(runes[i:end]), string(runes[end:])
		}
	}
	return f
}

func ranges(v searchView) (list []rangeView) {
	for _, age := range []string{"15m", "1h", "6h", "24h", "7d", "30d"} {
		q := v.values()
		q.Set("since", age)
		q.Del("until")
		list = append(list, rangeView{age, "/search?" + q.Encode(), v.Since == age && v.Until == ""})
	}
	return list
}

// help are examples of the language, each ready to run.
var help = func() []helpLine {
	list := []helpLine{
		{`"failed password" sshd`, "h_words", ""},
		{`user.name:adm* event.outcome:failure host.name:"web01"`, "h_field", ""},
		{`source.ip:203.0.113.0/24 ip:2001:db8::/32`, "h_net", ""},
		{`(action:login OR action:logon) NOT outcome:success`, "h_bool", ""},
		{`destination.port:>1024 bytes:[1000000 TO 9000000]`, "h_range", ""},
		{`url.domain:/(paste|share)/`, "h_regexp", ""},
		{`_exists_:user.name`, "h_exists", ""},
		{`fields['vendor.name']:value`, "h_map", ""},
		{`outcome:failure | count by source.ip, user.name`, "h_count", ""},
		{`network.direction:outbound | timechart 5m by destination.ip`, "h_chart", ""},
		{`SELECT peer, count() FROM events GROUP BY peer`, "h_sql", ""},
	}
	for i := range list {
		list[i].Link = "/search?" + url.Values{"q": {list[i].Example}, "since": {"1h"}}.Encode()
	}
	return list
}()
