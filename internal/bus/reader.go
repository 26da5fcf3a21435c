package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// retryPause is how long a failed message waits, and a reader that cannot read.
const retryPause = 200 * time.Millisecond

// Reader delivers a stream's messages to one stage in order, from its cursor on.
// It goes on by itself after the bus was away. Next is for one goroutine; Commit
// and Failed may come from any.
type Reader[T any] struct {
	bus    *Bus
	stream string
	stage  string
	decode func(jetstream.Msg) (T, error)
	msgs   jetstream.MessagesContext

	in     chan arrival  // from the pump
	again  chan struct{} // something failed
	stop   chan struct{}
	once   sync.Once
	pumped chan struct{} // the pump has ended
	poison *poison       // cannot be read, and is not set aside yet

	mu     sync.Mutex
	marks  marks
	failed []retry[T]
	saved  uint64
}

type arrival struct {
	msg jetstream.Msg
	err error
}

type poison struct {
	seq    uint64
	data   []byte
	reason error
}

type retry[T any] struct {
	after time.Time
	d     *Delivery[T]
}

// pump moves messages from the library to Next, so that Next can end with its
// context while the bus is away.
func (r *Reader[T]) pump() {
	defer close(r.pumped)
	for {
		msg, err := r.msgs.Next()
		closed := errors.Is(err, jetstream.ErrMsgIteratorClosed)
		if err != nil && !closed {
			// The ordered consumer is made again by the library at the next try.
			r.bus.log.Debug("bus: reading is interrupted", "stream", r.stream, "stage", r.stage, "err", err)
			select {
			case <-time.After(retryPause):
			case <-r.stop:
				return
			}
			continue
		}
		select {
		case r.in <- arrival{msg, err}:
		case <-r.stop:
			return
		}
		if closed {
			return
		}
	}
}

// Next waits for the next message. It returns ctx's error when ctx ends. What
// cannot be decoded goes to the dead letters and is passed over. While a message
// has failed, later ones wait too, so that order is kept.
func (r *Reader[T]) Next(ctx context.Context) (*Delivery[T], error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.setAside(ctx); err != nil {
			return nil, err
		}
		in, timer := r.in, (<-chan time.Time)(nil)
		if wait, some := r.pause(); some {
			if wait <= 0 {
				return r.oldest(), nil
			}
			in, timer = nil, time.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-timer:
		case <-r.again:
		case a := <-in:
			if a.err != nil {
				return nil, fmt.Errorf("read %s: %w", r.stream, a.err)
			}
			if d, err := r.deliver(a.msg); d != nil || err != nil {
				return d, err
			}
		case <-r.pumped:
			return nil, fmt.Errorf("read %s: %w", r.stream, jetstream.ErrMsgIteratorClosed)
		}
	}
}

func (r *Reader[T]) deliver(msg jetstream.Msg) (*Delivery[T], error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.stream, err)
	}
	seq := meta.Sequence.Stream
	if !r.begin(seq) {
		return nil, nil
	}
	if msg.Headers().Get(gapHeader) != "" {
		r.finish(seq)
		return nil, nil
	}
	v, err := r.decode(msg)
	if err != nil {
		r.poison = &poison{seq, msg.Data(), err}
		return nil, nil
	}
	return r.delivery(seq, v, 0), nil
}

// setAside puts what cannot be read to the dead letters, before anything else is
// delivered. After an error the next call tries again.
func (r *Reader[T]) setAside(ctx context.Context) error {
	p := r.poison
	if p == nil {
		return nil
	}
	if err := r.bus.publishDead(ctx, p.data, r.stream, p.seq, p.reason); err != nil {
		return err
	}
	r.bus.log.Error("bus: a message cannot be read and was set aside", "stream", r.stream, "seq", p.seq, "err", p.reason)
	r.poison = nil
	r.finish(p.seq)
	return nil
}

// delivery is a try; tries have failed before it.
func (r *Reader[T]) delivery(seq uint64, v T, tries int) *Delivery[T] {
	key := failingKey{r.stream, r.stage, seq}
	return &Delivery[T]{Seq: seq, Value: v, end: func(err error) {
		if err == nil {
			if tries > 0 {
				r.bus.failing.drop(key)
			}
			r.finish(seq)
			return
		}
		r.bus.failing.note(key, tries+1, err)
		r.mu.Lock()
		r.failed = append(r.failed, retry[T]{time.Now().Add(retryPause), r.delivery(seq, v, tries+1)})
		r.mu.Unlock()
		select {
		case r.again <- struct{}{}:
		default:
		}
	}}
}

// pause tells whether a failed message waits and how long it still has to.
func (r *Reader[T]) pause() (wait time.Duration, some bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.failed) == 0 {
		return 0, false
	}
	return time.Until(r.failed[r.first()].after), true
}

// oldest takes the failed message that comes first in the stream.
func (r *Reader[T]) oldest() *Delivery[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.first()
	d := r.failed[i].d
	r.failed = append(r.failed[:i], r.failed[i+1:]...)
	return d
}

// first is the index of the oldest failed message; the lock is held.
func (r *Reader[T]) first() (first int) {
	for i := range r.failed {
		if r.failed[i].d.Seq < r.failed[first].d.Seq {
			first = i
		}
	}
	return first
}

func (r *Reader[T]) begin(seq uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marks.begin(seq)
}

func (r *Reader[T]) finish(seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marks.finish(seq)
}

// Floor is the sequence up to which everything is committed.
func (r *Reader[T]) Floor() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marks.floor
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

// closeWait bounds how long Close waits for the library, which may be waiting for
// a bus that is away.
const closeWait = 2 * time.Second

// Close stops reading. It does not save the cursor.
func (r *Reader[T]) Close() {
	r.once.Do(func() {
		close(r.stop)
		stopped := make(chan struct{})
		go func() { r.msgs.Stop(); <-r.pumped; close(stopped) }()
		select {
		case <-stopped:
		case <-time.After(closeWait):
		}
	})
}
