package syslog

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"yagura/internal/event"
)

// udp is the UDP side of a listener: sockets that share the port, each with a
// reader, a ring and a worker of its own, so that a sender's lines keep their
// order.
type udp struct {
	l       *Listener
	sockets []*udpSocket
}

type udpSocket struct {
	l      *Listener
	conn   *net.UDPConn
	raw    syscall.RawConn
	ledger *ledger
	ring   *ring
	drops  uint32 // kernel drops booked so far; used by the books' goroutine
	buffer atomic.Int64
}

func newUDP(l *Listener) *udp { return &udp{l: l} }

// listen binds all sockets. With a shared port the kernel would let a second
// instance in: so the port is first taken alone.
func (u *udp) listen() error {
	address := u.l.cfg.Address
	first, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	address = first.LocalAddr().String()
	n := u.l.cfg.Sockets
	if !canSharePort || n == 1 {
		return u.add(first)
	}
	if err := first.Close(); err != nil {
		return err
	}
	shared := net.ListenConfig{Control: sharePort}
	for range n {
		conn, err := shared.ListenPacket(context.Background(), "udp", address)
		if err == nil {
			err = u.add(conn)
		}
		if err != nil {
			u.close()
			return err
		}
	}
	return nil
}

func (u *udp) add(conn net.PacketConn) error {
	s := &udpSocket{l: u.l, conn: conn.(*net.UDPConn), ledger: newLedger(&u.l.cfg)}
	var err error
	if s.raw, err = s.conn.SyscallConn(); err != nil {
		return errors.Join(err, conn.Close())
	}
	got := setReceiveBuffer(s.raw, u.l.cfg.ReceiveBuffer)
	s.buffer.Store(int64(got))
	s.ring = newRing(u.l.cfg.Ring, s.ledger)
	u.sockets = append(u.sockets, s)
	if want := u.l.cfg.ReceiveBuffer; got < want && canSharePort {
		u.l.log.Warn("the kernel gave a smaller receive buffer than configured: sysctl -w net.core.rmem_max=<want> (and in /etc/sysctl.d), or run with CAP_NET_ADMIN",
			"listener", u.l.cfg.Name, "want", want, "got", got)
	}
	return nil
}

func (u *udp) addr() net.Addr { return u.sockets[0].conn.LocalAddr() }

func (u *udp) close() {
	for _, s := range u.sockets {
		_ = s.conn.Close() // nothing is written: nothing can be lost here
	}
}

func (u *udp) serve(ctx, work context.Context) {
	var readers, workers sync.WaitGroup
	for _, s := range u.sockets {
		readers.Go(func() { s.readAll(ctx) })
		workers.Go(func() { s.work(work) })
	}
	readers.Wait()
	for _, s := range u.sockets {
		s.ring.close()
	}
	workers.Wait()
	u.flush() // the last look at the kernel's drops, before the sockets close
	u.close()
}

func (u *udp) flush() {
	for _, s := range u.sockets {
		s.bookDrops()
		s.ledger.flush(u.l.sink)
	}
}

func (u *udp) stats(st *Stats) {
	for _, s := range u.sockets {
		st.add(s.ledger.total())
		used, size := s.ring.fill()
		st.RingUsed += used
		st.RingSize += size
		st.ReceiveBuffer += int(s.buffer.Load())
		st.WantBuffer += u.l.cfg.ReceiveBuffer
	}
}

// bookDrops counts what the kernel dropped since the last look. Whose lines they
// were is not known: the peer is "".
func (s *udpSocket) bookDrops() {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	drops, ok := kernelDrops(s.raw)
	if n := uint64(drops - s.drops); ok && n > 0 {
		s.ledger.others.receive(n)
		s.ledger.others.refuse(event.KernelFull, n)
		s.drops = drops
	}
}

// work brings the ring's datagrams to the sink, in order.
func (s *udpSocket) work(ctx context.Context) {
	c := s.l.courier()
	var slots [batchSize]slot
	for {
		n := s.ring.next(slots[:])
		if n == 0 {
			return
		}
		for _, slot := range slots[:n] {
			peer := slot.src.peer
			if peer == "" {
				peer = slot.addr.String()
			}
			c.deliver(ctx, Frame{Data: s.ring.bytes(slot), Original: slot.original}, sender{peer, slot.at, slot.src})
		}
		s.ring.release(n)
	}
}
