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

// addressText writes an address as people do: IPv4 plain, none as ”. It stands
// in the statement, as the table's own source_address cannot be taken from a
// group of source_ip, and grouping by the address is six times quicker.
const addressText = "multiIf(x = toIPv6('::'), '', x BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'), substring(toString(x), 8), toString(x))"

// value is the expression that shows a column.
func (c *compiler) value(col column) string {
	switch col.kind {
	case kindMap:
		return "fields[" + c.text(col.key) + "]"
	case kindAddress:
		return strings.ReplaceAll(addressText, "x", col.sql)
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
		alias := put(col.name, value, col.kind == kindTime)
		if col.kind == kindAddress {
			alias = col.sql
		}
		*keys = append(*keys, alias)
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
