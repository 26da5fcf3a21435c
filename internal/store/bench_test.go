package store

import (
	"os"
	"syscall"
	"testing"
	"time"

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
	before := cpuTime()
	for b.Loop() {
		r.reset()
		for _, block := range blocks {
			r.add(block, nil)
		}
		r.finish()
		body = native.Encode(body[:0], r.columns)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(b.N*rows), "cpu-ns/row")
	b.ReportMetric(float64(len(body))/float64(rows), "bytes/row")
	if path := os.Getenv("YAGURA_NATIVE_OUT"); path != "" {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert is the whole insert over the socket: 51,198 rows in 7 blocks.
// The batch way is what the native protocol uses.
func BenchmarkInsert(b *testing.B) {
	for name, overHTTP := range map[string]bool{"native-body": true, "batch": false} {
		b.Run(name, func(b *testing.B) {
			db := newDB(b)
			w := db.NewWriter()
			w.http = overHTTP
			var groups []Group
			for i := range 4 {
				groups = append(groups, sampleGroup(b, uint64(i*7+1), uint64(i*7+7), 7314))
			}
			rows, before := 0, cpuTime()
			b.ResetTimer()
			for i := range b.N {
				g := groups[i%len(groups)]
				if i >= len(groups) { // the same lines as later blocks
					b.StopTimer()
					g = sampleGroup(b, uint64(i*7+1), uint64(i*7+7), 7314)
					b.StartTimer()
				}
				if err := w.Insert(b.Context(), g); err != nil {
					b.Fatal(err)
				}
				rows += g.Rows()
			}
			b.StopTimer()
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			if b.N <= len(groups) {
				b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(rows), "client-ns/row")
			}
		})
	}
}

// cpuTime is what this process has used, the engine's child not counted.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
