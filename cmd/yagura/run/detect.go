package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// matcher is the detection engine: a pure function of its state and the block.
type matcher interface {
	Block(b *event.Block, seq uint64) (event.Verdict, []event.Alert)
	Checkpoint(dst []byte) ([]byte, error)
	Restore(state []byte) error
}

// checkpointEvery is how often detect's state is written down: after a crash at
// most this much is matched again, with the same results.
const checkpointEvery = 5 * time.Second

// detectStage reads blocks, publishes verdicts and alerts, and writes its state
// down with the sequence that it covers.
type detectStage struct {
	bus    *bus.Bus
	engine matcher
	log    *slog.Logger
	buf    []byte
	saved  uint64
	done   progress
	spent  atomic.Int64 // nanoseconds in the engine

	poisoned  atomic.Uint64 // blocks that the rules could not be run over
	unmatched atomic.Pointer[unmatchedBlock]
}

// unmatchedBlock names the last block that the rules could not be run over.
type unmatchedBlock struct {
	seq uint64
	id  string
	at  time.Time
}

func (s *detectStage) run(ctx context.Context) error {
	from, err := s.restore(ctx)
	if err != nil {
		return endsWith(ctx, err)
	}
	r, err := s.bus.Blocks(ctx, "detect", from+1)
	if err != nil {
		return endsWith(ctx, err)
	}
	defer r.Close()
	save := saver{log: s.log, what: "detect: save the checkpoint"}
	keep := func(ctx context.Context) error { return s.checkpoint(ctx, r.Floor()) }
	next := time.Now().Add(checkpointEvery)
	for {
		d, err := nextBy(ctx, r, next)
		switch {
		case d != nil:
			if err := s.block(ctx, d); err != nil {
				// The state knows this block and the bus has no answer to it: only the
				// checkpoint before it is of use.
				return endsWith(ctx, err)
			}
		case ctx.Err() != nil:
			save.try(context.WithoutCancel(ctx), keep)
			return nil
		case err != nil:
			return err
		}
		s.done.set(r.Floor())
		if now := time.Now(); now.After(next) {
			save.try(ctx, keep)
			next = time.Now().Add(checkpointEvery)
		}
	}
}

// endsWith passes an error on unless it came with the end of ctx.
func endsWith(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// restore loads the checkpoint. One that cannot be read is said and passed over:
// matching starts from the stage's cursor with an empty state.
func (s *detectStage) restore(ctx context.Context) (seq uint64, err error) {
	type saved struct {
		state []byte
		seq   uint64
	}
	c, err := retried(ctx, s.log, "detect: read the checkpoint", func() (c saved, err error) {
		c.state, c.seq, err = s.bus.LoadCheckpoint(ctx, "detect")
		if errors.Is(err, bus.ErrDamaged) {
			s.log.Error("detect: the checkpoint cannot be used; windows start empty", "err", err)
			c.state = nil
			c.seq, err = s.bus.Confirmed(ctx, bus.Events, "detect")
		}
		return c, err
	})
	if err != nil {
		return 0, err
	}
	if c.state != nil {
		if err := s.engine.Restore(c.state); err != nil {
			s.log.Error("detect: the checkpoint cannot be used; windows start empty", "err", err)
		}
	}
	s.saved = c.seq
	s.done.set(c.seq)
	return c.seq, nil
}

// block matches a block once and publishes what came of it. The engine keeps
// state, so a block must never be matched twice: the bus tries again by itself
// until it has taken all, or ctx ends.
func (s *detectStage) block(ctx context.Context, d *bus.Delivery[*event.Block]) error {
	began := time.Now()
	verdict, alerts := s.match(d.Value, d.Seq)
	s.spent.Add(int64(time.Since(began)))
	for _, a := range alerts {
		if err := s.bus.PublishAlert(ctx, a); err != nil {
			return err
		}
	}
	if err := s.bus.PublishVerdict(ctx, verdict); err != nil {
		return err
	}
	d.Commit()
	return nil
}

// match keeps one poisonous block from taking the stage along: it gets an empty
// verdict and the fault is told, by an alert too.
func (s *detectStage) match(b *event.Block, seq uint64) (v event.Verdict, alerts []event.Alert) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("detect: matching a block failed; it passes without a verdict", "seq", seq, "block", b.ID.String(), "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			s.poisoned.Add(1)
			s.unmatched.Store(&unmatchedBlock{seq, b.ID.String(), b.Created})
			v, alerts = event.Verdict{Seq: seq, Block: b.ID.String()}, []event.Alert{unmatchedAlert(b, seq)}
		}
	}()
	return s.engine.Block(b, seq)
}

func unmatchedAlert(b *event.Block, seq uint64) event.Alert {
	return unmatched.alert(b.ID.Tenant, about{
		group: []event.Pair{{Name: "observer.name", Value: b.ID.Node}}, first: b.ID.String(), at: b.Created,
		words: []any{seq, b.ID.String(), b.Len()}, count: b.Len(),
	})
}

// checkpoint writes the state down with the sequence it covers. A state that is
// too large for the bus is told, and only the cursor moves.
func (s *detectStage) checkpoint(ctx context.Context, seq uint64) error {
	if seq == s.saved {
		return nil
	}
	state, err := s.engine.Checkpoint(s.buf[:0])
	if err != nil {
		return fmt.Errorf("detect: checkpoint: %w", err)
	}
	s.buf = state
	err = s.bus.SaveCheckpoint(ctx, "detect", seq, state)
	if errors.Is(err, bus.ErrTooLarge) {
		s.log.Error("detect: the windows are too large to be written down; after a restart they start from an older state", "err", err)
		err = nil
	}
	if err != nil {
		return err
	}
	if err := s.bus.Confirm(ctx, bus.Events, "detect", seq); err != nil {
		return err
	}
	s.saved = seq
	return nil
}
