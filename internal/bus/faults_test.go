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
	"github.com/nats-io/nats-server/v2/server"

	"yagura/internal/event"
)

func TestMarks(t *testing.T) {
	for name, c := range map[string]struct {
		steps string // +n delivers, -n finishes
		floor uint64
	}{
		"nothing":                          {"", 4},
		"one open":                         {"+5", 4},
		"one done":                         {"+5 -5", 5},
		"out of order":                     {"+5 +6 +7 -6 -7", 4},
		"out of order, whole":              {"+5 +6 +7 -6 -7 -5", 7},
		"trimmed before the first":         {"+9", 8},
		"a hole behind an open one":        {"+5 +9 -9", 4},
		"a hole behind an open one, whole": {"+5 +9 -9 -5", 9},
		"a hole, then open":                {"+5 +9 -5", 8},
		"again":                            {"+5 +5 -5", 5},
		"finished before the start":        {"-3 +5 -5", 5},
	} {
		m := marks{last: 4, floor: 4}
		for _, s := range strings.Fields(c.steps) {
			var seq uint64
			if _, err := fmt.Sscanf(s[1:], "%d", &seq); err != nil {
				t.Fatal(err)
			}
			if s[0] == '+' {
				m.begin(seq)
			} else {
				m.finish(seq)
			}
		}
		if m.floor != c.floor {
			t.Errorf("%s: floor %d, want %d", name, m.floor, c.floor)
		}
	}
}

// A stage whose work fails while it is being stopped must get its end, not the
// message again and again.
func TestAFailedMessageDoesNotOutliveTheContext(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	r := e.reader("store", 0)
	d, _ := e.next(r)
	d.Failed(errors.New("no disk"))
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	if d, err := r.Next(ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, %v", d, err)
	}
	if _, text := e.next(r); text != "1:a" {
		t.Errorf("the failed message came as %s", text)
	}
}

// Failed may come from another goroutine while Next waits.
func TestAFailureWakesTheReader(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	r := e.reader("store", 0)
	d, _ := e.next(r)
	got := make(chan string)
	go func() { _, text := e.next(r); got <- text }()
	d.Failed(errors.New("no disk"))
	select {
	case text := <-got:
		if text != "1:a" {
			t.Error(text)
		}
	case <-time.After(10 * time.Second):
		t.Error("the failed message does not come again while no other comes")
	}
}

