package agent

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	l := newLimiter()
	now := time.Now()
	l.now = func() time.Time { return now }
	bad, other := netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("203.0.113.6")
	var all sync.WaitGroup
	for range guesses {
		all.Go(func() { l.fail(bad) })
	}
	all.Wait()
	if l.allows(bad) || !l.allows(other) {
		t.Error("the guesser is allowed, or another one is not")
	}
	now = now.Add(forgiveEvery)
	if !l.allows(bad) {
		t.Error("not forgiven")
	}
	l.fail(bad)
	if l.allows(bad) {
		t.Error("forgiven more than one")
	}
	v6 := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1)) }
	for i := range guesses {
		l.fail(v6(i)) // one network
	}
	if l.allows(v6(99)) {
		t.Error("a network of IPv6 guesses with every address of it")
	}
	for i := range 2 * maxGuessers {
		l.fail(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(l.guilty) > maxGuessers {
		t.Errorf("%d guessers are remembered", len(l.guilty))
	}
	now = now.Add(time.Hour)
	l.fail(bad)
	if len(l.guilty) != 1 {
		t.Errorf("%d are remembered after an hour", len(l.guilty))
	}
}
