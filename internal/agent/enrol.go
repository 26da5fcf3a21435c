package agent

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Invitation is what a one-time token holds.
type Invitation struct {
	Servers     []string `json:"s,omitempty"` // where yagura may be reached
	Fingerprint string   `json:"f,omitempty"` // SHA-256 of its CA, hexadecimal; "": its certificate is one that the system trusts
	Secret      string   `json:"t"`
}

const invitationPrefix = "yga_"

// ReadInvitation reads a token as `yagura agents invite` prints it.
func ReadInvitation(token string) (i Invitation, err error) {
	body, ok := strings.CutPrefix(strings.TrimSpace(token), invitationPrefix)
	if !ok {
		return i, fmt.Errorf("the token does not begin with %s: copy the whole line that `yagura agents invite` printed", invitationPrefix)
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(text, &i)
	}
	if err != nil || i.Secret == "" {
		return i, errors.New("the token is not whole: copy the whole line that `yagura agents invite` printed")
	}
	return i, nil
}

type enrolRequest struct {
	Token string `json:"token"`
	CSR   string `json:"csr"`
}

type enrolAnswer struct {
	Name        string `json:"name"`
	Certificate string `json:"certificate"`
}

// Enrol makes a key, has yagura sign it, and writes the identity to the folder. The
// token can be used once. It returns the agent's name.
func Enrol(ctx context.Context, folder string, i Invitation) (name string, err error) {
	if _, err := os.Stat(filepath.Join(folder, certFile)); err == nil {
		return "", fmt.Errorf("folder %s: an agent is enrolled there; remove %s and %s to enrol anew", folder, certFile, keyFile)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	key, csr, err := newRequest("")
	if err != nil {
		return "", err
	}
	var ca []byte
	id := &Identity{}
	h := newHTTP(id)
	defer h.CloseIdleConnections()
	if i.Fingerprint != "" {
		h.Transport.(*http.Transport).TLSClientConfig = pinned(i.Fingerprint, &ca)
	}
	a, err := askAll(ctx, h, i, enrolRequest{i.Secret, string(csr)})
	if err != nil {
		return "", err
	}
	if i.Fingerprint != "" {
		err = errors.Join(writeFile(filepath.Join(folder, caFile), ca), writeFile(filepath.Join(folder, ownFile), nil))
	}
	servers := writeFile(filepath.Join(folder, serversFile), []byte(strings.Join(i.Servers, "\n")+"\n"))
	if err = errors.Join(err, servers); err != nil {
		return "", err
	}
	return a.Name, store(folder, key, a.Certificate)
}

// askAll asks the servers one after the other; one that answers no has decided.
func askAll(ctx context.Context, h *http.Client, i Invitation, q enrolRequest) (a enrolAnswer, err error) {
	var errs []error
	for _, s := range i.Servers {
		err := ask(ctx, h, s+"/agent/v1/enrol", q, &a)
		var r *refused
		if err == nil || errors.As(err, &r) {
			return a, err
		}
		errs = append(errs, err)
	}
	return a, fmt.Errorf("%w; does yagura listen there (listen.agents.https), and does a firewall let this host in? Another address: --server https://HOST:8443", errors.Join(errs...))
}

// EnrolledAt is where the agent of a folder was enrolled.
func EnrolledAt(folder string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(folder, serversFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("folder %s: %w", folder, ErrNotEnrolled)
	}
	return strings.Fields(string(text)), err
}

// pinned accepts a server that shows the CA of the fingerprint and a certificate that
// this has signed.
func pinned(fingerprint string, ca *[]byte) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		for _, c := range s.PeerCertificates {
			sum := sha256.Sum256(c.Raw)
			if hex.EncodeToString(sum[:]) == strings.ToLower(fingerprint) {
				roots := x509.NewCertPool()
				roots.AddCert(c)
				*ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
				return verifyChain(s.PeerCertificates, roots)
			}
		}
		return errors.New("this is not the server that the token comes from: its CA has another fingerprint")
	}}
}

// ask posts JSON.
func ask(ctx context.Context, h *http.Client, url string, q, a any) error {
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return roundTrip(h, req, a)
}

// store writes key and certificate: the certificate last, so that there is an
// identity when all of it is there.
func store(folder string, key *ecdsa.PrivateKey, cert string) error {
	text, err := keyPEM(key)
	if err != nil {
		return err
	}
	if _, err := tls.X509KeyPair([]byte(cert), text); err != nil {
		return fmt.Errorf("the certificate that yagura made does not fit: %w", err)
	}
	return errors.Join(writeFile(filepath.Join(folder, keyFile), text), writeFile(filepath.Join(folder, certFile), []byte(cert)))
}
