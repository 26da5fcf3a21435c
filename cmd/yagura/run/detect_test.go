package run

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// counted is the real engine, with a hook.
type counted struct {
	matcher
	calls  int
	during func()
}

func (c *counted) Block(b *event.Block, seq uint64) (event.Verdict, []event.Alert) {
	c.calls++
	if c.during != nil {
		c.during()
	}
	return c.matcher.Block(b, seq)
}

// outside is a real NATS server on a TCP port.
func outside(t testing.TB, dir string, port int) (*server.Server, int) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "outside", Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, SyncAlways: true,
		MaxPayload: event.MaxPacked + 64<<10, NoSigs: true, NoLog: true, JetStreamMaxStore: 8 << 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	_, text, _ := strings.Cut(s.Addr().String(), ":")
	if _, err := fmt.Sscan(text, &port); err != nil {
		t.Fatal(err)
	}
	return s, port
}

// The bus goes away while a block is being matched, and then yagura is stopped:
// the stage must end, and the state that knows the block without an answer on the
// bus must not be written down.
func TestDetectIsStoppedWhileTheBusIsAway(t *testing.T) {
	dir := t.TempDir()
	nats, port := outside(t, dir, server.RANDOM_PORT)
	b := openBus(t, bus.Config{Dir: t.TempDir(), Servers: []string{fmt.Sprintf("nats://127.0.0.1:%d", port)}})
	publish(t, b, 1, 1, "good")
	publish(t, b, 1, 2, "bad")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	engine := &counted{matcher: testEngine(t)}
	engine.during = func() {
		if engine.calls == 2 {
			nats.Shutdown()
			nats.WaitForShutdown()
			time.AfterFunc(300*time.Millisecond, cancel)
		}
	}
	s := &detectStage{bus: b, engine: engine, log: quiet}
	gone := make(chan error, 1)
	go func() { gone <- s.run(ctx) }()
	select {
	case err := <-gone:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the stage does not end")
	}
	if engine.calls != 2 {
		t.Errorf("%d blocks matched, want 2: a block must not be matched twice", engine.calls)
	}

	nats, _ = outside(t, dir, port)
	defer func() { b.Close(); nats.Shutdown(); nats.WaitForShutdown() }()
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	again := &detectStage{bus: b, engine: testEngine(t), log: quiet}
	go func() { gone <- again.run(ctx) }()
	until(t, "both blocks are answered", func() bool { return again.done.get() == 2 })
	cancel()
	if err := <-gone; err != nil {
		t.Error(err)
	}
	if got, err := b.Confirmed(t.Context(), bus.Events, "detect"); err != nil || got != 2 {
		t.Errorf("confirmed %d, %v", got, err)
	}
	for stream, want := range map[string]uint64{bus.Verdicts: 2, bus.Alerts: 1} {
		if last, err := b.Last(t.Context(), stream); err != nil || last != want {
			t.Errorf("%s ends at %d, want %d; %v", stream, last, want, err)
		}
	}
}

// A block that the matcher cannot bear passes with an empty verdict.
func TestAPoisonousBlockDoesNotTakeDetectAlong(t *testing.T) {
	b := openBus(t, bus.Config{Dir: t.TempDir()})
	defer b.Close()
	for n := range uint64(3) {
		publish(t, b, 1, n+1, "bad")
	}
	engine := &counted{matcher: testEngine(t)}
	engine.during = func() {
		if engine.calls == 2 {
			panic("poison")
		}
	}
	s := &detectStage{bus: b, engine: engine, log: quiet}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- s.run(ctx) }()
	until(t, "all blocks are answered", func() bool { return s.done.get() == 3 })
	cancel()
	if err := <-gone; err != nil {
		t.Error(err)
	}
	if last, err := b.Last(t.Context(), bus.Verdicts); err != nil || last != 3 {
		t.Errorf("%d verdicts, %v", last, err)
	}
	// A restart goes on behind it, with another set of rules too.
	publish(t, b, 1, 4, "bad")
	again := &detectStage{bus: b, engine: testEngine(t), log: quiet}
	ctx, cancel = context.WithCancel(t.Context())
	go func() { gone <- again.run(ctx) }()
	until(t, "the new block is answered", func() bool { return again.done.get() == 4 })
	cancel()
	if err := <-gone; err != nil {
		t.Error(err)
	}
}
