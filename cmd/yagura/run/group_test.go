package run

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// delivered is a block of n lines of size bytes as the bus hands it out.
func delivered(t testing.TB, seq uint64, n, size int, sealed time.Time) *bus.Delivery[*event.Block] {
	t.Helper()
	var b event.Builder
	for range n {
		d := &event.Draft{}
		d.Reset(bytes.Repeat([]byte("x"), size))
		d.Received = sealed
		b.Append(d)
	}
	block, err := b.Block(event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: seq}, sealed)
	if err != nil {
		t.Fatal(err)
	}
	return &bus.Delivery[*event.Block]{Seq: seq, Value: block}
}

func TestTheBordersOfAGroup(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		n, size int // of each block
		before  borders
		from    uint64
		skip    uint64    // missing on the bus
		newDay  uint64    // the first block of the next day
		want    [2]uint64 // borders of the group
	}{
		"rows":                          {n: 8000, size: 10, from: 1, want: [2]uint64{1, 12}},
		"bytes":                         {n: 10, size: 200 << 10, from: 1, want: [2]uint64{1, 32}},
		"a gap":                         {n: 1, size: 10, from: 1, skip: 4, want: [2]uint64{1, 3}},
		"another day":                   {n: 1, size: 10, from: 1, newDay: 6, want: [2]uint64{1, 5}},
		"made again":                    {n: 10, size: 10, from: 5, before: borders{First: 5, Last: 9}, want: [2]uint64{5, 9}},
		"before one to be made again":   {n: 10, size: 10, from: 3, before: borders{First: 5, Last: 9}, want: [2]uint64{3, 4}},
		"in the middle of one":          {n: 8000, size: 10, from: 6, before: borders{First: 5, Last: 9}, want: [2]uint64{6, 17}},
		"behind one":                    {n: 8000, size: 10, from: 10, before: borders{First: 5, Last: 9}, want: [2]uint64{10, 21}},
		"far before: bounds hold":       {n: 8000, size: 10, from: 1, before: borders{First: 100, Last: 9000}, want: [2]uint64{1, 12}},
		"one block beyond the bounds":   {n: 300, size: 250 << 10, from: 1, want: [2]uint64{1, 1}},
		"made again with a hole inside": {n: 10, size: 10, from: 5, skip: 7, before: borders{First: 5, Last: 9}, want: [2]uint64{5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			var g group
			for seq := c.from; ; seq++ {
				if seq == c.skip {
					continue
				}
				sealed := noon
				if c.newDay > 0 && seq >= c.newDay {
					sealed = noon.AddDate(0, 0, 1)
				}
				d := delivered(t, seq, c.n, c.size, sealed)
				if len(g.list) > 0 && !g.takes(d, c.before) {
					break
				}
				if g.add(d); g.complete(c.before) {
					break
				}
			}
			if got := [2]uint64{g.first(), g.last()}; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestBordersAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "insert.json")
	b, err := readBorders(path)
	if err != nil || b.First != 0 {
		t.Fatalf("no file: %+v, %v", b, err)
	}
	if err := b.set("o", 3, 9); err != nil {
		t.Fatal(err)
	}
	again, err := readBorders(path)
	if err != nil || again != b || again.Origin != "o" || again.First != 3 || again.Last != 9 {
		t.Errorf("%+v, %v", again, err)
	}
	again.path = filepath.Join(path, "not a folder")
	if err := again.set("o", 10, 11); err == nil || again.First != 3 {
		t.Errorf("a failed write: %+v, %v", again, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := readBorders(path); err == nil || b.First != 0 || b.path != path {
		t.Errorf("damaged: %+v, %v", b, err)
	}
}
