package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Identity is what an enrolled agent has: a key that never leaves its folder, the
// certificate that yagura signed for it, and who the server is.
type Identity struct {
	Name string // of the agent: the certificate's common name
	Cert tls.Certificate
	CA   *x509.CertPool // of the server; nil: the system's
	Own  bool           // CA is yagura's own: who shows a server certificate of it is the server, under whatever name it is reached
	leaf *x509.Certificate
}

// Files of the identity.
const (
	keyFile     = "agent.key"
	certFile    = "agent.pem"
	caFile      = "ca.pem"
	serversFile = "servers"
	ownFile     = "ca-is-own"
)

// ErrNotEnrolled is returned, wrapped, for a folder without an identity.
var ErrNotEnrolled = errors.New("this agent is not enrolled; run: yagura agent enrol --server URL TOKEN (a token comes from: yagura agents invite NAME)")

// LoadIdentity reads the agent's folder.
func LoadIdentity(folder string) (*Identity, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(folder, certFile), filepath.Join(folder, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("folder %s: %w", folder, ErrNotEnrolled)
	}
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", folder, err)
	}
	id := &Identity{Cert: cert, leaf: cert.Leaf}
	if id.leaf == nil {
		if id.leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return nil, fmt.Errorf("folder %s: %w", folder, err)
		}
	}
	id.Name = id.leaf.Subject.CommonName
	text, err := os.ReadFile(filepath.Join(folder, caFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("folder %s: %w", folder, err)
	default:
		if id.CA = x509.NewCertPool(); !id.CA.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("folder %s: %s holds no certificate", folder, caFile)
		}
	}
	_, err = os.Stat(filepath.Join(folder, ownFile))
	id.Own = err == nil
	return id, nil
}

// due says that the certificate has lived two thirds of its life.
func (id *Identity) due(now time.Time) bool {
	life := id.leaf.NotAfter.Sub(id.leaf.NotBefore)
	return now.After(id.leaf.NotBefore.Add(life * 2 / 3))
}

// tls is the configuration of the connections.
func (id *Identity) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: id.CA}
	if len(id.Cert.Certificate) > 0 {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id.Cert, nil }
	}
	if id.Own && id.CA != nil {
		c.InsecureSkipVerify = true // the chain is checked below, the name is not
		c.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(s.PeerCertificates, id.CA) }
	}
	return c
}

// verifyChain checks that the certificate is a server's of the CA.
func verifyChain(chain []*x509.Certificate, ca *x509.CertPool) error {
	if len(chain) == 0 {
		return errors.New("the server shows no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: ca, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

// newRequest makes a key and a request for a certificate of it.
func newRequest(name string) (key *ecdsa.PrivateKey, csr []byte, err error) {
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	if err != nil {
		return nil, nil, err
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
