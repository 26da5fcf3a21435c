package agent

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// TestACertificateEndsOnAnOpenConnection: TLS looks at its dates only once.
func TestACertificateEndsOnAnOpenConnection(t *testing.T) {
	b := serve(t, nil)
	for _, c := range []struct {
		name  string
		valid time.Duration
		want  bool
	}{{"host7", time.Hour, true}, {"host8", -time.Minute, false}} {
		csr, _ := signingRequest(t, "")
		text, err := b.certs.authority.SignClient(csr, c.name, c.valid)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := certificate(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.registry.Put(Entry{Name: c.name, Kind: KindAgent, Serial: cert.SerialNumber.Text(16)}); err != nil {
			t.Fatal(err)
		}
		r := &http.Request{TLS: &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{cert, b.certs.authority.cert}}}}
		if _, ok := b.certified(r); ok != c.want {
			t.Errorf("%s: %v; want %v", c.name, ok, c.want)
		}
	}
}

// TestKeysThatAreSigned are of the kinds that TLS takes, neither weak nor of a size
// that makes checking them work.
func TestKeysThatAreSigned(t *testing.T) {
	a := authority(t, t.TempDir())
	p224, err1 := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	p384, err2 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, err3 := ed25519.GenerateKey(rand.Reader)
	weak, err4 := rsa.GenerateKey(rand.Reader, 1024)
	good, err5 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		key  any
		want bool
	}{{"P-224", p224, false}, {"P-384", p384, true}, {"Ed25519", ed, true}, {"RSA 1024", weak, false}, {"RSA 2048", good, true}} {
		csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{"yagura"}}, c.key)
		if err != nil {
			t.Fatal(c.name, err)
		}
		text, err := a.SignClient(csr, "host7", time.Hour)
		if (err == nil) != c.want {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
		if err != nil {
			continue
		}
		if cert, err := certificate(text); err != nil || len(cert.DNSNames) > 0 || cert.IsCA {
			t.Errorf("%s: %v, %v", c.name, cert, err)
		}
	}
}

// TestALongIndexDoesNotMultiply: what the path says once stands in the answer for each
// document.
func TestALongIndexDoesNotMultiply(t *testing.T) {
	b := serve(t, func(c *Config) { c.Memory = 1 << 20 })
	const one = "{\"index\":{}}\n{\"a\":1}\n"
	b.want(b.do("POST", "/"+strings.Repeat("i", 256)+"/_bulk", one), 400, "invalid_index_name_exception")
	b.want(b.do("POST", "/"+strings.Repeat("i", 255)+"/_bulk", one), 200, `"errors":false`)
	b.want(b.do("POST", "/_bulk", strings.Repeat(one, 10_000)), 429, "")
	b.want(b.do("POST", "/_bulk", one), 200, `"errors":false`)
}

// TestAnEnvelopeDoesNotMultiply: what stands once above all records becomes fields of each.
func TestAnEnvelopeDoesNotMultiply(t *testing.T) {
	b := serve(t, nil)
	auth := []string{"Authorization", "Bearer " + b.token}
	attribute := `{"key":"k","value":{"stringValue":"` + strings.Repeat("v", maxEnvelope) + `"}}`
	body := func(resource, scope, record string) string {
		return `{"resourceLogs":[{"resource":{"attributes":[` + resource + `]},"scopeLogs":[{"scope":{"attributes":[` + scope +
			`]},"logRecords":[{"body":{"stringValue":"x"},"attributes":[` + record + `]}]}]}]}`
	}
	for _, c := range []struct{ body, want string }{
		{body(attribute, "", ""), "400"}, {body("", attribute, ""), "400"}, {body("", "", attribute), "200"},
	} {
		if got := b.ask("POST", "/v1/logs", c.body, append(auth, "Content-Type", typeJSON)...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s; want %s", got, c.want)
		}
	}
	for _, c := range []struct {
		n    int
		want string
	}{{maxQuery + 1, "400"}, {maxQuery, "200"}} {
		if got := b.ask("POST", "/services/collector?host="+strings.Repeat("h", c.n), `{"event":"x"}`, auth...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%d: %s; want %s", c.n, got, c.want)
		}
	}
	l := &otlpLog{}
	for range 64 {
		l.attrs = append(l.attrs, otlpAttr{key: []byte("k"), value: []byte(strings.Repeat("\x01", 64<<10))})
	}
	if n := len(l.document()); n < event.MaxRaw || n > 4*event.MaxRaw {
		t.Errorf("a document of %d bytes, of which %d are kept", n, event.MaxRaw)
	}
}

// TestTheSameOfAnotherSenderIsItsOwn: only who sent it sends it again.
func TestTheSameOfAnotherSenderIsItsOwn(t *testing.T) {
	b := serve(t, nil)
	var tokens [2]string
	for i, name := range []string{"one", "two"} {
		token, err := b.registry.Issue(Entry{Name: name, Kind: KindToken, Source: "shared"})
		if err != nil {
			t.Fatal(err)
		}
		tokens[i] = "Authorization: Bearer " + token
	}
	b.disk.setHeld(true)
	impatient := *b.client
	impatient.Timeout = 200 * time.Millisecond
	r, err := http.NewRequest("POST", b.url("/v1/events"), strings.NewReader("tick\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", strings.TrimPrefix(tokens[0], "Authorization: "))
	if res, err := impatient.Do(r); err == nil {
		t.Fatalf("an answer before the disk: %v", res.Status)
	}
	b.disk.setHeld(false)
	b.want(b.do("POST", "/v1/events", "tick\n", tokens[1]), 200, `"accepted":1`)
	b.want(b.do("POST", "/v1/events", "tick\n", tokens[0]), 200, `"accepted":1`)
	if got := b.disk.got(); len(got) != 2 {
		t.Errorf("taken: %q; want one of each", got)
	}
}
