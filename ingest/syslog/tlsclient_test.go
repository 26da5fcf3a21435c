package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yagura/internal/event"
)

// issue makes a sender's certificate that change has a say in.
func (a *authority) issue(serial int64, change func(c *x509.Certificate)) *tls.Config {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	change(c)
	raw, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return &tls.Config{RootCAs: a.pool, Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
}

func named(names ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.DNSNames = names }
}

// revoke makes a list of this authority.
func (a *authority) revoke(change func(l *x509.RevocationList), serials ...int64) []byte {
	a.t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, s := range serials {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: time.Now()})
	}
	if change != nil {
		change(l)
	}
	raw, err := x509.CreateRevocationList(rand.Reader, l, a.cert, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

// asks are the files of a listener that asks for certificates of this authority.
func (a *authority) asks() TLSFiles {
	files := a.files("log01", time.Hour)
	files.ClientCA = filepath.Join(a.dir, "ca.pem")
	return files
}

// try sends a line and tells whether it was served.
func (r *running) try(t *testing.T, c *tls.Config) bool {
	t.Helper()
	n := r.sink.count()
	before := r.Stats().NoHandshake
	conn, err := tls.Dial("tcp", r.Addr().String(), c)
	if err == nil {
		defer conn.Close()
		_, _ = io.WriteString(conn, "<13>line\n")
	}
	until(t, "it is served or not", func() bool { return r.sink.count() > n || r.Stats().NoHandshake > before })
	return r.sink.count() > n
}

// TestTLSNames: the books know a sender by its certificate's name.
func TestTLSNames(t *testing.T) {
	ca := newAuthority(t, "ca")
	uri, err := url.Parse("spiffe://example.jp/Collector/7")
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct {
		network string
		change  func(*x509.Certificate)
	}{
		"fw01.example.jp":                        {"tls", func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = []string{"FW01.Example.JP.", "b"}, "cn" }},
		"fw02":                                   {"relp", named("fw02")},
		uri.Scheme + "://example.jp/collector/7": {"tls", func(c *x509.Certificate) { c.URIs, c.EmailAddresses = []*url.URL{uri}, []string{"a@example.jp"} }},
		"ops@example.jp":                         {"tls", func(c *x509.Certificate) { c.EmailAddresses, c.Subject.CommonName = []string{"Ops@example.jp"}, "cn" }},
		"中継_サーバ":                                 {"tls", func(c *x509.Certificate) { c.Subject.CommonName = " 中継 サーバ" }},
		"a__b":                                   {"tls", func(c *x509.Certificate) { c.Subject.CommonName = "a\n\x1bb" }},
		"cert:192.0.2.9":                         {"tls", func(c *x509.Certificate) { c.Subject.CommonName = "192.0.2.9" }},
		"cert:unix:uid=0":                        {"tls", func(c *x509.Certificate) { c.Subject.CommonName = "unix:uid=0" }},
		"cert:2001:db8::7":                       {"tls", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("2001:db8::7")} }},
		strings.Repeat("n", 253):                 {"tls", func(c *x509.Certificate) { c.Subject.CommonName = strings.Repeat("n", 400) }},
	} {
		sink := newMemory()
		var to Sink = sink
		if c.network == "relp" {
			to = &disk{memory: sink}
		}
		r := startOn(t, Config{Network: c.network, TLS: ca.asks()}, to, sink)
		conn := r.dialTLS(t, ca.issue(7, c.change))
		text := "<13>line\n"
		if c.network == "relp" {
			text = "1 open 14 relp_version=0\n2 syslog 8 <13>line\n"
		}
		write(t, conn, text)
		until(t, want, func() bool { return sink.count() == 1 })
		conn.Close()
		r.stop()
		if sink.from[want] != 1 || sink.books[want].Received != 1 || len(sink.books) != 1 {
			t.Errorf("%s: from %v, books %v", want, sink.from, sink.books)
		}
		r.balance(t)
	}
}

func TestTLSNameOfNothing(t *testing.T) {
	name, ok := boundName(&x509.Certificate{Raw: []byte("x")}, nil)
	if !ok || name != "cert:2d711642b726b044" {
		t.Errorf("%q %v", name, ok)
	}
}

