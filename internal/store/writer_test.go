package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// sampleGroup is blocks first..last of n events each.
func sampleGroup(t testing.TB, first, last uint64, n int) Group {
	t.Helper()
	g := Group{FirstSeq: first, LastSeq: last}
	for seq := first; seq <= last; seq++ {
		g.Blocks = append(g.Blocks, Block{Seq: seq, Block: sampleBlock(t, seq, n)})
	}
	return g
}

func insert(t testing.TB, w *Writer, g Group) {
	t.Helper()
	if err := w.Insert(t.Context(), g); err != nil {
		t.Fatal(err)
	}
}

type books struct{ Received, Accepted, Refused, Stored, Dead uint64 }

func readBooks(t testing.TB, db *DB) (b books) {
	t.Helper()
	err := db.conn.QueryRow(context.Background(), "SELECT sum(received), sum(accepted), sum(refused), sum(stored), sum(dead) FROM books").
		Scan(&b.Received, &b.Accepted, &b.Refused, &b.Stored, &b.Dead)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestInsertOnce(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	g := sampleGroup(t, 2, 4, 100)
	g.Blocks[1].Verdict = &event.Verdict{Rules: []string{"rule-a", "rule-b"}, Hits: []event.Hit{{Event: 0, Rule: 0}, {Event: 0, Rule: 1}, {Event: 7, Rule: 1}},
		Alert: []event.EventIn{{Event: 7, Alert: "alert-1"}}}
	check := func(step string) {
		t.Helper()
		got := []uint64{one[uint64](t, db, "SELECT count() FROM events"), one[uint64](t, db, "SELECT count() FROM blocks FINAL"),
			one[uint64](t, db, "SELECT sum(events) FROM event_minutes"), one[uint64](t, db, "SELECT sum(events) FROM rule_minutes"),
			one[uint64](t, db, "SELECT sum(events) FROM sources")}
		if diff := cmp.Diff([]uint64{400, 4, 400, 3, 400}, got); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", step, diff)
		}
		if diff := cmp.Diff(books{412, 400, 12, 400, 0}, readBooks(t, db)); diff != "" {
			t.Errorf("%s: books (-want +got):\n%s", step, diff)
		}
	}
	insert(t, w, sampleGroup(t, 1, 1, 100))

	// Killed between the events and the blocks' rows: rows without a block.
	exec(t, db, "RENAME TABLE blocks TO blocks_away")
	if err := w.Insert(t.Context(), g); err == nil {
		t.Fatal("the insert went through without the table blocks")
	}
	exec(t, db, "RENAME TABLE blocks_away TO blocks")
	if n := one[uint64](t, db, "SELECT count() FROM events"); n != 400 {
		t.Fatalf("%d rows after the fault; want 400", n)
	}
	// And the engine has forgotten the events' tokens.
	exec(t, db, "ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 0")
	insert(t, db.NewWriter(), g)
	check("lost outcome and log of tokens")
	exec(t, db, "ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 1000")
	insert(t, w, g)
	check("the first writer again")
	w = db.NewWriter()
	insert(t, w, g)
	check("another writer")
	insert(t, w, g)
	check("the same writer again")

	rules := one[[]string](t, db, "SELECT arrayMap(x -> toString(x), rules) FROM events WHERE block_seq = 3 AND idx = 0")
	if diff := cmp.Diff([]string{"rule-a", "rule-b"}, rules); diff != "" {
		t.Error(diff)
	}
	if n := one[uint64](t, db, "SELECT count() FROM events WHERE has(alerts, 'alert-1') AND idx = 7 AND NOT verdict_missing"); n != 1 {
		t.Errorf("%d rows carry the alert; want 1", n)
	}
	if n := one[uint64](t, db, "SELECT count() FROM events WHERE verdict_missing"); n != 300 {
		t.Errorf("%d rows say that the verdict is missing; want 300", n)
	}
}

// Rows that were lost although the engine remembers the token are stored again.
func TestInsertAfterLoss(t *testing.T) {
	db := newDB(t)
	g := sampleGroup(t, 1, 2, 50)
	insert(t, db.NewWriter(), g)
	exec(t, db, "TRUNCATE TABLE blocks")
	exec(t, db, "ALTER TABLE events DELETE WHERE block_seq = 2 OR idx < 10 SETTINGS mutations_sync = 1")
	w := db.NewWriter()
	insert(t, w, g)
	if n := one[uint64](t, db, "SELECT uniqExact(block_seq, idx) FROM events"); n != 100 {
		t.Errorf("%d events; want 100", n)
	}
	if n := one[uint64](t, db, "SELECT count() FROM events"); n != 100 {
		t.Errorf("%d rows; want 100", n)
	}
}

