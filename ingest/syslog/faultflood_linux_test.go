package syslog

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// slowSink takes its time for each line.
type slowSink struct {
	*memory
	takes time.Duration
}

func (s *slowSink) Append(ctx context.Context, d *event.Draft) error {
	for end := time.Now().Add(s.takes); time.Now().Before(end); { // shorter than a sleep can be
	}
	return s.memory.Append(ctx, d)
}

// from dials out of a loopback address of its own.
func (r *running) from(t *testing.T, last byte) net.Conn {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 9, last)}, r.Addr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestUDPFloodOfOneSource: one of 50 sources sends a hundred times what the others do,
// more than is parsed in time. It is refused its lines above its share, with the
// reason; the 49 lose nothing.
func TestUDPFloodOfOneSource(t *testing.T) {
	sink := &slowSink{newMemory(), 20 * time.Microsecond}
	r := startOn(t, Config{Network: "udp", Sockets: 1, Ring: 2 * datagram, Drain: 20 * time.Second}, sink, sink.memory)
	flood := r.from(t, 1)
	var quiet []net.Conn
	for i := range 49 {
		quiet = append(quiet, r.from(t, byte(10+i)))
	}
	const rounds, times = 20, 100
	sent := 0
	pad := strings.Repeat("x", 200)
	for round := range rounds {
		for i, conn := range quiet {
			for n := range times {
				write(t, flood, fmt.Sprintf("<13>flood %d %d %s", round, n, pad))
			}
			write(t, conn, fmt.Sprintf("<13>quiet %d %d %s", i, round, pad))
			sent += times + 1 // the kernel's buffer must hold what was not read: this is about ours
			until(t, "the reader", func() bool { return int(r.Stats().Received) > sent-1000 })
		}
	}
	r.stop()
	sum := r.balance(t)
	if int(sum.Received) != sent || sum.Refused[event.KernelFull] > 0 {
		t.Fatalf("%d sent, %d received, %d of them dropped by the kernel", sent, sum.Received, sum.Refused[event.KernelFull])
	}
	for peer, books := range sink.books {
		switch {
		case peer == "127.0.9.1":
			t.Logf("the flood: received %d, accepted %d, refused %v", books.Received, sink.memory.from[peer], books.Refused)
			if books.Refused[event.Share] == 0 || books.Refused[event.Share] != books.RefusedTotal() {
				t.Errorf("the flood was refused %v; want some, all of them for its share", books.Refused)
			}
		case books.RefusedTotal() > 0 || sink.memory.from[peer] != rounds:
			t.Errorf("%s: accepted %d of %d, refused %v", peer, sink.memory.from[peer], rounds, books.Refused)
		}
	}
}

// TestUDPBursts: bursts of ten and a hundred times what the kernel's buffer holds, of
// IPv4 and IPv6: what was sent was accepted or is in the books.
func TestUDPBursts(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		for _, times := range []int{10, 100} {
			t.Run(fmt.Sprintf("%s %d times", address, times), func(t *testing.T) {
				if conn, err := net.ListenPacket("udp", address); err != nil {
					t.Skip("no such family here: ", err)
				} else {
					conn.Close()
				}
				const buffer, size = 64 << 10, 300
				sink := &slowSink{newMemory(), 20 * time.Microsecond}
				r := startOn(t, Config{Network: "udp", Address: address, Sockets: 1, ReceiveBuffer: buffer, Ring: 2 * datagram, Drain: 20 * time.Second}, sink, sink.memory)
				conn := r.dial(t)
				line := "<13>" + strings.Repeat("x", size-4)
				sent := times * buffer / size
				for range sent {
					write(t, conn, line)
				}
				r.stop()
				sum := r.balance(t)
				t.Logf("sent %d: accepted %d, refused %v", sent, sink.count(), sum.Refused)
				if int(sum.Received) != sent || sum.RefusedTotal() == 0 {
					t.Errorf("%d sent, %d in the books, %d refused", sent, sum.Received, sum.RefusedTotal())
				}
			})
		}
	}
}