// TestTLSCertificatesThatDoNotCount: each is refused, told in plain words, and booked as
// denied under the sender's address.
func TestTLSCertificatesThatDoNotCount(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "ca")
	files := ca.asks()
	files.CRL = filepath.Join(ca.dir, "crl.pem")
	ca.write("crl.pem", "X509 CRL", ca.revoke(nil, 13, 14))
	strange := other.issue(1, named("fw01"))
	strange.RootCAs = ca.pool
	for why, c := range map[string]*tls.Config{
		"it shows no certificate, and client_ca asks for one":                      {RootCAs: ca.pool},
		"its certificate was signed by no authority of client_ca":                  strange,
		"a certificate of it has ended on 2020-01-02T00:00:00Z":                    ca.issue(2, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = day(2020, 1), day(2020, 2) }),
		"a certificate of it is not valid before 2090-01-01T00:00:00Z; are the cl": ca.issue(3, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = day(2090, 1), day(2090, 2) }),
		"its certificate is not meant for clients (extended key usage)":            ca.issue(4, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
		"its certificate fw02 is not one of clients":                               ca.issue(5, named("fw02")),
		"its certificate fw01 is revoked":                                          ca.issue(13, named("fw01")),
		"its certificate fw03 is revoked":                                          ca.issue(14, named("fw03")),
	} {
		for version, v := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
			var log safeText
			sink := newMemory()
			r := startLogged(t, Config{Network: "tls", TLS: files, Clients: []string{"FW01.", "elsewhere"}}, sink, sink, slog.New(slog.NewTextHandler(&log, nil)))
			c := c.Clone()
			c.MinVersion, c.MaxVersion = v, v
			for range 3 {
				if r.try(t, c) {
					t.Errorf("%s, %s: was served", why, version)
				}
			}
			r.stop()
			if sum := r.balance(t); sum.Refused[event.Denied] != 3 || r.sink.books["127.0.0.1"].Refused[event.Denied] != 3 {
				t.Errorf("%s: books %+v", why, r.sink.books)
			}
			if n := strings.Count(log.String(), why); n != 1 || !strings.Contains(log.String(), "from=127.0.0.1") {
				t.Errorf("%s: told %d times:\n%s", why, n, log.String())
			}
		}
	}
	r := start(t, Config{Network: "tls", TLS: files, Clients: []string{"FW01.", "elsewhere"}}, newMemory())
	if !r.try(t, ca.issue(6, named("alias", "fw01"))) || r.sink.from["fw01"] != 1 {
		t.Errorf("one of clients by its second name: from %v", r.sink.from)
	}
}

func day(year, day int) time.Time { return time.Date(year, 1, day, 0, 0, 0, 0, time.UTC) }

// TestTLSNoFailure: who comes and goes without a word, and who is in the middle of a
// handshake when we stop, is no failure.
func TestTLSNoFailure(t *testing.T) {
	ca := newAuthority(t, "ca")
	r := start(t, Config{Network: "tls", TLS: ca.files("log01", time.Hour)}, newMemory())
	for i := range 4 {
		conn := r.dial(t).(*net.TCPConn)
		if i%2 == 0 {
			_ = conn.SetLinger(0) // closes by RST
		}
		conn.Close()
	}
	until(t, "they are gone", func() bool { s := r.Stats(); return s.Opened == 4 && s.Connections == 0 })
	part := r.dial(t)
	write(t, part, "\x16\x03\x01\x02\x00")
	until(t, "one has begun", func() bool { return r.Stats().Connections == 1 })
	r.stop()
	if s := r.Stats(); s.NoHandshake != 0 {
		t.Errorf("%d failures", s.NoHandshake)
	}
	r.balance(t)

	r = start(t, Config{Network: "tls", TLS: ca.files("log01", time.Hour)}, newMemory())
	conn := r.dial(t)
	write(t, conn, "\x16\x03\x01\x02\x00")
	conn.Close()
	until(t, "one that gives up in the middle is a failure", func() bool { return r.Stats().NoHandshake == 1 })
}

