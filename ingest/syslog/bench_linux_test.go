package syslog

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yagura/internal/event"
)

// counter is a Sink that only counts.
type counter struct{ lines atomic.Int64 }

func (c *counter) Append(context.Context, *event.Draft) error { c.lines.Add(1); return nil }
func (c *counter) Tally(event.Tally)                          {}

func (c *counter) AppendBlock(ctx context.Context, d *event.Draft) (uint64, error) {
	_ = c.Append(ctx, d)
	return 1, nil
}
func (c *counter) Watch(told func(uint64, error)) func() { told(1, nil); return func() {} }
func (c *counter) Hurry()                                {}

type nothing struct{}

func (nothing) Handle(*event.Draft) {}

func run(b *testing.B, cfg Config, sink Sink) *Listener {
	l, err := New(cfg, sink, func() Handler { return nothing{} }, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Listen(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-done })
	return l
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkUDP sends and receives lines of 300 bytes; the CPU time is of both.
func BenchmarkUDP(b *testing.B) {
	var sink counter
	l := run(b, Config{Network: "udp", Address: "127.0.0.1:0"}, &sink)
	conn, err := net.Dial("udp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	line := []byte("<13>" + strings.Repeat("x", 296))
	before, sent := cpu(), 0
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(line); err != nil {
			b.Fatal(err)
		}
		if sent++; sent%1000 == 0 {
			for end := time.Now().Add(5 * time.Second); int(sink.lines.Load()) < sent-3000 && time.Now().Before(end); {
				time.Sleep(50 * time.Microsecond)
			}
		}
	}
	b.ReportMetric(float64(cpu()-before)/float64(sent), "cpu-ns/line")
	b.ReportMetric(float64(sent)-float64(sink.lines.Load()), "behind")
}

// BenchmarkTCP is the same over one connection.
func BenchmarkTCP(b *testing.B) {
	var sink counter
	l := run(b, Config{Network: "tcp", Address: "127.0.0.1:0"}, &sink)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	line := "<13>" + strings.Repeat("x", 295) + "\n"
	before := cpu()
	b.ReportAllocs()
	b.ResetTimer()
	_, err = io.Copy(conn, io.LimitReader(&again{text: []byte(strings.Repeat(line, 200))}, int64(b.N*len(line))))
	if err != nil {
		b.Fatal(err)
	}
	for int(sink.lines.Load()) < b.N {
		time.Sleep(50 * time.Microsecond)
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/line")
}

// BenchmarkRELP is the same, with answers that wait for nothing.
func BenchmarkRELP(b *testing.B) {
	var sink counter
	l := run(b, Config{Network: "relp", Address: "127.0.0.1:0"}, &sink)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	const answer = len("7 rsp 6 200 OK\n")
	frame := "7 syslog 300 <13>" + strings.Repeat("x", 296) + "\n"
	before := cpu()
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		_, _ = io.Copy(conn, io.LimitReader(&again{text: []byte(strings.Repeat(frame, 200))}, int64(b.N*len(frame))))
	}()
	if _, err := io.CopyN(io.Discard, conn, int64(b.N*answer)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/line")
}
