package syslog

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// startAs is start for a network: with certificates and a durable sink where needed.
func startAs(t *testing.T, network string, cfg Config) (r *running, dial func() net.Conn) {
	t.Helper()
	cfg.Network = network
	sink := newMemory()
	var to Sink = sink
	switch network {
	case "tls":
		ca := newAuthority(t, "ca")
		cfg.TLS = ca.files("log01", time.Hour)
		r = startOn(t, cfg, to, sink)
		return r, func() net.Conn { return r.dialTLS(t, &tls.Config{RootCAs: ca.pool}) }
	case "relp":
		to = &disk{memory: sink}
	case "unix":
		cfg.Address, cfg.Stream = socketPath(t), true
	}
	r = startOn(t, cfg, to, sink)
	return r, func() net.Conn { return r.dial(t) }
}

// socketPath is short enough for a unix socket.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "yag")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "log")
}

// TestAllow: who is not in allow is refused and booked as denied under its address,
// over whatever transport; an IPv4 address counts in whatever form it stands.
func TestAllow(t *testing.T) {
	for _, c := range []struct {
		network, address string
		allow            string
		served           bool
	}{
		{"udp", "127.0.0.1:0", "192.0.2.0/24", false}, {"udp", "127.0.0.1:0", "127.0.0.0/8", true},
		{"udp", "[::]:0", "127.0.0.1/32", true}, {"udp", "[::]:0", "::ffff:127.0.0.0/104", true}, {"udp", "[::]:0", "::ffff:127.0.0.2/128", false}, {"udp", "[::]:0", "::/0", false},
		{"tcp", "[::]:0", "127.0.0.1/32", true}, {"tcp", "[::]:0", "::ffff:127.0.0.1/128", true}, {"tcp", "[::]:0", "::/0", false}, {"tcp", "127.0.0.1:0", "192.0.2.0/24", false},
		{"tls", "127.0.0.1:0", "192.0.2.0/24", false}, {"relp", "127.0.0.1:0", "192.0.2.0/24", false},
	} {
		t.Run(fmt.Sprintf("%s %s %s", c.network, c.address, c.allow), func(t *testing.T) {
			r, _ := startAs(t, c.network, Config{Address: c.address, Allow: []netip.Prefix{netip.MustParsePrefix(c.allow)}})
			_, port, _ := net.SplitHostPort(r.Addr().String())
			conn, err := net.Dial(r.Addr().Network(), "127.0.0.1:"+port)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "<13>line\n")
			until(t, "it is decided", func() bool { return r.sink.count()+int(r.Stats().Refused[event.Denied]) == 1 })
			r.stop()
			if served := r.sink.count() == 1; served != c.served {
				t.Errorf("served %v", served)
			}
			r.balance(t)
			if got := r.sink.books["127.0.0.1"].Refused[event.Denied]; got != map[bool]uint64{false: 1, true: 0}[c.served] {
				t.Errorf("books %+v", r.sink.books)
			}
		})
	}
}

// TestDeniedSourcesAreBounded: strangers fill no more than the books' bound.
func TestDeniedSourcesAreBounded(t *testing.T) {
	r := start(t, Config{Network: "tcp", Address: "127.0.0.1:0", MaxSources: 3, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, newMemory())
	for i := range 10 {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(i+1))}}
		conn, err := d.Dial("tcp", r.Addr().String())
		if err != nil {
			t.Skip("no second loopback address here: ", err)
		}
		_ = conn.Close()
	}
	until(t, "all are refused", func() bool { return r.Stats().NotAllowed == 10 })
	if n := r.Stats().Sources; n > 3 {
		t.Errorf("%d sources held", n)
	}
	r.stop()
	if sum := r.balance(t); sum.Refused[event.Denied] != 10 || r.sink.books[""].Refused[event.Denied] == 0 {
		t.Errorf("books %+v", r.sink.books)
	}
}

// TestSlowSenders: from the first byte of a frame, or of a handshake, to its last there
// is a bound, over whatever transport; and one for silence.
func TestSlowSenders(t *testing.T) {
	for _, network := range []string{"tcp", "tls", "relp", "unix"} {
		for name, begin := range map[string]string{"a line": "<13>", "a counted line": "200 <13>", "a handshake": "\x16\x03\x01\x02\x00"} {
			if name == "a handshake" && network != "tls" || network == "relp" && name == "a line" {
				continue
			}
			t.Run(network+", "+name, func(t *testing.T) {
				r, dial := startAs(t, network, Config{FrameTimeout: 150 * time.Millisecond, MinRate: 1000})
				if network == "relp" {
					begin = "1 syslog 500 "
				}
				if name == "a handshake" {
					dial = func() net.Conn { return r.dial(t) }
				}
				conn := dial()
				write(t, conn, begin)
				began := time.Now()
				var err error
				for ; err == nil && time.Since(began) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
					_, err = conn.Write([]byte("x"))
				}
				if err == nil {
					t.Fatal("a sender of one byte each 5 ms was never cut off")
				}
				until(t, "the close is counted", func() bool { s := r.Stats(); return s.ClosedSlow+s.NoHandshake == 1 && s.Connections == 0 })
				r.stop()
				r.balance(t)
			})
		}
		t.Run(network+", silence", func(t *testing.T) {
			r, dial := startAs(t, network, Config{IdleTimeout: 200 * time.Millisecond})
			conn := dial()
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if text, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%q %v", text, err)
			}
			until(t, "the close is counted", func() bool { s := r.Stats(); return s.ClosedIdle == 1 && s.Connections == 0 })
		})
	}
}
