package console

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// pair is a certificate that may be renewed while we run: the files are looked
// at again with a handshake, at most once a minute. While they are broken the
// old pair stays.
type pair struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed time.Time // of the certificate file
	looked  time.Time
}

func (p *pair) load() error {
	info, err := os.Stat(p.cert)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	c, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return fmt.Errorf("certificate %s, key %s: %w", p.cert, p.key, err)
	}
	p.current, p.changed, p.looked = &c, info.ModTime(), time.Now()
	return nil
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.looked) < time.Minute {
		return p.current, nil
	}
	p.looked = time.Now()
	if info, err := os.Stat(p.cert); err == nil && info.ModTime().Equal(p.changed) {
		return p.current, nil
	}
	if err := p.load(); err != nil {
		p.log.Warn("certificate not renewed; the old one stays", "error", err)
	}
	return p.current, nil
}
