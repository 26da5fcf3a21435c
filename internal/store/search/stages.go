package search

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// plan is what the stages after the bars ask for.
type plan struct {
	measures []measure
	by       []column
	span     time.Duration // of timechart; 0 is none
	rare     bool
	sort     []order
	limit    int
	fields   []column
}

// measure is a computed column.
type measure struct{ name, sql string }

// order sorts by a column of the result.
type order struct {
	name   string
	offset int
	down   bool
}

func (p *plan) grouped() bool { return len(p.measures) > 0 }

// stages reads everything after the first bar.
func (c *compiler) stages() *plan {
	p := &plan{}
	c.lex.stage = true
	for c.token.kind == tokenBar {
		c.advance()
		t := c.token
		if t.kind != tokenWord {
			fail(t.offset, "as in | count by source.ip", "a stage is missing after |")
		}
		switch name := strings.ToLower(t.text); {
		case name == "count" || measures[name] != nil || name == "stats":
			c.groupStage(p, t)
		case name == "top" || name == "rare":
			c.topStage(p, t)
		case name == "timechart":
			c.chartStage(p, t)
		case name == "sort":
			c.sortStage(p)
		case name == "limit" || name == "head":
			c.advance()
			p.limit = c.positive("limit 100")
		case name == "fields" || name == "table":
			c.fieldsStage(p, t)
		default:
			unknownStage(t)
		}
	}
	return p
}

// measures are the functions of a field; each gives the SQL for its column.
var measures = map[string]func(sql string) string{
	"sum": func(x string) string { return "sum(" + x + ")" },
	"avg": func(x string) string { return "avg(" + x + ")" },
	"min": func(x string) string { return "min(" + x + ")" },
	"max": func(x string) string { return "max(" + x + ")" },
	"dc":  func(x string) string { return "uniqExact(" + x + ")" },
}

func (p *plan) once(t token) {
	if p.grouped() {
		fail(t.offset, "use one of count, sum, top, rare, timechart", "the events are grouped twice")
	}
}

func (c *compiler) groupStage(p *plan, t token) {
	p.once(t)
	if strings.EqualFold(t.text, "stats") {
		c.advance()
	}
	for {
		p.measures = append(p.measures, c.measure())
		if c.token.kind != tokenComma {
			break
		}
		c.advance()
	}
	c.byFields(p)
}

// measure reads count, count() or sum(field).
func (c *compiler) measure() measure {
	t := c.token
	name := strings.ToLower(t.text)
	make, ok := measures[name]
	if t.kind != tokenWord || !ok && name != "count" {
		fail(t.offset, "count, or sum, avg, min, max, dc of a field", "%q is no function", t.text)
	}
	c.advance()
	if name == "count" {
		if c.token.kind == tokenOpen {
			c.advance()
			c.closed(t)
		}
		return measure{"count", "count()"}
	}
	if c.token.kind != tokenOpen {
		fail(c.token.offset, name+"(field)", "%s needs a field", name)
	}
	c.advance()
	col := c.fieldName()
	c.closed(t)
	value := c.value(col)
	if name == "sum" || name == "avg" {
		switch col.kind {
		case kindNumber, kindCode:
		case kindMap:
			value = "toFloat64OrNull(" + value + ")"
		default:
			fail(t.offset, "a field that holds numbers, as bytes", "%s(%s): the field holds no numbers", name, col.name)
		}
	}
	return measure{name + "(" + col.name + ")", make(value)}
}

func (c *compiler) closed(t token) {
	if c.token.kind != tokenClose {
		fail(t.offset, "put a ) at its end", "%s( is never closed", t.text)
	}
	c.advance()
}

// fieldName reads a field in a stage.
func (c *compiler) fieldName() column {
	t := c.token
	if t.kind != tokenWord {
		fail(t.offset, "as in source.ip", "a field is missing")
	}
	col := field(t.text, t.offset)
	if col.kind == kindEnds {
		fail(t.offset, "source.ip or destination.ip", "ip asks both ends and has no one value")
	}
	c.advance()
	return col
}

