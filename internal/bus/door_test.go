package bus

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// doorBench is an open door with two senders: web01 by a token, fw01 by an nkey.
type doorBench struct {
	testing.TB
	*Door
	roots *x509.CertPool
	key   nkeys.KeyPair

	mu      sync.Mutex
	got     []string
	fail    error
	revoked map[string]bool
	proof   map[string]string

	crowded, forged atomic.Int64
}

func openDoor(t testing.TB) *doorBench {
	t.Helper()
	b := &doorBench{TB: t, revoked: map[string]bool{}, proof: map[string]string{}}
	var err error
	if b.key, err = nkeys.CreateUser(); err != nil {
		t.Fatal(err)
	}
	public, _ := b.key.PublicKey()
	cert := b.certificate()
	b.Door, err = OpenDoor(DoorConfig{
		Address: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, PerAddr: 8,
		Admit: func(addr netip.Addr, token, nkey string) (string, string, error) {
			switch {
			case addr != netip.MustParseAddr("127.0.0.1"):
				t.Errorf("from %v", addr)
			case token == "ygr_web01" && b.good("web01"):
				return "web01", b.proofOf("web01"), nil
			case nkey == public && b.good("fw01"):
				return "fw01", b.proofOf("fw01"), nil
			}
			return "", "", errors.New("unknown")
		},
		Turned: func(_ netip.Addr, crowded bool) {
			if crowded {
				b.crowded.Add(1)
			} else {
				b.forged.Add(1)
			}
		},
		Good: func(name, proof string) bool { return b.good(name) && b.proofOf(name) == proof },
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, b.take, func(n int) { t.Errorf("%d lost", n) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.Close()
	})
	return b
}

func (b *doorBench) take(l Letter) {
	b.mu.Lock()
	b.got = append(b.got, l.Sender+"="+string(l.Data))
	err := b.fail
	b.mu.Unlock()
	l.Answer(err)
}

func (b *doorBench) good(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.revoked[name]
}

func (b *doorBench) proofOf(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.proof[name]
}

func (b *doorBench) certificate() tls.Certificate {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{{127, 0, 0, 1}}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der)
	b.roots = x509.NewCertPool()
	b.roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (b *doorBench) connect(o ...nats.Option) (*nats.Conn, error) {
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	o = append([]nats.Option{nats.Secure(&tls.Config{RootCAs: b.roots}), nats.Timeout(5 * time.Second), quiet}, o...)
	return nats.Connect("nats://"+b.Addr().String(), o...)
}

func (b *doorBench) mustConnect(o ...nats.Option) *nats.Conn {
	b.Helper()
	c, err := b.connect(o...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

func (b *doorBench) until(what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("not within 20 s: %s", what)
		}
	}
}

func (b *doorBench) all() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.got, " ")
}

func (b *doorBench) nkey() nats.Option {
	public, _ := b.key.PublicKey()
	return nats.Nkey(public, b.key.Sign)
}

// request publishes and returns the answer.
func request(t testing.TB, c *nats.Conn, subject, data string) string {
	t.Helper()
	m, err := c.Request(subject, []byte(data), 5*time.Second)
	if err != nil {
		return err.Error()
	}
	return string(m.Data)
}

func TestTheDoorTakesWhatSendersPublish(t *testing.T) {
	b := openDoor(t)
	web := b.mustConnect(nats.Token("ygr_web01"))
	fw := b.mustConnect(b.nkey())
	password := b.mustConnect(nats.UserInfo("anything", "ygr_web01"))
	for _, c := range []struct {
		conn       *nats.Conn
		name, data string
	}{{web, "web01", "one"}, {fw, "fw01", "two"}, {password, "web01", "three"}} {
		if got := request(t, c.conn, DoorSubject+c.name, c.data); got != "+ACK" {
			t.Errorf("%s: %s", c.data, got)
		}
	}
	if err := web.Publish(DoorSubject+"web01", []byte("four")); err != nil {
		t.Fatal(err)
	}
	b.until("all four", func() bool { return b.all() == "web01=one fw01=two web01=three web01=four" })
	b.mu.Lock()
	b.fail = errors.New("no room")
	b.mu.Unlock()
	if got := request(t, web, DoorSubject+"web01", "five"); got != "-ERR no room" {
		t.Error(got)
	}
}

