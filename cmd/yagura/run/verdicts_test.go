package run

import (
	"context"
	"testing"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// desk runs a verdict desk on a real bus.
func desk(t *testing.T, stored uint64) (*verdictDesk, *bus.Bus) {
	t.Helper()
	b := openBus(t, bus.Config{Dir: t.TempDir()})
	d := newVerdictDesk(stored, quiet)
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- d.read(ctx, b, 0) }()
	t.Cleanup(func() {
		cancel()
		if err := <-gone; err != nil {
			t.Error(err)
		}
		b.Close()
	})
	return d, b
}

func answer(t *testing.T, b *bus.Bus, seqs ...uint64) {
	t.Helper()
	for _, seq := range seqs {
		if err := b.PublishVerdict(t.Context(), event.Verdict{Seq: seq, Block: "b"}); err != nil {
			t.Fatal(err)
		}
	}
}

// later does something after a while; wait waits until it is done.
func later(after time.Duration, do func()) (wait func()) {
	done := make(chan struct{})
	time.AfterFunc(after, func() { defer close(done); do() })
	return func() { <-done }
}

func TestAVerdictIsWaitedFor(t *testing.T) {
	d, b := desk(t, 0)
	answer(t, b, 1)
	if v := d.get(t.Context(), question{1, "b", 20 * time.Second}); v == nil || v.Seq != 1 {
		t.Fatalf("%+v", v)
	}
	// A long idle time is no silence of detect: the patience counts from the question.
	d.mu.Lock()
	d.heard = time.Now().Add(-time.Hour)
	d.mu.Unlock()
	defer later(300*time.Millisecond, func() { answer(t, b, 2) })()
	if v := d.get(t.Context(), question{2, "b", 20 * time.Second}); v == nil || v.Seq != 2 {
		t.Errorf("after an idle hour: %+v", v)
	}
}

// Detect answers in order: a block that was passed over is not waited for,
// however lively detect is.
func TestAPassedOverBlockIsNotWaitedFor(t *testing.T) {
	d, b := desk(t, 0)
	answer(t, b, 1, 3)
	if v := d.get(t.Context(), question{3, "b", 20 * time.Second}); v == nil {
		t.Fatal("no verdict for 3")
	}
	began := time.Now()
	if v := d.get(t.Context(), question{2, "b", 20 * time.Second}); v != nil || time.Since(began) > 5*time.Second {
		t.Errorf("%+v after %v", v, time.Since(began))
	}
}

// The verdict of another block under the same sequence is none: a stream that was
// made anew gives its sequences again.
func TestAVerdictOfAnotherBlockIsNone(t *testing.T) {
	d, b := desk(t, 0)
	answer(t, b, 1)
	defer later(200*time.Millisecond, func() {
		if err := b.PublishVerdict(t.Context(), event.Verdict{Seq: 1, Block: "mine"}); err != nil {
			t.Error(err)
		}
	})()
	if v := d.get(t.Context(), question{1, "mine", 20 * time.Second}); v == nil || v.Block != "mine" {
		t.Errorf("%+v", v)
	}
}

// Patience is spent once, not for each block; a sign of life brings it back.
func TestDetectIsAway(t *testing.T) {
	d, b := desk(t, 0)
	patience := 300 * time.Millisecond
	began := time.Now()
	if v := d.get(t.Context(), question{1, "b", patience}); v != nil || time.Since(began) < patience {
		t.Errorf("%+v after %v", v, time.Since(began))
	}
	began = time.Now()
	for seq := uint64(2); seq < 1000; seq++ {
		if v := d.get(t.Context(), question{seq, "b", time.Hour}); v != nil {
			t.Errorf("%+v", v)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a backlog of 1000 blocks took %v", took)
	}
	d.done(999)
	answer(t, b, 1, 999) // detect comes back and works off what is stored already
	until(t, "detect is heard", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return !d.away })
	defer later(200*time.Millisecond, func() { answer(t, b, 1000) })()
	if v := d.get(t.Context(), question{1000, "b", 20 * time.Second}); v == nil {
		t.Error("the verdict of the next block was not waited for")
	}
}

func TestTheEndOfTheContextEndsTheWait(t *testing.T) {
	d, _ := desk(t, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if v := d.get(ctx, question{1, "b", time.Hour}); v != nil {
		t.Errorf("%+v", v)
	}
}
