package agent

import (
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// counters are the server's counts beside the books.
type counters struct {
	requests, bytes, wire                                   atomic.Uint64
	denied, limited, notAllowed, overLimit, failed, crowded turned
}

// turned counts senders that were turned away, and when the last one was.
type turned struct {
	n    atomic.Uint64
	last atomic.Int64 // Unix seconds
}

// Add counts n more and returns the sum.
func (t *turned) Add(n uint64) uint64 {
	t.last.Store(time.Now().Unix())
	return t.n.Add(n)
}

// Load returns the sum.
func (t *turned) Load() uint64 { return t.n.Load() }

// lastTurned is when a sender was last turned away; zero: never.
func (c *counters) lastTurned() (at time.Time) {
	for _, t := range []*turned{&c.denied, &c.limited, &c.notAllowed, &c.overLimit, &c.failed, &c.crowded} {
		if last := t.last.Load(); last > 0 && time.Unix(last, 0).After(at) {
			at = time.Unix(last, 0)
		}
	}
	return at
}

// Stats is a snapshot of the server, for metrics. Counts are since the start.
type Stats struct {
	Name        string
	Received    uint64                  // records taken or refused, and requests denied
	Refused     map[event.Reason]uint64 // every reason is present
	Sources     int                     // accounts held at the moment
	Requests    uint64                  // of senders that are known
	Denied      uint64                  // no token, a wrong one, a revoked one
	Limited     uint64                  // of addresses that had shown too many wrong tokens
	NotAllowed  uint64                  // of addresses that are not on the list
	OverLimit   uint64                  // connections closed at once: too many are open
	Crowded     uint64                  // requests of senders that had too many at once
	Failed      uint64                  // bodies refused: too large, damaged, slow, no room
	Wire, Bytes uint64                  // of bodies, as they came and inflated
	Turned      time.Time               // when one of these was last counted; zero: never
	Panics      uint64                  // records whose parser panicked
	Connections int                     // open at the moment
	Certificate time.Time               // when ours expires
}

// Stats returns a snapshot. Safe for concurrent use.
func (s *Server) Stats() Stats {
	sum, accounts := s.ledger.total()
	st := Stats{
		Name: s.cfg.Name, Received: sum.Received, Refused: map[event.Reason]uint64{}, Sources: accounts,
		Requests: s.requests.Load(), Denied: s.denied.Load(), Limited: s.limited.Load(), NotAllowed: s.notAllowed.Load(),
		OverLimit: s.overLimit.Load(), Crowded: s.crowded.Load(), Failed: s.failed.Load(), Wire: s.wire.Load(), Bytes: s.counters.bytes.Load(), Panics: s.panics.Load(),
		Certificate: s.certs.Until(), Turned: s.lastTurned(),
	}
	if s.listener != nil {
		st.Connections = s.listener.count()
	}
	for i, n := range sum.Refused {
		st.Refused[event.Reason(i)] = n
	}
	return st
}
