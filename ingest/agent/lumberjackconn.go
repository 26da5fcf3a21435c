package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// Ends of a connection that are nobody's fault, or the sender's.
var (
	errLJStop    = errors.New("we stop")
	errLJIdle    = errors.New("nothing came for too long")
	errLJSlow    = errors.New("a batch came too slowly")
	errLJPlain   = errors.New("it speaks without TLS; listen.agents.beats_tls asks for it")
	errLJNoCert  = errors.New("it shows no certificate that names a sender; listen.agents.beats_tls asks for it")
	errLJRevoked = errors.New("its certificate is revoked or not known")
)

// ljConn is one connection. One goroutine reads and takes; waiting is told by a timer.
type ljConn struct {
	l      *Lumberjack
	conn   net.Conn // as accepted, or TLS over it
	addr   netip.Addr
	peer   string // what the books call the sender
	named  bool   // by a certificate
	r      *ljReader
	acks   ljAcks
	ctx    context.Context // ends with the drain's time, or when the sender is gone
	kill   context.CancelFunc
	ending atomic.Bool

	batch  *Intake       // the open batch; nil between two
	size   uint32        // of its window
	count  uint32        // of its events that came
	last   uint32        // sequence number of the last of them
	begun  bool          // a batch, or its first bytes
	spent  time.Duration // waiting for the bytes of the batch
	came   int           // bytes of the batch
	spoken bool          // something came ever
}

func newLJConn(l *Lumberjack, conn net.Conn, work context.Context) *ljConn {
	c := &ljConn{l: l, conn: conn, addr: addrOf(conn)}
	c.peer = c.addr.String()
	c.ctx, c.kill = context.WithCancel(work)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
	if l.stopping.Load() {
		c.stop()
	}
	return c
}

// stop ends reading; a batch that waits for the disk is still answered.
func (c *ljConn) stop() {
	c.ending.Store(true)
	_ = c.conn.SetReadDeadline(time.Unix(1, 0))
}

// abort ends all: the drain's time is over.
func (c *ljConn) abort() {
	c.kill()
	_ = c.conn.Close()
}

// serve reads batches until the stream ends or we stop.
func (c *ljConn) serve() {
	defer c.leave()
	err := c.open()
	for err == nil {
		var f ljFrame
		if f, err = c.r.next(); err == nil {
			err = c.frame(f)
		}
	}
	c.end(err)
}

func (c *ljConn) leave() {
	c.acks.stop()
	if c.batch != nil {
		c.batch.Close()
	}
	c.kill()
	_ = c.conn.Close()
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	delete(c.l.conns, c)
}

// end books why the connection ended.
func (c *ljConn) end(err error) {
	l := c.l
	switch {
	case errors.Is(err, errNotLumberjack):
		l.refused(c.peer, event.Frame)
	case errors.Is(err, errLJPlain), errors.Is(err, errLJNoCert), errors.Is(err, errLJRevoked):
		l.denied.Add(1)
		l.refused(c.peer, event.Denied)
	case errors.Is(err, errLJSlow):
	default:
		return // it went, or we do
	}
	l.turned(c.addr, err)
}

// open finds out who it is, and whether over TLS.
func (c *ljConn) open() error {
	var first [1]byte
	if _, err := io.ReadFull(c, first[:]); err != nil {
		return err
	}
	plain := &ljPrefixed{Conn: c.conn, prefix: first[:]}
	if first[0] != tlsHandshake {
		if c.l.cfg.TLS != TLSOptional {
			return errLJPlain
		}
		c.setConn(plain)
	} else {
		conn := tls.Server(plain, c.l.certs.Config())
		limit, cancel := context.WithTimeout(c.ctx, c.l.cfg.BatchTime)
		defer cancel()
		if err := conn.HandshakeContext(limit); err != nil {
			return ljError("TLS: %v", err)
		}
		c.setConn(conn)
		if err := c.name(conn); err != nil {
			return err
		}
	}
	c.r = newLJReader(c, &c.l.pool)
	c.acks.start(c.conn, c.l.cfg.KeepAlive, c.kill)
	return nil
}

