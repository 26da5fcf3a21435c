package store

import (
	"bytes"
	"strings"

	"yagura/internal/event"
	"yagura/internal/store/native"
)

// The rollups of an insert are counted here, from the columns that were just
// sent, and stored as small inserts under tokens of their own: a materialized
// view would make the engine group every row again, at a third of the price of
// the insert. Reconcile counts from the stored rows and has the last word.

// dimension is a column of words that a rollup groups by.
type dimension struct {
	name string
	keys []uint32
	word func(index uint32) []byte
}

func (r *rowset) dict(name string, d *native.Dict) dimension {
	return dimension{name, d.Keys(), d.Word}
}

func (r *rowset) field(name string, f event.Field) dimension {
	return r.dict(name, r.targets[f].dict)
}

// category is the first of event_category.
func (r *rowset) category() dimension {
	list := r.targets[event.EventCategory].list
	keys := make([]uint32, r.rows)
	for row := range keys {
		if words := list.Row(row); len(words) > 0 {
			keys[row] = words[0]
		}
	}
	return dimension{"category", keys, list.Word}
}

// deviceMinutes is toStartOfMinute(toDateTime(timestamp)), which wraps outside
// 1970 to 2106 as the engine does.
func (r *rowset) deviceMinutes() []uint32 {
	list := make([]uint32, r.rows)
	for row, us := range r.timestamp.All() {
		s := us / 1_000_000
		if us%1_000_000 < 0 {
			s--
		}
		list[row] = uint32(s) - uint32(s)%60
	}
	return list
}

// rollup makes the columns of one rollup: what it groups by first, then sums.
type rollup struct {
	by      *grouping
	columns []native.Named
}

// newRollup groups rows by minute and words.
func newRollup(by *grouping, minutes []uint32, words []dimension) *rollup {
	keys := [][]uint32{minutes}
	for _, d := range words {
		keys = append(keys, d.keys)
	}
	by.group(len(minutes), keys)
	t := &rollup{by: by}
	put(t, "minute", "DateTime('UTC')", pick(by, minutes))
	for _, d := range words {
		c := &native.Dict{}
		for i, row := range by.first {
			c.Set(i, d.word(d.keys[row]))
		}
		t.columns = append(t.columns, native.Named{Name: d.name, Type: typeDict, Column: c})
	}
	return t
}

// numbers adds a column that holds one value a group.
func put[T native.Number](t *rollup, name, kind string, values []T) {
	c := &native.Numbers[T]{}
	for i, v := range values {
		c.Set(i, v)
	}
	t.columns = append(t.columns, native.Named{Name: name, Type: kind, Column: c})
}

// pick is the value of each group's first row.
func pick[T any](by *grouping, values []T) []T {
	list := make([]T, len(by.first))
	for i, row := range by.first {
		list[i] = values[row]
	}
	return list
}

// total adds up of(row) by group.
func total[T uint64 | float64](by *grouping, of func(row int) T) []T {
	list := make([]T, len(by.first))
	for row, g := range by.of {
		list[g] += of(row)
	}
	return list
}

// days is the day of storing of every group: an insert holds one.
func (r *rowset) days(t *rollup) {
	list := make([]uint16, len(t.by.first))
	for i := range list {
		list[i] = uint16(r.blockTime.All()[0] / 86400)
	}
	put(t, "day", "Date", list)
}

// eventMinutes are the rows' share of event_minutes.
func (r *rowset) eventMinutes(by *grouping) []native.Named {
	t := newRollup(by, r.deviceMinutes(), []dimension{r.dict("tenant", &r.tenant), r.field("host_name", event.HostName),
		r.field("observer_product", event.ObserverProduct), r.category(), r.field("event_action", event.EventAction),
		r.field("event_outcome", event.EventOutcome), r.field("network_direction", event.NetworkDirection),
		r.field("source_zone", event.YaguraSourceZone), r.field("destination_zone", event.YaguraDestinationZone), r.field("site", event.YaguraSite)})
	r.days(t)
	put(t, "events", "UInt64", total(by, func(int) uint64 { return 1 }))
	put(t, "matched", "UInt64", total(by, func(row int) uint64 { return uint64(min(1, len(r.rules.Row(row)))) }))
	for _, f := range []event.Field{event.SourceBytes, event.DestinationBytes, event.NetworkBytes} {
		values := r.targets[f].count.All()
		put(t, strings.ReplaceAll(f.Name(), ".", "_"), "UInt64", total(by, func(row int) uint64 { return values[row] }))
	}
	return t.columns
}

