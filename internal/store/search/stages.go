package search

import (
	"strconv"
	"strings"
	"time"
)

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
