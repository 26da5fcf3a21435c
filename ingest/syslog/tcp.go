package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Back-off of accept: without file descriptors (EMFILE) it fails at once, again
// and again, until a connection ends.
const (
	acceptWait    = 5 * time.Millisecond
	acceptWaitMax = time.Second
)

// lastCalls is how long connections are accepted after the end.
const lastCalls = 20 * time.Millisecond

// tcp is the TCP side of a listener: a goroutine for each connection.
type tcp struct {
	l        *Listener
	listener *net.TCPListener
	ledger   *ledger
	tls      *tlsFiles // nil: plain
	relp     *relp     // nil: lines

	mu    sync.Mutex
	conns map[*connection]struct{}
	from  map[netip.Addr]int // connections of each address
}

func newTCP(l *Listener) *tcp {
	return &tcp{l: l, ledger: newLedger(&l.cfg), conns: make(map[*connection]struct{}), from: make(map[netip.Addr]int)}
}

func (t *tcp) listen() error {
	listener, err := net.Listen("tcp", t.l.cfg.Address)
	if err != nil {
		return err
	}
	t.listener = listener.(*net.TCPListener)
	return nil
}

func (t *tcp) addr() net.Addr { return t.listener.Addr() }

func (t *tcp) flush() { t.ledger.flush(t.l.sink) }

func (t *tcp) stats(s *Stats) {
	s.add(t.ledger.total())
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Connections = len(t.conns)
	if t.relp != nil {
		s.Unanswered = t.relp.unanswered()
	}
	if t.tls != nil {
		s.Certificate = t.tls.until()
	}
}

// serve accepts until ctx ends, takes on who has connected by then, and lets
// every connection finish.
func (t *tcp) serve(ctx, work context.Context) {
	var open sync.WaitGroup
	if t.relp != nil {
		t.relp.stop = ctx
		defer t.relp.sink.Watch(t.relp.reach)()
		defer context.AfterFunc(work, t.relp.giveUp)()
	}
	accept := func() error {
		conn, err := t.listener.AcceptTCP()
		if err != nil {
			return err
		}
		if c := t.admit(conn); c != nil {
			open.Go(func() { c.talk(work) })
		}
		return nil
	}
	woken := make(chan struct{})
	context.AfterFunc(ctx, func() {
		_ = t.listener.SetDeadline(time.Unix(1, 0))
		close(woken)
	})
	for pause := acceptWait; ctx.Err() == nil; {
		if err := accept(); err == nil {
			pause = acceptWait
		} else if ctx.Err() == nil {
			t.acceptFailed(ctx, err, pause)
			pause = min(2*pause, acceptWaitMax)
		}
	}
	<-woken // or its deadline would end the next loop
	_ = t.listener.SetDeadline(time.Now().Add(lastCalls))
	for accept() == nil {
	}
	_ = t.listener.Close()
	t.drain(&open)
	open.Wait()
}

// acceptFailed waits; only the first failure in a row is logged.
func (t *tcp) acceptFailed(ctx context.Context, err error, pause time.Duration) {
	t.l.fail.Add(1)
	if pause == acceptWait {
		t.l.log.Error("accept failed; trying again", "listener", t.l.cfg.Name, "error", err)
	}
	wait(ctx, pause)
}

// admit takes the connection on, or closes it and counts why.
func (t *tcp) admit(conn net.Conn) *connection {
	addr := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !t.l.cfg.allowed(addr):
		t.l.turnedAway(&t.l.notAllowed, addr, "its address is not in allow")
	case len(t.conns) >= t.l.cfg.MaxConnections:
		t.l.turnedAway(&t.l.overLimit, addr, "max_connections are open")
	case t.from[addr] >= t.l.cfg.MaxPerAddress:
		t.l.turnedAway(&t.l.overAddress, addr, "max_per_address of it are open")
	default:
		t.l.opened.Add(1)
		if t.tls != nil {
			conn = &tlsConn{tls.Server(conn, t.tls.config())}
		}
		c := newConnection(t, conn, addr)
		t.conns[c] = struct{}{}
		t.from[addr]++
		return c
	}
	_ = conn.Close()
	return nil
}

