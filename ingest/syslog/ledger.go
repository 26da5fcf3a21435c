package syslog

import (
	"net/netip"
	"sync"
	"sync/atomic"

	"yagura/internal/event"
)

// reasons is the number of event.Reason.
const reasons = len(event.Tally{}.Refused)

// source is the account of one sending address. Counting needs no lock.
type source struct {
	peer     string // "" for the account of all sources beyond the bound
	received atomic.Uint64
	refused  [reasons]atomic.Uint64

	users  int // connections or waiting datagrams that hold it; guarded by the ledger's lock
	queued int // bytes in the ring; guarded by the ledger's lock
}

func (s *source) receive(n uint64) { s.received.Add(n) }

func (s *source) refuse(r event.Reason, n uint64) { s.refused[r].Add(n) }

// take empties the account into a tally; false: there was nothing.
func (s *source) take(listener string) (t event.Tally, some bool) {
	t.Source = event.Source{Peer: s.peer, Listener: listener}
	t.Received = s.received.Swap(0)
	some = t.Received > 0
	for i := range s.refused {
		t.Refused[i] = s.refused[i].Swap(0)
		some = some || t.Refused[i] > 0
	}
	return t, some
}

// ledger holds the accounts of a listener, at most max and one for all others,
// and hands their changes to the sink. Totals are kept for Stats.
type ledger struct {
	listener string
	max      int

	mu      sync.Mutex
	sources map[netip.Addr]*source
	named   map[string]*source // senders that are known by a name; together with sources at most max
	others  source
	flushed event.Tally // sum of what was handed out
}

func newLedger(c *Config) *ledger {
	return &ledger{listener: c.Name, max: c.MaxSources, sources: make(map[netip.Addr]*source), named: make(map[string]*source)}
}

// hold returns the account of the address and keeps it until drop. The lock is
// held by the caller.
func (l *ledger) hold(addr netip.Addr) *source {
	s := l.sources[addr]
	if s == nil {
		if s = &l.others; l.room() {
			s = &source{peer: addr.String()}
			l.sources[addr] = s
		}
	}
	s.users++
	return s
}

// holdName is hold for a sender that is known by a name: that of its certificate, or
// its user on a unix socket.
func (l *ledger) holdName(name string) *source {
	s := l.named[name]
	if s == nil {
		if s = &l.others; l.room() {
			s = &source{peer: name}
			l.named[name] = s
		}
	}
	s.users++
	return s
}

// room tells that an account of its own can be opened.
func (l *ledger) room() bool { return len(l.sources)+len(l.named) < l.max }

// drop ends a hold. The lock is held by the caller.
func (l *ledger) drop(s *source) { s.users-- }

// flush hands the changes to the sink and forgets accounts that nobody holds and
// that did not change.
func (l *ledger) flush(sink Sink) {
	for _, t := range l.changes() {
		sink.Tally(t)
	}
}

func (l *ledger) changes() []event.Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	tallies := settle(l.sources, l.listener, nil)
	tallies = settle(l.named, l.listener, tallies)
	if t, some := l.others.take(l.listener); some {
		tallies = append(tallies, t)
	}
	for _, t := range tallies {
		addTally(&l.flushed, t)
	}
	return tallies
}

// settle adds the changes of the accounts and forgets those that nobody holds.
func settle[K comparable](accounts map[K]*source, listener string, tallies []event.Tally) []event.Tally {
	for key, s := range accounts {
		t, some := s.take(listener)
		if some {
			tallies = append(tallies, t)
		} else if s.users == 0 {
			delete(accounts, key)
		}
	}
	return tallies
}

// total is the sum since the start, and the number of accounts.
func (l *ledger) total() (sum event.Tally, sources int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum = l.flushed
	l.others.addTo(&sum)
	for _, s := range l.sources {
		s.addTo(&sum)
	}
	for _, s := range l.named {
		s.addTo(&sum)
	}
	return sum, len(l.sources) + len(l.named)
}

func (s *source) addTo(sum *event.Tally) {
	sum.Received += s.received.Load()
	for i := range s.refused {
		sum.Refused[i] += s.refused[i].Load()
	}
}

func addTally(sum *event.Tally, t event.Tally) {
	sum.Received += t.Received
	for i, n := range t.Refused {
		sum.Refused[i] += n
	}
}