// TestTLSFilesAreTakenUp: a renewed certificate and a new list of revocations are seen
// without a signal; broken ones are named, and the old ones stay.
func TestTLSFilesAreTakenUp(t *testing.T) {
	t.Parallel() // it waits for looks at the files
	ca := newAuthority(t, "ca")
	files := ca.asks()
	files.CRL = ca.write("crl.pem", "X509 CRL", ca.revoke(nil))
	r := start(t, Config{Network: "tls", TLS: files}, newMemory())
	fw := ca.issue(21, named("fw01"))
	open := r.dialTLS(t, fw)
	if !r.try(t, fw) {
		t.Fatal("fw01 was not served")
	}
	if err := os.WriteFile(files.CRL, ca.revoke(func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = day(2020, 1), day(2020, 3) }, 21), 0o600); err != nil { // DER
		t.Fatal(err)
	}
	until(t, "the list is taken up", func() bool { return !r.try(t, fw) })
	if got := r.Stats().CRL; !got.Equal(day(2020, 3)) {
		t.Errorf("the list should be replaced on %v", got)
	}
	writeFile(t, files.CRL, "-----BEGIN X509 CRL-----\nhalf")
	until(t, "the fault is told", func() bool { return r.Stats().TLSFault != nil })
	if e := r.Stats().TLSFault; e.Field != "crl" || e.Error() != "crl: "+files.CRL+": line 1: a PEM block that is broken or cut off" {
		t.Errorf("%v", e)
	}
	if r.try(t, fw) {
		t.Error("with a broken list the old one does not stay")
	}
	if err := os.Remove(files.CRL); err != nil {
		t.Fatal(err)
	}
	until(t, "the file is missed", func() bool {
		return strings.Contains(r.Stats().TLSFault.Error(), "no such file")
	})
	ca.write("crl.pem", "X509 CRL", ca.revoke(nil))
	until(t, "the mended list is taken up", func() bool { return r.try(t, fw) })
	if e := r.Stats().TLSFault; e != nil {
		t.Error(e)
	}
	write(t, open, "<13>still\n")
	until(t, "the first connection lives", func() bool {
		got := r.sink.got()
		return got[len(got)-1] == "<13>still"
	})
}

// TestTLSFilesThatAreWrong: each fault names its field, the file, the line, and what
// would be right.
func TestTLSFilesThatAreWrong(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	good := ca.asks()
	strange := other.files("log01", time.Hour)
	der := func(name string, raw []byte) string {
		path := filepath.Join(t.TempDir(), name)
		writeFile(t, path, string(raw))
		return path
	}
	pemCert, err := os.ReadFile(good.Cert)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(f *TLSFiles){
		"cert: ":                         func(f *TLSFiles) { f.Cert = "/nowhere" },
		"the PEM key of the certificate": func(f *TLSFiles) { f.Key = strange.Key },
		"line 14: a PEM block that is broken": func(f *TLSFiles) {
			f.Cert = der("c", append(append([]byte("# ours\n\n"), pemCert...), "-----BEGIN CERTIFICATE-----\nAAAA\n"...))
		},
		"client_ca: ":                        func(f *TLSFiles) { f.ClientCA = t.TempDir() },
		"crl: ":                              func(f *TLSFiles) { f.CRL = "/nowhere" },
		"holds no revocation list; want PEM": func(f *TLSFiles) { f.CRL = good.Cert },
		"was signed by no authority of client_ca": func(f *TLSFiles) { f.CRL = der("o", other.revoke(nil)) },
		"want a revocation list, PEM":             func(f *TLSFiles) { f.CRL = der("x", []byte("nonsense")) },
		"holds changes only (a delta)": func(f *TLSFiles) {
			f.CRL = der("d", ca.revoke(func(l *x509.RevocationList) {
				l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}
			}))
		},
	} {
		f := good
		change(&f)
		_, err := InspectTLS(f)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if ends, err := InspectTLS(good); err != nil || time.Until(ends.Certificate) < 50*time.Minute || !ends.CRL.IsZero() {
		t.Errorf("%+v %v", ends, err)
	}
}

// safeText may be written and read at the same time.
type safeText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
