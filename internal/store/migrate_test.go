package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"yagura/internal/store/schema"
)

// cutConn stops working at its n-th statement, before or after it was done.
type cutConn struct {
	driver.Conn
	left  int
	after bool
}

var errCut = errors.New("cut")

func (c *cutConn) Exec(ctx context.Context, sql string, args ...any) error {
	if c.left--; c.left > 0 {
		return c.Conn.Exec(ctx, sql, args...)
	}
	if c.left == 0 && c.after {
		if err := c.Conn.Exec(ctx, sql, args...); err != nil {
			return err
		}
	}
	return errCut
}

// Killed at every statement, the migration goes on and ends with the same schema.
func TestMigrateCut(t *testing.T) {
	e := startEngine(t)
	admin := e.open(t, nil)
	describe := func(database string) string {
		return one[string](t, admin, `SELECT arrayStringConcat(arraySort(groupArray(concat(table, '.', name, ' ', type))), '\n')
			FROM system.columns WHERE database = '`+database+"'")
	}
	if err := admin.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := admin.Migrate(t.Context()); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	want := describe("default")
	for n := 1; ; n++ {
		name := fmt.Sprintf("cut%d", n)
		exec(t, admin, "CREATE DATABASE "+name)
		db := e.open(t, func(c *Config) { c.Database, c.Index = name, IndexText })
		conn := &cutConn{Conn: db.conn, left: n, after: n%2 == 0}
		err := Migrate(t.Context(), conn, db.cfg)
		if err == nil {
			break // fewer than n statements: done
		}
		if !errors.Is(err, errCut) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("after a cut at %d: %v", n, err)
		}
		if diff := cmp.Diff(want, describe(name)); diff != "" {
			t.Fatalf("after a cut at %d (-want +got):\n%s", n, diff)
		}
		exec(t, admin, "DROP DATABASE "+name)
		db.Close()
	}
}

func TestIndexSetting(t *testing.T) {
	e := startEngine(t)
	for _, kind := range []string{IndexText, IndexBloom, IndexNone, IndexText} {
		db := e.open(t, func(c *Config) { c.Index = kind })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := indexKind(t.Context(), db.conn); err != nil || got != kind {
			t.Errorf("index %q, %v; want %q", got, err, kind)
		}
	}
	if err := e.open(t, func(c *Config) { c.Index = "fast" }).Migrate(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "text, bloom or none") {
		t.Errorf("unknown index: %v", err)
	}
}

// Columns of the writer and columns of the table are the same, in name and type.
func TestColumnsMatchTable(t *testing.T) {
	db := newDB(t)
	for _, c := range newRowset().columns {
		got := one[string](t, db, "SELECT anyOrNull(type) FROM system.columns WHERE database = currentDatabase() AND table = 'events' AND name = '"+c.Name+"'")
		if got != c.Type {
			t.Errorf("column %s: the table says %q, the writer %q", c.Name, got, c.Type)
		}
	}
	n := one[uint64](t, db, "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = 'events' AND default_kind = ''")
	if int(n) != len(newRowset().columns) {
		t.Errorf("the table has %d stored columns, the writer %d", n, len(newRowset().columns))
	}
}

func TestReplicatedForm(t *testing.T) {
	list, err := schema.Statements("main")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if !strings.Contains(s.SQL, "ON CLUSTER `main`") {
			t.Errorf("%04d_%s runs on one server only:\n%s", s.Number, s.Name, s.SQL)
		}
		if strings.Contains(s.SQL, "ENGINE = ") && !strings.Contains(s.SQL, "ENGINE = Replicated") {
			t.Errorf("%04d_%s is not replicated", s.Number, s.Name)
		}
		if s.Name == "incident_log" && !strings.Contains(s.SQL, "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)") {
			t.Errorf("arguments of the engine are lost:\n%s", s.SQL)
		}
		if strings.Contains(s.SQL, "TTL") {
			t.Errorf("%04d_%s deletes by age", s.Number, s.Name)
		}
	}
}

func TestStatementsExist(t *testing.T) {
	for _, name := range []string{"newest_block", "chain_end", "highest_block", "highest_event", "stored_blocks", "stored_rows",
		"stored_indexes", "span", "gaps", "migrations", "note_migration", "indexes"} {
		if statement(name) == "" {
			t.Errorf("%s is empty", name)
		}
	}
}
