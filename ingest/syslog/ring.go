package syslog

import (
	"net/netip"
	"sync"
	"time"

	"yagura/internal/event"
)

const (
	datagram = 64 << 10 // bytes of the longest datagram
	slotSize = 256      // the ring has a slot for so many bytes: about one line
)

// slot is one waiting datagram.
type slot struct {
	off, size int // its place in the slab
	original  int // its length on the wire
	addr      netip.Addr
	at        time.Time
	src       *source
}

// ring keeps datagrams, in order, between one reader that must not wait and one
// worker. Their bytes lie in one slab. When it runs empty it begins anew at the
// front, so that a quiet listener touches little memory.
type ring struct {
	ledger *ledger // its lock guards all

	ready  sync.Cond
	slab   []byte
	slots  []slot
	first  int // oldest slot
	count  int
	read   int // offset of the oldest datagram
	write  int // offset of the next one
	used   int // bytes of waiting datagrams
	active int // sources with datagrams waiting
	closed bool
}

func newRing(size int, l *ledger) *ring {
	r := &ring{ledger: l, slab: make([]byte, size), slots: make([]slot, max(size/slotSize, 64))}
	r.ready.L = &l.mu
	return r
}

// packet is a datagram as read from the socket.
type packet struct {
	data     []byte
	original int
	addr     netip.Addr
	denied   bool
}

// push copies the packets into the ring, or counts why not. It never waits for
// the worker.
func (r *ring) push(batch []packet, at time.Time) {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	for i := range batch {
		p := &batch[i]
		src := r.ledger.hold(p.addr)
		src.receive(1)
		if reason, ok := r.admit(p, src); !ok {
			src.refuse(reason, 1)
			r.ledger.drop(src)
			continue
		}
		r.put(p, src, at)
	}
	if r.count > 0 {
		r.ready.Signal()
	}
}

// admit decides: past half of the ring nobody may hold more than an equal share,
// with one share kept free for a newcomer.
func (r *ring) admit(p *packet, src *source) (event.Reason, bool) {
	switch {
	case p.denied:
		return event.Denied, false
	case r.used > len(r.slab)/2 && src.queued+len(p.data) > len(r.slab)/(r.active+1):
		return event.Share, false
	case r.count == len(r.slots) || !r.room(len(p.data)):
		return event.BusFull, false
	}
	return 0, true
}

// room moves write to where n bytes fit in one piece; false: nowhere.
func (r *ring) room(n int) bool {
	switch {
	case r.count == 0:
		r.read, r.write = 0, 0
		return n <= len(r.slab)
	case r.write > r.read:
		if n <= len(r.slab)-r.write {
			return true
		}
		if n < r.read {
			r.write = 0
			return true
		}
		return false
	default:
		return n < r.read-r.write
	}
}

func (r *ring) put(p *packet, src *source, at time.Time) {
	n := copy(r.slab[r.write:], p.data)
	r.slots[(r.first+r.count)%len(r.slots)] = slot{r.write, n, p.original, p.addr, at, src}
	r.count++
	r.write += n
	r.used += n
	if src.queued == 0 {
		r.active++
	}
	src.queued += n
}

// next waits for datagrams and returns up to len(dst) of them, the oldest first;
// 0: the ring is closed and empty. Their bytes stay until release.
func (r *ring) next(dst []slot) int {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	for r.count == 0 {
		if r.closed {
			return 0
		}
		r.ready.Wait()
	}
	n := min(len(dst), r.count)
	for i := range n {
		dst[i] = r.slots[(r.first+i)%len(r.slots)]
	}
	return n
}

// bytes returns the slot's datagram.
func (r *ring) bytes(s slot) []byte { return r.slab[s.off : s.off+s.size : s.off+s.size] }

// release frees the n oldest datagrams.
func (r *ring) release(n int) {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	for range n {
		s := &r.slots[r.first]
		r.used -= s.size
		if s.src.queued -= s.size; s.src.queued == 0 {
			r.active--
		}
		r.ledger.drop(s.src)
		s.src = nil
		r.first = (r.first + 1) % len(r.slots)
		r.count--
	}
	if r.count > 0 {
		r.read = r.slots[r.first].off
	} else {
		r.first = 0
	}
}

// close lets next return 0 once the ring is empty.
func (r *ring) close() {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	r.closed = true
	r.ready.Broadcast()
}

// fill is the number of bytes waiting and the bound.
func (r *ring) fill() (used, size int) {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	return r.used, len(r.slab)
}
