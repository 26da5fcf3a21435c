package search

import (
	"slices"
	"strings"

	"yagura/internal/event"
	"yagura/internal/store/schema"
)

// column is what a field name stands for.
type column struct {
	name string // as shown
	sql  string // expression over events; for kindMap the parameter's value is key
	kind kind
	key  string // name in the map fields
}

// kind says how values compare.
type kind uint8

const (
	kindWord kind = iota // LowCardinality(String)
	kindText
	kindList // array of text
	kindNumber
	kindCode // number, below 0 is none
	kindBool
	kindAddress
	kindEnds // both addresses of the event
	kindTime
	kindID  // identity of an event
	kindMap // value in the map fields
)

// own are the names that are not ECS, and the short ones.
var own = map[string]column{
	"@timestamp":             {"@timestamp", "timestamp", kindTime, ""},
	"event.ingested":         {"event.ingested", "ingested", kindTime, ""},
	"event.id":               {"event.id", "event_id", kindID, ""},
	"event.original":         {"event.original", "raw", kindText, ""},
	"message":                {"message", "message", kindText, ""},
	"rule":                   {"yagura.rules", "rules", kindList, ""},
	"alert":                  {"yagura.alerts", "alerts", kindList, ""},
	"yagura.rules":           {"yagura.rules", "rules", kindList, ""},
	"yagura.alerts":          {"yagura.alerts", "alerts", kindList, ""},
	"yagura.tenant":          {"yagura.tenant", "tenant", kindWord, ""},
	"yagura.peer":            {"yagura.peer", "peer", kindWord, ""},
	"yagura.listener":        {"yagura.listener", "listener", kindWord, ""},
	"yagura.node":            {"yagura.node", "node", kindWord, ""},
	"yagura.unparsed":        {"yagura.unparsed", "unparsed", kindBool, ""},
	"yagura.partial":         {"yagura.partial", "partial", kindBool, ""},
	"yagura.truncated":       {"yagura.truncated", "truncated", kindBool, ""},
	"yagura.clock_wrong":     {"yagura.clock_wrong", "clock_wrong", kindBool, ""},
	"yagura.history":         {"yagura.history", "history", kindBool, ""},
	"yagura.verdict_missing": {"yagura.verdict_missing", "verdict_missing", kindBool, ""},
	"ip":                     {"ip", "", kindEnds, ""},
	"host":                   {"host.name", "host_name", kindWord, ""},
	"user":                   {"user.name", "user_name", kindWord, ""},
	"action":                 {"event.action", "event_action", kindWord, ""},
	"outcome":                {"event.outcome", "event_outcome", kindWord, ""},
	"parser":                 {"yagura.parser", "parser", kindWord, ""},
	"zone":                   {"yagura.zone", "zone", kindWord, ""},
	"bytes":                  {"bytes", "if(network_bytes > 0, network_bytes, source_bytes + destination_bytes)", kindNumber, ""},
}

// known holds every name with a column: ECS, the columns' own names, own.
var known = func() map[string]column {
	kinds := map[schema.Kind]kind{schema.Word: kindWord, schema.Text: kindText, schema.List: kindList,
		schema.Port: kindNumber, schema.Count: kindNumber, schema.Code: kindCode, schema.Address: kindAddress}
	m := map[string]column{}
	for _, name := range event.FieldNames() {
		m[name] = column{name, "", kindMap, name}
	}
	for _, c := range schema.Columns {
		col := column{c.Field.Name(), c.Name, kinds[c.Kind], ""}
		m[c.Field.Name()], m[c.Name] = col, col
	}
	for name, c := range own {
		m[name] = c
		if c.sql != "" && !strings.ContainsAny(c.sql, "( ") {
			m[c.sql] = c
		}
	}
	return m
}()

// openNames begin names that vendors and operating systems choose.
var openNames = []string{"winlog.event_data.", "winlog.user_data.", "auditd.data.", "labels."}

// field finds the column of a name, or fails at offset with the nearest name.
func field(name string, offset int) column {
	if inner, ok := strings.CutPrefix(name, "fields['"); ok {
		key := strings.TrimSuffix(inner, "']")
		return column{key, "", kindMap, key}
	}
	if c, ok := known[name]; ok {
		return c
	}
	for _, p := range openNames {
		if strings.HasPrefix(name, p) && len(name) > len(p) {
			return column{name, "", kindMap, name}
		}
	}
	hint := "a name that is not ECS is written fields['" + name + "']"
	if near := nearest(name); near != "" {
		hint = "did you mean " + near + "? " + "A" + hint[1:]
	}
	fail(offset, hint, "no field is called %s", name)
	return column{}
}

// nearest returns the known name with the fewest changes, "" when none is near.
func nearest(name string) string {
	best, bestDistance := "", min(max(2, len(name)/3)+1, len(name)) // a short name is near to all
	low := strings.ToLower(name)
	if len(low) > 64 {
		return ""
	}
	names := make([]string, 0, len(known))
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		d := distance(low, n, bestDistance)
		if strings.HasSuffix(n, "."+low) && !strings.Contains(low, ".") {
			d = min(d, 2)
		}
		if d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best
}

// distance is Levenshtein's, at most limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return min(row[len(b)], limit)
}
