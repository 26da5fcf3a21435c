package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// peer stands in for yagura: it has what it was sent, and answers as it is told.
type peer struct {
	*httptest.Server
	t       testing.TB
	ca      *x509.Certificate
	caKey   *ecdsa.PrivateKey
	life    time.Duration // of the certificates it signs
	ahead   time.Duration // of its clock
	mu      sync.Mutex
	first   uint64 // highest sequence that it has had from another life
	refuse  int    // answers of 503 before it takes something
	lines   []string
	numbers []uint64
	renewed int
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{t: t, life: 365 * 24 * time.Hour}
	var err error
	if p.caKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	p.ca = p.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, p.caKey.Public(), 24*time.Hour)
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := p.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "elsewhere"}, DNSNames: []string{"elsewhere"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, key.Public(), time.Hour)
	pool := x509.NewCertPool()
	pool.AddCert(p.ca)
	p.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, p.ca.Raw}, PrivateKey: key}},
		ClientCAs:    pool, ClientAuth: tls.VerifyClientCertIfGiven,
	}
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func (p *peer) sign(c *x509.Certificate, key any, life time.Duration) *x509.Certificate {
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(life)
	parent := p.ca
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key, p.caKey)
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

func (p *peer) invitation() Invitation {
	sum := sha256.Sum256(p.ca.Raw)
	return Invitation{Servers: []string{p.URL}, Fingerprint: hex.EncodeToString(sum[:]), Secret: "s"}
}

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	a := any(nil)
	switch r.URL.Path {
	case "/agent/v1/enrol", "/agent/v1/renew":
		a = p.certificate(body)
	case "/agent/v1/hello":
		a = p.hello(body)
	case "/agent/v1/records":
		if p.refuse > 0 {
			p.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		a = p.records(r, body)
	}
	if err := json.NewEncoder(w).Encode(a); err != nil {
		p.t.Error(err)
	}
}

func (p *peer) certificate(body []byte) enrolAnswer {
	var q enrolRequest
	if err := json.Unmarshal(body, &q); err != nil {
		p.t.Error(err)
	}
	block, _ := pem.Decode([]byte(q.CSR))
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || csr.CheckSignature() != nil {
		p.t.Error("the request is damaged", err)
	}
	p.renewed++
	c := p.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "pc1"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, csr.PublicKey, p.life)
	p.life = 365 * 24 * time.Hour
	return enrolAnswer{"pc1", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))}
}

func (p *peer) hello(body []byte) answer {
	var q helloRequest
	if err := json.Unmarshal(body, &q); err != nil {
		p.t.Error(err)
	}
	now := time.Now().Add(p.ahead)
	a := answer{AcceptedThrough: q.From - 1, Highest: p.first, Received: now, Answered: now}
	if n := len(p.numbers); n > 0 {
		a.Highest = max(a.Highest, p.numbers[n-1])
	}
	if q.From <= a.Highest {
		a.AcceptedThrough = a.Highest
	}
	return a
}

func (p *peer) records(r *http.Request, body []byte) answer {
	if r.Header.Get("Content-Encoding") == "zstd" {
		z, err := zstd.NewReader(nil)
		if err != nil {
			p.t.Fatal(err)
		}
		defer z.Close()
		if body, err = z.DecodeAll(body, nil); err != nil {
			p.t.Error(err)
		}
	}
	if len(r.TLS.PeerCertificates) == 0 || string(body[:4]) != magic {
		p.t.Error("no certificate, or another body")
	}
	body = body[4:]
	for range 3 {
		n, size := binary.Uvarint(body)
		body = body[size+int(n):]
	}
	first := binary.LittleEndian.Uint64(body)
	for i, one := range records(p.t, body[28:]) {
		p.lines, p.numbers = append(p.lines, string(one.Raw)), append(p.numbers, first+uint64(i))
	}
	return answer{AcceptedThrough: p.numbers[len(p.numbers)-1]}
}

// got waits for lines of files.
func (p *peer) got(n int) []string {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		lines := append([]string(nil), p.lines...)
		p.mu.Unlock()
		if len(lines) >= n || time.Now().After(end) {
			return lines
		}
	}
}

