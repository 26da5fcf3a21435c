package syslog

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// BenchmarkIdleConnections holds 10,000 connections (or as many as file descriptors
// allow) that have sent one line and are silent, and says what each costs in this
// process. When they are gone, so are their goroutines.
func BenchmarkIdleConnections(b *testing.B) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	n := int(min(10_000, limit.Cur-200))
	ca := newAuthority(b, "ca")
	for name, cfg := range map[string]Config{"plain": {Network: "tcp"}, "tls": {Network: "tls", TLS: ca.files("log01", time.Hour)}} {
		b.Run(name, func(b *testing.B) {
			cfg.Address, cfg.MaxConnections, cfg.MaxPerAddress, cfg.Drain = "127.0.0.1:0", n, n, time.Second
			sink := newMemory()
			l, err := New(cfg, sink, func() Handler { return handler{} }, slog.New(slog.DiscardHandler))
			if err == nil {
				err = l.Listen()
			}
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- l.Run(ctx) }()
			waitFor(b, func() bool { return l.bound })
			goroutines := runtime.NumGoroutine()
			for b.Loop() {
				before := inUse()
				release := startIdle(b, l.Addr().String(), cfg.Network == "tls", n)
				waitFor(b, func() bool { return l.Stats().Connections == n && sink.count() >= n })
				b.ReportMetric(float64(inUse()-before)/float64(n), "B/conn")
				release()
				waitFor(b, func() bool { return l.Stats().Connections == 0 && runtime.NumGoroutine() <= goroutines+8 })
				sink.mu.Lock()
				sink.lines, sink.flags = nil, map[string]uint16{}
				sink.mu.Unlock()
			}
			b.ReportMetric(float64(n), "conns")
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
}

// inUse is the memory of heap and stacks.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func startIdle(b *testing.B, to string, secured bool, n int) (release func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), idleTo+"="+to, fmt.Sprintf("%s=%d", idleCount, n))
	if secured {
		cmd.Env = append(cmd.Env, idleTLS+"=1")
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		b.Fatalf("the senders: %q %v", line, err)
	}
	return func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
}

func waitFor(b *testing.B, cond func() bool) {
	b.Helper()
	for end := time.Now().Add(60 * time.Second); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("waited in vain: %d goroutines", runtime.NumGoroutine())
		}
	}
}
