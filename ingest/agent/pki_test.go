package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func authority(t *testing.T, folder string) *Authority {
	t.Helper()
	a, err := OpenAuthority(folder)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheAuthorityStays(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "agents")
	a := authority(t, folder)
	if b := authority(t, folder); a.Fingerprint() != b.Fingerprint() {
		t.Error("another authority at the second time")
	}
	for _, name := range []string{caFile, caKeyFile} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if err := os.Remove(filepath.Join(folder, caKeyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenAuthority(folder); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("without its key: %v", err)
	}
}

func TestTheServersCertificate(t *testing.T) {
	folder := t.TempDir()
	a := authority(t, folder)
	pair, err := a.server()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	host, _ := os.Hostname()
	for _, name := range []string{"localhost", "127.0.0.1", "::1", host} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, err := a.server()
	if err != nil || !again.Leaf.Equal(pair.Leaf) {
		t.Errorf("made anew without need: %v", err)
	}
	names, addrs := hostNames()
	if a.serves(pair.Leaf, append(names, "a.new.name"), addrs) {
		t.Error("a new name makes no new certificate")
	}
	pair.Leaf.NotAfter = time.Now().Add(renewAhead - time.Hour)
	if a.serves(pair.Leaf, names, addrs) {
		t.Error("one that ends soon makes no new certificate")
	}
	if authority(t, t.TempDir()).serves(again.Leaf, names, addrs) {
		t.Error("one of another authority is taken for ours")
	}
}

func signingRequest(t *testing.T, name string) (csr []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	csr, err = x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, DNSNames: []string{"evil.example"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return csr, key
}

func TestSignClient(t *testing.T) {
	a := authority(t, t.TempDir())
	csr, key := signingRequest(t, "I am root")
	text, err := a.SignClient(csr, "host7", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := certificate(text)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if cert.Subject.CommonName != "host7" || len(cert.DNSNames) > 0 || cert.IsCA || !key.PublicKey.Equal(cert.PublicKey) {
		t.Errorf("%+v", cert.Subject)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool}); err == nil {
		t.Error("a client's certificate serves as a server's")
	}
	csr[len(csr)-1] ^= 1
	if _, err := a.SignClient(csr, "host7", time.Hour); err == nil {
		t.Error("a request with a wrong signature is signed")
	}
	if _, err := a.SignClient([]byte("nonsense"), "host7", time.Hour); err == nil {
		t.Error("nonsense is signed")
	}
}

// A certificate names its sender, as long as the registry says so.
func TestACertificateNamesASender(t *testing.T) {
	b := serve(t, nil)
	csr, key := signingRequest(t, "")
	text, err := b.certs.authority.SignClient(csr, "host7", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := certificate(text)
	if err != nil {
		t.Fatal(err)
	}
	pair := tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	transport := b.client.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	b.client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	b.want(b.do("POST", "/v1/events", "x\n", "Authorization: "), 401, "") // signed, but not known
	if err := b.registry.Put(Entry{Name: "host7", Kind: KindAgent, Serial: cert.SerialNumber.Text(16)}); err != nil {
		t.Fatal(err)
	}
	b.want(b.do("POST", "/v1/events", "x\n", "Authorization: "), 200, "")
	if err := b.registry.Revoke("host7"); err != nil {
		t.Fatal(err)
	}
	b.want(b.do("POST", "/v1/events", "x\n", "Authorization: "), 401, "")
}

func TestCertificatesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func() *x509.Certificate {
		a := authority(t, t.TempDir())
		names, addrs := hostNames()
		if err := a.makeServer(cert, key, names, addrs); err != nil {
			t.Fatal(err)
		}
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf
	}
	first := write()
	c, err := NewCertificates(Config{Folder: t.TempDir(), Cert: cert, Key: key}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	served := func() *x509.Certificate { return c.now().Certificates[0].Leaf }
	if !served().Equal(first) {
		t.Error("not the one of the file")
	}
	second := write()
	if !served().Equal(first) {
		t.Error("looked at within seconds")
	}
	c.Renew()
	if !served().Equal(second) {
		t.Error("not read again")
	}
	if err := os.WriteFile(key, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Renew()
	if !served().Equal(second) {
		t.Error("a broken file took the good one away")
	}
}
