package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// 50,000 rows in one Native block through clickhouse-go and the socket.
func BenchmarkInsert(b *testing.B) {
	e := startEngine(b, nil)
	ctx := context.Background()
	e.sql("writer", `CREATE TABLE bench (ts DateTime64(6,'UTC'), host LowCardinality(String), app LowCardinality(String), n UInt32, raw String CODEC(ZSTD(1)))
		ENGINE = MergeTree ORDER BY ts`)
	c := e.open("writer", nil)
	const rows = 50_000
	ts, host, app, n, raw := make([]time.Time, rows), make([]string, rows), make([]string, rows), make([]uint32, rows), make([]string, rows)
	for i := range rows {
		ts[i], host[i], app[i], n[i] = time.Unix(1_790_000_000, int64(i)*1000), fmt.Sprintf("host%d", i%50), "sshd", uint32(i)
		raw[i] = fmt.Sprintf("Nov 24 12:00:00 host%d sshd[%d]: Failed password for invalid user u%d from 192.0.2.%d port %d ssh2", i%50, i, i%700, i%250, i)
	}
	var bytes int64
	for _, s := range raw {
		bytes += int64(len(s)) + 24
	}
	b.SetBytes(bytes)
	b.ResetTimer()
	for range b.N {
		batch, err := c.PrepareBatch(ctx, "INSERT INTO bench")
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(batch.Column(0).Append(ts), batch.Column(1).Append(host), batch.Column(2).Append(app),
			batch.Column(3).Append(n), batch.Column(4).Append(raw), batch.Send()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRoundTrip(b *testing.B) {
	e := startEngine(b, nil)
	for _, user := range []string{"writer", "reader"} {
		b.Run(user, func(b *testing.B) {
			for range b.N {
				if a := e.do("POST", user, values(), strings.NewReader("SELECT 1")); a.body != "1\n" {
					b.Fatal(a)
				}
			}
		})
	}
}