// turnedAway counts a connection that is of no use. A flood of them must not
// flood the log: the 1st, 2nd, 4th, 8th… is told.
func (l *Listener) turnedAway(count *atomic.Uint64, addr netip.Addr, why string) {
	l.limited.Store(time.Now().Unix())
	if n := count.Add(1); n&(n-1) == 0 {
		l.log.Warn("a connection was not served", "listener", l.cfg.Name, "from", addr, "why", why, "times", n)
	}
}

// leave forgets a connection that was closed.
func (t *tcp) leave(c *connection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
	if t.from[c.addr]--; t.from[c.addr] == 0 {
		delete(t.from, c.addr)
	}
}

// drain tells every connection to finish; one that takes long holds up no other.
func (t *tcp) drain(open *sync.WaitGroup) {
	end := time.Now().Add(t.l.cfg.Drain / 2)
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.conns {
		open.Go(func() { c.pace.drain(end) })
	}
}

// connection is one sender.
type connection struct {
	t    *tcp
	conn net.Conn
	addr netip.Addr
	pace *pacedReader
	src  *source

	looked bool // the first frame was looked at
}

func newConnection(t *tcp, conn net.Conn, addr netip.Addr) *connection {
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	return &connection{t: t, conn: conn, addr: addr, pace: &pacedReader{conn: conn, cfg: &t.l.cfg, answers: t.relp != nil}, src: t.ledger.hold(addr)}
}

// talk serves the sender in the listener's protocol.
func (c *connection) talk(work context.Context) {
	if c.t.relp != nil {
		c.serveRELP(work)
		return
	}
	c.serve(work)
}

// sender is who this is, in the books and in Source.Peer.
func (c *connection) sender() sender { return sender{peer: c.addr.String(), src: c.src} }

// courier brings this sender's lines to the sink.
func (c *connection) courier() *courier { return c.t.l.courier() }

// serve cuts frames and brings them to the sink until the stream ends. While the
// sink has no room nothing is read: the sender is held back.
func (c *connection) serve(work context.Context) {
	defer c.close()
	if c.handshake(work) != nil {
		return
	}
	post := c.courier()
	framer := NewFramer(c.pace, c.t.l.cfg.MaxLine, Auto)
	c.pace.pending, c.pace.nul = framer.Pending, framer.endsInNUL
	from := c.sender()
	for {
		frame, err := framer.Next()
		if err != nil {
			c.countEnd(err)
			return
		}
		c.pace.began = time.Time{}
		c.src.receive(1)
		c.t.l.bytes.Add(uint64(frame.Original))
		from.at = c.pace.at
		c.lookAt(frame.Data)
		post.deliver(work, frame, from)
		if frame.Damaged == DamagedEndless {
			c.t.l.closedEndless.Add(1)
			c.t.l.limited.Store(time.Now().Unix())
			return
		}
	}
}

// lookAt tells when a sender speaks TLS to a plain port: the commonest mistake.
func (c *connection) lookAt(d []byte) (tls bool) {
	if !c.looked && len(d) > 2 && d[0] == 0x16 && d[1] == 3 { // a handshake record (RFC 8446, 5.1)
		c.t.l.turnedAway(&c.t.l.tlsToPlain, c.addr, "it speaks TLS; send it to a listener with TLS, or turn TLS off there")
		tls = true
	}
	c.looked = true
	return tls
}

func (c *connection) countEnd(err error) {
	switch {
	case errors.Is(err, errIdle):
		c.t.l.closedIdle.Add(1)
	case errors.Is(err, errSlow):
		c.t.l.closedSlow.Add(1)
		c.t.l.limited.Store(time.Now().Unix())
	}
}

func (c *connection) close() {
	_ = c.conn.Close()
	c.t.leave(c)
	c.t.ledger.mu.Lock()
	defer c.t.ledger.mu.Unlock()
	c.t.ledger.drop(c.src)
}
