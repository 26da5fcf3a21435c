package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// oddTimes is a block whose devices have no idea of the time, with all flags; none
// before 1970, which the engine takes for the newest.
func oddTimes(t *testing.T, id event.ID) *event.Block {
	t.Helper()
	var b event.Builder
	var d event.Draft
	for i, year := range []int{1970, 1971, 1972, 2026, 2105, 2107, 2150, 2200} {
		sampleEvent(&d, i)
		d.Received = sampleStart.Add(time.Duration(i) * time.Second)
		d.Time = time.Date(year, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
		d.Flags |= uint16(i)<<1 | uint16(i)&1
		d.Source.Peer = []string{"192.0.2.1", "192.0.2.2"}[i%2]
		b.Append(&d)
	}
	block, err := b.Block(id, sampleStart)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// Rollups that are short, doubled or gone come right again, and a second run
// changes nothing.
func TestReconcile(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	g := sampleGroup(t, 1, 4, 200)
	g.Blocks[3].Block = oddTimes(t, g.Blocks[3].Block.ID)
	g.Blocks[0].Verdict = &event.Verdict{Rules: []string{"r"}, Hits: []event.Hit{{Event: 3}, {Event: 9}}}
	insert(t, w, g)
	read := func() map[string]string {
		return map[string]string{
			"books":   ask(t, db, "SELECT * FROM books ORDER BY ALL"),
			"sources": ask(t, db, "SELECT * EXCEPT (silent_seconds, clock_offset), round(clock_offset, 3) FROM sources"),
			"events": ask(t, db, `SELECT * EXCEPT (events, matched, source_bytes, destination_bytes, network_bytes), sum(events),
				sum(matched), sum(source_bytes), sum(destination_bytes), sum(network_bytes) FROM event_minutes GROUP BY ALL HAVING sum(events) > 0 ORDER BY ALL`),
			"rules": ask(t, db, "SELECT * EXCEPT events, sum(events) FROM rule_minutes GROUP BY ALL HAVING sum(events) > 0 ORDER BY ALL"),
			"stored": ask(t, db, `SELECT tenant, minute, listener, peer, sum(stored), sum(raw_bytes), sum(unparsed), sum(partial), sum(clock_wrong),
				min(first_ingested), max(last_ingested), max(last_timestamp), max(parser) FROM book_minutes GROUP BY ALL ORDER BY ALL`),
		}
	}
	want := read() // what the writer counted: "nothing" shows that the rows say the same
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
