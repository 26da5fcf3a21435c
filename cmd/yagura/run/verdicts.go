package run

import (
	"context"
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
}

func newVerdictDesk(stored uint64) *verdictDesk {
	d := &verdictDesk{waiting: map[uint64]*bus.Delivery[event.Verdict]{}, stored: stored, heard: time.Now()}
	d.moved = sync.NewCond(&d.mu)
	return d
}

// read takes verdicts from the bus until ctx ends.
func (d *verdictDesk) read(ctx context.Context, b *bus.Bus) error {
	r, err := b.VerdictsFrom(ctx, "store", 0)
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
	return eachSaved(ctx, r, func(v *bus.Delivery[event.Verdict]) { d.put(ctx, v) })
}

func (d *verdictDesk) put(ctx context.Context, v *bus.Delivery[event.Verdict]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = time.Now()
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

// get returns the verdict of a block, waiting up to the patience that is left:
// patience counts from the last sign of life of detect.
func (d *verdictDesk) get(ctx context.Context, seq uint64, patience time.Duration) *event.Verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if v := d.waiting[seq]; v != nil {
			return &v.Value
		}
		left := patience - time.Since(d.heard)
		if d.newest > seq {
			left = min(left, time.Second) // later blocks are answered: this one was passed over
		}
		if left <= 0 || ctx.Err() != nil {
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
