package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// renew gets another certificate for the same key when two thirds of the life of
// this one are over. (The same key: a crash between two files must not part them.)
func (a *Agent) renew(ctx context.Context) error {
	id := a.client.id
	if !id.due(time.Now()) {
		return nil
	}
	key, ok := id.Cert.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the agent's key is of another kind")
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: id.Name}}, key)
	if err != nil {
		return err
	}
	csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	body, err := json.Marshal(enrolRequest{CSR: string(csr)})
	if err != nil {
		return err
	}
	var got enrolAnswer
	if err := a.client.post(ctx, "/agent/v1/renew", "application/json", "", body, &got); err != nil {
		return err
	}
	text, err := keyPEM(key)
	if err != nil {
		return err
	}
	if _, err := tls.X509KeyPair([]byte(got.Certificate), text); err != nil {
		return fmt.Errorf("the certificate that yagura made does not fit: %w", err)
	}
	if err := writeFile(filepath.Join(a.cfg.Folder, certFile), []byte(got.Certificate)); err != nil {
		return err
	}
	renewed, err := LoadIdentity(a.cfg.Folder)
	if err != nil {
		return err
	}
	a.client.use(renewed)
	a.log.Info("the certificate was renewed", "until", renewed.leaf.NotAfter)
	return nil
}
