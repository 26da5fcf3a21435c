package syslog

import (
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// counters are the listener's counts beside the books.
type counters struct {
	bytes, truncated, damaged, panics           atomic.Uint64
	opened, overLimit, overAddress, notAllowed  atomic.Uint64
	closedIdle, closedSlow, closedEndless, fail atomic.Uint64
	noHandshake, tlsToPlain, notRELP, resent    atomic.Uint64
	limited                                     atomic.Int64 // Unix seconds: see Stats.Limited
}

// Stats is a snapshot of a listener, for metrics. Counts are since the start.
type Stats struct {
	Name     string
	Received uint64                  // frames cut, and datagrams dropped by the kernel
	Refused  map[event.Reason]uint64 // every reason is present
	Bytes    uint64                  // of frames
	Sources  int                     // accounts held at the moment; at most Config.MaxSources

	Truncated uint64 // lines longer than MaxLine
	Damaged   uint64 // frames that were damaged
	Panics    uint64 // lines whose parser panicked

	RingUsed      int // UDP: bytes waiting for parsing
	RingSize      int // UDP: bytes that may wait
	ReceiveBuffer int // UDP: bytes of kernel buffer really got, of all sockets
	WantBuffer    int // UDP: bytes of kernel buffer asked for, of all sockets

	Connections   int        // TCP: open at the moment
	Opened        uint64     // TCP: connections accepted
	OverLimit     uint64     // TCP: closed at once: MaxConnections
	OverAddress   uint64     // TCP: closed at once: MaxPerAddress
	NotAllowed    uint64     // TCP: closed at once: not in Allow
	ClosedIdle    uint64     // TCP: closed for IdleTimeout
	ClosedSlow    uint64     // TCP: closed for FrameTimeout and MinRate
	ClosedEndless uint64     // TCP: closed for a line without end
	Limited       time.Time  // TCP: when a connection was last closed for a limit other than silence; zero: never
	NoHandshake   uint64     // TLS: connections whose handshake failed: no certificate, a wrong one, no TLS
	TLSToPlain    uint64     // TCP: connections that spoke TLS
	NotRELP       uint64     // RELP: connections closed as what they sent was none, or damaged
	Resent        uint64     // RELP: messages that came again, were recognised and not taken twice
	Unanswered    int        // RELP: messages whose answers wait for the disk at the moment
	Certificate   time.Time  // TLS: when ours expires
	CRL           time.Time  // TLS: when the revocation list should have been replaced; zero: there is none, or it does not say
	TLSFault      *FileError // TLS: what is wrong with the files now; nil: nothing. Those read before are used
	SocketErrors  uint64     // failed accepts and reads of the listening sockets
}

// Stats returns a snapshot. Safe for concurrent use.
func (l *Listener) Stats() Stats {
	s := Stats{
		Name: l.cfg.Name, Bytes: l.bytes.Load(), Refused: make(map[event.Reason]uint64, reasons),
		Truncated: l.truncated.Load(), Damaged: l.damaged.Load(), Panics: l.panics.Load(),
		Opened: l.opened.Load(), OverLimit: l.overLimit.Load(), OverAddress: l.overAddress.Load(),
		NotAllowed: l.notAllowed.Load(), ClosedIdle: l.closedIdle.Load(), ClosedSlow: l.closedSlow.Load(),
		ClosedEndless: l.closedEndless.Load(), SocketErrors: l.fail.Load(),
		NoHandshake: l.noHandshake.Load(), TLSToPlain: l.tlsToPlain.Load(),
		NotRELP: l.notRELP.Load(), Resent: l.resent.Load(),
	}
	if at := l.limited.Load(); at != 0 {
		s.Limited = time.Unix(at, 0)
	}
	l.link.stats(&s)
	return s
}

// add counts a ledger's totals.
func (s *Stats) add(t event.Tally, sources int) {
	s.Received += t.Received
	s.Sources += sources
	for i, n := range t.Refused {
		s.Refused[event.Reason(i)] += n
	}
}