func (c *compiler) byFields(p *plan) {
	if !strings.EqualFold(c.token.text, "by") || c.token.kind != tokenWord {
		return
	}
	for {
		c.advance()
		p.by = append(p.by, c.fieldName())
		if len(p.by) > 8 {
			fail(c.token.offset, "", "more than 8 fields after by")
		}
		if c.token.kind != tokenComma {
			return
		}
	}
}

func (c *compiler) topStage(p *plan, t token) {
	p.once(t)
	p.rare = strings.EqualFold(t.text, "rare")
	c.advance()
	p.limit = 10
	if c.token.kind == tokenWord && strings.Trim(c.token.text, "0123456789") == "" {
		p.limit = c.positive("top 10 by source.ip")
	}
	p.measures = []measure{{"count", "count()"}}
	if !strings.EqualFold(c.token.text, "by") {
		p.by = append(p.by, c.fieldName())
		return
	}
	c.byFields(p)
	if len(p.by) == 0 {
		fail(t.offset, "top 10 by source.ip", "%s needs a field", t.text)
	}
}

func (c *compiler) chartStage(p *plan, t token) {
	p.once(t)
	c.advance()
	s := c.token
	span, err := time.ParseDuration(s.text)
	if days, ok := strings.CutSuffix(s.text, "d"); ok {
		n, convErr := strconv.Atoi(days)
		span, err = time.Duration(n)*24*time.Hour, convErr
	}
	if err != nil || span < time.Second || span > 31*24*time.Hour || span%time.Second != 0 {
		fail(s.offset, "as in timechart 30s, 5m, 1h or 1d", "%q is no time span", s.text)
	}
	p.span = span
	c.advance()
	p.measures = []measure{{"count", "count()"}}
	if t := c.token; t.kind == tokenWord && (measures[strings.ToLower(t.text)] != nil || strings.EqualFold(t.text, "count")) {
		p.measures = []measure{c.measure()}
	}
	c.byFields(p)
}

func (c *compiler) sortStage(p *plan) {
	for {
		c.advance()
		t := c.token
		if t.kind != tokenWord {
			fail(t.offset, "as in sort count desc", "sort needs a column")
		}
		o := order{name: t.text, offset: t.offset}
		if name, ok := strings.CutPrefix(t.text, "-"); ok {
			o.name, o.down = name, true
		}
		c.advance()
		if c.token.kind == tokenOpen { // sort sum(bytes)
			c.advance()
			o.name += "(" + c.fieldName().name + ")"
			c.closed(t)
		}
		if w := strings.ToLower(c.token.text); c.token.kind == tokenWord && (w == "asc" || w == "desc") {
			o.down = w == "desc"
			c.advance()
		}
		p.sort = append(p.sort, o)
		if c.token.kind != tokenComma {
			return
		}
	}
}

func (c *compiler) fieldsStage(p *plan, t token) {
	if p.grouped() {
		fail(t.offset, "leave it out: count by … names its columns", "fields after a grouping")
	}
	for {
		c.advance()
		p.fields = append(p.fields, c.fieldName())
		if len(p.fields) > 64 {
			fail(c.token.offset, "", "more than 64 fields")
		}
		if c.token.kind != tokenComma {
			return
		}
	}
}

func (c *compiler) positive(example string) int {
	t := c.token
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 || n > MaxLimit {
		fail(t.offset, "as in "+example, "%q is no number from 1 to %d", t.text, MaxLimit)
	}
	c.advance()
	return n
}

// value is the expression that shows a column.
func (c *compiler) value(col column) string {
	switch col.kind {
	case kindMap:
		return "fields[" + c.text(col.key) + "]"
	case kindAddress:
		return strings.Replace(col.sql, "_ip", "_address", 1)
	case kindWord:
		return "toString(" + col.sql + ")"
	}
	return col.sql
}

// standard are the columns of a search without stages.
var standard = []string{"event.id", "@timestamp", "event.ingested", "host.name", "process.name", "yagura.parser",
	"event.action", "event.outcome", "user.name", "source.ip", "source.port", "destination.ip", "destination.port",
	"yagura.rules", "yagura.alerts", "message", "event.original"}