// A block that the bus delivers again under another sequence is stored once.
func TestRepeatedBlock(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	insert(t, w, sampleGroup(t, 1, 3, 10))
	again := Group{FirstSeq: 4, LastSeq: 5, Blocks: []Block{
		{Seq: 4, Block: sampleBlock(t, 2, 10)}, {Seq: 5, Block: sampleBlock(t, 9, 10)}}}
	insert(t, w, again)
	if n := one[uint64](t, db, "SELECT count() FROM events"); n != 40 {
		t.Errorf("%d rows; want 40", n)
	}
	if s := one[string](t, db, "SELECT toString(state) FROM blocks WHERE bus_seq = 4"); s != stateDuplicate {
		t.Errorf("state %q", s)
	}
	if b := readBooks(t, db); b.Accepted != b.Stored || b.Received != b.Accepted+b.Refused {
		t.Errorf("books do not balance: %+v", b)
	}
	if seq, err := w.Watermark(t.Context()); err != nil || seq != 5 {
		t.Errorf("watermark %d, %v", seq, err)
	}
}

func TestWatermark(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	mark := func(want uint64) {
		t.Helper()
		if got, err := w.Watermark(t.Context()); err != nil || got != want {
			t.Errorf("watermark %d, %v; want %d", got, err, want)
		}
	}
	mark(0)
	insert(t, w, sampleGroup(t, 3, 5, 2))
	mark(5)
	insert(t, w, sampleGroup(t, 8, 9, 2))
	insert(t, w, sampleGroup(t, 12, 12, 2))
	mark(5)
	missing, err := w.Missing(t.Context(), 1, 14)
	if diff := cmp.Diff([]Range{{1, 2}, {6, 7}, {10, 11}, {13, 14}}, missing); diff != "" || err != nil {
		t.Errorf("missing: %v (-want +got):\n%s", err, diff)
	}
	insert(t, w, sampleGroup(t, 6, 7, 2))
	mark(9)
	if err := w.Skip(t.Context(), 10, 11); err != nil {
		t.Fatal(err)
	}
	mark(12)
	if missing, err = w.Missing(t.Context(), 3, 12); err != nil || len(missing) > 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	if missing, err = w.Missing(t.Context(), 11, 11); err != nil || len(missing) > 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
}

// The root of every block can be computed again from the stored columns, and the
// chain holds.
func TestEvidence(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	insert(t, w, sampleGroup(t, 1, 2, 333))
	insert(t, db.NewWriter(), sampleGroup(t, 3, 4, 1))
	var previous [32]byte
	for seq := uint64(1); seq <= 4; seq++ {
		var root, prev, link string
		err := db.conn.QueryRow(withParameters(t.Context(), map[string]string{"seq": number64(seq)}),
			"SELECT root, previous, link FROM blocks FINAL WHERE bus_seq = {seq:UInt64} AND chain_seq = {seq:UInt64}").Scan(&root, &prev, &link)
		if err != nil {
			t.Fatal(err)
		}
		if got := recomputeRoot(t, db, seq); string(got[:]) != root {
			t.Errorf("block %d: root from the columns %x; stored %x", seq, got, root)
		}
		want := Link(previous, [32]byte([]byte(root)), sampleBlock(t, seq, 1).ID)
		if prev != string(previous[:]) || link != string(want[:]) {
			t.Errorf("block %d: the chain is broken", seq)
		}
		previous = want
	}
}

