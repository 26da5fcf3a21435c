package store

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The engine is killed again and again under a writer that retries: every row is
// there once, the books balance, the rollups agree, the chain is whole.
func TestEngineKilled(t *testing.T) {
	const groups, blocks, events = 15, 3, 500
	e := startEngine(t)
	db := e.open(t, nil)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := db.NewWriter()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	kills := 0
	for i := range uint64(groups) {
		g := sampleGroup(t, i*blocks+1, i*blocks+blocks, events)
		done := make(chan error, 1)
		go func() { done <- insertUntilStored(t.Context(), w, g) }()
		if i%3 == 2 {
			time.Sleep(time.Duration(random.IntN(25000)) * time.Microsecond)
			if pid := e.child.Pid(); pid > 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
				kills++
			}
		}
		if err := <-done; err != nil {
			t.Fatalf("group %d: %v", i, err)
		}
		if i%7 == 6 {
			w = db.NewWriter()
		}
	}
	const want = groups * blocks * events
	got := map[string]uint64{
		"rows":    one[uint64](t, db, "SELECT count() FROM events"),
		"events":  one[uint64](t, db, "SELECT uniqExact(block_seq, idx) FROM events"),
		"stored":  one[uint64](t, db, "SELECT toUInt64(sum(stored)) FROM books"),
		"minutes": one[uint64](t, db, "SELECT sum(events) FROM event_minutes"),
		"blocks":  one[uint64](t, db, "SELECT count() FROM blocks FINAL"),
		"chain":   one[uint64](t, db, "SELECT max(chain_seq) FROM blocks"),
		"broken":  one[uint64](t, db, "SELECT count() FROM (SELECT previous, lagInFrame(toString(link), 1, toString(previous)) OVER (ORDER BY chain_seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM blocks FINAL) WHERE toString(previous) != before"),
	}
	if diff := cmp.Diff(map[string]uint64{"rows": want, "events": want, "stored": want, "minutes": want,
		"blocks": groups * blocks, "chain": groups * blocks, "broken": 0}, got); diff != "" {
		t.Errorf("after %d kills (-want +got):\n%s", kills, diff)
	}
	if b := readBooks(t, db); b.Accepted != b.Stored || b.Received != b.Accepted+b.Refused {
		t.Errorf("books do not balance after %d kills: %+v", kills, b)
	}
}

func insertUntilStored(ctx context.Context, w *Writer, g Group) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		err := w.Insert(ctx, g)
		if err == nil || Classify(err) != Retry || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}