func TestAnUnreadableMessageIsNotForgottenWhenTimeIsUp(t *testing.T) {
	e := start(t)
	if _, err := e.bus.PublishBlock(e.ctx, event.ID{Tenant: "demo", Seq: 1}, []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	e.block(2, "good")
	r := e.reader("store", 0)
	hold := r.bus.cfg.Reserve
	r.bus.cfg.Reserve = 1 << 60 // the dead letters find no room
	short, cancel := context.WithTimeout(e.ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := r.Next(short); err == nil {
		t.Fatal("a message was delivered before the unreadable one was set aside")
	}
	r.bus.cfg.Reserve = hold
	d, text := e.next(r)
	d.Commit()
	if text != "2:good" || r.Floor() != 2 {
		t.Errorf("got %s, floor %d", text, r.Floor())
	}
}

func TestAlertsFindRoomWhereLinesDoNot(t *testing.T) {
	e := start(t)
	free, err := freeBytes(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	e.bus.cfg.Reserve = free + free/2
	e.bus.space.checked.Store(0)
	short, cancel := context.WithTimeout(e.ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := e.bus.PublishBlock(short, event.ID{Tenant: "demo", Seq: 1}, []byte("x")); !errors.Is(err, ErrFull) {
		t.Errorf("a block: %v", err)
	}
	if err := e.bus.PublishAlert(e.ctx, event.Alert{ID: "a1"}); err != nil {
		t.Errorf("an alert: %v", err)
	}
}

func TestTheMarkSurvivesATornWrite(t *testing.T) {
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	open := func() *highWater {
		t.Helper()
		h, err := openHighWater(dir, log)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := open()
	for seq := range uint64(5) {
		if err := h.advance(Events, seq+1); err != nil {
			t.Fatal(err)
		}
	}
	h.close()
	path := filepath.Join(dir, "highwater")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for place := range 2 {
		torn := append([]byte{}, whole...)
		copy(torn[place*markPlace+20:], "torn torn torn")
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		h := open()
		if got := h.last(Events); got < 4 {
			t.Errorf("place %d torn: the mark is %d; want 4 or 5", place, got)
		}
		h.close()
	}
	if err := os.WriteFile(path, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	h = open()
	if got := h.last(Events); got != 0 {
		t.Errorf("rubbish gave %d", got)
	}
	h.close()
}

// A kill between finding the loss and telling it must not hide it; once told, it
// is not told again.
func TestALossIsToldOnce(t *testing.T) {
	e := start(t)
	for i := range uint64(5) {
		e.block(i+1, "x")
	}
	e.bus.Close()
	if err := os.RemoveAll(filepath.Join(e.dir, "store")); err != nil {
		t.Fatal(err)
	}
	e.open()
	want := []Lost{{Events, 1, 5, e.bus.Origin()}}
	e.restart() // killed before anybody was told
	if d := cmp.Diff(want, e.bus.Lost()); d != "" {
		t.Error(d)
	}
	if err := e.bus.LostTold(e.ctx); err != nil {
		t.Fatal(err)
	}
	e.restart()
	if len(e.bus.Lost()) > 0 {
		t.Errorf("told again: %v", e.bus.Lost())
	}
}

// Without a mark the stages' own cursors show that the stream was longer.
func TestACursorBeyondTheEndShowsALoss(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	if err := e.bus.Confirm(e.ctx, Events, "store", 3); err != nil {
		t.Fatal(err)
	}
	e.restart()
	if d := cmp.Diff([]Lost{{Events, 2, 3, e.bus.Origin()}}, e.bus.Lost()); d != "" {
		t.Error(d)
	}
	if seq := e.block(2, "b"); seq != 4 {
		t.Errorf("the next block got sequence %d", seq)
	}
	if _, text := e.next(e.reader("store", 0)); text != "4:b" {
		t.Errorf("got %s", text)
	}
	r := e.reader("detect", 99)
	e.block(3, "c")
	if _, text := e.next(r); text != "5:c" {
		t.Errorf("a reader from beyond the end got %s", text)
	}
}

func TestTheOriginLivesAsLongAsTheStream(t *testing.T) {
	e := start(t)
	first := e.bus.Origin()
	e.restart()
	if again := e.bus.Origin(); first == "" || again != first {
		t.Errorf("%q, after a restart %q", first, again)
	}
	if err := e.bus.NewOrigin(e.ctx); err != nil {
		t.Fatal(err)
	}
	second := e.bus.Origin()
	e.restart()
	if again := e.bus.Origin(); second == first || again != second {
		t.Errorf("renewed %q to %q, after a restart %q", first, second, again)
	}
	e.bus.Close()
	if err := os.RemoveAll(e.dir); err != nil {
		t.Fatal(err)
	}
	e.open()
	if third := e.bus.Origin(); third == second || third == first {
		t.Errorf("another stream has the origin of the old one: %q", third)
	}
}

func TestADamagedOrHugeCheckpointIsToldApart(t *testing.T) {
	e := start(t)
	if err := e.bus.SaveCheckpoint(e.ctx, "detect", 1, make([]byte, maxCheckpoint+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("huge: %v", err)
	}
	if err := e.bus.SaveCheckpoint(e.ctx, "detect", 1, []byte("state")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.bus.state.Put(e.ctx, chunkKey("detect", 1, 0), []byte("stale")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.bus.LoadCheckpoint(e.ctx, "detect"); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	if _, _, err := e.bus.LoadCheckpoint(ended, "detect"); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("the bus does not answer: %v", err)
	}
	if err := e.bus.SaveCheckpoint(e.ctx, "detect", 2, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	if state, seq, err := e.bus.LoadCheckpoint(e.ctx, "detect"); err != nil || seq != 2 || string(state) != "whole" {
		t.Errorf("%q at %d, %v", state, seq, err)
	}
}

func TestAStageThatNeverRanKeepsEverything(t *testing.T) {
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
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	states, err := e.bus.States(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if states[0].First != 1 {
		t.Errorf("kept from %d, but the store has never run", states[0].First)
	}
}

// cluster is a real server of its own on a TCP port.
type cluster struct {
	*testing.T
	dir    string
	port   int
	server *server.Server
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{T: t, dir: t.TempDir(), port: server.RANDOM_PORT}
	c.start()
	t.Cleanup(c.stop)
	return c
}

func (c *cluster) start() {
	c.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "outside", Host: "127.0.0.1", Port: c.port, JetStream: true, StoreDir: c.dir, SyncAlways: true,
		MaxPayload: event.MaxPacked + 64<<10, NoSigs: true, NoLog: true, JetStreamMaxStore: 8 << 30,
	})
	if err != nil {
		c.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		c.Fatal("the server is not ready")
	}
	_, port, _ := strings.Cut(s.Addr().String(), ":")
	if _, err := fmt.Sscan(port, &c.port); err != nil {
		c.Fatal(err)
	}
	c.server = s
}

func (c *cluster) stop() {
	c.server.Shutdown()
	c.server.WaitForShutdown()
}

// The server of an external bus is restarted again and again while blocks are
// published and read: nothing is lost, nothing comes twice, the order stays.
func TestAnExternalBusThatIsRestarted(t *testing.T) {
	c := startCluster(t)
	e := start(t, func(cfg *Config) {
		cfg.Servers = []string{fmt.Sprintf("nats://127.0.0.1:%d", c.port)}
		cfg.Dir = filepath.Join(cfg.Dir, "new") // not there yet
	})
	const blocks = 60
	published := make(chan error, 1)
	go func() {
		var err error
		for n := range uint64(blocks) {
			var bl event.Builder
			d := &event.Draft{}
			d.Reset(fmt.Appendf(nil, "%d", n+1))
			d.Received = time.Unix(1, 0)
			bl.Append(d)
			id := event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: n + 1}
			if _, err = e.bus.PublishBlock(e.ctx, id, event.Pack(nil, bl.Encode(nil, id, time.Unix(2, 0)))); err != nil {
				break
			}
		}
		published <- err
	}()
	r := e.reader("store", 0)
	for n := 1; n <= blocks; n++ {
		if n == 20 || n == 40 {
			c.stop()
			c.start()
		}
		d, text := e.next(r)
		if want := fmt.Sprintf("%d:%d", n, n); text != want {
			t.Fatalf("got %s, want %s", text, want)
		}
		d.Commit()
	}
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	if err := r.Save(e.ctx); err != nil {
		t.Fatal(err)
	}
	if last, err := e.bus.Last(e.ctx, Events); err != nil || last != blocks {
		t.Errorf("the stream ends at %d, %v", last, err)
	}
	e.restart()
	if got, err := e.bus.Confirmed(e.ctx, Events, "store"); err != nil || got != blocks || len(e.bus.Lost()) > 0 {
		t.Errorf("cursor %d, %v, lost %v", got, err, e.bus.Lost())
	}
}

// While the external bus is away a stage can still be stopped.
func TestStoppingWhileTheExternalBusIsAway(t *testing.T) {
	c := startCluster(t)
	e := start(t, func(cfg *Config) { cfg.Servers = []string{fmt.Sprintf("nats://127.0.0.1:%d", c.port)} })
	e.block(1, "a")
	r := e.reader("store", 0)
	d, _ := e.next(r)
	d.Commit()
	c.stop()
	short, cancel := context.WithTimeout(e.ctx, 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := r.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next: %v", err)
	}
	r.Close()
	e.bus.Close()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	c.start()
}

// A cluster whose stream was made anew: the loss is told once, and reading goes on.
func TestAnExternalStreamThatWasMadeAnew(t *testing.T) {
	c := startCluster(t)
	e := start(t, func(cfg *Config) { cfg.Servers = []string{fmt.Sprintf("nats://127.0.0.1:%d", c.port)} })
	for i := range uint64(3) {
		e.block(i+1, "x")
	}
	if err := e.bus.Confirm(e.ctx, Events, "store", 3); err != nil {
		t.Fatal(err)
	}
	first := e.bus.Origin()
	if err := e.bus.js.DeleteStream(e.ctx, Events); err != nil {
		t.Fatal(err)
	}
	e.restart()
	if d := cmp.Diff([]Lost{{Events, 1, 3, e.bus.Origin()}}, e.bus.Lost()); d != "" || e.bus.Origin() == first {
		t.Errorf("%s\norigin %s, before %s", d, e.bus.Origin(), first)
	}
	if err := e.bus.LostTold(e.ctx); err != nil {
		t.Fatal(err)
	}
	if seq := e.block(4, "y"); seq != 1 {
		t.Errorf("the next block got sequence %d", seq)
	}
	if _, text := e.next(e.reader("store", 0)); text != "1:y" {
		t.Errorf("got %s", text)
	}
	e.restart()
	if len(e.bus.Lost()) > 0 {
		t.Errorf("told again: %v", e.bus.Lost())
	}
}
