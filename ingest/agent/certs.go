package agent

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookAgain is how often the certificate's files are looked at, with a handshake.
const lookAgain = 5 * time.Second

// stamp tells whether a file is another one.
type stamp struct {
	size     int64
	modified time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if path == "" || err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// Certificates is the TLS side of the listeners for agents: TLS 1.2 or newer, our
// certificate (configured, or of our own CA), and whose certificates name a sender.
// Files are read again when they change; while one is broken the old ones stay. Safe
// for concurrent use.
type Certificates struct {
	cfg       Config
	authority *Authority
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	expires time.Time
	seen    [3]stamp
	looked  time.Time
	made    time.Time // when our own was last looked at
}

// NewCertificates opens our CA and reads the files.
func NewCertificates(cfg Config, log *slog.Logger) (*Certificates, error) {
	a, err := OpenAuthority(cfg.Folder)
	if err != nil {
		return nil, err
	}
	c := &Certificates{cfg: cfg, authority: a, log: log}
	return c, c.load()
}

// CheckFiles reads the configured files as a listener would, making nothing.
func CheckFiles(cfg Config) error {
	c := &Certificates{cfg: cfg}
	var err error
	if cfg.Cert != "" {
		_, err = c.pair()
	}
	if cfg.ClientCA != "" {
		err = errors.Join(err, c.trust(x509.NewCertPool()))
	}
	return err
}

// Authority is our own CA.
func (c *Certificates) Authority() *Authority { return c.authority }

// load reads the files. The lock is held, or nobody else is there.
func (c *Certificates) load() error {
	c.seen, c.looked, c.made = c.stamps(), time.Now(), time.Now()
	pair, err := c.pair()
	if err != nil {
		return err
	}
	t := &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"},
		ClientCAs: x509.NewCertPool(), ClientAuth: tls.VerifyClientCertIfGiven,
	}
	t.ClientCAs.AddCert(c.authority.cert)
	if c.cfg.ClientCA != "" {
		if err := c.trust(t.ClientCAs); err != nil {
			return err
		}
	}
	c.current, c.expires = t, pair.Leaf.NotAfter
	return nil
}

// trust adds the certificates of client_ca.
func (c *Certificates) trust(pool *x509.CertPool) error {
	text, err := os.ReadFile(c.cfg.ClientCA)
	if err != nil {
		return fmt.Errorf("client_ca: %w", err)
	}
	if !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("client_ca: %s holds no certificate; want PEM", c.cfg.ClientCA)
	}
	return nil
}

func (c *Certificates) pair() (tls.Certificate, error) {
	if c.cfg.Cert == "" {
		return c.authority.server()
	}
	pair, err := tls.LoadX509KeyPair(c.cfg.Cert, c.cfg.Key)
	if err != nil {
		return pair, fmt.Errorf("certificate %s, key %s: %w; want a PEM certificate and its key", c.cfg.Cert, c.cfg.Key, err)
	}
	return pair, nil
}

func (c *Certificates) stamps() [3]stamp {
	return [3]stamp{stampOf(c.cfg.Cert), stampOf(c.cfg.Key), stampOf(c.cfg.ClientCA)}
}

// Config is for a listener; each handshake uses what the files say then.
func (c *Certificates) Config() *tls.Config {
	now := c.now()
	return &tls.Config{
		MinVersion: now.MinVersion, Certificates: now.Certificates, NextProtos: now.NextProtos,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.now(), nil },
	}
}

// now is what the next handshake uses.
func (c *Certificates) now() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookAgain {
		return c.current
	}
	c.looked = time.Now()
	old := c.cfg.Cert == "" && time.Since(c.made) > time.Hour && time.Until(c.expires) < renewAhead
	if c.stamps() == c.seen && !old {
		return c.current
	}
	if err := c.load(); err != nil {
		c.log.Warn("the agents' certificate was not renewed; the old one stays", "error", err)
	} else {
		c.log.Info("the agents' certificate was renewed", "until", c.expires)
	}
	return c.current
}

// Renew makes the next handshake read the files.
func (c *Certificates) Renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked, c.seen = time.Time{}, [3]stamp{}
}

// Until is when our certificate ends.
func (c *Certificates) Until() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expires
}

// Ours tells whether our own CA has signed the certificate.
func (c *Certificates) Ours(chains [][]*x509.Certificate) bool {
	for _, chain := range chains {
		if chain[len(chain)-1].Equal(c.authority.cert) {
			return true
		}
	}
	return false
}
