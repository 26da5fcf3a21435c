package syslog

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// goodbye bounds how long a sender that does not read is told that we end.
const goodbye = 300 * time.Millisecond

// tlsConn is a TLS connection whose half-close is seen by senders that look at the
// socket only.
type tlsConn struct{ *tls.Conn }

// serveTLS puts TLS on a connection.
func serveTLS(conn net.Conn, c *tls.Config) *tlsConn {
	return &tlsConn{tls.Server(&wire{Conn: conn}, c)}
}

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

// readNow reads what has arrived, without waiting.
func (c *tlsConn) readNow(p []byte) (int, error) {
	w, ok := c.NetConn().(*wire)
	if !ok {
		return readSoon(c, p)
	}
	w.now.Store(true)
	defer w.now.Store(false)
	return c.Read(p)
}

// wire is the connection below TLS.
type wire struct {
	net.Conn
	heard atomic.Bool // the sender has said something
	now   atomic.Bool // reads do not wait: what is not in the kernel does not come
}

func (w *wire) Read(p []byte) (n int, err error) {
	if w.now.Load() {
		n, err = readNow(w.Conn, p)
	} else {
		n, err = w.Conn.Read(p)
	}
	if n > 0 && !w.heard.Load() {
		w.heard.Store(true)
	}
	return n, err
}

// CloseWrite says goodbye in TCP.
func (w *wire) CloseWrite() error {
	if tcp, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return tcp.CloseWrite()
	}
	return nil
}
