package syslog

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// TLSFiles are the files of a listener with TLS (RFC 5425).
type TLSFiles struct {
	Cert, Key string // PEM: the certificate, with its chain, and its key
	ClientCA  string // PEM; "": senders need no certificate; else one that these have signed
	CRL       string // PEM or DER: what those authorities have revoked; "": nothing
}

// lookAgain is how often the files are looked at.
const lookAgain = time.Second

// tlsFiles is what the files say; they may be renewed while we run: connections
// that are open stay, new ones get the new certificate. While a file is broken or
// half-written the old ones stay. Safe for concurrent use; a handshake waits for
// nothing.
type tlsFiles struct {
	files   TLSFiles
	clients []string // names that certificates must bear; none: any
	log     *slog.Logger

	current atomic.Pointer[credentials]
	fault   atomic.Pointer[FileError] // why what the files say now is not used; nil: it is

	mu       sync.Mutex // of the renewal
	seen     stamps     // of the files that were read last, fine or broken
	changing stamps     // as they were at the last look: they are read once they rest
}

// credentials are what the files said at one time. They do not change.
type credentials struct {
	config  *tls.Config
	expires time.Time // of the certificate
	revoked *revocations
}

// stamp tells whether a file is another one.
type stamp struct {
	size     int64
	modified time.Time
}

type stamps [4]stamp

func newTLSFiles(files TLSFiles, clients []string, log *slog.Logger) (*tlsFiles, error) {
	t := &tlsFiles{files: files, clients: normalNames(clients), log: log}
	if err := t.load(); err != nil {
		return nil, err
	}
	return t, nil
}

// load reads the files. The lock is held, or nobody else is there.
func (t *tlsFiles) load() *FileError {
	t.seen = t.stamps()
	pair, err := readPair(t.files)
	if err != nil {
		return err
	}
	// A ticket that no sender reads would hide our end from those that only peek at
	// the socket, as rsyslog does; nobody connects so often that it would help.
	c := &credentials{config: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, SessionTicketsDisabled: true}, expires: pair.Leaf.NotAfter}
	if t.files.ClientCA == "" {
		t.current.Store(c)
		return nil
	}
	authorities, err := readAuthorities(t.files.ClientCA)
	if err != nil {
		return err
	}
	if c.revoked, err = readRevocations(t.files.CRL, authorities); err != nil {
		return err
	}
	c.config.ClientCAs, c.config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	for _, a := range authorities {
		c.config.ClientCAs.AddCert(a)
	}
	c.config.VerifyConnection = func(s tls.ConnectionState) error { return t.admit(s, c.revoked) }
	t.current.Store(c)
	return nil
}

// admit refuses a certificate that is signed and valid, but revoked or not one of clients.
func (t *tlsFiles) admit(s tls.ConnectionState, revoked *revocations) error {
	leaf := s.PeerCertificates[0]
	name, ok := boundName(leaf, t.clients)
	switch {
	case revoked.holds(s.VerifiedChains):
		return refusal{"its certificate " + name + " is revoked"}
	case !ok:
		return refusal{"its certificate " + name + " is not one of clients"}
	}
	return nil
}

func (t *tlsFiles) stamps() (s stamps) {
	for i, path := range []string{t.files.Cert, t.files.Key, t.files.ClientCA, t.files.CRL} {
		if info, err := os.Stat(path); path != "" && err == nil {
			s[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return s
}

// config is what the next handshake uses.
func (t *tlsFiles) config() *tls.Config { return t.current.Load().config }

// look reads the files when they have changed and nobody is writing them.
func (t *tlsFiles) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.stamps()
	if now == t.seen || now != t.changing {
		t.changing = now
		return
	}
	t.renew()
}

// renew reads the files. The lock is held.
func (t *tlsFiles) renew() {
	err := t.load()
	t.fault.Store(err)
	if err != nil {
		t.log.Warn("the certificates were not renewed; the old ones stay", "error", err)
		return
	}
	t.log.Info("the certificates were renewed", "file", t.files.Cert, "until", t.current.Load().expires)
}

// now reads the files, whether they look changed or not.
func (t *tlsFiles) now() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renew()
}

// watch looks at the files until done.
func (t *tlsFiles) watch(done <-chan struct{}) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			t.look()
		case <-done:
			return
		}
	}
}

// stats tells when what the files say ends, and what is wrong with them.
func (t *tlsFiles) stats(s *Stats) {
	c := t.current.Load()
	s.Certificate, s.CRL, s.TLSFault = c.expires, c.revoked.until(), t.fault.Load()
}

// TLSEnds says when what the files hold ends; zero: there is none, or it does not say.
type TLSEnds struct{ Certificate, CRL time.Time }

// InspectTLS reads the files as a listener would. The error is a *FileError.
func InspectTLS(files TLSFiles) (TLSEnds, error) {
	t, err := newTLSFiles(files, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return TLSEnds{}, err
	}
	c := t.current.Load()
	return TLSEnds{c.expires, c.revoked.until()}, nil
}
