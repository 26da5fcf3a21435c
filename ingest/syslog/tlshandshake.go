package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"yagura/internal/event"
)

// refusal says in plain words why a certificate does not count.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

// handshake makes a TLS connection of a plain one, within FrameTimeout. With a
// certificate the sender is known by its name from then on.
func (c *connection) handshake(work context.Context) error {
	conn, ok := c.conn.(*tlsConn)
	if !ok {
		return nil
	}
	limit, cancel := context.WithTimeout(work, c.t.l.cfg.FrameTimeout)
	defer cancel()
	if err := conn.HandshakeContext(limit); err != nil {
		c.noHandshake(err)
		return err
	}
	if shown := conn.ConnectionState().PeerCertificates; len(shown) > 0 {
		name, _ := boundName(shown[0], c.t.tls.clients)
		c.rename(name)
	}
	return nil
}

// noHandshake counts and tells why a sender is not served. One that came and went
// without a word (a monitor), and one that our stop has cut short, are no failures.
func (c *connection) noHandshake(err error) {
	w, _ := c.conn.(*tlsConn).NetConn().(*wire)
	gone := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	if c.t.l.stopping.Load() || gone && !w.heard.Load() {
		return
	}
	why, denied := handshakeWords(err, time.Now())
	if denied {
		c.src.receive(1)
		c.src.refuse(event.Denied, 1)
	}
	c.t.l.turnedAway(&c.t.l.noHandshake, c.addr, why)
}

// handshakeWords says in plain words why a handshake failed; denied: the sender's
// certificate is missing or does not count.
func handshakeWords(err error, now time.Time) (why string, denied bool) {
	var (
		ours    refusal
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		wrong   *tls.CertificateVerificationError
		text    = err.Error()
	)
	switch {
	case errors.As(err, &ours):
		return ours.why, true
	case errors.As(err, &invalid):
		return invalidWords(invalid, now), true
	case errors.As(err, &unknown):
		return "its certificate was signed by no authority of client_ca", true
	case errors.As(err, &wrong):
		return "its certificate is not accepted: " + wrong.Err.Error(), true
	case strings.Contains(text, "client didn't provide a certificate"):
		return "it shows no certificate, and client_ca asks for one", true
	case errors.As(err, new(tls.RecordHeaderError)):
		return "it does not speak TLS; send it to a tcp listener, or turn TLS on there", false
	case strings.Contains(text, "unsupported versions"), strings.Contains(text, "protocol version not supported"):
		return "it offers nothing newer than TLS 1.1; 1.2 is the least", false
	case strings.HasPrefix(text, "remote error"):
		return "it does not accept our certificate, or nothing that we offer (" + text + "); does it know the authority that signed ours, and call us by a name in it?", false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "it did not finish the handshake in time; does it speak TLS?", false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "it went away in the middle of the handshake", false
	}
	return text, false
}

func invalidWords(e x509.CertificateInvalidError, now time.Time) string {
	c := e.Cert
	switch {
	case e.Reason == x509.Expired && now.Before(c.NotBefore):
		return "a certificate of it is not valid before " + c.NotBefore.Format(time.RFC3339) + "; are the clocks right?"
	case e.Reason == x509.Expired:
		return "a certificate of it has ended on " + c.NotAfter.Format(time.RFC3339)
	case e.Reason == x509.IncompatibleUsage:
		return "its certificate is not meant for clients (extended key usage)"
	}
	return "its certificate is not accepted: " + e.Error()
}
