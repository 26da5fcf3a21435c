package agent

import (
	"sync"
	"sync/atomic"

	"yagura/internal/event"
)

// maxAccounts bounds the senders that are booked apart; all others share an account
// without a name.
const maxAccounts = 4096

// account is one sender's. Counting needs no lock.
type account struct {
	peer     string
	received atomic.Uint64
	refused  [len(event.Tally{}.Refused)]atomic.Uint64

	users int // guarded by the ledger's lock
}

func (a *account) receive(n uint64)                { a.received.Add(n) }
func (a *account) refuse(r event.Reason, n uint64) { a.refused[r].Add(n) }

// take empties the account into a tally; false: there was nothing.
func (a *account) take(listener string) (t event.Tally, some bool) {
	t.Source = event.Source{Peer: a.peer, Listener: listener}
	t.Received = a.received.Swap(0)
	some = t.Received > 0
	for i := range a.refused {
		t.Refused[i] = a.refused[i].Swap(0)
		some = some || t.Refused[i] > 0
	}
	return t, some
}

// ledger holds the accounts and hands their changes to the sink.
type ledger struct {
	listener string

	mu       sync.Mutex
	accounts map[string]*account
	others   account
	flushed  event.Tally // sum of what was handed out
}

func newLedger(listener string) *ledger {
	return &ledger{listener: listener, accounts: map[string]*account{}}
}

// hold returns the account of a sender and keeps it until drop.
func (l *ledger) hold(peer string) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[peer]
	switch {
	case a != nil:
	case len(l.accounts) >= maxAccounts:
		a = &l.others
	default:
		a = &account{peer: peer}
		l.accounts[peer] = a
	}
	a.users++
	return a
}

func (l *ledger) drop(a *account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.users--
}

// refuse books what was turned away before anything was known of it.
func (l *ledger) refuse(peer string, reason event.Reason) {
	a := l.hold(peer)
	defer l.drop(a)
	a.receive(1)
	a.refuse(reason, 1)
}

// flush hands the changes to the sink and forgets accounts that nobody holds.
func (l *ledger) flush(sink Sink) {
	for _, t := range l.changes() {
		sink.Tally(t)
	}
}

func (l *ledger) changes() (all []event.Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for peer, a := range l.accounts {
		t, some := a.take(l.listener)
		if some {
			all = append(all, t)
		} else if a.users == 0 {
			delete(l.accounts, peer)
		}
	}
	if t, some := l.others.take(l.listener); some {
		all = append(all, t)
	}
	for _, t := range all {
		l.flushed.Received += t.Received
		for i, n := range t.Refused {
			l.flushed.Refused[i] += n
		}
	}
	return all
}

// total is the sum since the start, and the number of accounts.
func (l *ledger) total() (sum event.Tally, accounts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum = l.flushed
	add := func(a *account) {
		sum.Received += a.received.Load()
		for i := range a.refused {
			sum.Refused[i] += a.refused[i].Load()
		}
	}
	add(&l.others)
	for _, a := range l.accounts {
		add(a)
	}
	return sum, len(l.accounts)
}
