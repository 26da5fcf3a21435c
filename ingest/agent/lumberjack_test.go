package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/elastic/go-lumber/client/v2"

	"yagura/internal/event"
)

// beats is a running Lumberjack.
type beats struct {
	testing.TB
	*Lumberjack
	disk *disk
	stop func()
}

func serveBeats(t testing.TB, change func(*LumberjackConfig)) *beats {
	t.Helper()
	cfg := LumberjackConfig{Config: Config{Address: "127.0.0.1:0", Folder: t.TempDir()}}
	if change != nil {
		change(&cfg)
	}
	b := &beats{TB: t, disk: newDisk()}
	var err error
	if b.Lumberjack, err = NewLumberjack(cfg, b.disk, func() Handler { return plainHandler{} }, quiet); err != nil {
		t.Fatal(err)
	}
	if err := b.Listen(); err != nil {
		t.Fatal(err)
	}
	b.stop = runs(t, b.Run, b.disk)
	return b
}

func (b *beats) until(what string, ok func() bool) {
	b.Helper()
	until(b.TB, what, ok)
}

// events are documents as Filebeat makes them.
func events(n int) (all []any, lines []string) {
	for i := range n {
		all = append(all, map[string]any{"message": fmt.Sprintf("event %d", i)})
		lines = append(lines, fmt.Sprintf(`{"message":"event %d"}`, i))
	}
	return all, lines
}

