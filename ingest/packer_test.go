package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"yagura/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a publisher that keeps blocks in memory and can be shut.
type shelf struct {
	mu     sync.Mutex
	blocks []*event.Block
	shut   chan struct{} // not nil: PublishBlock waits for it or for ctx
	refuse uint64        // block of epoch 1 that is refused for good
}

func (s *shelf) PublishBlock(ctx context.Context, id event.ID, packed []byte) (uint64, error) {
	if s.refuse > 0 && id.Epoch == 1 && id.Seq == s.refuse {
		return 0, errors.New("too large")
	}
	if s.shut != nil {
		select {
		case <-s.shut:
		case <-ctx.Done():
			return 0, errors.New("full")
		}
	}
	b, err := event.Unpack(packed)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks = append(s.blocks, b)
	return uint64(len(s.blocks)), nil
}

func (s *shelf) lines() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks {
		for i := range b.Len() {
			all = append(all, string(b.Event(i).Raw()))
		}
	}
	return all
}

func line(n int) *event.Draft {
	d := &event.Draft{}
	d.Reset(fmt.Appendf(nil, "line %d", n))
	d.Received = time.Unix(int64(n), 0)
	return d
}

func run(t *testing.T, p *Packer) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestEveryLineIsPublishedOnceAndInOrder(t *testing.T) {
	s := &shelf{}
	p := NewPacker(Config{Tenant: "demo", Node: "n", Events: 7, Linger: time.Millisecond}, s, slog.Default())
	stop := run(t, p)
	var want []string
	for n := range 1000 {
		want = append(want, fmt.Sprintf("line %d", n))
		if err := p.Append(t.Context(), line(n)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if d := cmp.Diff(want, s.lines()); d != "" {
		t.Error(d)
	}
	for i, b := range s.blocks {
		if b.ID.Seq != uint64(i+1) || b.Len() > 7 {
			t.Errorf("block %d: %s with %d events", i, b.ID, b.Len())
		}
	}
	if err := p.Append(t.Context(), line(1)); !errors.Is(err, ErrStopped) {
		t.Errorf("after the stop: %v", err)
	}
}

func TestAFullBusHoldsTheSenderBack(t *testing.T) {
	s := &shelf{shut: make(chan struct{})}
	p := NewPacker(Config{Events: 2, Depth: 1, Linger: time.Hour}, s, slog.Default())
	stop := run(t, p)
	taken := 0
	var err error
	for ; err == nil; taken++ {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err = p.Append(ctx, line(taken))
		cancel()
	}
	taken--
	if !errors.Is(err, context.DeadlineExceeded) || taken > 10 {
		t.Errorf("after %d lines: %v", taken, err)
	}
	close(s.shut)
	if err := p.Append(t.Context(), line(taken)); err != nil {
		t.Error(err)
	}
	stop()
	if got := len(s.lines()); got != taken+1 {
		t.Errorf("%d lines of %d", got, taken+1)
	}
}

func TestWhatTheBusDoesNotTakeBeforeAStopIsPublishedAtTheNextStart(t *testing.T) {
	spool := t.TempDir()
	cfg := Config{Tenant: "demo", Node: "n", Epoch: 1, Events: 2, Spool: spool, Grace: 10 * time.Millisecond, Linger: time.Millisecond}
	shut := &shelf{shut: make(chan struct{})}
	p := NewPacker(cfg, shut, slog.New(slog.DiscardHandler))
	stop := run(t, p)
	for n := range 5 {
		if err := p.Append(t.Context(), line(n)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	s := &shelf{}
	cfg.Epoch = 2
	run(t, NewPacker(cfg, s, slog.Default()))()
	got := s.lines()
	slices.Sort(got)
	if d := cmp.Diff([]string{"line 0", "line 1", "line 2", "line 3", "line 4"}, got); d != "" {
		t.Error(d)
	}
}

// A block that is being published when the stop comes has the grace: a healthy bus
// leaves nothing in the spool.
func TestAStopLetsTheBlockInFlightThrough(t *testing.T) {
	spool := t.TempDir()
	s := &shelf{shut: make(chan struct{})}
	p := NewPacker(Config{Events: 2, Spool: spool, Linger: time.Millisecond}, s, slog.Default())
	stop := run(t, p)
	for n := range 3 {
		if err := p.Append(t.Context(), line(n)); err != nil {
			t.Fatal(err)
		}
	}
	time.AfterFunc(200*time.Millisecond, func() { close(s.shut) })
	stop()
	left, err := os.ReadDir(spool)
	if err != nil || len(left) > 0 {
		t.Errorf("%d files in the spool, %v", len(left), err)
	}
	if d := cmp.Diff([]string{"line 0", "line 1", "line 2"}, s.lines()); d != "" {
		t.Error(d)
	}
	if got := p.Stats().Events.Load(); got != 3 {
		t.Errorf("%d accepted", got)
	}
}

// What cannot be published from the spool neither stops the packer nor is lost.
func TestASpoolThatCannotBePublished(t *testing.T) {
	spool := t.TempDir()
	cfg := Config{Tenant: "demo", Node: "n", Epoch: 1, Events: 2, Spool: spool, Grace: 10 * time.Millisecond, Linger: time.Millisecond}
	shut := &shelf{shut: make(chan struct{})}
	p := NewPacker(cfg, shut, slog.New(slog.DiscardHandler))
	stop := run(t, p)
	for n := range 4 {
		if err := p.Append(t.Context(), line(n)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if got := p.Stats(); got.Events.Load() != 0 || got.Spooled.Load() != 4 || got.Lost.Load() != 0 {
		t.Errorf("accepted %d, spooled %d, lost %d", got.Events.Load(), got.Spooled.Load(), got.Lost.Load())
	}
	for name, text := range map[string]string{"00-1.tmp": "half", "00-2.block": "rubbish"} {
		if err := os.WriteFile(filepath.Join(spool, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Stopped while the bus still takes nothing: no fault, nothing gone.
	cfg.Epoch = 2
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := NewPacker(cfg, shut, slog.New(slog.DiscardHandler)).Run(ctx); err != nil {
		t.Error(err)
	}
	// The bus refuses one block for good: the others and new lines go on.
	picky := &shelf{refuse: 2}
	cfg.Epoch = 3
	p = NewPacker(cfg, picky, slog.New(slog.DiscardHandler))
	stop = run(t, p)
	if err := p.Append(t.Context(), line(9)); err != nil {
		t.Fatal(err)
	}
	stop()
	if d := cmp.Diff([]string{"line 0", "line 1", "line 9"}, picky.lines()); d != "" {
		t.Error(d)
	}
	var names []string
	left, err := os.ReadDir(spool)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		names = append(names, e.Name())
	}
	if d := cmp.Diff([]string{"00-2.block.damaged", "00000000000000000001-00000000000000000002.block"}, names); d != "" {
		t.Error(d)
	}
}

func TestTheBooksTravelOnceAlsoWithoutEvents(t *testing.T) {
	s := &shelf{}
	p := NewPacker(Config{}, s, slog.Default())
	src := event.Source{Peer: "192.0.2.9", Listener: "udp"}
	stop := run(t, p)
	for range 3 {
		c := event.Tally{Source: src, Received: 2}
		c.Refused[event.KernelFull] = 1
		p.Tally(c)
	}
	stop()
	var sum event.Tally
	for _, b := range s.blocks {
		for _, c := range b.Tallies {
			sum.Received += c.Received
			sum.Refused[event.KernelFull] += c.Refused[event.KernelFull]
		}
	}
	if sum.Received != 6 || sum.Refused[event.KernelFull] != 3 {
		t.Errorf("%+v", sum)
	}
}

func BenchmarkPackerAppend(b *testing.B) {
	s := nowhere{}
	p := NewPacker(Config{}, s, slog.Default())
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	d := line(1)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Append(ctx, d); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	<-done
}

type nowhere struct{}

func (nowhere) PublishBlock(context.Context, event.ID, []byte) (uint64, error) { return 1, nil }

// TestWatchersHearOfBlocksInOrder: the number that AppendBlock returned is told once
// the block is published, and Hurry spares the linger.
func TestWatchersHearOfBlocksInOrder(t *testing.T) {
	s := &shelf{}
	p := NewPacker(Config{Events: 3, Linger: time.Hour}, s, slog.Default())
	told := make(chan uint64, 10)
	defer p.Watch(func(block uint64, err error) {
		if err != nil {
			t.Error(err)
		}
		told <- block
	})()
	stop := run(t, p)
	var blocks []uint64
	for n := range 8 {
		block, err := p.AppendBlock(t.Context(), line(n))
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, block)
	}
	if d := cmp.Diff([]uint64{1, 1, 1, 2, 2, 2, 3, 3}, blocks); d != "" {
		t.Error(d)
	}
	p.Hurry()
	for want := uint64(1); want <= 3; want++ {
		if got := <-told; got != want {
			t.Errorf("told of block %d, want %d", got, want)
		}
	}
	if n := len(s.lines()); n != 8 {
		t.Errorf("%d lines were published before a stop, want 8", n)
	}
	if block, _ := p.AppendBlock(t.Context(), line(8)); block != 4 {
		t.Errorf("block %d, want 4", block)
	}
	stop()
	if got := <-told; got != 4 || s.blocks[3].ID.Seq != 4 {
		t.Errorf("told of block %d at the stop, want 4", got)
	}
}

// TestWatchersHearOfALostBlock: one that is neither published nor spooled.
func TestWatchersHearOfALostBlock(t *testing.T) {
	for spool, want := range map[string]bool{"": true, t.TempDir(): false} {
		p := NewPacker(Config{Epoch: 1, Spool: spool, Linger: time.Millisecond}, &shelf{refuse: 1}, slog.New(slog.DiscardHandler))
		told := make(chan error, 1)
		defer p.Watch(func(_ uint64, err error) { told <- err })()
		stop := run(t, p)
		if _, err := p.AppendBlock(t.Context(), line(1)); err != nil {
			t.Fatal(err)
		}
		if err := <-told; (err != nil) != want {
			t.Errorf("spool %q: told %v", spool, err)
		}
		stop()
	}
}
