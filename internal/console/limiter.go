package console

import (
	"net/netip"
	"sync"
	"time"
)

// Bounds of the limiter.
const (
	maxFailures  = 10              // failed log-ons of an address at once
	forgive      = 6 * time.Second // one of them is forgotten after this
	maxAddresses = 4096            // addresses remembered
)

// limiter bounds failed log-ons by address: an IPv4 address or an IPv6 /64. The
// decision and the check are one step, so that parallel tries gain nothing.
type limiter struct {
	mu    sync.Mutex
	now   func() time.Time
	debts map[netip.Prefix]time.Time // when the address is free of debt
}

func newLimiter() *limiter {
	return &limiter{now: time.Now, debts: map[netip.Prefix]time.Time{}}
}

// try runs check unless the address has failed too often; then wait says for how
// long. check must be quick: others wait for it.
func (l *limiter) try(from string, check func() bool) (ok bool, wait time.Duration) {
	key := neighbourhood(from)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	free := l.debts[key]
	if free.Before(now) {
		free = now
	}
	if debt := free.Sub(now); debt > (maxFailures-1)*forgive {
		return false, debt - (maxFailures-1)*forgive
	}
	if check() {
		return true, 0
	}
	if _, known := l.debts[key]; !known && len(l.debts) >= maxAddresses {
		l.forget(now)
	}
	l.debts[key] = free.Add(forgive)
	return false, 0
}

// forget drops every address without debt, or else the one with the least.
func (l *limiter) forget(now time.Time) {
	var least netip.Prefix
	for key, free := range l.debts {
		if !free.After(now) {
			delete(l.debts, key)
		} else if !least.IsValid() || free.Before(l.debts[least]) {
			least = key
		}
	}
	if len(l.debts) >= maxAddresses {
		delete(l.debts, least)
	}
}

// neighbourhood is the unit that one person can have: an address, of IPv6 the /64.
func neighbourhood(from string) netip.Prefix {
	a, err := netip.ParseAddr(from)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(a, bits).Masked()
}