// TestLumberjackTakesFromGoLumber is the library that Beats ship with.
func TestLumberjackTakesFromGoLumber(t *testing.T) {
	for level := range 4 {
		b := serveBeats(t, nil)
		c, err := client.SyncDial(b.Addr().String(), client.CompressionLevel(3*level), client.Timeout(10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, n := range []int{1, 2048, 50} {
			batch, lines := events(n)
			want = append(want, lines...)
			if got, err := c.Send(batch); err != nil || got != n {
				t.Fatalf("%d answered of %d: %v", got, n, err)
			}
		}
		if got := b.disk.got(); !slices.Equal(got, want) {
			t.Errorf("%d events; want %d", len(got), len(want))
		}
		_ = c.Close()
		b.stop()
		if st := b.Stats(); st.Received != 2099 || st.Connections != 0 {
			t.Errorf("received %d, %d connections", st.Received, st.Connections)
		}
	}
}

// TestLumberjackAsync sends many batches ahead of their answers.
func TestLumberjackAsync(t *testing.T) {
	b := serveBeats(t, nil)
	c, err := client.AsyncDial(b.Addr().String(), 8, client.CompressionLevel(3))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var answers sync.WaitGroup
	for range 100 {
		batch, _ := events(20)
		answers.Add(1)
		err := c.Send(func(seq uint32, err error) {
			if seq != 20 || err != nil {
				t.Error(seq, err)
			}
			answers.Done()
		}, batch)
		if err != nil {
			t.Fatal(err)
		}
	}
	answers.Wait()
	if n := len(b.disk.got()); n != 2000 {
		t.Errorf("%d events", n)
	}
}

// dial is a sender that we write ourselves.
func (b *beats) dial() net.Conn {
	b.Helper()
	c, err := net.Dial("tcp", b.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// read reads answers up to one that is not 0: "1A7", or why there is none.
func read(c net.Conn) (answer string, zeros int) {
	for {
		var a [6]byte
		if _, err := io.ReadFull(c, a[:]); err != nil {
			return err.Error(), zeros
		}
		if n := binary.BigEndian.Uint32(a[2:]); n > 0 {
			return fmt.Sprintf("%s%d", a[:2], n), zeros
		}
		zeros++
	}
}

// TestLumberjackAnswersWhenItIsOnDisk keeps the sender waiting, and awake.
func TestLumberjackAnswersWhenItIsOnDisk(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) { c.KeepAlive = 5 * time.Millisecond; c.Patience = time.Millisecond })
	c := b.dial()
	b.disk.setHeld(true)
	_, _ = c.Write(new(lj).window(2).json(1, `{"n":1}`).json(2, `{"n":2}`).Bytes())
	for range 3 {
		var a [6]byte
		if _, err := io.ReadFull(c, a[:]); err != nil || string(a[:]) != "2A\x00\x00\x00\x00" {
			t.Fatalf("%q, %v; want to be told to wait", a, err)
		}
	}
	b.disk.setHeld(false)
	b.disk.reach(nil)
	if got, _ := read(c); got != "2A2" {
		t.Error(got)
	}
	b.disk.setFull(true)
	_, _ = c.Write(new(lj).window(1).json(7, `{"n":3}`).Bytes())
	var a [6]byte
	if _, err := io.ReadFull(c, a[:]); err != nil || string(a[:]) != "2A\x00\x00\x00\x00" {
		t.Fatalf("%q, %v; want to be told to wait", a, err)
	}
	b.disk.setFull(false)
	if got, _ := read(c); got != "2A7" {
		t.Error(got)
	}
	b.disk.setHeld(true)
	_, _ = c.Write(new(lj).window(1).json(1, `{"n":4}`).Bytes())
	b.until("it waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.desk.waiting) == 1 })
	b.disk.reach(errDisk)
	if got, _ := read(c); got != "EOF" {
		t.Errorf("%s; want no answer to what is lost", got)
	}
}

func TestLumberjackConversations(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) { c.KeepAlive = time.Hour })
	for _, c := range []struct {
		name string
		in   *lj
		want []string // answers
		got  string
	}{
		{"a window in parts", new(lj).window(3).packed(new(lj).json(1, "{}").json(2, "{}").Bytes()).json(3, "{}"), []string{"2A3"}, "{}|{}|{}"},
		{"fewer than the window", new(lj).window(3).json(1, "{}").window(1).json(1, `{"b":1}`), []string{"2A1", "2A1"}, `{}|{"b":1}`},
		{"version 1", new(lj).s("1W").n(2).pairs(41, "line", "Jul 1 a line", "file", "/var/log/x", "host", "h").pairs(42, "a", "b"), []string{"1A42"}, `Jul 1 a line|{"a":"b"}`},
		{"empty windows and events", new(lj).window(0).window(2).json(1, "").json(2, "{}"), []string{"2A2"}, "{}"},
		{"an event without a window", new(lj).json(1, "{}"), []string{"EOF"}, ""},
		{"more than the window", new(lj).window(1).json(1, `{"a":1}`).json(2, "{}"), []string{"2A1", "EOF"}, `{"a":1}`},
		{"garbage", new(lj).s("GET / HTTP/1.0\r\n\r\n"), []string{"EOF"}, ""},
		{"half a batch", new(lj).window(2).json(1, `{"half":1}`).s("2Z").n(0), []string{"EOF"}, `{"half":1}`},
	} {
		before := len(b.disk.got())
		conn := b.dial()
		_, _ = conn.Write(c.in.Bytes())
		for _, want := range c.want {
			got, _ := read(conn)
			if strings.Contains(got, "reset") {
				got = "EOF"
			}
			if got != want {
				t.Errorf("%s: %s; want %s", c.name, got, want)
			}
		}
		if got := strings.Join(b.disk.got()[before:], "|"); got != c.got {
			t.Errorf("%s: %s; want %s", c.name, got, c.got)
		}
		_ = conn.Close()
	}
	b.stop()
	if got := b.Stats().Refused[event.Frame]; got != 4 {
		t.Errorf("%d refused; want the 4 that are no lumberjack", got)
	}
}

// TestLumberjackStops answers what is whole and ends; half a batch is not answered.
func TestLumberjackStops(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) { c.Drain = 10 * time.Second })
	whole, half, idle := b.dial(), b.dial(), b.dial()
	b.disk.setHeld(true)
	_, _ = whole.Write(new(lj).window(1).json(5, "{}").Bytes())
	_, _ = half.Write(new(lj).window(2).json(1, "{}").Bytes())
	b.until("it waits", func() bool {
		b.desk.mu.Lock()
		defer b.desk.mu.Unlock()
		return len(b.desk.waiting) == 1 && b.listener.count() == 3
	})
	b.until("both events came", func() bool { return len(b.disk.got()) == 2 })
	stopped := make(chan struct{})
	go func() { defer close(stopped); b.stop() }()
	if got, _ := read(half); got != "EOF" {
		t.Errorf("half a batch: %s", got)
	}
	if got, _ := read(idle); got != "EOF" {
		t.Errorf("idle: %s", got)
	}
	b.disk.reach(nil)
	if got, _ := read(whole); got != "2A5" {
		t.Errorf("a whole batch: %s", got)
	}
	<-stopped
}

// TestLumberjackStopsInTime does not wait for a disk that never comes.
func TestLumberjackStopsInTime(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) { c.Drain = 50 * time.Millisecond })
	waits, blocked := b.dial(), b.dial()
	b.disk.setHeld(true)
	_, _ = waits.Write(new(lj).window(1).json(5, "{}").Bytes())
	b.until("it waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.desk.waiting) == 1 })
	b.disk.setFull(true)
	_, _ = blocked.Write(new(lj).window(1).json(5, "{}").Bytes())
	b.until("it is held back", func() bool { return b.Stats().Received == 2 })
	b.stop()
	for _, c := range []net.Conn{waits, blocked} {
		if got, _ := read(c); strings.HasPrefix(got, "2A") {
			t.Errorf("answered: %s", got)
		}
	}
	if got := b.Stats().Refused[event.Shutdown]; got != 1 {
		t.Errorf("%d refused as shutdown; want 1", got)
	}
}

