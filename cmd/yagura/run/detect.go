package run

import (
	"context"
	"fmt"
	"log/slog"
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
}

func (s *detectStage) run(ctx context.Context) error {
	from, err := s.restore(ctx)
	if err != nil {
		return err
	}
	r, err := s.bus.Blocks(ctx, "detect", from+1)
	if err != nil {
		return err
	}
	defer r.Close()
	next := time.Now().Add(checkpointEvery)
	for {
		d, err := nextBy(ctx, r, next)
		switch {
		case d != nil:
			if err := s.block(ctx, d); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return s.checkpoint(context.WithoutCancel(ctx), r.Floor())
		case err != nil:
			return err
		}
		if now := time.Now(); now.After(next) {
			next = now.Add(checkpointEvery)
			if err := s.checkpoint(ctx, r.Floor()); err != nil {
				return err
			}
		}
	}
}

// restore loads the checkpoint. One that cannot be read is said and passed over:
// matching starts from the stage's cursor with an empty state.
func (s *detectStage) restore(ctx context.Context) (seq uint64, err error) {
	state, seq, err := s.bus.LoadCheckpoint(ctx, "detect")
	if err == nil && state != nil {
		err = s.engine.Restore(state)
	}
	if err != nil {
		s.log.Error("detect: the checkpoint cannot be used; windows start empty", "err", err)
		if seq, err = s.bus.Confirmed(ctx, bus.Events, "detect"); err != nil {
			return 0, err
		}
	}
	s.saved = seq
	s.done.set(seq)
	return seq, nil
}

func (s *detectStage) block(ctx context.Context, d *bus.Delivery[*event.Block]) error {
	verdict, alerts := s.match(d.Value, d.Seq)
	for _, a := range alerts {
		if err := s.bus.PublishAlert(ctx, a); err != nil {
			return endOr(ctx, err, d)
		}
	}
	if err := s.bus.PublishVerdict(ctx, verdict); err != nil {
		return endOr(ctx, err, d)
	}
	d.Commit()
	s.done.set(d.Seq)
	return nil
}

// endOr gives the delivery back; at a stop that is no fault.
func endOr[T any](ctx context.Context, err error, d *bus.Delivery[T]) error {
	d.Failed(err)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// match keeps one poisonous block from taking the stage along: it gets an empty
// verdict and the fault is told.
func (s *detectStage) match(b *event.Block, seq uint64) (v event.Verdict, alerts []event.Alert) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("detect: matching a block failed; it passes without a verdict", "seq", seq, "panic", fmt.Sprintf("%T", r))
			v, alerts = event.Verdict{Seq: seq, Block: b.ID.String()}, nil
		}
	}()
	return s.engine.Block(b, seq)
}

func (s *detectStage) checkpoint(ctx context.Context, seq uint64) error {
	if seq == s.saved {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	state, err := s.engine.Checkpoint(s.buf[:0])
	if err != nil {
		return fmt.Errorf("detect: checkpoint: %w", err)
	}
	s.buf = state
	if err := s.bus.SaveCheckpoint(ctx, "detect", seq, state); err != nil {
		return err
	}
	s.saved = seq
	return s.bus.Confirm(ctx, bus.Events, "detect", seq)
}
