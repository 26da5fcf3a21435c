package syslog

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// vanish ends a connection as a host without power does: nothing is said to the other
// side. That needs CAP_NET_ADMIN (tcp(7), TCP_REPAIR); without it the connection only
// falls silent, and told is false.
func vanish(t *testing.T, conn net.Conn) (told bool) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		told = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_REPAIR, 1) == nil
	})
	if told {
		conn.Close()
	}
	return told
}

// TestTCPHalfOpen: the sender is gone and has said nothing. Its connection ends by the
// limits, wherever in a frame it stood; what had come of a frame is kept and marked; its
// place is free for the sender when it comes back.
func TestTCPHalfOpen(t *testing.T) {
	for _, c := range []struct {
		name, in   string
		last, what string // kept at the end, and its anomaly
		count      func(Stats) uint64
	}{
		{"between frames", "", "", "", func(s Stats) uint64 { return s.ClosedIdle }},
		{"inside a line", "<13>par", "<13>par", DamagedEnd, func(s Stats) uint64 { return s.ClosedSlow }},
		{"inside a counted frame", "50 <13>par", "<13>par", DamagedShort, func(s Stats) uint64 { return s.ClosedSlow }},
		{"inside a count", "50", "50", DamagedEnd, func(s Stats) uint64 { return s.ClosedSlow }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{Network: "tcp", MaxPerAddress: 1, IdleTimeout: 300 * time.Millisecond, FrameTimeout: 100 * time.Millisecond, MinRate: 1 << 20}, newMemory())
			conn := r.dial(t)
			write(t, conn, "<13>whole\n"+c.in)
			until(t, "the whole line", func() bool { return r.sink.count() == 1 })
			vanish(t, conn)
			until(t, "it is ended and counted", func() bool { s := r.Stats(); return s.Connections == 0 && c.count(s) == 1 })
			write(t, r.dial(t), "<13>back\n")
			want := []string{"<13>whole", "<13>back"}
			if c.last != "" {
				want = []string{"<13>whole", c.last, "<13>back"}
			}
			until(t, "it is back", func() bool { return r.sink.count() == len(want) })
			r.stop()
			if d := cmp.Diff(want, r.sink.got()); d != "" {
				t.Error(d)
			}
			if a := r.sink.anomaly[c.last]; c.last != "" && a != c.what {
				t.Errorf("anomaly %q; want %q", a, c.what)
			}
			r.balance(t)
		})
	}
}

// TestTCPGoneSenderIsAskedFor: a silent sender may keep its connection for long, but the
// kernel asks whether it is there (SO_KEEPALIVE), and one that is gone is found in
// minutes. The test asks sooner.
func TestTCPGoneSenderIsAskedFor(t *testing.T) {
	const found = 5 * time.Minute
	r := start(t, Config{Network: "tcp", MaxPerAddress: 1}, newMemory())
	conn := r.dial(t)
	write(t, conn, "<13>whole\n")
	until(t, "the line", func() bool { return r.sink.count() == 1 })
	ours := r.onlyConnection(t)
	raw, err := ours.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	get := func(level, option int) (n int) {
		_ = raw.Control(func(fd uintptr) { n, _ = unix.GetsockoptInt(int(fd), level, option) })
		return n
	}
	within := get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE) + get(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)*get(unix.IPPROTO_TCP, unix.TCP_KEEPCNT)
	if get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 0 || time.Duration(within)*time.Second > found {
		t.Fatalf("keep-alive %d, found in %d s; want it on, and at most %v", get(unix.SOL_SOCKET, unix.SO_KEEPALIVE), within, found)
	}
	if !vanish(t, conn) {
		t.Skip("a connection cannot be left open here: that needs CAP_NET_ADMIN")
	}
	if err := ours.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}); err != nil {
		t.Fatal(err)
	}
	until(t, "it is found", func() bool { return r.Stats().Connections == 0 })
	write(t, r.dial(t), "<13>back\n")
	until(t, "it is back", func() bool { return r.sink.count() == 2 })
	r.stop()
	r.balance(t)
}

func (r *running) onlyConnection(t *testing.T) *net.TCPConn {
	t.Helper()
	l := r.link.(*tcp)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		return c.conn.(*net.TCPConn)
	}
	t.Fatal("no connection")
	return nil
}
