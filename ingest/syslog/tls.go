package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// TLSFiles are the PEM files of a listener with TLS (RFC 5425).
type TLSFiles struct {
	Cert, Key string // the certificate, with its chain, and its key
	ClientCA  string // "": senders need no certificate; else one that these have signed
}

// lookAgain is how often the files are looked at, with a handshake.
const lookAgain = 5 * time.Second

// tlsFiles is what the files say; they may be renewed while we run: connections
// that are open stay, new ones get the new certificate. While a file is broken or
// half-written the old ones stay. Safe for concurrent use.
type tlsFiles struct {
	files TLSFiles
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	expires time.Time // of the certificate
	seen    [3]stamp  // of the files that were read last, fine or broken
	looked  time.Time
}

// stamp tells whether a file is another one.
type stamp struct {
	size     int64
	modified time.Time
}

func newTLSFiles(files TLSFiles, log *slog.Logger) (*tlsFiles, error) {
	t := &tlsFiles{files: files, log: log}
	return t, t.load()
}

// CheckTLS reads the files as a listener would.
func CheckTLS(files TLSFiles) error {
	_, err := newTLSFiles(files, slog.New(slog.DiscardHandler))
	return err
}

// load reads the files. The lock is held, or nobody else is there.
func (t *tlsFiles) load() error {
	t.seen, t.looked = t.stamps(), time.Now()
	pair, err := tls.LoadX509KeyPair(t.files.Cert, t.files.Key)
	if err != nil {
		return fmt.Errorf("certificate %s, key %s: %w; want a PEM certificate and its key", t.files.Cert, t.files.Key, err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if t.files.ClientCA != "" {
		pem, err := os.ReadFile(t.files.ClientCA)
		if err != nil {
			return fmt.Errorf("client_ca: %w", err)
		}
		c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("client_ca: %s holds no certificate; want PEM", t.files.ClientCA)
		}
	}
	t.current, t.expires = c, pair.Leaf.NotAfter
	return nil
}

func (t *tlsFiles) stamps() (s [3]stamp) {
	for i, path := range []string{t.files.Cert, t.files.Key, t.files.ClientCA} {
		if info, err := os.Stat(path); path != "" && err == nil {
			s[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return s
}

// config is what the next handshake uses.
func (t *tlsFiles) config() *tls.Config {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.looked) < lookAgain {
		return t.current
	}
	t.looked = time.Now()
	if t.stamps() == t.seen {
		return t.current
	}
	if err := t.load(); err != nil {
		t.log.Warn("the certificate was not renewed; the old one stays", "error", err)
	} else {
		t.log.Info("the certificate was renewed", "file", t.files.Cert, "until", t.expires)
	}
	return t.current
}

// forget makes the next handshake read the files.
func (t *tlsFiles) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looked, t.seen = time.Time{}, [3]stamp{}
}

func (t *tlsFiles) until() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.expires
}

// handshake makes a TLS connection of a plain one, within FrameTimeout.
func (c *connection) handshake(work context.Context) error {
	conn, ok := c.conn.(*tlsConn)
	if !ok {
		return nil
	}
	limit, cancel := context.WithTimeout(work, c.t.l.cfg.FrameTimeout)
	defer cancel()
	err := conn.HandshakeContext(limit)
	if err == nil {
		return nil
	}
	why := err.Error()
	if errors.As(err, new(tls.RecordHeaderError)) {
		why = "it does not speak TLS; send it to a tcp listener, or turn TLS on there"
	}
	c.t.l.turnedAway(&c.t.l.noHandshake, c.addr, why)
	return err
}

// goodbye bounds how long a sender that does not read is told that we end.
const goodbye = 300 * time.Millisecond

// tlsConn is a TLS connection whose half-close is seen by senders that look at the
// socket only.
type tlsConn struct{ *tls.Conn }

// CloseWrite says goodbye in TLS and in TCP.
func (c *tlsConn) CloseWrite() error {
	err := c.within(c.Conn.CloseWrite)
	if tcp, ok := c.NetConn().(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, tcp.CloseWrite())
	}
	return err
}

// Close says goodbye too.
func (c *tlsConn) Close() error { return c.within(c.Conn.Close) }

// within cuts short what crypto/tls would write for 5 s.
func (c *tlsConn) within(say func() error) error {
	timer := time.AfterFunc(goodbye, func() { _ = c.NetConn().SetWriteDeadline(time.Unix(1, 0)) })
	defer timer.Stop()
	return say()
}
