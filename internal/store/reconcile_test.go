package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// Rollups that are short, doubled or gone come right again, and a second run
// changes nothing.
func TestReconcile(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	g := sampleGroup(t, 1, 4, 200)
	g.Blocks[0].Verdict = &event.Verdict{Rules: []string{"r"}, Hits: []event.Hit{{Event: 3}, {Event: 9}}}
	insert(t, w, g)
	read := func() map[string]string {
		return map[string]string{
			"books":   ask(t, db, "SELECT * FROM books ORDER BY ALL"),
			"sources": ask(t, db, "SELECT * EXCEPT (silent_seconds, clock_offset), round(clock_offset, 3) FROM sources"),
			"events": ask(t, db, `SELECT minute, toString(host_name), toString(event_action), sum(events), sum(source_bytes) FROM event_minutes
				GROUP BY ALL HAVING sum(events) > 0 ORDER BY ALL`),
			"rules": ask(t, db, "SELECT minute, toString(rule), sum(events) FROM rule_minutes GROUP BY ALL HAVING sum(events) > 0 ORDER BY ALL"),
		}
	}
	want := read()
	for name, damage := range map[string][]string{
		"nothing": nil,
		"gone":    {"TRUNCATE TABLE book_minutes", "TRUNCATE TABLE event_minutes", "TRUNCATE TABLE rule_minutes", "TRUNCATE TABLE source_state"},
		"doubled": {"INSERT INTO event_minutes SELECT * FROM event_minutes", "INSERT INTO rule_minutes SELECT * FROM rule_minutes",
			"INSERT INTO book_minutes SELECT * FROM book_minutes"},
	} {
		for _, sql := range damage {
			exec(t, db, sql)
		}
		for range 2 {
			if err := w.Reconcile(t.Context(), sampleStart.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
