package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// connection is one sender.
type connection struct {
	t    *tcp
	conn net.Conn
	from origin
	addr netip.Addr // of from
	name string     // how the books call it where that is not its address: by its certificate or user
	pid  int        // of a unix socket's sender; 0: not known
	pace *pacedReader
	src  *source

	looked bool // the first frame was looked at
}

func newConnection(t *tcp, conn net.Conn, from origin) *connection {
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	return &connection{
		t: t, conn: conn, from: from, addr: from.addr, name: from.user, src: t.ledger.holdOrigin(from),
		pace: &pacedReader{conn: conn, cfg: &t.l.cfg, answers: t.relp != nil},
	}
}

// holdOrigin is hold or holdName.
func (l *ledger) holdOrigin(from origin) *source {
	if from.user != "" {
		return l.holdName(from.user)
	}
	return l.hold(from.addr)
}

// rename gives the sender the name of its certificate.
func (c *connection) rename(name string) {
	c.t.ledger.mu.Lock()
	defer c.t.ledger.mu.Unlock()
	src := c.t.ledger.holdName(name)
	c.t.ledger.drop(c.src)
	c.name, c.src = name, src
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
func (c *connection) sender() sender {
	if c.name != "" {
		return sender{peer: c.name, src: c.src}
	}
	return sender{peer: c.addr.String(), src: c.src}
}

// courier brings this sender's lines to the sink.
func (c *connection) courier() *courier {
	post := c.t.l.courier()
	if post.pid = c.pid; c.name != "" && c.addr.IsValid() {
		post.address = c.addr.String()
	}
	return post
}

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
