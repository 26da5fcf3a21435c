package agent

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Lifetimes of what we sign.
const (
	caYears    = 10
	serverTime = 398 * 24 * time.Hour
	renewAhead = 30 * 24 * time.Hour // before its end the server's certificate is made anew
	clockSlack = time.Hour           // agents' clocks may be behind ours
)

// Files of the folder.
const (
	caFile     = "ca.pem"
	caKeyFile  = "ca.key"
	serverFile = "server.pem"
	serverKey  = "server.key"
	lockName   = "pki.lock"
)

// Authority is the certificate authority of this instance: ECDSA P-256, in the folder
// of the registry (ca.pem, ca.key, mode 0600). Safe for concurrent use.
type Authority struct {
	folder string
	cert   *x509.Certificate
	key    crypto.Signer
}

// OpenAuthority reads the authority of the folder, making it at the first time.
func OpenAuthority(folder string) (*Authority, error) {
	a := &Authority{folder: folder}
	unlock, err := lockFile(filepath.Join(folder, lockName))
	if err != nil {
		return nil, fmt.Errorf("agents: %w", err)
	}
	defer unlock()
	err = a.read()
	if errors.Is(err, fs.ErrNotExist) {
		err = a.make()
	}
	if err != nil {
		return nil, fmt.Errorf("agents: our certificate authority in %s: %w", folder, err)
	}
	return a, nil
}

func (a *Authority) read() (err error) {
	text, err := os.ReadFile(filepath.Join(a.folder, caFile))
	if err != nil {
		return err
	}
	if a.cert, err = certificate(text); err != nil {
		return fmt.Errorf("%s: %w", caFile, err)
	}
	if text, err = os.ReadFile(filepath.Join(a.folder, caKeyFile)); err != nil {
		return errors.Join(errors.New("the certificate is there, its key is not: put it back, or remove the certificate to begin anew"), plain(err))
	}
	if a.key, err = privateKey(text); err != nil {
		return fmt.Errorf("%s: %w", caKeyFile, err)
	}
	if pub, ok := a.key.Public().(*ecdsa.PublicKey); !ok || !pub.Equal(a.cert.PublicKey) {
		return fmt.Errorf("%s and %s do not belong together", caFile, caKeyFile)
	}
	return nil
}

// plain hides fs.ErrNotExist.
func plain(err error) error { return errors.New(err.Error()) }

func (a *Authority) make() error {
	host, _ := os.Hostname()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := template(pkix.Name{CommonName: "yagura agents CA " + host}, caYears*365*24*time.Hour)
	t.IsCA, t.BasicConstraintsValid, t.MaxPathLenZero = true, true, true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return err
	}
	if err := writeKey(filepath.Join(a.folder, caKeyFile), key); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(a.folder, caFile), pemOf("CERTIFICATE", der)); err != nil {
		return err
	}
	a.key = key
	a.cert, err = x509.ParseCertificate(der)
	return err
}

// template is what all our certificates have.
func template(name pkix.Name, valid time.Duration) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	now := time.Now()
	return &x509.Certificate{SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: name, NotBefore: now.Add(-clockSlack), NotAfter: now.Add(valid)}
}

// PEM is the authority's certificate, for agents to trust.
func (a *Authority) PEM() []byte { return pemOf("CERTIFICATE", a.cert.Raw) }

// Certificate is the authority's certificate.
func (a *Authority) Certificate() *x509.Certificate { return a.cert }

// Fingerprint is the SHA-256 of the authority's certificate, hexadecimal.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	return hex.EncodeToString(sum[:])
}

// SignClient signs a client certificate for the key of a certificate request (PEM or
// DER). Of the request nothing but its key is taken: the name is ours.
func (a *Authority) SignClient(csr []byte, name string, valid time.Duration) (cert []byte, err error) {
	if block, _ := pem.Decode(csr); block != nil {
		csr = block.Bytes
	}
	req, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		return nil, fmt.Errorf("certificate request: %w", err)
	}
	if !keyOK(req.PublicKey) {
		return nil, errors.New("certificate request: want a key of P-256, P-384 or Ed25519, or of RSA with 2048 to 4096 bits")
	}
	if err := req.CheckSignature(); err != nil {
		return nil, fmt.Errorf("certificate request: %w", err)
	}
	if !nameOK(name) {
		return nil, fmt.Errorf("%w: %q", ErrName, name)
	}
	t := template(pkix.Name{CommonName: name}, valid)
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, req.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return pemOf("CERTIFICATE", der), nil
}

// keyOK tells whether a key is one that TLS takes, and neither weak nor so long that
// it costs much to check.
func keyOK(public any) bool {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384()
	case ed25519.PublicKey:
		return true
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048 && k.N.BitLen() <= 4096
	}
	return false
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(path, pemOf("PRIVATE KEY", der))
}

func certificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("holds no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

func privateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(bytes.TrimSpace(text))
	if block == nil {
		return nil, errors.New("holds no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("is no key that signs")
	}
	return signer, nil
}