// TestTheDoorForbids everything but to publish to the sender's own subject.
func TestTheDoorForbids(t *testing.T) {
	b := openDoor(t)
	for _, o := range []nats.Option{nats.Token("ygr_web02"), nats.Token(""), nats.UserInfo("hub", "x"), nats.Name("none")} {
		if c, err := b.connect(o, nats.MaxReconnects(0)); err == nil {
			t.Error("let in")
			c.Close()
		}
	}
	other, _ := nkeys.CreateUser()
	public, _ := b.key.PublicKey()
	if c, err := b.connect(nats.Nkey(public, other.Sign)); err == nil {
		t.Error("let in with another's signature")
		c.Close()
	}
	if b.forged.Load() != 1 {
		t.Errorf("%d forged signatures are told of", b.forged.Load())
	}
	if c, err := nats.Connect("nats://"+b.Addr().String(), nats.Token("ygr_web01")); err == nil {
		t.Error("let in without TLS, or without trust in the certificate")
		c.Close()
	}
	errs := make(chan error, 100)
	web := b.mustConnect(nats.Token("ygr_web01"), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { errs <- err }))
	forbidden := func(what string) {
		t.Helper()
		select {
		case err := <-errs:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s is allowed", what)
		}
	}
	for _, subject := range []string{"yagura.in.fw01", "yagura.in", "yagura.in.web01.x", "yagura.events.x", "$JS.API.INFO", "$SYS.REQ.SERVER.PING", "_INBOX.x", "_R_.x"} {
		if err := web.Publish(subject, []byte("no")); err != nil {
			t.Fatal(err)
		}
		forbidden("publish to " + subject)
	}
	for _, subject := range []string{">", "yagura.in.>", "yagura.in.web01", "$JS.>", "$SYS.>", "_R_.>", "*"} {
		if _, err := web.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := web.Flush(); err != nil {
			t.Fatal(err)
		}
		forbidden("subscribe to " + subject)
	}
	js, err := jetstream.New(web)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := js.AccountInfo(ctx); err == nil {
		t.Error("JetStream answers")
	}
	if got := b.all(); got != "" {
		t.Errorf("came in: %s", got)
	}
}

// TestTheDoorKeepsAnswersApart: whoever hears all inboxes hears none of another's
// answers, and cannot have one sent to another.
func TestTheDoorKeepsAnswersApart(t *testing.T) {
	b := openDoor(t)
	web, fw := b.mustConnect(nats.Token("ygr_web01")), b.mustConnect(b.nkey())
	ears, err := fw.SubscribeSync("_INBOX.>")
	if err != nil {
		t.Fatal(err)
	}
	own, err := web.SubscribeSync("_INBOX.known")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fw.Flush(), web.Flush()); err != nil {
		t.Fatal(err)
	}
	if got := request(t, web, DoorSubject+"web01", "one"); got != "+ACK" {
		t.Error(got)
	}
	if err := fw.PublishRequest(DoorSubject+"fw01", "_INBOX.known", []byte("forged")); err != nil {
		t.Fatal(err)
	}
	if m, err := ears.NextMsg(5 * time.Second); err != nil || m.Subject != "_INBOX.known" {
		t.Errorf("%v, %v; want its own answer only", m, err)
	}
	if got := request(t, web, DoorSubject+"web01", "two"); got != "+ACK" {
		t.Error(got)
	}
	if m, err := own.NextMsg(time.Millisecond); err == nil {
		t.Errorf("an answer for another came: %s", m.Data)
	}
}

func TestTheDoorTurnsOut(t *testing.T) {
	b := openDoor(t)
	gone := make(chan struct{})
	b.mustConnect(nats.Token("ygr_web01"), nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(gone) }))
	fw := b.mustConnect(b.nkey())
	b.mu.Lock()
	b.revoked["web01"] = true
	b.mu.Unlock()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Fatal("it stays after its token is revoked")
	}
	if got := request(t, fw, DoorSubject+"fw01", "still here"); got != "+ACK" {
		t.Error(got)
	}
	if _, err := b.connect(nats.Token("ygr_web01")); err == nil {
		t.Error("let in again")
	}
	b.until("one is left", func() bool { return b.Connections() == 1 })
}

func TestTheDoorIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := OpenDoor(DoorConfig{Address: l.Addr().String()}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Error(err)
	}
}
