package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"yagura/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type env struct {
	*testing.T
	ctx context.Context
	dir string
	bus *Bus
	cfg Config
}

func start(t *testing.T, change ...func(*Config)) *env {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	e := &env{T: t, ctx: ctx, dir: t.TempDir()}
	e.cfg = Config{Dir: e.dir, Tenant: "demo", Node: "n1", MaxBytes: 64 << 20, Reserve: 1 << 20}
	for _, f := range change {
		f(&e.cfg)
	}
	e.open()
	t.Cleanup(func() { e.bus.Close() })
	return e
}

func (e *env) open() {
	e.Helper()
	b, err := Open(e.ctx, e.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		e.Fatal(err)
	}
	e.bus = b
}

func (e *env) restart() { e.Helper(); e.bus.Close(); e.open() }

// block publishes a block of one line and returns its sequence.
func (e *env) block(seq uint64, line string) uint64 {
	e.Helper()
	var bl event.Builder
	d := &event.Draft{}
	d.Reset([]byte(line))
	d.Received = time.Unix(1, 0)
	bl.Append(d)
	id := event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: seq}
	got, err := e.bus.PublishBlock(e.ctx, id, event.Pack(nil, bl.Encode(nil, id, time.Unix(2, 0))))
	if err != nil {
		e.Fatal(err)
	}
	return got
}

func (e *env) reader(stage string, from uint64) *Reader[*event.Block] {
	e.Helper()
	r, err := e.bus.Blocks(e.ctx, stage, from)
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(r.Close)
	return r
}

func (e *env) next(r *Reader[*event.Block]) (*Delivery[*event.Block], string) {
	e.Helper()
	d, err := r.Next(e.ctx)
	if err != nil {
		e.Fatal(err)
	}
	return d, fmt.Sprintf("%d:%s", d.Seq, d.Value.Event(0).Raw())
}

func TestABlockIsStoredOnceHoweverOftenItIsPublished(t *testing.T) {
	e := start(t)
	if a, b, c := e.block(1, "a"), e.block(1, "a"), e.block(2, "b"); a != 1 || b != 1 || c != 2 {
		t.Errorf("sequences %d %d %d", a, b, c)
	}
	e.restart()
	if again := e.block(2, "b"); again != 2 {
		t.Errorf("after a restart the same block got sequence %d", again)
	}
}

func TestTheCursorMovesOnlyOverFinishedWork(t *testing.T) {
	e := start(t)
	for i := range 4 {
		e.block(uint64(i+1), string(rune('a'+i)))
	}
	r := e.reader("store", 0)
	var got []string
	a, text := e.next(r)
	got = append(got, text)
	b, text := e.next(r)
	got = append(got, text)
	b.Commit()
	if r.Floor() != 0 {
		t.Errorf("floor %d with the first message unfinished", r.Floor())
	}
	a.Failed(errors.New("no disk"))
	a, text = e.next(r)
	got = append(got, text)
	a.Commit()
	if err := r.Save(e.ctx); err != nil {
		t.Fatal(err)
	}
	r.Close()
	e.restart()
	_, text = e.next(e.reader("store", 0))
	got = append(got, text)
	if d := cmp.Diff([]string{"1:a", "2:b", "1:a", "3:c"}, got); d != "" {
		t.Error(d)
	}
}

func TestFinishingTwiceIsADefect(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	d, _ := e.next(e.reader("store", 0))
	d.Commit()
	defer func() {
		if recover() == nil {
			t.Error("the second Commit was taken")
		}
	}()
	d.Commit()
}

