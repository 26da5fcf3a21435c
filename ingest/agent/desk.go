package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// Sink takes parsed drafts into blocks and tells when these are on disk. It is safe
// for concurrent use.
type Sink interface {
	// AppendBlock copies the draft into the block being gathered and returns its
	// number, from 1 on. It blocks while there is no room.
	AppendBlock(ctx context.Context, d *event.Draft) (block uint64, err error)
	// Watch calls told after each block, in their order, with nil once it is on
	// disk, or with why it is not. told does not block.
	Watch(told func(block uint64, err error)) (stop func())
	// Hurry asks for the block being gathered: a sender waits.
	Hurry()
	// Tally adds a change of the books.
	Tally(t event.Tally)
}

// Handler parses and enriches drafts. Not safe for concurrent use.
type Handler interface {
	// Parse reads the draft's raw bytes, lets fill (may be nil) add what the envelope
	// knew, and enriches.
	Parse(d *event.Draft, fill func(d *event.Draft))
}

// AnomalyPanic marks a record whose parser panicked: it is kept raw.
const AnomalyPanic = "parser_panic"

// desk is what the connections of one listener share. Safe for concurrent use.
type desk struct {
	name     string // of the listener: "https:127.0.0.1:8443"
	sink     Sink
	log      *slog.Logger
	couriers chan *courier // nil ones are made when first needed
	handlers func() Handler
	ledger   *ledger
	stopping atomic.Bool
	panics   atomic.Uint64
	resent   atomic.Uint64
	resends  *resends
	patience time.Duration // see Intake.Take; 0: for ever

	mu      sync.Mutex
	durable uint64 // blocks up to this one are on disk
	losses  uint64 // blocks that are nowhere
	waiting map[*waiter]struct{}
}

// waiter waits for a block.
type waiter struct {
	block uint64
	done  chan struct{}
}

// courier brings records to the sink.
type courier struct {
	handler Handler
	draft   event.Draft
}

// newDesk makes a desk; run it beside the listener.
func newDesk(name string, sink Sink, handlers func() Handler, log *slog.Logger) *desk {
	d := &desk{
		name: name, sink: sink, log: log, handlers: handlers, ledger: newLedger(name), resends: newResends(),
		couriers: make(chan *courier, 2*runtime.GOMAXPROCS(0)), waiting: map[*waiter]struct{}{},
	}
	for range cap(d.couriers) {
		d.couriers <- nil
	}
	return d
}

// flushEvery is how often the books are handed to the sink.
const flushEvery = time.Second

// run hears of the blocks and keeps the books until ctx ends; the connections have
// ended before.
func (d *desk) run(ctx context.Context) {
	defer d.sink.Watch(d.reach)()
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	defer func() { d.ledger.flush(d.sink) }()
	for {
		select {
		case <-tick.C:
			d.ledger.flush(d.sink)
		case <-ctx.Done():
			return
		}
	}
}

// reach hears of a block.
func (d *desk) reach(block uint64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.losses++
	}
	d.durable = block
	for w := range d.waiting {
		if w.block <= block {
			close(w.done)
			delete(d.waiting, w)
		}
	}
}

// errLost says that a block is nowhere: what it held was not taken.
var errLost = errors.New("the lines could not be written to the bus")

// borrow waits for a courier that is free.
func (d *desk) borrow(ctx context.Context) (*courier, error) {
	select {
	case c := <-d.couriers:
		if c == nil {
			c = &courier{handler: d.handlers()}
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// prepare parses the record. A panic leaves it raw: one poisonous line must not take
// the receivers along.
func (d *desk) prepare(c *courier, r Record, from event.Source) {
	now := time.Now()
	c.reset(r, from, now)
	if !d.parse(c, r.Fill) {
		c.reset(r, from, now)
		c.draft.Flags |= event.FlagUnparsed
		c.draft.Anomaly(AnomalyPanic)
	}
	// An agent may have kept the line for days: its own clock was the measure.
	c.draft.Received = now
	if c.draft.Time.IsZero() {
		c.draft.Time = r.Time
	}
	if r.Mark != nil {
		r.Mark(&c.draft)
	}
}

// reset fills the draft. Received is when the agent read the line, as far as it says so.
func (c *courier) reset(r Record, from event.Source, now time.Time) {
	c.draft.Reset(r.Raw)
	c.draft.Source = from
	c.draft.Received = now
	if !r.Time.IsZero() && r.Time.Before(now) {
		c.draft.Received = r.Time
	}
}

func (d *desk) parse(c *courier, fill func(*event.Draft)) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			// 1st, 2nd, 4th, 8th…; the value may hold text of the line.
			if n := d.panics.Add(1); n&(n-1) == 0 {
				d.log.Error("parser panicked; the record is kept raw", "listener", d.name,
					"panics", n, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			}
		}
	}()
	c.handler.Parse(&c.draft, fill)
	return true
}
