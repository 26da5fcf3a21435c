package syslog

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// send sends n numbered lines from one socket, no more than 500 ahead of what
// the listener has seen.
func send(t *testing.T, r *running, n int) {
	t.Helper()
	conn := r.dial(t)
	for i := range n {
		write(t, conn, fmt.Sprintf("<13>line %d", i))
		if i%500 == 499 {
			until(t, "the listener keeps up", func() bool { return int(r.Stats().Received) > i-500 })
		}
	}
}

func TestUDP(t *testing.T) {
	r := start(t, Config{Network: "udp"}, newMemory())
	if got := r.Stats().ReceiveBuffer; got <= 0 {
		t.Errorf("receive buffer: %d", got)
	}
	const n = 20000
	send(t, r, n)
	r.stop()
	sum := r.balance(t)
	if sum.Received != n {
		t.Errorf("%d sent, %d received", n, sum.Received)
	}
	if sum.RefusedTotal() != 0 {
		t.Errorf("refused: %v", sum.Refused)
	}
	for i, line := range r.sink.got() { // one sender, one socket: in order
		if want := fmt.Sprintf("<13>line %d", i); line != want {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

func TestUDPKernelDrops(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		if conn, err := net.ListenPacket("udp", address); err != nil {
			t.Log("no such family here: ", err)
			continue
		} else {
			conn.Close()
		}
		t.Run(address, func(t *testing.T) { testKernelDrops(t, address) })
	}
}

func testKernelDrops(t *testing.T, address string) {
	sink := newMemory()
	sink.gate = make(chan struct{})
	r := start(t, Config{Network: "udp", Address: address, Sockets: 1, ReceiveBuffer: 4096, Ring: 2 * datagram}, sink)
	conn := r.dial(t)
	const n = 20000
	for i := range n {
		write(t, conn, fmt.Sprintf("<13>%d %s", i, strings.Repeat("x", 200)))
	}
	close(sink.gate)
	r.stop()
	sum := r.balance(t)
	if sum.Received != n {
		t.Errorf("%d sent; %d received, of it %d dropped by the kernel", n, sum.Received, sum.Refused[event.KernelFull])
	}
	t.Logf("accepted %d, refused %v", sink.count(), sum.Refused)
	if sum.Refused[event.KernelFull]+sum.Refused[event.Share]+sum.Refused[event.BusFull] == 0 {
		t.Error("nothing was refused: the test proves nothing")
	}
	if sink.books[""].Refused[event.KernelFull] != sum.Refused[event.KernelFull] {
		t.Error("kernel drops belong to the unknown peer")
	}
}

func TestUDPDrainsKernelBuffer(t *testing.T) {
	l := start(t, Config{Network: "udp"}, newMemory())
	conn := l.dial(t)
	for i := range 2000 {
		write(t, conn, fmt.Sprintf("<13>line %d", i))
	}
	l.stop()
	if got := l.sink.count(); got != 2000 {
		t.Errorf("%d lines of 2000", got)
	}
	l.balance(t)
}

func TestUDPGivesUp(t *testing.T) {
	sink := newMemory()
	sink.gate = make(chan struct{}) // never opens
	r := start(t, Config{Network: "udp", Drain: 50 * time.Millisecond}, sink)
	send(t, r, 300)
	r.stop()
	if sum := r.balance(t); sum.Refused[event.Shutdown] != 300 {
		t.Errorf("books: %+v", sum)
	}
}

func TestUDPIPv6(t *testing.T) {
	if conn, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 on this host: ", err)
	} else {
		conn.Close()
	}
	for _, network := range []string{"udp", "tcp"} {
		r := start(t, Config{Network: network, Address: "[::1]:0"}, newMemory())
		write(t, r.dial(t), "<13>six\n")
		until(t, network, func() bool { return r.sink.count() == 1 })
		r.stop()
		if r.sink.from["::1"] != 1 || r.sink.books["::1"].Received != 1 {
			t.Errorf("%s: peers %v, books %v", network, r.sink.from, r.sink.books)
		}
	}
}

// TestUDPManySenders: several sockets share the port, and over them each sender's
// lines keep their order, of IPv4 and IPv6.
func TestUDPManySenders(t *testing.T) {
	r := start(t, Config{Network: "udp", Address: ":0", Sockets: 4}, newMemory())
	_, port, _ := net.SplitHostPort(r.Addr().String())
	var conns []net.Conn
	for i := range 32 {
		host := "127.0.0.1"
		if i%2 == 1 {
			host = "::1"
		}
		conn, err := net.Dial("udp", net.JoinHostPort(host, port))
		if err != nil {
			t.Skip("no IPv6 on this host: ", err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	const n = 200
	for i := range n {
		for c, conn := range conns {
			write(t, conn, fmt.Sprintf("<13>%d %d", c, i))
		}
		until(t, "the listener keeps up", func() bool { return int(r.Stats().Received) > (i-10)*len(conns) })
	}
	r.stop()
	next := make([]int, len(conns))
	for _, line := range r.sink.got() {
		var c, i int
		if _, err := fmt.Sscanf(line, "<13>%d %d", &c, &i); err != nil || i != next[c] {
			t.Fatalf("%q where %d of sender %d was next (%v)", line, next[c], c, err)
		}
		next[c]++
	}
	if sum := r.balance(t); sum.Received != uint64(n*len(conns)) || sum.RefusedTotal() > 0 {
		t.Errorf("books: %+v", sum)
	}
	if from := r.sink.from; from["127.0.0.1"] != from["::1"] || len(from) != 2 {
		t.Errorf("peers: %v", from)
	}
}

func TestUDPBothFamilies(t *testing.T) {
	r := start(t, Config{Network: "udp", Address: ":0"}, newMemory())
	_, port, _ := net.SplitHostPort(r.Addr().String())
	conn, err := net.Dial("udp4", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	write(t, conn, "<13>four")
	until(t, "line", func() bool { return r.sink.count() == 1 })
	r.stop()
	if r.sink.from["127.0.0.1"] != 1 {
		t.Errorf("peers: %v", r.sink.from)
	}
}

func TestUDPDenied(t *testing.T) {
	r := start(t, Config{Network: "udp", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, newMemory())
	send(t, r, 10)
	r.stop()
	if got := r.sink.books["127.0.0.1"]; got.Received != 10 || got.Refused[event.Denied] != 10 {
		t.Errorf("books: %+v", got)
	}
	r.balance(t)
}

func TestUDPLongDatagram(t *testing.T) {
	r := start(t, Config{Network: "udp", MaxLine: 100}, newMemory())
	write(t, r.dial(t), strings.Repeat("x", 60000))
	until(t, "line", func() bool { return r.sink.count() == 1 })
	r.stop()
	if got := r.sink.got()[0]; len(got) != 100 || r.sink.flags[got]&event.FlagTruncated == 0 {
		t.Errorf("%d bytes, flags %b", len(got), r.sink.flags[got])
	}
}

// TestFairShare holds that 49 quiet sources lose nothing while one floods.
func TestFairShare(t *testing.T) {
	cfg := Config{Name: "test", MaxSources: 100}
	l := newLedger(&cfg)
	r := newRing(64<<10, l)
	flood, quiet := netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("192.0.2.0")
	line := []byte(strings.Repeat("x", 200))
	at := time.Now()
	for i := range 49 {
		for range 10 {
			r.push([]packet{{data: line, original: 200, addr: flood}}, at)
		}
		quiet = quiet.Next()
		r.push([]packet{{data: line, original: 200, addr: quiet}}, at)
		if i%5 == 4 { // the worker is slow
			var slots [12]slot
			r.release(r.next(slots[:]))
		}
	}
	sink := newMemory()
	l.flush(sink)
	for peer, tally := range sink.books {
		if peer != flood.String() && tally.RefusedTotal() != 0 {
			t.Errorf("%s lost lines: %v", peer, tally.Refused)
		}
	}
	if got := sink.books[flood.String()]; got.Received != 490 || got.Refused[event.Share] == 0 {
		t.Errorf("flooding source: %+v", got)
	}
}

// TestRing fills and empties the ring in every rhythm and compares the bytes.
func TestRing(t *testing.T) {
	cfg := Config{Name: "test", MaxSources: 3}
	r := newRing(1000, newLedger(&cfg))
	var in, out int
	body := func(i int) string { return strings.Repeat(fmt.Sprint(i%10), 1+i*7%90) }
	for round := range 5000 {
		for range round*5%7 + 1 {
			data := body(in)
			before := r.count
			r.push([]packet{{data: []byte(data), original: len(data), addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(in)})}}, time.Now())
			if r.count > before {
				in++
			}
		}
		if r.count == 0 {
			t.Fatal("an empty ring refused a datagram")
		}
		slots := make([]slot, round%5+1)
		n := r.next(slots)
		for _, s := range slots[:n] {
			if got := string(r.bytes(s)); got != body(out) {
				t.Fatalf("datagram %d is %q", out, got)
			}
			out++
		}
		r.release(n)
	}
	if len(r.ledger.sources) > 3 {
		t.Errorf("%d sources held", len(r.ledger.sources))
	}
}
