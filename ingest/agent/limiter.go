package agent

import (
	"net/netip"
	"sync"
	"time"
)

// Bounds of the limiter.
const (
	maxGuessers  = 4096            // addresses remembered; beyond, all share one
	guesses      = 10              // wrong tokens in a row before an address must wait
	forgiveEvery = 2 * time.Second // how often one of them is forgiven
	maxProven    = 8192
)

// limiter holds back addresses that show wrong tokens: of those nothing is even looked
// up, but for tokens that were right from there before, as others may live behind the
// same address. Safe for concurrent use; each guess counts, also those at once.
type limiter struct {
	now func() time.Time

	mu     sync.Mutex
	guilty map[netip.Addr]*guesser
	others guesser
	proven map[proof]struct{}
}

// guesser is an address that showed a wrong token.
type guesser struct {
	wrong float64
	at    time.Time
}

type proof struct {
	addr netip.Addr
	hash [32]byte
}

func newLimiter() *limiter {
	return &limiter{now: time.Now, guilty: map[netip.Addr]*guesser{}, proven: map[proof]struct{}{}}
}

// network is what is limited as one: an IPv4 address, an IPv6 /64.
func network(addr netip.Addr) netip.Addr {
	if addr.Is6() && !addr.Is4In6() {
		p, err := addr.Prefix(64)
		if err == nil {
			return p.Addr()
		}
	}
	return addr.Unmap()
}

// allows tells whether the address may try.
func (l *limiter) allows(addr netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.find(network(addr))
	return g == nil || g.left(l.now()) <= guesses-1
}

// find is nil for an address without guilt, while all the guilty have a place.
func (l *limiter) find(addr netip.Addr) *guesser {
	if g := l.guilty[addr]; g != nil {
		return g
	}
	if len(l.guilty) >= maxGuessers {
		return &l.others
	}
	return nil
}

// left is the wrong tokens that are not yet forgiven.
func (g *guesser) left(now time.Time) float64 {
	return max(0, g.wrong-float64(now.Sub(g.at))/float64(forgiveEvery))
}

// fail books a wrong token.
func (l *limiter) fail(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.guilty) >= maxGuessers {
		l.forgive(now)
	}
	g := l.find(network(addr))
	if g == nil {
		g = &guesser{}
		l.guilty[network(addr)] = g
	}
	g.wrong, g.at = min(g.left(now)+1, guesses+1), now
}

// forgive forgets those whose guilt is over.
func (l *limiter) forgive(now time.Time) {
	for addr, g := range l.guilty {
		if g.left(now) == 0 {
			delete(l.guilty, addr)
		}
	}
}

// prove remembers that the token was right from the address.
func (l *limiter) prove(addr netip.Addr, hash [32]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.proven) >= maxProven {
		clear(l.proven)
	}
	l.proven[proof{network(addr), hash}] = struct{}{}
}

func (l *limiter) isProven(addr netip.Addr, hash [32]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.proven[proof{network(addr), hash}]
	return ok
}
