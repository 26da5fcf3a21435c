package syslog

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// numbered writes numbered lines until stop says so or the connection breaks, and
// returns how many were taken by the kernel.
func numbered(conn net.Conn, stop <-chan struct{}) (sent int) {
	for {
		select {
		case <-stop:
			return sent
		default:
		}
		if _, err := fmt.Fprintf(conn, "<13>line %d\n", sent); err != nil {
			return sent
		}
		sent++
		if sent%50 == 0 {
			time.Sleep(time.Millisecond) // a rate, not a wait
		}
	}
}

// prefix wants the first lines, without a hole, and returns how many there are.
func (r *running) prefix(t *testing.T) int {
	t.Helper()
	got := r.sink.got()
	for i, line := range got {
		want := fmt.Sprintf("<13>line %d", i)
		if line != want && (i < len(got)-1 || len(line) >= len(want)) { // the last one may be cut
			t.Fatalf("line %d is %q", i, line)
		}
	}
	return len(got)
}

// TestTCPStopTellsTheSender: one that looks whether we are still there, as rsyslog
// and syslog-ng do, loses nothing.
func TestTCPStopTellsTheSender(t *testing.T) {
	r := start(t, Config{Network: "tcp", Drain: 5 * time.Second}, newMemory())
	conn := r.dial(t)
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() {
		_, _ = conn.Read(make([]byte, 1))
		close(stop)
	}()
	go func() {
		n := numbered(conn, stop)
		_ = conn.Close()
		sent <- n
	}()
	until(t, "lines", func() bool { return r.sink.count() > 1000 })
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the stop took %v: the sender was not told", took)
	}
	if n := <-sent; r.prefix(t) != n {
		t.Errorf("%d lines of %d", r.prefix(t), n)
	}
	r.balance(t)
}

// TestTCPStopWithASenderThatGoesOn: everything up to our close is taken, and
// nothing between is missing. What it writes after that is lost to it.
func TestTCPStopWithASenderThatGoesOn(t *testing.T) {
	r := start(t, Config{Network: "tcp", Drain: 400 * time.Millisecond}, newMemory())
	conn := r.dial(t)
	sent := make(chan int, 1)
	go func() { sent <- numbered(conn, nil) }()
	until(t, "lines", func() bool { return r.sink.count() > 1000 })
	r.stop()
	n := <-sent
	got := r.prefix(t)
	t.Logf("%d sent, %d of them after the close", n, n-got)
	if n-got > 200 {
		t.Errorf("%d lines of %d were lost", n-got, n)
	}
	r.balance(t)
}

// TestTCPStopWithAFullKernel: the sink had no room for long, and so the kernel is
// full of lines when the stop comes.
func TestTCPStopWithAFullKernel(t *testing.T) {
	sink := newMemory()
	sink.gate = make(chan struct{})
	r := start(t, Config{Network: "tcp", Drain: 10 * time.Second}, sink)
	conn := r.dial(t)
	_ = conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	n := numbered(conn, nil)
	until(t, "the connection is there", func() bool { return r.Stats().Opened == 1 })
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the sender is not told: %v", err)
	}
	_ = conn.Close()
	close(sink.gate)
	<-stopped
	if got := r.prefix(t); got < n {
		t.Errorf("%d lines of %d", got, n)
	}
	r.balance(t)
}
