package bus

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// TestAnExternalStreamMadeAnewWhileEverybodyWasAway: the cursors and checkpoints
// survive in their bucket, and another node has already written to the new streams.
// Nothing of what it wrote is passed over, and the loss is told.
func TestAnExternalStreamMadeAnewWhileEverybodyWasAway(t *testing.T) {
	c := startCluster(t)
	outside := func(cfg *Config) { cfg.Servers = []string{fmt.Sprintf("nats://127.0.0.1:%d", c.port)} }
	e := start(t, outside)
	for n := range uint64(9) {
		e.block(n+1, "old")
	}
	for _, err := range []error{
		e.bus.Confirm(e.ctx, Events, "store", 7), e.bus.Confirm(e.ctx, Events, "detect", 8),
		e.bus.SaveCheckpoint(e.ctx, "detect", 8, []byte("windows")),
		e.bus.PublishAlert(e.ctx, event.Alert{ID: "old1"}), e.bus.PublishAlert(e.ctx, event.Alert{ID: "old2"}), e.bus.Confirm(e.ctx, Alerts, "alert", 2),
		e.bus.PublishVerdict(e.ctx, event.Verdict{Seq: 8, Block: "old"}),
		e.bus.js.DeleteStream(e.ctx, Events), e.bus.js.DeleteStream(e.ctx, Alerts),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e.bus.Close()

	other := start(t, outside) // with a folder and so a mark of its own
	for n := range uint64(3) {
		other.block(100+n, "new")
	}
	if err := other.bus.PublishAlert(e.ctx, event.Alert{ID: "new1"}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Lost{{Events, 8, 8, other.bus.Origin()}}, other.bus.Lost()); d != "" { // what the cursors know of
		t.Error(d)
	}
	if err := other.bus.LostTold(e.ctx); err != nil {
		t.Fatal(err)
	}

	e.open()
	if d := cmp.Diff([]Lost{{Events, 1, 9, e.bus.Origin()}}, e.bus.Lost()); d != "" { // what this node's mark knows of
		t.Error(d)
	}
	state, seq, err := e.bus.LoadCheckpoint(e.ctx, "detect")
	if err != nil || string(state) != "windows" || seq != 0 {
		t.Errorf("%q at %d, %v", state, seq, err)
	}
	if _, text := e.next(e.reader("detect", seq+1)); text != "1:new" {
		t.Errorf("detect got %s", text)
	}
	if _, text := e.next(e.reader("store", 0)); text != "1:new" {
		t.Errorf("store got %s", text)
	}
	r, err := e.bus.AlertsFrom(e.ctx, "alert", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if d, err := r.Next(e.ctx); err != nil || d.Value.ID != "new1" {
		t.Errorf("%+v, %v", d, err)
	}
	if got, err := e.bus.Confirmed(e.ctx, Verdicts, "store"); err != nil || got != 1 {
		t.Errorf("verdicts are read from %d, %v", got, err)
	}
	e.restart()
	if lost := e.bus.Lost(); len(lost) != 1 { // not told yet, and not noted twice
		t.Errorf("%v", lost)
	}
}

// A stream that got another origin is the same stream: its checkpoint counts.
func TestANewOriginKeepsTheCheckpoint(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	if err := e.bus.SaveCheckpoint(e.ctx, "detect", 1, []byte("windows")); err != nil {
		t.Fatal(err)
	}
	if err := e.bus.NewOrigin(e.ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, seq, err := e.bus.LoadCheckpoint(e.ctx, "detect"); err != nil || seq != 1 || len(e.bus.Lost()) > 0 {
			t.Errorf("at %d, %v, lost %v", seq, err, e.bus.Lost())
		}
		e.restart()
	}
}
