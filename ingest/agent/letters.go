package agent

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"yagura/internal/event"
)

// KindNkey is an entry that ships over NATS and proves it with a signature; its Hash is
// that of the public key.
const KindNkey Kind = "nkey"

// Bounds of letters that wait for the disk.
const (
	maxLetters  = 4096
	lettersOnce = 1024 // settled together
)

// Letters takes what senders publish over NATS, whose server is another room's: a
// message is a record. What is asked for is answered when it is on disk. It is used
// once: Run.
type Letters struct {
	*Server
	queue chan letter
}

// letter is a message taken and not yet answered.
type letter struct {
	in     *Intake
	answer func(error)
}

// NewLetters opens the registry and our CA; nothing is listened on here. Of Config's
// limits Drain counts. See New.
func NewLetters(cfg Config, sink Sink, handlers func() Handler, log *slog.Logger) (*Letters, error) {
	if cfg.Name == "" {
		cfg.Name = "nats:" + cfg.Address
	}
	s, err := New(cfg, sink, handlers, log)
	if err != nil {
		return nil, err
	}
	s.desk.patience = 0 // a publisher cannot be told to come again
	return &Letters{Server: s, queue: make(chan letter, maxLetters)}, nil
}

// Certificates is the TLS side for the server.
func (s *Server) Certificates() *Certificates { return s.certs }

// Admit returns the name of a sender's entry by its token, or by the public nkey that
// has signed, and the entry's hash; an address that guesses is held back as over HTTPS.
func (l *Letters) Admit(addr netip.Addr, token, nkey string) (name, proof string, err error) {
	if len(l.cfg.Allow) > 0 && !slices.ContainsFunc(l.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		l.notAllowed.Add(1)
		l.ledger.refuse(addr.String(), event.Denied)
		return "", "", errors.New("the address is not in listen.agents.allow")
	}
	kind, shown := KindToken, token
	if nkey != "" {
		kind, shown = KindNkey, nkey
	}
	e, err := l.shown(addr, kind, shown)
	return e.Name, e.Hash, err
}

// Turned counts a connection that was closed without asking Admit: too many of the
// address, or a wrong signature.
func (l *Letters) Turned(addr netip.Addr, crowded bool) {
	if crowded {
		l.overLimit.Add(1)
		return
	}
	l.limiter.fail(addr)
	l.denied.Add(1)
	l.ledger.refuse(addr.String(), event.Denied)
}

// entry is that of a name, if it is good.
func (l *Letters) entry(name string) (Entry, bool) {
	for _, kind := range []Kind{KindToken, KindNkey} {
		if e, ok := l.registry.Named(kind, name); ok && e.Good(time.Now()) {
			return e, true
		}
	}
	return Entry{}, false
}

// Good tells whether a name may still send by what it had shown: proof is from Admit.
func (l *Letters) Good(name, proof string) bool {
	for _, kind := range []Kind{KindToken, KindNkey} {
		if e, ok := l.registry.Named(kind, name); ok && e.Good(time.Now()) && e.Hash == proof {
			return true
		}
	}
	return false
}

// Errors that a sender is told.
var (
	errNoLetter  = errors.New("the message is empty")
	errNotTaken  = errors.New("it could not be written; send it again")
	errForbidden = errors.New("the token is revoked or has expired")
)

// Take takes a message of a sender that was admitted, and calls answer once: with nil
// when it is on disk. It waits while there is no room. Not safe for concurrent use.
func (l *Letters) Take(ctx context.Context, name string, data []byte, answer func(error)) {
	e, ok := l.entry(name)
	if !ok {
		l.ledger.refuse(name, event.Denied)
		answer(errForbidden)
		return
	}
	raw := []byte(strings.TrimRight(string(data), "\r\n"))
	if len(raw) == 0 {
		answer(errNoLetter)
		return
	}
	l.counters.bytes.Add(uint64(len(data)))
	in := l.desk.intake(e.SourceName())
	if in.Take(ctx, Record{Raw: raw}) != nil {
		in.Close()
		answer(errNotTaken)
		return
	}
	l.queue <- letter{in, answer}
}

// Lost books messages that could not be held while there was no room.
func (l *Letters) Lost(n int) {
	books := l.ledger.hold("")
	defer l.ledger.drop(books)
	books.receive(uint64(n))
	books.refuse(event.BusFull, uint64(n))
	l.log.Warn("messages of senders over NATS were lost: there is no room, and they go on sending", "listener", l.cfg.Name, "messages", n)
}

// Run answers what Take took. from brings the messages to Take until ctx ends, and
// returns; what was taken by then is answered as far as it reaches the disk within
// Config.Drain.
func (l *Letters) Run(ctx context.Context, from func(ctx context.Context) error) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ran := make(chan struct{})
	go func() { defer close(ran); l.desk.run(work) }()
	settled := make(chan struct{})
	go func() { defer close(settled); l.settle(work) }()
	stop := context.AfterFunc(ctx, func() { l.stopping.Store(true) })
	defer stop()
	err := from(ctx)
	close(l.queue)
	limit := time.AfterFunc(l.cfg.Drain, cancel)
	<-settled
	limit.Stop()
	cancel()
	<-ran
	return err
}

// settle answers letters in their order, as many at once as there are.
func (l *Letters) settle(ctx context.Context) {
	for first := range l.queue {
		batch := append(make([]letter, 0, lettersOnce), first)
		for more := true; more && len(batch) < lettersOnce; {
			select {
			case next, open := <-l.queue:
				if more = open; open {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		err := batch[len(batch)-1].in.Settle(ctx) // blocks reach the disk in their order
		for _, b := range batch {
			if err != nil || b.in.lost() {
				b.answer(errNotTaken)
			} else {
				b.answer(nil)
			}
			b.in.Close()
		}
	}
}

// lost tells whether a block was lost since it was opened: one of its own, perhaps.
func (i *Intake) lost() bool {
	i.desk.mu.Lock()
	defer i.desk.mu.Unlock()
	return i.desk.losses != i.losses
}

// PutNkey adds an entry for a public nkey.
func (r *Registry) PutNkey(e Entry, public string) error {
	hash := HashToken(public)
	e.Kind, e.Hash = KindNkey, hex.EncodeToString(hash[:])
	return r.Put(e)
}
