package console

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"testing"
	"time"
)

// writePair writes a certificate for 127.0.0.1 that signs itself.
func writePair(t *testing.T, cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRenewedCertificateIsTaken(t *testing.T) {
	dir := t.TempDir()
	p := &pair{cert: dir + "/c.pem", key: dir + "/k.pem", log: slog.New(slog.DiscardHandler)}
	writePair(t, p.cert, p.key)
	if err := p.load(); err != nil {
		t.Fatal(err)
	}
	first, _ := p.get(nil)
	look := func() []byte { // as after a minute
		p.looked, p.changed = time.Time{}, time.Time{}
		c, err := p.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Certificate[0]
	}
	if err := os.WriteFile(p.cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if string(look()) != string(first.Certificate[0]) {
		t.Error("a broken file replaced the certificate")
	}
	writePair(t, p.cert, p.key)
	if string(look()) == string(first.Certificate[0]) {
		t.Error("the renewed certificate is not served")
	}
}
