package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
	pool *x509.CertPool
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	a.cert, a.key = a.make(name, nil, time.Hour)
	a.pool.AddCert(a.cert)
	a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

// make makes a certificate that lasts for life from now on.
func (a *authority) make(name string, parent *authority, life time.Duration) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(life),
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	by, signer := c, key
	if parent != nil {
		by, signer = parent.cert, parent.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(raw); err != nil {
		a.t.Fatal(err)
	}
	return c, key
}

func (a *authority) write(name, kind string, raw []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// files writes a pair that this authority has signed.
func (a *authority) files(name string, life time.Duration) TLSFiles {
	a.t.Helper()
	c, key := a.make(name, a, life)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return TLSFiles{Cert: a.write("cert.pem", "CERTIFICATE", c.Raw), Key: a.write("key.pem", "PRIVATE KEY", raw)}
}

// client is a sender's configuration.
func (a *authority) client(name string, life time.Duration) *tls.Config {
	a.t.Helper()
	c, key := a.make(name, a, life)
	return &tls.Config{RootCAs: a.pool, Certificates: []tls.Certificate{{Certificate: [][]byte{c.Raw}, PrivateKey: key}}}
}

func (r *running) dialTLS(t *testing.T, c *tls.Config) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", r.Addr().String(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestTLS(t *testing.T) {
	ca := newAuthority(t, "ca")
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		r := start(t, Config{Network: "tls", TLS: ca.files("log01", time.Hour)}, newMemory())
		conn := r.dialTLS(t, &tls.Config{RootCAs: ca.pool, MinVersion: version, MaxVersion: version})
		write(t, conn, "8 <13>one\n6 <13>tw<13>line\n")
		until(t, "lines", func() bool { return r.sink.count() == 3 })
		if s := r.Stats(); time.Until(s.Certificate) < 50*time.Minute || s.NoHandshake != 0 {
			t.Errorf("%s: %+v", name, s)
		}
		// A stop tells the sender, and takes what it sends until it closes.
		done := make(chan struct{})
		go func() { r.stop(); close(done) }()
		if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%s: the sender is not told of the stop: %v", name, err)
		}
		write(t, conn, "<13>last\n")
		conn.Close()
		<-done
		if d := cmp.Diff([]string{"<13>one\n", "<13>tw", "<13>line", "<13>last"}, r.sink.got()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		r.balance(t)
	}
}

// TestTLSRefuses: who cannot show a certificate of ours, or does not speak TLS 1.2
// or newer, is closed and counted, and the next one is served.
func TestTLSRefuses(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	files := ca.files("log01", time.Hour)
	files.ClientCA = filepath.Join(ca.dir, "ca.pem")
	r := start(t, Config{Network: "tls", TLS: files, FrameTimeout: 500 * time.Millisecond}, newMemory())
	strange := other.client("sender", time.Hour)
	strange.RootCAs = ca.pool
	old := ca.client("sender", time.Hour)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	refused := uint64(0)
	for name, c := range map[string]*tls.Config{
		"no certificate": {RootCAs: ca.pool}, "of another authority": strange, "expired": ca.client("sender", -time.Hour), "TLS 1.1": old,
	} {
		conn, err := tls.Dial("tcp", r.Addr().String(), c)
		if err == nil { // TLS 1.3: the refusal comes with the first read
			_, _ = io.WriteString(conn, "<13>no\n")
			_, err = conn.Read(make([]byte, 1))
			conn.Close()
		}
		if err == nil {
			t.Errorf("%s: was served", name)
		}
		refused++
		until(t, name, func() bool { return r.Stats().NoHandshake == refused })
	}
	for name, text := range map[string]string{"plain syslog": "<13>plain\n", "silence": ""} {
		conn := r.dial(t)
		write(t, conn, text)
		refused++
		until(t, name, func() bool { return r.Stats().NoHandshake == refused })
	}
	write(t, r.dialTLS(t, ca.client("sender", time.Hour)), "<13>good\n")
	until(t, "line", func() bool { return r.sink.count() == 1 })
	r.stop()
	if d := cmp.Diff([]string{"<13>good"}, r.sink.got()); d != "" {
		t.Error(d)
	}
}

// TestTLSRenewal: new files serve new connections, broken ones change nothing, and
// no open connection ends.
func TestTLSRenewal(t *testing.T) {
	ca := newAuthority(t, "ca")
	files := ca.files("log01", time.Hour)
	r := start(t, Config{Network: "tls", TLS: files}, newMemory())
	first := r.dialTLS(t, &tls.Config{RootCAs: ca.pool})
	name := func() string {
		r.Renew()
		return r.dialTLS(t, &tls.Config{RootCAs: ca.pool}).ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	ca.files("log02", 2*time.Hour)
	if got := name(); got != "log02" {
		t.Errorf("renewed: %s", got)
	}
	if err := os.WriteFile(files.Cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := name(); got != "log02" {
		t.Errorf("broken: %s", got)
	}
	ca.files("log03", time.Hour)
	if got := name(); got != "log03" {
		t.Errorf("mended: %s", got)
	}
	write(t, first, "<13>still\n")
	until(t, "the first connection lives", func() bool { return r.sink.count() == 1 })
}

func TestTLSFilesThatAreBroken(t *testing.T) {
	ca := newAuthority(t, "ca")
	good := ca.files("log01", time.Hour)
	for want, files := range map[string]TLSFiles{
		"want a PEM certificate and its key": {Cert: good.Key, Key: good.Key},
		"no such file":                       {Cert: good.Cert, Key: filepath.Join(ca.dir, "none.pem")},
		"holds no certificate; want PEM":     {Cert: good.Cert, Key: good.Key, ClientCA: good.Key},
	} {
		_, err := New(Config{Network: "tls", Address: "127.0.0.1:0", TLS: files}, newMemory(), nil, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestTLSToAPlainPort: the commonest mistake is named.
func TestTLSToAPlainPort(t *testing.T) {
	r := start(t, Config{Network: "tcp", FrameTimeout: 200 * time.Millisecond}, newMemory())
	_, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", r.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		t.Fatal("a plain port spoke TLS")
	}
	until(t, "it is counted", func() bool { return r.Stats().TLSToPlain == 1 })
	r.stop()
	r.balance(t)
}
