package syslog

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"yagura/internal/event"
)

// A unix datagram socket does not drop: a sender that may wait waits, one that may
// not (systemd-journald) is told that the queue is full. So the reader empties the
// queue, which is short (net.unix.max_dgram_qlen), as soon as it can, into bundles
// that wait for the worker; when all are full it waits, and with it the senders.
const (
	bundles     = 8
	bundleBytes = 512 << 10 // of one bundle; a datagram fits whatever max_line is
	bundleLines = 2048
)

// queueWanted is the length of the kernel's queue that systemd sets.
const queueWanted = 512

// note is one datagram in a bundle.
type note struct {
	off, size int
	original  int // its length as it was sent
	from      user
	known     bool // the kernel said who it is
}

// bundle is what one visit to the socket has brought.
type bundle struct {
	at    time.Time
	slab  []byte
	notes []note
	used  int
}

func (b *bundle) full(line int) bool {
	return len(b.notes) == cap(b.notes) || len(b.slab)-b.used < line
}

// unixgram is the side of a listener that receives datagrams on a unix socket.
type unixgram struct {
	l      *Listener
	conn   *net.UnixConn
	raw    syscall.RawConn
	file   placed
	ledger *ledger
	free   chan *bundle
	filled chan *bundle
}

func newUnixgram(l *Listener) *unixgram {
	return &unixgram{l: l, ledger: newLedger(&l.cfg), free: make(chan *bundle, bundles), filled: make(chan *bundle, bundles)}
}

func (u *unixgram) listen() error {
	c := &u.l.cfg
	if err := clearPath(c.Address); err != nil {
		return err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: c.Address, Net: "unixgram"})
	if err != nil {
		return err
	}
	u.conn = conn
	if u.raw, err = conn.SyscallConn(); err == nil {
		err = passCredentials(u.raw)
	}
	if err == nil {
		setReceiveBuffer(u.raw, c.ReceiveBuffer)
		u.file, err = place(c)
	}
	if err != nil {
		return errors.Join(err, conn.Close(), os.Remove(c.Address))
	}
	u.wantQueue()
	return nil
}

// wantQueue tells when the kernel lets few datagrams wait at a unix socket.
func (u *unixgram) wantQueue() {
	text, err := os.ReadFile("/proc/sys/net/unix/max_dgram_qlen")
	if n, perr := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && perr == nil && n < queueWanted {
		u.l.log.Warn("the kernel lets few datagrams wait at a unix socket; senders that do not wait (systemd-journald) drop lines in a burst: sysctl -w net.unix.max_dgram_qlen=<want> (and in /etc/sysctl.d), then start again",
			"listener", u.l.cfg.Name, "want", queueWanted, "have", n)
	}
}

func (u *unixgram) addr() net.Addr { return u.conn.LocalAddr() }

func (u *unixgram) flush() { u.ledger.flush(u.l.sink) }

func (u *unixgram) stats(s *Stats) { s.add(u.ledger.total()) }

// serve receives until ctx ends. Then the path is taken away, so that senders look for
// another receiver, and what the kernel holds is read.
func (u *unixgram) serve(ctx, work context.Context) {
	defer u.conn.Close()
	var worker sync.WaitGroup
	worker.Go(func() { u.work(work) })
	u.readAll(ctx, work)
	close(u.filled)
	worker.Wait()
}

func (u *unixgram) readAll(ctx, work context.Context) {
	defer context.AfterFunc(ctx, func() { _ = u.conn.SetReadDeadline(time.Unix(1, 0)) })()
	made, fails := 0, 0
	for {
		b := u.empty(work, &made)
		ended := ctx.Err() != nil
		if ended {
			u.file.remove()
			_ = u.conn.SetReadDeadline(time.Time{})
		}
		err := u.fill(b, ended)
		if b.at = time.Now(); len(b.notes) > 0 {
			u.filled <- b
			fails = 0
			continue
		}
		u.free <- b
		switch {
		case ended:
			return
		case err != nil && ctx.Err() == nil:
			u.l.fail.Add(1)
			if fails++; fails == 1 {
				u.l.log.Error("read failed", "listener", u.l.cfg.Name, "error", err)
			}
			wait(ctx, retryAfter)
		}
	}
}

// empty returns a bundle to fill: one that was used, or a new one, up to the bound.
func (u *unixgram) empty(work context.Context, made *int) *bundle {
	var b *bundle
	select {
	case b = <-u.free:
	default:
		if *made < bundles {
			*made++
			return &bundle{slab: make([]byte, bundleBytes), notes: make([]note, 0, bundleLines)}
		}
		b = <-u.free // comes: the worker refuses what the sink does not take once work has ended
	}
	b.notes, b.used = b.notes[:0], 0
	return b
}

// work brings the bundles to the sink, in order.
func (u *unixgram) work(ctx context.Context) {
	post := u.l.courier()
	for b := range u.filled {
		for i := range b.notes {
			u.deliver(ctx, post, b, &b.notes[i])
		}
		u.free <- b
	}
}

func (u *unixgram) deliver(ctx context.Context, post *courier, b *bundle, n *note) {
	data := trimEnd(b.slab[n.off : n.off+n.size])
	if n.original == n.size { // whole
		n.original = len(data)
	}
	if len(data) == 0 {
		return
	}
	u.ledger.mu.Lock()
	src := u.ledger.holdName(n.from.name())
	u.ledger.mu.Unlock()
	defer func() {
		u.ledger.mu.Lock()
		u.ledger.drop(src)
		u.ledger.mu.Unlock()
	}()
	src.receive(1)
	u.l.bytes.Add(uint64(n.original))
	if !n.known || !u.l.cfg.allowedUser(n.from.uid) {
		src.refuse(event.Denied, 1)
		u.l.turnedAway(&u.l.notAllowed, n.from.name(), "it is not in allow_users")
		return
	}
	post.pid = n.from.pid
	post.deliver(ctx, Frame{Data: data, Original: n.original}, sender{peer: n.from.name(), at: b.at, src: src})
}

// trimEnd takes off the NUL or the line feed that some senders put behind a datagram.
func trimEnd(d []byte) []byte {
	for len(d) > 0 && (d[len(d)-1] == 0 || d[len(d)-1] == '\n') {
		d = d[:len(d)-1]
	}
	return d[:len(d):len(d)]
}
