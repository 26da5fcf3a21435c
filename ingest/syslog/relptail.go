package syslog

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
)

// Bounds of what is kept for recognising what comes again.
const (
	maxTails    = 256     // connections that broke; the oldest is forgotten first
	maxAnswered = 256     // answered messages before those that were not
	maxHeld     = 4 << 20 // bytes of messages that may wait until it is sure
)

// taken is a message that a block took.
type taken struct {
	digest uint64
	block  uint64
}

// tail is the end of a connection that broke before all answers were written. Its
// sender must send messages[must] again and everything behind it, in their order,
// before anything new; and, where answers were lost on the way, some before it.
type tail struct {
	from     netip.Addr
	messages []taken
	must     int
}

// tails are those of a listener. Safe for concurrent use.
type tails struct {
	seed maphash.Seed

	mu  sync.Mutex
	all []*tail // oldest first
}

func newTails() *tails { return &tails{seed: maphash.MakeSeed()} }

// digest tells messages apart.
func (t *tails) digest(f Frame) uint64 {
	return maphash.Bytes(t.seed, f.Data) ^ uint64(f.Original)*0x9e3779b97f4a7c15
}

func (t *tails) add(one *tail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxTails {
		t.all = slices.Delete(t.all, 0, 1)
	}
	t.all = append(t.all, one)
}

// forget drops all: what they say was taken is not on disk.
func (t *tails) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = nil
}

// of returns the tails of an address.
func (t *tails) of(addr netip.Addr) (some []*tail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.all {
		if one.from == addr {
			some = append(some, one)
		}
	}
	return some
}

// claim takes a tail out; false: another connection was faster.
func (t *tails) claim(one *tail) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.all, one)
	if i < 0 {
		return false
	}
	t.all = slices.Delete(t.all, i, i+1)
	return true
}

// overlap compares the first messages of a connection with the tails of its address.
// Only a run of two and more up to a tail's last message is one that came again:
// equal lines are legitimate, and a single one proves nothing.
type overlap struct {
	tails *tails
	runs  []overlapRun // that fit so far
	begun bool
}

// overlapRun is a place in a tail: the next message should be its next.
type overlapRun struct {
	tail        *tail
	first, next int
}

// see compares the next message. held tells that some run still fits; run is set when
// one is complete: the messages held so far and this one are run's, in order.
func (o *overlap) see(from netip.Addr, digest uint64) (held bool, run []taken) {
	if !o.begun {
		o.begun = true
		o.begin(from, digest)
	} else {
		o.runs = slices.DeleteFunc(o.runs, func(r overlapRun) bool { return r.tail.messages[r.next].digest != digest })
	}
	for i := range o.runs {
		r := &o.runs[i]
		if r.next++; r.next == len(r.tail.messages) {
			all := r.tail.messages[r.first:]
			if !o.tails.claim(r.tail) {
				all = nil
			}
			o.runs = nil
			return false, all
		}
	}
	return len(o.runs) > 0, nil
}

// begin finds where runs may begin, the shortest first: what is in doubt is stored
// twice rather than lost.
func (o *overlap) begin(from netip.Addr, digest uint64) {
	for _, one := range o.tails.of(from) {
		for i := min(one.must, len(one.messages)-2); i >= 0; i-- {
			if one.messages[i].digest == digest {
				o.runs = append(o.runs, overlapRun{one, i, i})
			}
		}
	}
}

// end gives up: what was held is new.
func (o *overlap) end() { o.runs, o.begun = nil, true }
