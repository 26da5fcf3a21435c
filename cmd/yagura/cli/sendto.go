package cli

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// target is where messages go: KIND:ADDRESS, or KIND://ADDRESS.
type target struct {
	kind    string // udp, tcp, tcp-lf, tls, relp or unix
	address string // host:port, or a path
	secret  tlsOptions
}

// tlsOptions are the files of a sender's TLS; "" is none.
type tlsOptions struct {
	CA   string `help:"tls, relp: PEM file of the authority that signed yagura's certificate; without it the system's are asked. With relp it turns TLS on." placeholder:"FILE" name:"ca"`
	Cert string `help:"tls, relp: PEM file of our certificate, where client_ca is set." placeholder:"FILE"`
	Key  string `help:"tls, relp: PEM file of its key." placeholder:"FILE"`
}

const targetForms = "udp:HOST:PORT, tcp:HOST:PORT, tcp-lf:HOST:PORT, tls:HOST:PORT, relp:HOST:PORT or unix:PATH"

func parseTarget(to string, secret tlsOptions) (target, error) {
	kind, address, _ := strings.Cut(to, ":")
	if rest, ok := strings.CutPrefix(address, "//"); ok {
		address = rest
	}
	t := target{kind, address, secret}
	ok := address != ""
	if kind != "unix" {
		_, port, err := net.SplitHostPort(address)
		ok = err == nil && port != ""
	}
	switch {
	case !ok || !slices.Contains([]string{"udp", "tcp", "tcp-lf", "tls", "relp", "unix"}, kind):
		return t, invalid{fmt.Errorf("--to %s: want %s", to, targetForms)}
	case secret != (tlsOptions{}) && kind != "tls" && kind != "relp":
		return t, invalid{fmt.Errorf("--ca, --cert and --key: not with %s; want tls or relp", kind)}
	case (secret.Cert == "") != (secret.Key == ""):
		return t, invalid{errors.New("--cert and --key: only one is given; want both")}
	}
	return t, nil
}

// secured tells whether TLS is spoken.
func (t target) secured() bool { return t.kind == "tls" || t.secret != (tlsOptions{}) }

// config reads the files of TLS.
func (t target) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.secret.CA != "" {
		text, err := os.ReadFile(t.secret.CA)
		if err != nil {
			return nil, invalid{fmt.Errorf("--ca: %w", err)}
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, invalid{fmt.Errorf("--ca: %s holds no certificate; want PEM", t.secret.CA)}
		}
	}
	if t.secret.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.secret.Cert, t.secret.Key)
		if err != nil {
			return nil, invalid{fmt.Errorf("--cert, --key: %w; want a PEM certificate and its key", err)}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// dialTimeout bounds the way to a connection that can be written to.
const dialTimeout = 10 * time.Second

// connect opens the connection below the messages.
func (t target) connect(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var d net.Dialer
	switch {
	case t.kind == "unix":
		conn, err := d.DialContext(ctx, "unixgram", t.address)
		if err != nil { // it may take connections in place of datagrams
			if stream, serr := d.DialContext(ctx, "unix", t.address); serr == nil {
				return stream, nil
			}
		}
		return conn, err
	case t.kind == "udp":
		return d.DialContext(ctx, "udp", t.address)
	case t.secured():
		c, err := t.config()
		if err != nil {
			return nil, err
		}
		return (&tls.Dialer{NetDialer: &d, Config: c}).DialContext(ctx, "tcp", t.address)
	}
	return d.DialContext(ctx, "tcp", t.address)
}

// sender writes messages to one socket in its framing.
type sender struct {
	conn  net.Conn
	out   *bufio.Writer // nil for datagrams: one write each
	lines bool
	relp  *relpSender // nil: no answers
}

func dial(ctx context.Context, to string, secret tlsOptions) (*sender, error) {
	t, err := parseTarget(to, secret)
	if err != nil {
		return nil, err
	}
	conn, err := t.connect(ctx)
	if errors.As(err, new(invalid)) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w; is yagura up and listening there?", err)
	}
	s := &sender{conn: conn, lines: t.kind == "tcp-lf"}
	if network := conn.LocalAddr().Network(); network != "udp" && network != "unixgram" {
		s.out = bufio.NewWriterSize(conn, 64<<10)
	}
	if t.kind == "relp" {
		if s.relp, err = openRELP(conn, s.out); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return s, nil
}

func (s *sender) one(m string) (err error) {
	switch {
	case s.relp != nil:
		err = s.relp.send(m)
	case s.out == nil:
		_, err = io.WriteString(s.conn, m)
	case s.lines:
		_, err = fmt.Fprintf(s.out, "%s\n", m)
	default:
		_, err = fmt.Fprintf(s.out, "%d %s", len(m), m)
	}
	return err
}

// close flushes and waits until the receiver has read all: it closes in turn, or has
// answered every message.
func (s *sender) close() error {
	if s.out == nil {
		return s.conn.Close()
	}
	if s.relp != nil {
		return errors.Join(s.relp.close(), s.conn.Close())
	}
	if err := s.out.Flush(); err != nil {
		return errors.Join(err, s.conn.Close())
	}
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		if err := c.CloseWrite(); err != nil {
			return errors.Join(err, s.conn.Close())
		}
		_ = s.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		if err := refusedLate(s.conn); err != nil {
			return errors.Join(err, s.conn.Close())
		}
	}
	_ = s.conn.Close() // with TLS the goodbye may find the other side gone: all was read
	return nil
}

// refusedLate reads to the end. In TLS 1.3 a receiver refuses our certificate only then.
func refusedLate(conn net.Conn) error {
	_, err := io.Copy(io.Discard, conn)
	if text := fmt.Sprint(err); err != nil && strings.Contains(text, "remote error: tls") {
		return fmt.Errorf("%w: the receiver refuses our certificate; its log says why", err)
	}
	return nil
}