// recomputeRoot builds the tree from columns alone, as an auditor would.
func recomputeRoot(t *testing.T, db *DB, blockSeq uint64) [32]byte {
	t.Helper()
	rows, err := db.conn.Query(withParameters(t.Context(), map[string]string{"seq": number64(blockSeq)}),
		"SELECT idx, toUnixTimestamp64Nano(ingested), epoch, block_seq, peer, listener, tenant, node, raw FROM events WHERE block_seq = {seq:UInt64} ORDER BY idx")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var level [][32]byte
	for rows.Next() {
		var idx uint16
		var ingested int64
		var epoch, seq uint64
		var text [5]string
		if err := rows.Scan(&idx, &ingested, &epoch, &seq, &text[0], &text[1], &text[2], &text[3], &text[4]); err != nil {
			t.Fatal(err)
		}
		leaf := []byte{0}
		for _, n := range []uint64{uint64(idx), uint64(ingested), epoch, seq} {
			leaf = binary.BigEndian.AppendUint64(leaf, n)
		}
		for _, s := range text[:4] {
			leaf = append(binary.AppendUvarint(leaf, uint64(len(s))), s...)
		}
		level = append(level, sha256.Sum256(append(leaf, text[4]...)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for len(level) > 1 {
		var next [][32]byte
		for i := 0; i+1 < len(level); i += 2 {
			next = append(next, sha256.Sum256(append(append([]byte{1}, level[i][:]...), level[i+1][:]...)))
		}
		if len(level)%2 == 1 {
			next = append(next, level[len(level)-1])
		}
		level = next
	}
	return level[0]
}

// Rows that the engine refuses go to dead one by one; the rest is stored.
func TestPoison(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	exec(t, db, "ALTER TABLE events ADD CONSTRAINT poison CHECK idx NOT IN (13, 77)")
	g := sampleGroup(t, 1, 2, 100)
	insert(t, w, g)
	if diff := cmp.Diff(books{206, 200, 6, 196, 4}, readBooks(t, db)); diff != "" {
		t.Errorf("books (-want +got):\n%s", diff)
	}
	if n := one[uint64](t, db, "SELECT sum(dead) FROM blocks FINAL"); n != 4 {
		t.Errorf("blocks know %d dead; want 4", n)
	}
	if raw := one[string](t, db, "SELECT raw FROM dead WHERE block_seq = 2 AND idx = 13"); raw != string(g.Blocks[1].Block.Event(13).Raw()) {
		t.Errorf("dead raw %q", raw)
	}
	exec(t, db, "TRUNCATE TABLE blocks")
	insert(t, db.NewWriter(), g)
	if n := one[uint64](t, db, "SELECT count() FROM events") + one[uint64](t, db, "SELECT count() FROM dead FINAL"); n != 200 {
		t.Errorf("%d rows after a retry; want 200", n)
	}
	exec(t, db, "ALTER TABLE events ADD CONSTRAINT all CHECK idx > 60000")
	err := w.Insert(t.Context(), sampleGroup(t, 3, 3, 1000))
	if Classify(err) != Configuration {
		t.Errorf("a schema that refuses every row is %v: %v", Classify(err), err)
	}
}

func TestClassify(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	for sql, want := range map[string]Kind{
		"SELECT nothing FROM events": Configuration,
		"SELECT * FROM absent":       Configuration,
		"SELEC 1":                    Configuration,
		"SELECT toUInt8('x')":        Data,
		"SELECT throwIf(1)":          Retry,
	} {
		if err := db.conn.Exec(ctx, sql); err == nil || Classify(err) != want {
			t.Errorf("%s: %v; want %v: %v", sql, Classify(err), want, err)
		}
	}
	gone := (&testEngine{cfg: Config{Socket: "/nonexistent/s"}}).open(t, nil)
	if err := gone.Ping(ctx); err == nil || Classify(err) != Retry {
		t.Errorf("no socket: %v", err)
	}
	if err := gone.NewWriter().Insert(ctx, sampleGroup(t, 1, 1, 1)); err == nil || Classify(err) != Retry {
		t.Errorf("no socket: %v", err)
	}
	if Code(errors.New("x")) != 0 {
		t.Error("a code in nothing")
	}
}

// The native protocol's way gives the same rows as the HTTP way.
func TestBatchWay(t *testing.T) {
	db := newDB(t)
	g := sampleGroup(t, 1, 1, 200)
	insert(t, db.NewWriter(), g)
	sums := func() map[string]uint64 {
		m := map[string]uint64{}
		for _, c := range newRowset().columns {
			value := c.Name
			if c.Name == "fields" {
				value = "mapSort(fields)"
			}
			m[c.Name] = one[uint64](t, db, "SELECT sum(cityHash64(idx, "+value+")) FROM events")
		}
		return m
	}
	want := sums()
	exec(t, db, "TRUNCATE TABLE events")
	exec(t, db, "TRUNCATE TABLE blocks")
	w := db.NewWriter()
	w.http = false
	insert(t, w, g)
	if diff := cmp.Diff(want, sums()); diff != "" {
		t.Errorf("columns differ (-http +batch):\n%s", diff)
	}
}