// query writes the statement. Columns are named c0, c1, … there; Columns holds
// their names.
func (p *plan) query(c *compiler, where []string) Query {
	q := Query{Params: c.params, Shape: Events}
	var selected, keys []string
	put := func(name, sql string, isTime bool) string {
		alias := "c" + strconv.Itoa(len(q.Columns))
		selected = append(selected, sql+" AS "+alias)
		q.Columns = append(q.Columns, Column{name, isTime})
		return alias
	}
	var sorted string
	if p.grouped() {
		q.Shape, sorted = p.groups(c, put, &keys)
	} else {
		sorted = p.events(c, put)
	}
	if len(p.sort) > 0 {
		sorted = p.sorted(q.Columns)
	}
	sql := "SELECT " + strings.Join(selected, ", ") + " FROM events"
	if len(where) > 0 {
		sql += " WHERE " + strings.Join(where, " AND ")
	}
	if len(keys) > 0 {
		sql += " GROUP BY " + strings.Join(keys, ", ")
	}
	if sorted != "" {
		sql += " ORDER BY " + sorted
	}
	q.SQL = sql + " LIMIT " + strconv.Itoa(p.rows(c.options))
	return q
}

type putColumn func(name, sql string, isTime bool) string

func (p *plan) events(c *compiler, put putColumn) string {
	cols := p.fields
	if len(cols) == 0 {
		for _, name := range standard {
			cols = append(cols, field(name, 0))
		}
		defer put("fields", "fields", false)
	}
	for _, col := range cols {
		put(col.name, c.value(col), col.kind == kindTime)
	}
	return "timestamp DESC, ingested DESC, block_seq DESC, idx DESC"
}

func (p *plan) groups(c *compiler, put putColumn, keys *[]string) (Shape, string) {
	if p.span > 0 {
		zone := c.options.TimeZone
		if zone == "" {
			zone = "UTC"
		}
		seconds := strconv.FormatInt(int64(p.span/time.Second), 10)
		*keys = append(*keys, put("time", "toStartOfInterval(timestamp, INTERVAL "+seconds+" SECOND, "+c.text(zone)+")", true))
	}
	for _, col := range p.by {
		value := c.value(col)
		if col.kind == kindList {
			value = "arrayJoin(" + value + ")"
		}
		*keys = append(*keys, put(col.name, value, col.kind == kindTime))
	}
	first := ""
	for _, m := range p.measures {
		if alias := put(m.name, m.sql, false); first == "" {
			first = alias
		}
	}
	switch {
	case p.span > 0:
		return Series, strings.Join(*keys, ", ")
	case len(p.by) == 0:
		return Table, ""
	case p.rare:
		return Table, strings.Join(append([]string{first}, *keys...), ", ")
	}
	return Table, strings.Join(append([]string{first + " DESC"}, *keys...), ", ")
}

func (p *plan) sorted(columns []Column) string {
	var list []string
	for _, o := range p.sort {
		if inner, ok := strings.CutPrefix(o.name, "fields['"); ok {
			o.name = strings.TrimSuffix(inner, "']")
		}
		i := slices.IndexFunc(columns, func(col Column) bool { return col.Name == o.name })
		if i < 0 {
			if col, ok := known[o.name]; ok {
				i = slices.IndexFunc(columns, func(c Column) bool { return c.Name == col.name })
			}
		}
		if i < 0 {
			names := make([]string, len(columns))
			for j, col := range columns {
				names[j] = col.Name
			}
			fail(o.offset, "one of "+strings.Join(names, ", "), "the result has no column %s", o.name)
		}
		part := "c" + strconv.Itoa(i)
		if o.down {
			part += " DESC"
		}
		list = append(list, part)
	}
	return strings.Join(list, ", ")
}

func (p *plan) rows(o Options) int {
	switch {
	case p.limit > 0:
		return p.limit
	case o.Limit > 0:
		return min(o.Limit, MaxLimit)
	case p.grouped():
		return 10_000
	}
	return 1000
}