// tlsHandshake is the first byte of a TLS connection (RFC 8446, 5.1); a frame's is a
// digit.
const tlsHandshake = 22

// setConn changes what is read and closed.
func (c *ljConn) setConn(conn net.Conn) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	c.conn = conn
	if c.ending.Load() {
		c.stop()
	}
}

// name finds the sender's certificate.
func (c *ljConn) name(conn *tls.Conn) error {
	state := conn.ConnectionState()
	e, ok := c.l.certified(&http.Request{TLS: &state})
	switch {
	case ok:
		c.peer, c.named = e.SourceName(), true
	case len(state.VerifiedChains) > 0:
		return errLJRevoked
	case c.l.cfg.TLS == TLSCertificate:
		return errLJNoCert
	}
	return nil
}

// Read reads the connection within its limits of time: Idle between batches; within
// one, what it waits for bytes altogether.
func (c *ljConn) Read(p []byte) (int, error) {
	cfg := &c.l.cfg
	began := time.Now()
	wait, late := cfg.Idle, errLJIdle
	switch {
	case c.begun:
		wait, late = cfg.BatchTime+time.Duration(c.came)*time.Second/time.Duration(cfg.Rate)-c.spent, errLJSlow
	case !c.spoken:
		wait = cfg.FirstByte
	}
	_ = c.conn.SetReadDeadline(began.Add(wait))
	if c.ending.Load() {
		return 0, errLJStop
	}
	n, err := c.conn.Read(p)
	if c.begun {
		c.spent += time.Since(began)
		c.came += n
	}
	if n > 0 {
		c.spoken = true
		return n, nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if c.ending.Load() {
			return 0, errLJStop
		}
		return 0, late
	}
	return 0, err
}

// frame does what a frame asks for.
func (c *ljConn) frame(f ljFrame) error {
	if f.kind == 'W' {
		return c.window(f)
	}
	if c.batch == nil {
		return ljError("an event without a window, or more than the window")
	}
	record, some := f.record()
	if some {
		c.l.counters.bytes.Add(uint64(len(record.Raw)))
		if err := c.batch.Take(c.ctx, record); err != nil {
			return err
		}
	}
	c.count++
	c.last = f.n
	if c.count < c.size {
		return nil
	}
	return c.settle()
}

// window begins a batch. One that was announced as longer than it is ends here.
func (c *ljConn) window(f ljFrame) error {
	if err := c.settle(); err != nil {
		return err
	}
	if c.named && !c.known() {
		return errLJRevoked
	}
	if f.n == 0 {
		return nil
	}
	c.batch, c.size, c.count = c.l.desk.intake(c.peer), f.n, 0
	c.begun, c.spent, c.came = true, 0, 0
	c.l.requests.Add(1)
	c.acks.wait(f.version)
	return nil
}

// known asks again whether the certificate is good: connections last for days.
func (c *ljConn) known() bool {
	conn, ok := c.conn.(*tls.Conn)
	return ok && c.name(conn) == nil
}

// settle answers the open batch when it is on disk.
func (c *ljConn) settle() error {
	if c.batch == nil {
		return nil
	}
	defer func() {
		c.batch.Close()
		c.batch, c.begun = nil, false
		c.r.rest()
	}()
	if c.count == 0 {
		c.acks.stop()
		return nil
	}
	if err := c.batch.Settle(c.ctx); err != nil {
		return err
	}
	return c.acks.answer(c.last)
}

// ljPrefixed is a connection of which some bytes were read before.
type ljPrefixed struct {
	net.Conn
	prefix []byte
}

// Read implements net.Conn.
func (p *ljPrefixed) Read(b []byte) (int, error) {
	if len(p.prefix) > 0 {
		n := copy(b, p.prefix)
		p.prefix = p.prefix[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}
