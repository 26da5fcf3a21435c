package store

import (
	"os"
	"testing"

	"yagura/internal/store/native"
)

// BenchmarkColumns is the client's part of an insert without the connection:
// views to a Native body, per row.
func BenchmarkColumns(b *testing.B) {
	var blocks []Block
	rows := 0
	for i := range 7 {
		block := sampleBlock(b, uint64(i+1), 7314)
		blocks = append(blocks, Block{Seq: uint64(i + 1), Block: block})
		rows += block.Len()
	}
	r := newRowset()
	var body []byte
	b.ReportAllocs()
	for b.Loop() {
		r.reset()
		for _, block := range blocks {
			r.add(block, nil)
		}
		r.finish()
		body = native.Encode(body[:0], r.columns)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(float64(len(body))/float64(rows), "bytes/row")
	if path := os.Getenv("YAGURA_NATIVE_OUT"); path != "" {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
