package syslog

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"yagura/internal/event"
)

// Sink takes the parsed drafts of all listeners into blocks. It is safe for
// concurrent use.
type Sink interface {
	// Append copies the draft into the block being gathered. It blocks while
	// there is no room (back-pressure) and returns an error only when the line
	// was not taken: ctx ended, or the bus is closed.
	Append(ctx context.Context, d *event.Draft) error
	// Tally adds a change of the books. It does not block for long.
	Tally(t event.Tally)
}

// Durable is a Sink that tells when the blocks are on disk. RELP needs one.
type Durable interface {
	Sink
	// AppendBlock is Append that tells which block took the draft, from 1 on.
	AppendBlock(ctx context.Context, d *event.Draft) (block uint64, err error)
	// Watch calls told after each block, in their order, with nil once it is on
	// disk, or with why it is not. told does not block.
	Watch(told func(block uint64, err error)) (stop func())
	// Hurry asks for the block being gathered: senders wait for their answers.
	Hurry()
}

// Handler parses and enriches one draft. Each goroutine has its own.
type Handler interface {
	Handle(d *event.Draft)
}

// Placer is a Handler that takes the address of a sender whose Source.Peer is the name
// of its certificate: zones and assets go by the address.
type Placer interface {
	HandleFrom(d *event.Draft, address string)
}

// AnomalyPanic marks a line whose parser panicked: it is kept raw.
const AnomalyPanic = "parser_panic"

// courier brings frames to the sink: one for each worker and connection.
type courier struct {
	l       *Listener
	handler Handler
	draft   event.Draft
	address string // from which the lines come whose Source.Peer is a name; "": the peer says it
	pid     int    // of the process that sends; 0: not known
	known   int    // a process, and
	program string // its program; "": not known
}

func (l *Listener) courier() *courier { return &courier{l: l, handler: l.handlers()} }

// deliver parses the frame and appends it, or counts why not. ctx ends when the
// drain's time is over.
func (c *courier) deliver(ctx context.Context, f Frame, from sender) {
	if ctx.Err() != nil {
		from.src.refuse(event.Shutdown, 1)
		return
	}
	c.prepare(f, from)
	if err := c.l.sink.Append(ctx, &c.draft); err != nil {
		c.refused(from)
	}
}

// take is deliver to a Durable; it returns the block that holds the line. The caller
// keeps the books.
func (c *courier) take(ctx context.Context, f Frame, from sender) (block uint64, err error) {
	c.prepare(f, from)
	return c.l.sink.(Durable).AppendBlock(ctx, &c.draft)
}

// prepare makes the draft.
func (c *courier) prepare(f Frame, from sender) {
	c.reset(f, from)
	if !c.handle() {
		c.reset(f, from)
		c.draft.Flags |= event.FlagUnparsed
		c.draft.Anomaly(AnomalyPanic)
	}
	if c.pid > 0 && !c.draft.Has(event.ProcessPID) {
		c.setPID()
	}
}

// setPID adds the process that the kernel names where the line names none, if that is
// the program of the line: a forwarder (journald, rsyslog) sends lines of others.
func (c *courier) setPID() {
	if c.pid != c.known {
		c.known, c.program = c.pid, program(c.pid)
	}
	name, _ := c.draft.Get(event.ProcessName)
	if c.program != "" && string(name[:min(len(name), maxProgram)]) == c.program {
		c.draft.SetInt(event.ProcessPID, int64(c.pid))
	}
}

func (c *courier) refused(from sender) {
	reason := event.BusFull
	if c.l.stopping.Load() {
		reason = event.Shutdown
	}
	from.src.refuse(reason, 1)
}

// sender says where a frame came from and when.
type sender struct {
	peer string
	at   time.Time
	src  *source
}

func (c *courier) reset(f Frame, from sender) {
	d := &c.draft
	d.Reset(f.Data)
	d.Received = from.at
	d.Source = event.Source{Peer: from.peer, Listener: c.l.cfg.Name}
	if f.Original > len(f.Data) {
		d.Truncated(f.Original)
		c.l.truncated.Add(1)
	}
	if f.Damaged != "" {
		d.Anomaly(f.Damaged)
		c.l.damaged.Add(1)
	}
}

// handle reports false when the handler panicked: one poisonous line must not
// take the receivers along.
func (c *courier) handle() (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			// A flood of such lines must not flood the log: 1st, 2nd, 4th, 8th… The
			// value may hold text of the line, so only its type is told.
			if n := c.l.panics.Add(1); n&(n-1) == 0 {
				c.l.log.Error("parser panicked; the line is kept raw", "listener", c.l.cfg.Name,
					"panics", n, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			}
		}
	}()
	if p, ok := c.handler.(Placer); ok && c.address != "" {
		p.HandleFrom(&c.draft, c.address)
	} else {
		c.handler.Handle(&c.draft)
	}
	return true
}
