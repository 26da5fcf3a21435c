package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// Delivery is one message handed to a stage. Exactly one of Commit and Failed
// must be called, exactly once: Commit after the effect is durable, Failed to get
// the message again after a pause. A second call panics: it is a defect of the
// stage that would move the cursor past unfinished work.
type Delivery[T any] struct {
	Seq   uint64 // in the stream
	Value T
	end   func(err error)
}

// Commit says that the effect of the message is durable.
func (d *Delivery[T]) Commit() { d.finish(nil) }

// Failed says that the message could not be handled: it is delivered again.
func (d *Delivery[T]) Failed(err error) {
	if err == nil {
		err = errors.New("failed without a reason")
	}
	d.finish(err)
}

func (d *Delivery[T]) finish(err error) {
	end := d.end
	if end == nil {
		panic("bus: delivery finished twice")
	}
	d.end = nil
	end(err)
}

// retryPause is how long a failed message waits.
const retryPause = 200 * time.Millisecond

// Reader delivers a stream's messages to one stage in order, from its cursor on.
// Next is for one goroutine; Commit and Failed may come from any.
type Reader[T any] struct {
	bus    *Bus
	stream string
	stage  string
	decode func(jetstream.Msg) (T, error)
	msgs   jetstream.MessagesContext

	mu    sync.Mutex
	open  map[uint64]bool // delivered; true once committed
	floor uint64          // everything up to here is committed
	next  []retry[T]
	saved uint64
}

type retry[T any] struct {
	after time.Time
	d     Delivery[T]
}

// Blocks reads events for a stage from sequence from on; from 0 is the stage's
// cursor. An empty stage reads without a cursor, for onlookers.
func (b *Bus) Blocks(ctx context.Context, stage string, from uint64) (*Reader[*event.Block], error) {
	return newReader(ctx, b, Events, stage, from, func(m jetstream.Msg) (*event.Block, error) { return event.Unpack(m.Data()) })
}

// VerdictsFrom reads verdicts.
func (b *Bus) VerdictsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Verdict], error) {
	return newReader(ctx, b, Verdicts, stage, from, decodeJSON[event.Verdict])
}

// AlertsFrom reads alerts.
func (b *Bus) AlertsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Alert], error) {
	return newReader(ctx, b, Alerts, stage, from, decodeJSON[event.Alert])
}

// IncidentsFrom reads versions of incidents.
func (b *Bus) IncidentsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Incident], error) {
	return newReader(ctx, b, Incidents, stage, from, decodeJSON[event.Incident])
}

func decodeJSON[T any](m jetstream.Msg) (v T, err error) {
	err = json.Unmarshal(m.Data(), &v)
	return v, err
}

// readAhead bounds the messages that a reader holds before Next, in bytes.
const readAhead = 32 << 20

// Newest as the start of an onlooker: only what comes from now on.
const Newest = ^uint64(0)

func newReader[T any](ctx context.Context, b *Bus, stream, stage string, from uint64, decode func(jetstream.Msg) (T, error)) (*Reader[T], error) {
	if from == 0 && stage != "" {
		floor, err := b.Confirmed(ctx, stream, stage)
		if err != nil {
			return nil, err
		}
		from = floor + 1
	}
	cfg := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1)}
	if from == Newest {
		cfg = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy}
	}
	cfg.InactiveThreshold = 5 * time.Minute
	c, err := b.js.OrderedConsumer(ctx, stream, cfg)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream, err)
	}
	msgs, err := c.Messages(jetstream.PullMaxBytes(readAhead))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream, err)
	}
	r := &Reader[T]{bus: b, stream: stream, stage: stage, decode: decode, msgs: msgs, open: map[uint64]bool{}}
	if from != Newest {
		r.floor = max(from, 1) - 1
		r.saved = r.floor
	}
	return r, nil
}

// Next waits for the next message. It returns ctx's error when ctx ends. What
// cannot be decoded goes to the dead letters and is passed over.
func (r *Reader[T]) Next(ctx context.Context) (*Delivery[T], error) {
	for {
		if d := r.due(ctx); d != nil {
			return d, nil
		}
		msg, err := r.msgs.Next(jetstream.NextContext(ctx))
		switch {
		case errors.Is(err, jetstream.ErrMsgIteratorClosed) && ctx.Err() == nil:
			return nil, fmt.Errorf("read %s: %w", r.stream, err)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			continue // a missed heartbeat: the ordered consumer is made again by the library
		}
		if d, err := r.deliver(ctx, msg); d != nil || err != nil {
			return d, err
		}
	}
}

func (r *Reader[T]) deliver(ctx context.Context, msg jetstream.Msg) (*Delivery[T], error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.stream, err)
	}
	seq := meta.Sequence.Stream
	r.begin(seq)
	if msg.Headers().Get(gapHeader) != "" {
		r.finish(seq)
		return nil, nil
	}
	v, err := r.decode(msg)
	if err != nil {
		if err := r.bus.publishDead(ctx, msg.Data(), r.stream, seq, err); err != nil {
			return nil, err
		}
		r.bus.log.Error("bus: a message cannot be read and was set aside", "stream", r.stream, "seq", seq, "err", err)
		r.finish(seq)
		return nil, nil
	}
	return r.delivery(seq, v), nil
}

func (r *Reader[T]) delivery(seq uint64, v T) *Delivery[T] {
	return &Delivery[T]{Seq: seq, Value: v, end: func(err error) {
		if err != nil {
			r.mu.Lock()
			r.next = append(r.next, retry[T]{time.Now().Add(retryPause), *r.delivery(seq, v)})
			r.mu.Unlock()
			return
		}
		r.finish(seq)
	}}
}

// due returns the oldest failed message after its pause; meanwhile later messages
// wait too, so that order is kept.
func (r *Reader[T]) due(ctx context.Context) *Delivery[T] {
	r.mu.Lock()
	if len(r.next) == 0 {
		r.mu.Unlock()
		return nil
	}
	first := 0
	for i := range r.next {
		if r.next[i].d.Seq < r.next[first].d.Seq {
			first = i
		}
	}
	item := r.next[first]
	r.next = append(r.next[:first], r.next[first+1:]...)
	r.mu.Unlock()
	select {
	case <-ctx.Done(): // handed out all the same: the stage sees ctx itself
	case <-time.After(time.Until(item.after)):
	}
	return &item.d
}

func (r *Reader[T]) begin(seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.open) == 0 && seq > r.floor+1 {
		r.floor = seq - 1 // what was trimmed is not ours to wait for
	}
	r.open[seq] = false
}

func (r *Reader[T]) finish(seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[seq] = true
	for r.open[r.floor+1] {
		delete(r.open, r.floor+1)
		r.floor++
	}
}

// Floor is the sequence up to which everything is committed.
func (r *Reader[T]) Floor() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.floor
}

// Save writes the cursor down. A crash between Commit and Save only means that
// messages come again: stages must be idempotent. Call it about once a second.
func (r *Reader[T]) Save(ctx context.Context) error {
	floor := r.Floor()
	if r.stage == "" || floor == r.saved {
		return nil
	}
	if err := r.bus.Confirm(ctx, r.stream, r.stage, floor); err != nil {
		return err
	}
	r.saved = floor
	return nil
}

// Close stops reading. It does not save the cursor.
func (r *Reader[T]) Close() { r.msgs.Stop() }
