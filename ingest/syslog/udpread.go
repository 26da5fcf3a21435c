package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/ipv4"
)

const (
	batchSize  = 64                     // datagrams of one read
	udpDrain   = 500 * time.Millisecond // longest reading of the kernel's buffer after the end
	udpQuiet   = 20 * time.Millisecond  // silence after which the kernel's buffer is empty
	retryAfter = 50 * time.Millisecond  // after a failed read
)

// readAll copies datagrams into the ring until ctx ends, and then what the
// kernel still holds.
func (s *udpSocket) readAll(ctx context.Context) {
	woken := make(chan struct{})
	context.AfterFunc(ctx, func() {
		_ = s.conn.SetReadDeadline(time.Unix(1, 0))
		close(woken)
	})
	r := newBatch(s)
	for ctx.Err() == nil {
		if err := r.read(); err != nil && ctx.Err() == nil {
			s.l.fail.Add(1)
			s.l.log.Error("read failed", "listener", s.l.cfg.Name, "error", err)
			wait(ctx, retryAfter)
		}
	}
	<-woken // or its deadline would end the drain
	for end := time.Now().Add(udpDrain); time.Now().Before(end); {
		_ = s.conn.SetReadDeadline(time.Now().Add(udpQuiet))
		err := r.read()
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			s.l.log.Error("drain failed", "listener", s.l.cfg.Name, "error", err)
			return
		case !kernelHolds(s.raw): // silent; or else we were not given a processor in time
			return
		}
	}
}

// batch is the memory of one reader.
type batch struct {
	s        *udpSocket
	conn     *ipv4.PacketConn // reads IPv6 sockets as well
	messages []ipv4.Message
	packets  []packet
	last     netip.Addr
	allowed  bool
}

func newBatch(s *udpSocket) *batch {
	b := &batch{s: s, conn: ipv4.NewPacketConn(s.conn), messages: make([]ipv4.Message, batchSize)}
	slab := make([]byte, batchSize*datagram) // only the pages written to become real memory
	for i := range b.messages {
		b.messages[i].Buffers = [][]byte{slab[i*datagram : (i+1)*datagram]}
	}
	return b
}

// read waits for datagrams and pushes all that are there, up to batchSize.
func (b *batch) read() error {
	n, err := b.conn.ReadBatch(b.messages, 0)
	if err != nil {
		return err
	}
	at := time.Now()
	b.packets = b.packets[:0]
	bytes := 0
	for i := range b.messages[:n] {
		m := &b.messages[i]
		if m.N == 0 { // an empty datagram is no line
			continue
		}
		addr := m.Addr.(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone("")
		if addr != b.last {
			b.last, b.allowed = addr, b.s.l.cfg.allowed(addr)
		}
		data := m.Buffers[0][:min(m.N, b.s.l.cfg.MaxLine)]
		b.packets = append(b.packets, packet{data: data, original: m.N, addr: addr, denied: !b.allowed})
		bytes += m.N
	}
	b.s.l.bytes.Add(uint64(bytes))
	b.s.ring.push(b.packets, at)
	return nil
}

// wait returns after d or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