func TestAnAlertExistsOnce(t *testing.T) {
	e := start(t)
	for range 3 {
		if err := e.bus.PublishAlert(e.ctx, event.Alert{ID: "a1", RuleID: "r"}); err != nil {
			t.Fatal(err)
		}
	}
	e.restart()
	if err := e.bus.PublishAlert(e.ctx, event.Alert{ID: "a1"}); err != nil {
		t.Fatal(err)
	}
	states, err := e.bus.States(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := states[2]; got.Name != Alerts || got.Messages != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAFullBusHoldsBackAndGoesOnAfterTrimming(t *testing.T) {
	e := start(t, func(c *Config) { c.MaxBytes = 8 << 20 })
	noise := make([]byte, 100<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	ctx, cancel := context.WithTimeout(e.ctx, 10*time.Second)
	defer cancel()
	var err error
	n := uint64(0)
	for err == nil {
		n++
		short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		_, err = e.bus.PublishBlock(short, event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: n}, noise)
		stop()
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d blocks: %v", n, err)
	}
	for _, stage := range []string{"detect", "store"} {
		if err := e.bus.Confirm(e.ctx, Events, stage, n-1); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := e.bus.PublishBlock(ctx, event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: n}, noise); err != nil {
		t.Errorf("after trimming: %v", err)
	}
}

func TestNothingUnconfirmedIsTrimmed(t *testing.T) {
	e := start(t, func(c *Config) { c.MaxBytes = 1 << 20 })
	noise := make([]byte, 100<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	for n := range uint64(8) {
		if _, err := e.bus.PublishBlock(e.ctx, event.ID{Tenant: "demo", Seq: n}, noise); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.bus.Confirm(e.ctx, Events, "detect", 8); err != nil {
		t.Fatal(err)
	}
	if err := e.bus.Confirm(e.ctx, Events, "store", 2); err != nil {
		t.Fatal(err)
	}
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	states, err := e.bus.States(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if states[0].First != 3 || states[0].Last != 8 {
		t.Errorf("kept %d to %d, want 3 to 8", states[0].First, states[0].Last)
	}
}

func TestWhatTheBusLostIsNamed(t *testing.T) {
	e := start(t)
	for i := range uint64(5) {
		e.block(i+1, "x")
	}
	e.bus.Close()
	old := filepath.Join(e.dir, "store")
	if err := os.RemoveAll(old); err != nil { // the worst damage: the newest blocks are gone
		t.Fatal(err)
	}
	e.open()
	if d := cmp.Diff([]Lost{{Events, 1, 5, e.bus.Origin()}}, e.bus.Lost()); d != "" {
		t.Error(d)
	}
	if seq := e.block(6, "y"); seq != 6 {
		t.Errorf("the next block got sequence %d: numbers must not be given twice", seq)
	}
	if _, text := e.next(e.reader("store", 0)); text != "6:y" {
		t.Errorf("got %s", text)
	}
}

func TestAnUnreadableBlockIsSetAsideWithItsReason(t *testing.T) {
	e := start(t)
	if _, err := e.bus.PublishBlock(e.ctx, event.ID{Tenant: "demo", Seq: 1}, []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	e.block(2, "good")
	r := e.reader("store", 0)
	d, text := e.next(r)
	d.Commit()
	if text != "2:good" || r.Floor() != 2 {
		t.Errorf("got %s, floor %d", text, r.Floor())
	}
	states, err := e.bus.States(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if states[4].Messages != 1 {
		t.Errorf("dead letters: %+v", states[4])
	}
}

func TestACheckpointIsWholeOrTheOneBefore(t *testing.T) {
	e := start(t)
	big := []byte(strings.Repeat("state ", 2<<20)) // three chunks
	for seq, state := range [][]byte{nil, []byte("small"), big, []byte("small again")} {
		if state == nil {
			continue
		}
		if err := e.bus.SaveCheckpoint(e.ctx, "detect", uint64(seq), state); err != nil {
			t.Fatal(err)
		}
		e.restart()
		got, at, err := e.bus.LoadCheckpoint(e.ctx, "detect")
		if err != nil || at != uint64(seq) || string(got) != string(state) {
			t.Errorf("checkpoint %d: %d bytes at %d, %v", seq, len(got), at, err)
		}
	}
}

func TestNoSpaceIsSaidBeforeAnythingIsTouched(t *testing.T) {
	_, err := Open(t.Context(), Config{Dir: t.TempDir(), Tenant: "demo", Reserve: 1 << 60}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("%v", err)
	}
}

func BenchmarkPublishSynced(b *testing.B) {
	bus, err := Open(b.Context(), Config{Dir: b.TempDir(), Tenant: "demo", Node: "n1"}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer bus.Close()
	block := make([]byte, 256<<10)
	n := uint64(0)
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		n++
		if _, err := bus.PublishBlock(b.Context(), event.ID{Tenant: "demo", Seq: n}, block); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAnUnreachableServerIsNamedWithoutItsSecret(t *testing.T) {
	_, err := Open(t.Context(), Config{Servers: []string{"nats://s3cret@127.0.0.1:1"}, Dir: t.TempDir(), Tenant: "demo"}, slog.New(slog.DiscardHandler))
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "nats://127.0.0.1:1") {
		t.Errorf("%v", err)
	}
}
