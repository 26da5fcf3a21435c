package run

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// verdictsAhead bounds the verdicts that wait for their blocks.
const verdictsAhead = 8192

// verdictDesk matches verdicts to blocks by sequence.
type verdictDesk struct {
	mu      sync.Mutex
	moved   *sync.Cond
	waiting map[uint64]*bus.Delivery[event.Verdict]
	stored  uint64    // blocks up to here are stored: their verdicts are of no more use
	newest  uint64    // highest block answered
	heard   time.Time // when the last verdict came
	away    bool      // detect has not answered for the whole patience
	log     *slog.Logger
}

func newVerdictDesk(stored uint64, log *slog.Logger) *verdictDesk {
	d := &verdictDesk{waiting: map[uint64]*bus.Delivery[event.Verdict]{}, stored: stored, log: log}
	d.moved = sync.NewCond(&d.mu)
	return d
}

// read takes verdicts from the bus until ctx ends; from 0 is where it stopped.
func (d *verdictDesk) read(ctx context.Context, b *bus.Bus, from uint64) error {
	r, err := b.VerdictsFrom(ctx, "store", from)
	if err != nil {
		return err
	}
	defer r.Close()
	stop := context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.moved.Broadcast()
	})
	defer stop()
	return eachSaved(ctx, r, d.log, func(v *bus.Delivery[event.Verdict]) { d.put(ctx, v) })
}

func (d *verdictDesk) put(ctx context.Context, v *bus.Delivery[event.Verdict]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = time.Now()
	if d.away {
		d.away = false
		d.log.Info("store: detect answers again")
	}
	for len(d.waiting) >= verdictsAhead && v.Value.Seq > d.stored && ctx.Err() == nil {
		d.moved.Wait()
	}
	seq := v.Value.Seq
	d.newest = max(d.newest, seq)
	if seq <= d.stored {
		v.Commit()
		return
	}
	if old := d.waiting[seq]; old != nil {
		old.Commit() // a replay answered again: the same answer
	}
	d.waiting[seq] = v
	d.moved.Broadcast()
}

// question asks for the verdict of a block.
type question struct {
	seq      uint64
	block    string // its identity: a stream that was made anew gives its sequences again
	patience time.Duration
}

// get returns the verdict of a block, nil when there is none to wait for: detect
// answers in order, so one that a later block's has overtaken never comes. The
// patience counts from the question, and from every sign of life of detect. Once
// it has run out nobody waits until detect is heard again: a backlog is stored at
// full speed.
func (d *verdictDesk) get(ctx context.Context, q question) *event.Verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := time.Now()
	for {
		v := d.waiting[q.seq]
		if v != nil && v.Value.Block == q.block {
			return &v.Value
		}
		if v != nil {
			v.Commit() // of an earlier life of the stream
			delete(d.waiting, q.seq)
		}
		if d.newest > q.seq || d.away || ctx.Err() != nil {
			return nil
		}
		since := asked
		if d.heard.After(since) {
			since = d.heard
		}
		left := q.patience - time.Since(since)
		if left <= 0 {
			d.away = true
			d.log.Warn("store: detect does not answer; events are stored without their verdicts, and say so", "waited", q.patience, "block", q.seq)
			return nil
		}
		timer := time.AfterFunc(min(left, 200*time.Millisecond), d.moved.Broadcast)
		d.moved.Wait()
		timer.Stop()
	}
}

// done drops the verdicts of what is stored now.
func (d *verdictDesk) done(seq uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stored = max(d.stored, seq)
	for s, v := range d.waiting {
		if s <= seq {
			v.Commit()
			delete(d.waiting, s)
		}
	}
	d.moved.Broadcast()
}