// TestLumberjackEndsSlowAndIdleSenders holds every limit of time.
func TestLumberjackEndsSlowAndIdleSenders(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) {
		c.Idle, c.FirstByte, c.BatchTime, c.Rate = 40*time.Millisecond, 40*time.Millisecond, 40*time.Millisecond, 1<<30
	})
	silent, idle, slow := b.dial(), b.dial(), b.dial()
	_, _ = idle.Write(new(lj).window(1).json(1, "{}").Bytes())
	if got, _ := read(idle); got != "2A1" {
		t.Fatal(got)
	}
	go func() {
		for _, c := range new(lj).window(1).json(1, strings.Repeat("a", 1000)).Bytes() {
			if _, err := slow.Write([]byte{c}); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for name, c := range map[string]net.Conn{"silent": silent, "idle": idle, "slow": slow} {
		if got, _ := read(c); strings.HasPrefix(got, "2A") {
			t.Errorf("%s: %s", name, got)
		}
	}
	b.until("all are gone", func() bool { return b.listener.count() == 0 })
}

// TestLumberjackBoundsConnections closes those above the bound of an address at once.
func TestLumberjackBoundsConnections(t *testing.T) {
	b := serveBeats(t, func(c *LumberjackConfig) { c.PerAddr = 3 })
	for range 10 {
		b.dial()
	}
	b.until("seven are closed", func() bool { return b.Stats().OverLimit == 7 && b.Stats().Connections == 3 })
}

// certificate has the CA of the listener sign one, known to the registry.
func (b *beats) certificate(name string) tls.Certificate {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		b.Fatal(err)
	}
	text, err := b.certs.authority.SignClient(csr, name, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	block, _ := pem.Decode(text)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	if err := b.registry.Put(Entry{Name: name, Kind: KindAgent, Serial: leaf.SerialNumber.Text(16)}); err != nil {
		b.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

func (b *beats) revoke(name string) {
	b.Helper()
	if err := b.registry.Revoke(name); err != nil {
		b.Fatal(err)
	}
}

// TestLumberjackNamesSendersByCertificate tries every mode with every kind of sender.
func TestLumberjackNamesSendersByCertificate(t *testing.T) {
	for _, c := range []struct {
		mode, sender, want string // the peer of the books, "" when it is refused
	}{
		{TLSOptional, "plain", "127.0.0.1"},
		{TLSOptional, "tls", "127.0.0.1"},
		{TLSOptional, "certificate", "win-dc01"},
		{TLSOptional, "revoked", ""},
		{TLSRequired, "plain", ""},
		{TLSRequired, "tls", "127.0.0.1"},
		{TLSRequired, "certificate", "win-dc01"},
		{TLSCertificate, "plain", ""},
		{TLSCertificate, "tls", ""},
		{TLSCertificate, "certificate", "win-dc01"},
	} {
		t.Run(c.mode+" "+c.sender, func(t *testing.T) {
			b := serveBeats(t, func(cfg *LumberjackConfig) { cfg.TLS = c.mode })
			var conn net.Conn = b.dial()
			if c.sender != "plain" {
				pool := x509.NewCertPool()
				pool.AddCert(b.certs.authority.cert)
				cfg := &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
				if c.sender != "tls" {
					cfg.Certificates = []tls.Certificate{b.certificate("win-dc01")}
				}
				if c.sender == "revoked" {
					b.revoke("win-dc01")
				}
				conn = tls.Client(conn, cfg)
			}
			_, _ = conn.Write(new(lj).window(1).json(1, "{}").Bytes())
			got, _ := read(conn)
			b.stop()
			peer := ""
			for s, tally := range b.disk.tallies {
				if tally.RefusedTotal() == 0 {
					peer = s.Peer
				}
			}
			if (got == "2A1") != (c.want != "") || peer != c.want {
				t.Errorf("%s from %q; want %q", got, peer, c.want)
			}
		})
	}
}

// TestLumberjackRevokes ends a connection whose certificate is revoked meanwhile.
func TestLumberjackRevokes(t *testing.T) {
	b := serveBeats(t, nil)
	pool := x509.NewCertPool()
	pool.AddCert(b.certs.authority.cert)
	conn := tls.Client(b.dial(), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", Certificates: []tls.Certificate{b.certificate("win-dc01")}})
	_, _ = conn.Write(new(lj).window(1).json(1, "{}").Bytes())
	if got, _ := read(conn); got != "2A1" {
		t.Fatal(got)
	}
	b.revoke("win-dc01")
	_, _ = conn.Write(new(lj).window(1).json(1, "{}").Bytes())
	if got, _ := read(conn); got != "EOF" {
		t.Errorf("%s after it was revoked", got)
	}
}