func (p *peer) until(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// run runs an agent of a folder whose spool holds the lines, until stop.
func run(t *testing.T, folder string, servers []string, lines ...string) (a *Agent, stop func()) {
	t.Helper()
	a, err := New(Config{Servers: servers, Folder: folder, Host: "h", Version: "1", Facts: time.Hour, Failover: time.Nanosecond}, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		a.spool.Add(&Record{Raw: []byte(l)})
	}
	if err := a.spool.Commit(nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return a, stop
}

func enrolled(t *testing.T, p *peer) string {
	t.Helper()
	folder := t.TempDir()
	if name, err := Enrol(t.Context(), folder, p.invitation()); err != nil || name != "pc1" {
		t.Fatal(name, err)
	}
	return folder
}

func TestItSendsWhatTheSpoolHolds(t *testing.T) {
	p := newPeer(t)
	p.refuse, p.ahead = 1, -90*time.Second
	a, _ := run(t, enrolled(t, p), []string{p.URL}, "a", "b")
	if d := cmp.Diff([]string{"a", "b"}, p.got(2)); d != "" {
		t.Error(d)
	}
	if off, known := a.clock.now(); !known || off < 89*time.Second || off > 91*time.Second {
		t.Errorf("the host's clock is ahead by %v (%v)", off, known)
	}
}

func TestTheNextServerIsTried(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "https://" + l.Addr().String()
	_ = l.Close()
	p := newPeer(t)
	run(t, enrolled(t, p), []string{nobody, p.URL}, "a")
	if d := cmp.Diff([]string{"a"}, p.got(1)); d != "" {
		t.Error(d)
	}
}

func TestANewSpoolGoesOnAboveTheOldOne(t *testing.T) {
	p := newPeer(t)
	p.first = 1<<52 + 5 // of a time when the clock was far ahead
	run(t, enrolled(t, p), []string{p.URL}, "a", "b")
	p.got(2)
	if d := cmp.Diff([]uint64{p.first + 1, p.first + 2}, p.numbers); d != "" {
		t.Error(d)
	}
}

func TestAnOlderCopyOfTheSpoolLosesNothing(t *testing.T) {
	p := newPeer(t)
	folder := enrolled(t, p)
	a, stop := run(t, folder, []string{p.URL}, "a")
	p.got(1)
	p.until("the agent has its answer", func() bool { return a.spool.State().Acked == 1 }) // else "a" comes again, rightly
	base, _ := a.spool.Base()
	stop()
	p.first = base + 50 // what the host sent before it was set back
	run(t, folder, []string{p.URL}, "b", "c")
	if d := cmp.Diff([]string{"a", "b", "c"}, p.got(3)); d != "" {
		t.Error(d)
	}
	if p.numbers[1] <= p.first {
		t.Errorf("%d, %v", p.first, p.numbers)
	}
}

func TestACertificateIsRenewedInTime(t *testing.T) {
	p := newPeer(t)
	p.life = 10 * time.Minute // an hour of it is over
	folder := enrolled(t, p)
	before, err := LoadIdentity(folder)
	if err != nil || !before.due(time.Now()) {
		t.Fatal(err)
	}
	_, stop := run(t, folder, []string{p.URL}, "a")
	p.got(1)
	stop()
	after, err := LoadIdentity(folder)
	if err != nil || after.due(time.Now()) || p.renewed != 2 {
		t.Errorf("%v, %d certificates", err, p.renewed)
	}
}

func TestAnotherServerIsNotBelieved(t *testing.T) {
	p, other := newPeer(t), newPeer(t)
	i := p.invitation()
	i.Servers = []string{other.URL}
	if _, err := Enrol(t.Context(), t.TempDir(), i); err == nil || !strings.Contains(err.Error(), "another fingerprint") {
		t.Error(err)
	}
	id, err := LoadIdentity(enrolled(t, p))
	if err != nil {
		t.Fatal(err)
	}
	for url, good := range map[string]bool{p.URL: true, other.URL: false} {
		res, err := newHTTP(id).Post(url+"/agent/v1/hello", "application/json", strings.NewReader(`{"from":1}`))
		if err == nil {
			_ = res.Body.Close()
		}
		if (err == nil) != good {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestTwoAgentsDoNotShareAFolder(t *testing.T) {
	p := newPeer(t)
	folder := enrolled(t, p)
	run(t, folder, []string{p.URL})
	if _, err := New(Config{Servers: []string{p.URL}, Folder: folder}, nil, quiet()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Error(err)
	}
	if _, err := New(Config{Servers: []string{p.URL}, Folder: filepath.Join(folder, "none")}, nil, quiet()); err == nil || !strings.Contains(err.Error(), "not enrolled") {
		t.Error(err)
	}
}
