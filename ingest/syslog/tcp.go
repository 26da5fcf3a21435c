package syslog

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"yagura/internal/event"
)

// Back-off of accept: without file descriptors (EMFILE) it fails at once, again
// and again, until a connection ends.
const (
	acceptWait    = 5 * time.Millisecond
	acceptWaitMax = time.Second
)

// lastCalls is how long connections are accepted after the end.
const lastCalls = 20 * time.Millisecond

// tcp is the side of a listener that takes connections: a goroutine for each. It
// serves a unix socket's as well.
type tcp struct {
	l        *Listener
	listener acceptor
	ledger   *ledger
	tls      *tlsFiles // nil: plain
	relp     *relp     // nil: lines

	mu    sync.Mutex
	conns map[*connection]struct{}
	from  map[origin]int // connections of each
}

// acceptor is a socket that takes connections.
type acceptor interface {
	net.Listener
	SetDeadline(t time.Time) error
}

// origin is who has opened a connection, as the kernel says.
type origin struct {
	addr netip.Addr // zero on a unix socket
	user string     // on a unix socket: unix:uid=0
}

// String is the address or the user.
func (o origin) String() string {
	if o.user != "" {
		return o.user
	}
	return o.addr.String()
}

func newTCP(l *Listener) *tcp {
	return &tcp{l: l, ledger: newLedger(&l.cfg), conns: make(map[*connection]struct{}), from: make(map[origin]int)}
}

func (t *tcp) listen() error {
	if t.l.cfg.Network == "unix" {
		listener, err := listenStream(&t.l.cfg)
		if err == nil {
			t.listener = listener
		}
		return err
	}
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
	if t.tls != nil {
		t.tls.stats(s)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Connections = len(t.conns)
	if t.relp != nil {
		s.Unanswered = t.relp.unanswered()
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
	if t.tls != nil {
		open.Go(func() { t.tls.watch(ctx.Done()) })
	}
	accept := func() error {
		conn, err := t.listener.Accept()
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
	from, pid, allowed := t.who(conn)
	if !allowed {
		t.deny(from)
		_ = conn.Close()
		return nil
	}
	if t.tls != nil {
		conn = serveTLS(conn, t.tls.config())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.conns) >= t.l.cfg.MaxConnections:
		t.l.turnedAway(&t.l.overLimit, from, "max_connections are open")
	case t.from[from] >= t.l.cfg.MaxPerAddress:
		t.l.turnedAway(&t.l.overAddress, from, "max_per_address of it are open")
	default:
		t.l.opened.Add(1)
		c := newConnection(t, conn, from)
		c.pid = pid
		t.conns[c] = struct{}{}
		t.from[from]++
		return c
	}
	if w, ok := conn.(*tlsConn); ok {
		conn = w.NetConn() // without a goodbye
	}
	_ = conn.Close()
	return nil
}

// who tells who has connected, and whether that one may send.
func (t *tcp) who(conn net.Conn) (from origin, pid int, allowed bool) {
	if unix, ok := conn.(*net.UnixConn); ok {
		user, ok := peerUser(unix)
		return origin{user: user.name()}, user.pid, ok && t.l.cfg.allowedUser(user.uid)
	}
	addr := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
	return origin{addr: addr}, 0, t.l.cfg.allowed(addr)
}

// deny books a connection of one that may not send.
func (t *tcp) deny(from origin) {
	t.ledger.mu.Lock()
	src := t.ledger.holdOrigin(from)
	src.receive(1)
	src.refuse(event.Denied, 1)
	t.ledger.drop(src)
	t.ledger.mu.Unlock()
	t.l.turnedAway(&t.l.notAllowed, from, "it is not in allow, or allow_users")
}

// leave forgets a connection that was closed.
func (t *tcp) leave(c *connection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
	if t.from[c.from]--; t.from[c.from] == 0 {
		delete(t.from, c.from)
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
