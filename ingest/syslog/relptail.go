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
	maxOwnTails = 8       // of one address; the oldest is forgotten first
)

// taken is a message that a block took.
type taken struct {
	digest uint64
	block  uint64
}

// tail is the end of a connection. Where it broke before all answers were written its
// sender must send messages[must] again and everything behind it, in their order,
// before anything new; and, where answers were lost on the way, some before it.
type tail struct {
	from     netip.Addr
	messages []taken
	before   int // messages of the connection before these
	must     int
	broken   bool // answers before that may not have arrived either
}

// owes tells that some message was not answered.
func (t *tail) owes() bool { return t.must < len(t.messages) }

// once tells that a message like this came once among those remembered.
func (t *tail) once(digest uint64) bool {
	n := 0
	for i := range t.messages {
		if t.messages[i].digest == digest {
			n++
		}
	}
	return n == 1
}

// has tells that what was seen is what the tail holds from a place on, as far as both
// go; places are counted from the connection's start.
func (t *tail) has(first int, seen []uint64) bool {
	at := first - t.before
	if at < 0 || at >= len(t.messages) {
		return false
	}
	for i := range min(len(seen), len(t.messages)-at) {
		if t.messages[at+i].digest != seen[i] {
			return false
		}
	}
	return true
}

// pair tells that among what was seen of the tail, from a place on, two follow each
// other that differ and came once.
func (t *tail) pair(first int, seen []uint64) bool {
	n := min(len(seen), len(t.messages)-(first-t.before))
	for i := 1; i < n; i++ {
		if seen[i] != seen[i-1] && t.once(seen[i-1]) && t.once(seen[i]) {
			return true
		}
	}
	return false
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
	same := 0
	for i := len(t.all) - 1; i >= 0; i-- {
		if t.all[i].from == one.from {
			if same++; same >= maxOwnTails {
				t.all = slices.Delete(t.all, i, i+1)
			}
		}
	}
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

// owed is the number of an address's tails with messages that must come again.
func (t *tails) owed(addr netip.Addr) (n int) {
	for _, one := range t.of(addr) {
		if one.owes() {
			n++
		}
	}
	return n
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
