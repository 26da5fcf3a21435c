package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestDriver(t *testing.T) {
	e := startEngine(t, nil)
	ctx := context.Background()
	c := e.open("writer", nil)
	v, err := c.ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if v.DisplayName != "yagura-engine" || v.Version.Major < 26 {
		t.Errorf("hello says %+v", v)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Exec(ctx, `CREATE DATABASE yagura`))
	must(c.Exec(ctx, `CREATE TABLE yagura.events (ts DateTime64(6,'UTC'), id UUID, ip IPv6, tags Array(String),
		app LowCardinality(String), fields Map(LowCardinality(String), String), n UInt32)
		ENGINE = MergeTree ORDER BY ts SETTINGS non_replicated_deduplication_window = 1000`))

	at := time.Date(2026, 11, 24, 1, 2, 3, 456789000, time.UTC)
	id := uuid.MustParse("0190b8a2-7c1f-7d3e-8a51-0123456789ab")
	send := func(token string, n uint32) {
		t.Helper()
		sctx := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token, "async_insert": 0}))
		b, err := c.PrepareBatch(sctx, "INSERT INTO yagura.events (ts, id, ip, tags, app, fields, n)")
		must(err)
		defer b.Close()
		must(b.Column(0).Append([]time.Time{at, at.Add(time.Second)}))
		must(b.Column(1).Append([]uuid.UUID{id, id}))
		must(b.Column(2).Append([]net.IP{net.ParseIP("2001:db8::1"), net.ParseIP("192.0.2.7").To16()}))
		must(b.Column(3).Append([][]string{{"a", "b"}, {}}))
		must(b.Column(4).Append([]string{"sshd", "sudo"}))
		must(b.Column(5).Append([]map[string]string{{"キー": "値"}, {}}))
		must(b.Column(6).Append([]uint32{n, n + 1}))
		must(b.Send())
	}
	send("a", 1)
	send("a", 1) // the retry
	send("b", 1) // equal rows, another batch
	var count uint64
	must(c.QueryRow(ctx, "SELECT count() FROM yagura.events").Scan(&count))
	if count != 4 {
		t.Errorf("%d rows, want 4: each token once", count)
	}

	pctx := clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"app": "sshd", "n": "1"}))
	type row struct {
		TS     time.Time
		ID     uuid.UUID
		IP     string
		Tags   []string
		App    string
		Fields map[string]string
		N      uint32
	}
	var got row
	var ip net.IP
	must(c.QueryRow(pctx, "SELECT * FROM yagura.events WHERE app = {app:String} AND n = {n:UInt32} LIMIT 1").
		Scan(&got.TS, &got.ID, &ip, &got.Tags, &got.App, &got.Fields, &got.N))
	got.IP = ip.String()
	want := row{at, id, "2001:db8::1", []string{"a", "b"}, "sshd", map[string]string{"キー": "値"}, 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("row (-want +got):\n%s", d)
	}

	rows, err := c.Query(ctx, "SELECT app FROM yagura.events WHERE n = 99999")
	must(err)
	if rows.Next() || rows.Err() != nil || len(rows.Columns()) != 1 {
		t.Errorf("an empty result gave columns %v, a row or %v", rows.Columns(), rows.Err())
	}
	rows.Close()

	for sql, code := range map[string]int32{
		"SELEC 1": 62, "SELECT * FROM nothing": 60, "SELECT nothing": 47, "SELECT f(1)": 46,
		"SELECT 1 FROM nothing.t": 81, "SELECT throwIf(number = 100000) FROM numbers(1000000)": 395,
	} {
		rows, err := c.Query(ctx, sql)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			rows.Close()
		}
		var ex *clickhouse.Exception
		if !errors.As(err, &ex) || ex.Code != code {
			t.Errorf("%s: %v, want code %d", sql, err, code)
		}
	}
}

// An answer that fails after a part of it is out must fail for the client.
func TestDriverMidStream(t *testing.T) {
	e := startEngine(t, nil)
	for _, m := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		c := e.open("writer", func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: m} })
		rows, err := c.Query(context.Background(), "SELECT number, toString(cityHash64(number)) FROM numbers(3000000) WHERE NOT throwIf(number = 2500000)")
		if err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if rows.Err() == nil || n == 0 {
			t.Errorf("%v: %d rows and no error", m, n)
		} else {
			t.Logf("%v: %d rows, then %v", m, n, rows.Err())
		}
		rows.Close()
	}
}

func TestDriverCompressionAndBigBatch(t *testing.T) {
	e := startEngine(t, nil)
	ctx := context.Background()
	e.sql("writer", "CREATE TABLE big (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	for i, m := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP, clickhouse.CompressionDeflate} {
		c := e.open("writer", func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: m, Level: 3} })
		b, err := c.PrepareBatch(ctx, "INSERT INTO big")
		if err != nil {
			t.Fatal(err)
		}
		const rows = 50_000
		ns, ss := make([]uint64, rows), make([]string, rows)
		for j := range ns {
			ns[j], ss[j] = uint64(i*rows+j), fmt.Sprintf("line %d of a batch", j*7919)
		}
		if err := errors.Join(b.Column(0).Append(ns), b.Column(1).Append(ss), b.Send()); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		var count, sum uint64
		if err := c.QueryRow(ctx, "SELECT count(), sum(n) FROM big").Scan(&count, &sum); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		all := uint64((i + 1) * rows)
		if count != all || sum != all*(all-1)/2 {
			t.Errorf("%v: count %d, sum %d", m, count, sum)
		}
		var list int
		r, err := c.Query(ctx, "SELECT n, s FROM big")
		if err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		for r.Next() {
			list++
		}
		if uint64(list) != all || r.Err() != nil {
			t.Errorf("%v: read %d rows of %d, %v", m, list, all, r.Err())
		}
		r.Close()
	}
}
