package store

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yagura/internal/store/search"
)

// Limits bound one query. Zero fields take the defaults; the account's own limits
// hold besides.
type Limits struct {
	Time   time.Duration // 0 is 30 s
	Rows   int           // 0 is 10,000; what is beyond is cut off, and Rows.Truncated says so
	Memory int64         // bytes in the engine; 0 is 1 GiB
}

// Ask is a question: a search or SQL, told apart by search.IsSQL.
type Ask struct {
	Text         string
	Since, Until time.Time         // of a search, device time; zero is open
	Tenant       string            // of a search; "" is every tenant
	TimeZone     string            // of a search's days and hours; "" is UTC
	Params       map[string]string // of SQL: the values of {name:Type}
	Limits       Limits
}

// formatClause is the end of SQL that asks for a form of its own, which the driver
// cannot read.
var formatClause = regexp.MustCompile(`(?i)\bFORMAT\s+\w+[\s;]*$`)

// Plan compiles the question without asking it: what --explain prints. The error
// of a search is a *search.Error.
func (db *DB) Plan(a Ask) (search.Query, error) {
	a.Limits = a.Limits.orDefault()
	if search.IsSQL(a.Text) {
		if at := formatClause.FindStringIndex(a.Text); at != nil {
			return search.Query{}, &search.Error{Text: a.Text, Offset: at[0], Message: "a FORMAT clause has no place here", Hint: "leave it out: the rows come in the form that the command or page was asked for"}
		}
		return search.Query{SQL: strings.TrimRight(strings.TrimSpace(a.Text), "; \n"), Params: a.Params, Shape: search.Table}, nil
	}
	return search.Compile(a.Text, search.Options{Since: a.Since, Until: a.Until, Tenant: a.Tenant,
		Limit: a.Limits.Rows, WholeWords: db.cfg.index() == IndexBloom, TimeZone: a.TimeZone})
}

// Query asks the read-only account. Close the rows.
func (db *DB) Query(ctx context.Context, a Ask) (*Rows, error) {
	q, err := db.Plan(a)
	if err != nil {
		return nil, err
	}
	a.Limits = a.Limits.orDefault()
	ctx, cancel := context.WithTimeout(ctx, a.Limits.Time)
	ctx = withParameters(withSettings(ctx, db.readSettings(a.Limits)), maps.Clone(q.Params))
	rows, err := db.reader.Query(ctx, q.SQL)
	if err != nil {
		cancel()
		return nil, said(err)
	}
	r := &Rows{Query: q, rows: rows, cancel: cancel, left: a.Limits.Rows}
	r.describe()
	return r, nil
}

func (l Limits) orDefault() Limits {
	if l.Time <= 0 {
		l.Time = 30 * time.Second
	}
	if l.Rows <= 0 {
		l.Rows = 10_000
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	return l
}

func (db *DB) readSettings(l Limits) clickhouse.Settings {
	s := clickhouse.Settings{
		"max_execution_time":   max(1, int(l.Time/time.Second)),
		"max_result_rows":      l.Rows + 1,
		"result_overflow_mode": "break",
		"max_memory_usage":     l.Memory,
	}
	if db.cfg.Reader.User == "" {
		s["readonly"] = 1
	}
	return s
}

// ResultColumn is a column of a result.
type ResultColumn struct {
	Name string `json:"name"` // as the search named it
	Type string `json:"type"` // ClickHouse's: LowCardinality(String), DateTime64(6, 'UTC'), …
}

// Rows is a running result. Not safe for concurrent use.
type Rows struct {
	Query     search.Query // what was asked
	Columns   []ResultColumn
	Truncated bool // there were more rows than Limits.Rows; known after Next was false

	rows   driver.Rows
	cancel context.CancelFunc
	left   int
	slots  []any
}

func (r *Rows) describe() {
	for i, t := range r.rows.ColumnTypes() {
		name := t.Name()
		if i < len(r.Query.Columns) {
			name = r.Query.Columns[i].Name
		}
		r.Columns = append(r.Columns, ResultColumn{name, t.DatabaseTypeName()})
		r.slots = append(r.slots, newSlot(t.ScanType()))
	}
}

// Next moves to the next row; false at the end, at the limit and after an error.
func (r *Rows) Next() bool {
	if !r.rows.Next() {
		return false
	}
	if r.left--; r.left < 0 {
		r.Truncated = true
		return false
	}
	return true
}

// Values returns the row as values that encoding/json writes: strings, numbers,
// booleans, nil, []any and map[string]any. Times are RFC 3339 in UTC, addresses
// canonical text, whole numbers above 2^53 decimal text.
func (r *Rows) Values() ([]any, error) {
	if err := r.rows.Scan(r.slots...); err != nil {
		return nil, fmt.Errorf("read row: %w", err)
	}
	values := make([]any, len(r.slots))
	for i, s := range r.slots {
		values[i] = plain(s)
	}
	return values, nil
}

// Object returns the row by column name, without empty values.
func (r *Rows) Object() (map[string]any, error) {
	values, err := r.Values()
	if err != nil {
		return nil, err
	}
	m := make(map[string]any, len(values))
	for i, v := range values {
		if !isEmpty(v) {
			m[r.Columns[i].Name] = v
		}
	}
	return m, nil
}

// Err is what ended the rows early, nil at a true end.
func (r *Rows) Err() error {
	if err := r.rows.Err(); err != nil {
		return said(err)
	}
	return nil
}

// Close ends the query. It may be called more than once.
func (r *Rows) Close() error {
	defer r.cancel()
	return r.rows.Close()
}

// All reads the rest of the rows and closes.
func (r *Rows) All() ([][]any, error) {
	defer r.Close()
	var all [][]any
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return slices.Clip(all), r.Err()
}
