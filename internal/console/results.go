package console

import (
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yagura/internal/event"
)

// eventView is one event of a search without stages.
type eventView struct {
	Time                   time.Time
	Host, What, Who        string
	From, To, Message, Raw string
	Failure                bool
	Matched                []string // rules
	Fields                 []fieldView
}

// fieldView is a value with links that search for it and without it.
type fieldView struct{ Name, Value, Add, Not string }

// tableView is any other result.
type tableView struct {
	Columns []Column
	Rows    [][]cellView
}

type cellView struct {
	Value   string
	Time    time.Time // when the column holds times
	Numeric bool
	Link    string // "" is none
}

// show turns rows into what the page draws.
func (c *Console) show(x result, v *searchView) {
	at := x.places()
	_, hasTime := at["@timestamp"]
	_, hasRaw := at["event.original"]
	if !v.SQLText && hasTime && hasRaw {
		for _, row := range x.Rows {
			v.Events = append(v.Events, showEvent(x.Columns, at, row, v))
		}
		return
	}
	v.Table = showTable(x, v)
	if n := len(x.Columns); n > 1 && isTime(x.Columns[0]) && isNumber(x.Columns[n-1]) && len(x.Rows) > 1 {
		if series := c.series(x); len(series.Bars) > 0 {
			v.Chart = series
		}
	}
}

// series draws a result that is itself a course over time, in its own steps.
func (c *Console) series(x result) chart {
	var times []time.Time
	for _, row := range x.Rows {
		times = append(times, rowTime(row[0]))
	}
	slices.SortFunc(times, time.Time.Compare)
	times = slices.Compact(times)
	step := time.Duration(1<<63 - 1)
	for i := range times[1:] {
		step = min(step, times[i+1].Sub(times[i]))
	}
	if len(times) < 2 || step < time.Second || times[0].Unix() <= 0 {
		return chart{}
	}
	first, last := times[0], times[len(times)-1].Add(step)
	if last.Sub(first) > 2*maxBars*step {
		step = cutInSteps(first, last).step
	}
	return c.chartOf(x, span{first, last, step})
}

func showEvent(columns []Column, at map[string]int, row []any, v *searchView) eventView {
	get := func(name string) string {
		if i, ok := at[name]; ok {
			return plainText(row[i])
		}
		return ""
	}
	e := eventView{
		Time: rowTime(row[at["@timestamp"]]), Host: get("host.name"), Who: get("user.name"),
		What: joined(" ", get("event.action"), get("event.outcome")), Failure: get("event.outcome") == "failure",
		From: joined(":", get("source.ip"), port(get("source.port"))), To: joined(":", get("destination.ip"), port(get("destination.port"))),
		Message: get("message"), Raw: get("event.original"),
	}
	if i, ok := at["yagura.rules"]; ok {
		e.Matched = listOf(row[i])
	}
	if e.Message == "" {
		e.Message = e.Raw
	}
	for i, col := range columns {
		switch {
		case col.Name == "message", col.Name == "event.original":
		case col.Name == "fields":
			m, _ := row[i].(map[string]any)
			for _, k := range slices.Sorted(maps.Keys(m)) {
				e.Fields = append(e.Fields, v.fields(k, plainText(m[k]), false)...)
			}
		default:
			for _, value := range listOf(row[i]) {
				e.Fields = append(e.Fields, v.fields(col.Name, value, isTime(col) || col.Name == "event.id")...)
			}
		}
	}
	return e
}

func port(s string) string {
	if s == "0" {
		return ""
	}
	return s
}

func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

// fields makes the rows of a value; several values of one name are kept joined
// with U+001F in the store.
func (v *searchView) fields(name, value string, plain bool) (list []fieldView) {
	for _, one := range strings.Split(value, "\x1f") {
		if one == "" || (one == "0" && strings.HasSuffix(name, ".port")) {
			continue
		}
		f := fieldView{Name: name, Value: one}
		if term := filterTerm(name, one); term != "" && !plain {
			f.Add, f.Not = v.with(term), v.with("NOT "+term)
		}
		list = append(list, f)
	}
	return list
}

// with is the link to this search, narrowed by a term and without its stages.
func (v *searchView) with(term string) string {
	where, _ := splitStages(v.Q)
	if strings.Contains(where, " OR ") {
		where = "(" + where + ")"
	}
	q := v.values()
	q.Set("q", strings.TrimSpace(where+" "+term))
	return "/search?" + q.Encode()
}

// filterTerm is the condition that a field has exactly this value, "" when the
// language cannot say it.
func filterTerm(name, value string) string {
	if value == "" || len(value) > 1000 || strings.ContainsAny(name, `"' ()`) {
		return ""
	}
	if _, ecs := event.FieldByName(name); !ecs && !strings.HasPrefix(name, "yagura.") {
		name = "fields['" + name + "']"
	}
	return name + `:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func showTable(x result, v *searchView) tableView {
	t := tableView{Columns: x.Columns}
	_, stages := splitStages(v.Q)
	for _, row := range x.Rows {
		cells := make([]cellView, len(row))
		for i, value := range row {
			col := x.Columns[i]
			cells[i] = cellView{Value: plainText(value), Numeric: isNumber(col)}
			if f, ok := value.(float64); ok {
				cells[i].Value = short(f)
			}
			if isTime(col) {
				cells[i].Time = rowTime(value)
			} else if !v.SQLText && stages != "" && !cells[i].Numeric && !strings.Contains(col.Name, "(") {
				if term := filterTerm(col.Name, cells[i].Value); term != "" {
					cells[i].Link = v.with(term)
				}
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// short writes a number with six digits; the API has them all.
func short(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 6, 64)
}

func isTime(c Column) bool { return strings.HasPrefix(bare(c.Type), "Date") }

func isNumber(c Column) bool {
	t := bare(c.Type)
	return strings.HasPrefix(t, "UInt") || strings.HasPrefix(t, "Int") && !strings.HasPrefix(t, "Interval") || strings.HasPrefix(t, "Float") || strings.HasPrefix(t, "Decimal")
}

// bare takes the wrappers off a type.
func bare(t string) string {
	if rest, ok := strings.CutPrefix(t, "SimpleAggregateFunction("); ok {
		_, t, _ = strings.Cut(rest, ", ")
	}
	return strings.TrimPrefix(strings.TrimPrefix(t, "LowCardinality("), "Nullable(")
}

// plainText is a value in one line.
func plainText(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case []any:
		return strings.Join(listOf(x), ", ")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// listOf takes a list apart; one value is a list of one.
func listOf(v any) (list []string) {
	if many, ok := v.([]any); ok {
		for _, e := range many {
			list = append(list, plainText(e))
		}
		return list
	}
	return []string{plainText(v)}
}

// around is the search for what an incident is about, an hour around it.
func around(i event.Incident) string {
	var terms []string
	for _, p := range i.Group {
		if term := filterTerm(p.Name, p.Value); term != "" {
			terms = append(terms, term)
		}
	}
	q := url.Values{"q": {strings.Join(terms, " ")}}
	q.Set("since", i.First.First.Add(-time.Hour).UTC().Format(time.RFC3339))
	if until := i.First.Time.Add(time.Hour); until.Before(time.Now()) {
		q.Set("until", until.UTC().Format(time.RFC3339))
	}
	return "/search?" + q.Encode()
}
