package alert

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run sends, escalates and publishes. When ctx ends it goes on with what can be
// delivered at once, for Config.Drain at most, cuts off the rest (it is in the
// ledger), closes the ledger and returns nil. Call it once.
func (t *Stage) Run(ctx context.Context) error {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-t.clock.After(t.config.Drain):
			cut()
		case <-work.Done():
		}
	})()
	var all sync.WaitGroup
	all.Go(func() { t.publishing(ctx, work) })
	t.dispatching(ctx, work, &all)
	all.Wait()
	if err := t.publishAll(work); err != nil {
		t.log.Warn("incident was not published", "again_in", "the next run", "error", err)
	}
	if err := t.journal.close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

// dispatching starts deliveries until ctx ends, then those that are left and may
// start at once, until work ends.
func (t *Stage) dispatching(ctx, work context.Context, all *sync.WaitGroup) {
	for work.Err() == nil {
		now := t.clock.Now()
		next := t.tick(now)
		jobs, retry := t.jobs(now)
		for _, j := range jobs {
			all.Go(func() { t.work(work, j) })
		}
		over := ctx.Done()
		if ctx.Err() != nil {
			if len(jobs) == 0 && !t.flight() {
				return
			}
			over = work.Done()
		}
		t.pause(over, now, earlier(next, retry))
	}
}

// pause waits for news, the next time or the end.
func (t *Stage) pause(over <-chan struct{}, now, next time.Time) {
	var timer <-chan time.Time
	if !next.IsZero() {
		timer = t.clock.After(max(next.Sub(now), time.Millisecond))
	}
	select {
	case <-t.wake:
	case <-timer:
	case <-over:
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// tick does what time asks for: escalations, digests, a shorter ledger. It
// returns when to come again.
func (t *Stage) tick(now time.Time) (next time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.escalate(now)
	if err != nil {
		t.log.Error("escalation failed", "error", err)
	}
	b, err := t.flushDigests(now)
	if err != nil {
		t.log.Error("digest failed", "error", err)
	}
	next = earlier(a, b)
	broken := t.journal.failed()
	if size := t.journal.grown(); broken == nil && (size < rewriteAt || size < 2*t.rewritten) {
		return next
	}
	if err := t.rewrite(); err != nil {
		if !errors.Is(err, errNoRoom) {
			t.log.Error("ledger cannot be written", "error", err)
		}
		return earlier(next, now.Add(mendEvery))
	}
	return next
}

// flight reports whether any delivery is under way.
func (t *Stage) flight() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.flying {
		if n > 0 {
			return true
		}
	}
	return false
}