// ruleMinutes are the rows' share of rule_minutes; nil when no rule matched.
func (r *rowset) ruleMinutes(by *grouping) []native.Named {
	var minutes, tenants, hosts, rules []uint32
	all, host := r.deviceMinutes(), r.targets[event.HostName].dict
	for row := range r.rows {
		for _, rule := range r.rules.Row(row) {
			minutes, tenants = append(minutes, all[row]), append(tenants, r.tenant.Keys()[row])
			hosts, rules = append(hosts, host.Keys()[row]), append(rules, rule)
		}
	}
	if len(rules) == 0 {
		return nil
	}
	t := newRollup(by, minutes, []dimension{{"tenant", tenants, r.tenant.Word}, {"rule", rules, r.rules.Word}, {"host_name", hosts, host.Word}})
	r.days(t)
	put(t, "events", "UInt64", total(by, func(int) uint64 { return 1 }))
	return t.columns
}

// bookMinutes are the rows' share of the books: what is stored of each source.
func (r *rowset) bookMinutes(by *grouping) []native.Named {
	minutes := make([]uint32, r.rows)
	for row, s := range r.blockTime.All() {
		minutes[row] = s - s%60
	}
	t := newRollup(by, minutes, []dimension{r.dict("tenant", &r.tenant), r.dict("listener", &r.listener), r.dict("peer", &r.peer)})
	flags, device, arrival := r.flags.All(), r.timestamp.All(), r.ingested.All()
	counted := func(name string, of func(row int) uint64) {
		put(t, name, "SimpleAggregateFunction(sum, UInt64)", total(by, of))
	}
	counted("stored", func(int) uint64 { return 1 })
	counted("raw_bytes", func(row int) uint64 { return uint64(r.rawLen[row]) })
	counted("unparsed", func(row int) uint64 { return uint64(flags[row] & event.FlagUnparsed / event.FlagUnparsed) })
	counted("partial", func(row int) uint64 { return uint64(flags[row] & event.FlagPartial / event.FlagPartial) })
	counted("clock_wrong", func(row int) uint64 { return uint64(flags[row] & event.FlagClock / event.FlagClock) })
	put(t, "offset_seconds", "SimpleAggregateFunction(sum, Float64)", total(by, func(row int) float64 {
		return float64(device[row])/1e6 - float64(arrival[row])/1e9
	}))
	r.ends(t)
	return t.columns
}

// ends adds what is no sum: first and last times, and a parser's name.
func (r *rowset) ends(t *rollup) {
	device, arrival, parser := r.timestamp.All(), r.ingested.All(), r.targets[event.YaguraParser].dict
	first, last, newest, by := pick(t.by, arrival), pick(t.by, arrival), pick(t.by, device), pick(t.by, parser.Keys())
	for row, g := range t.by.of {
		first[g], last[g], newest[g] = min(first[g], arrival[row]), max(last[g], arrival[row]), max(newest[g], device[row])
		if k := parser.Keys()[row]; k != by[g] && bytes.Compare(parser.Word(k), parser.Word(by[g])) > 0 {
			by[g] = k
		}
	}
	times := &native.Numbers[int64]{}
	for i, at := range first {
		times.Set(i, at)
	}
	t.columns = append(t.columns, native.Named{Name: "first_ingested", Type: "SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC')))", Column: native.Present{Column: times}})
	put(t, "last_ingested", "SimpleAggregateFunction(max, DateTime64(9, 'UTC'))", last)
	put(t, "last_timestamp", "SimpleAggregateFunction(max, DateTime64(6, 'UTC'))", newest)
	names := &native.Text{}
	for i, k := range by {
		names.Set(i, parser.Word(k))
	}
	t.columns = append(t.columns, native.Named{Name: "parser", Type: "SimpleAggregateFunction(max, String)", Column: names})
}
