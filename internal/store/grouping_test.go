package store

import (
	"math/rand/v2"
	"testing"
)

func TestGrouping(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var g grouping
	for _, rows := range []int{0, 1, 100, 20_000} {
		for _, distinct := range []uint32{1, 7, 1 << 20} {
			a, b := make([]uint32, rows), make([]uint32, rows)
			for i := range a {
				a[i], b[i] = random.Uint32N(distinct), random.Uint32N(2)
			}
			g.group(rows, [][]uint32{a, b})
			want := map[[2]uint32]uint32{}
			for i := range a {
				k := [2]uint32{a[i], b[i]}
				n, ok := want[k]
				if !ok {
					n = uint32(len(want))
					want[k] = n
				}
				if g.of[i] != n {
					t.Fatalf("%d rows, %d distinct: row %d is in group %d; want %d", rows, distinct, i, g.of[i], n)
				}
			}
			if len(g.first) != len(want) {
				t.Errorf("%d groups; want %d", len(g.first), len(want))
			}
		}
	}
}

// BenchmarkRollups is the price of all rollups of an insert, per row.
func BenchmarkRollups(b *testing.B) {
	r := newRowset()
	for i := range 7 {
		r.add(Block{Seq: uint64(i + 1), Block: sampleBlock(b, uint64(i+1), 7314)}, nil)
	}
	r.finish()
	var g grouping
	rows := 0
	for b.Loop() {
		r.eventMinutes(&g)
		r.ruleMinutes(&g)
		r.bookMinutes(&g)
		rows += r.rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
	b.ReportMetric(float64(len(g.first)), "groups")
}
