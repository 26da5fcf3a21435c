package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/bus"
	"yagura/internal/console"
	"yagura/internal/event"
)

// stubborn is a matcher that panics on one block.
type stubborn struct{ matcher }

func (s stubborn) Block(b *event.Block, seq uint64) (event.Verdict, []event.Alert) {
	if strings.Contains(string(b.Event(0).Raw()), "poison") {
		panic("poisoned")
	}
	return s.matcher.Block(b, seq)
}

// alertsOf reads n alerts from the bus.
func alertsOf(t *testing.T, b *bus.Bus, n int) (all []event.Alert) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := b.AlertsFrom(ctx, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range n {
		d, err := r.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d.Value)
		d.Commit()
	}
	return all
}

// A block that the rules cannot be run over is named by health and by an alert, and
// the next one is matched.
func TestAPoisonousBlockIsNamed(t *testing.T) {
	b := openBus(t, bus.Config{Dir: t.TempDir()})
	defer b.Close()
	publish(t, b, 1, 1, "poison")
	publish(t, b, 1, 2, "bad")
	ctx, cancel := context.WithCancel(t.Context())
	s := &detectStage{bus: b, engine: stubborn{testEngine(t)}, log: quiet}
	gone := make(chan error, 1)
	go func() { gone <- s.run(ctx) }()
	got := alertsOf(t, b, 2)
	cancel()
	if err := <-gone; err != nil {
		t.Error(err)
	}
	if a := got[0]; a.RuleID != RuleUnmatched || a.Tenant != "demo" || a.ID == "" ||
		a.Reason != "Matching block 1 (demo/n1/1/1, 1 lines) failed; its lines are stored without a verdict." {
		t.Errorf("%+v", a)
	}
	if got[1].RuleName != "Bad word" {
		t.Errorf("%+v", got[1])
	}
	h := &checkup{main: &Main{bus: b, detect: s}}
	h.poison()
	if len(h.Findings) != 1 || !strings.Contains(h.Findings[0].What, "over 1 blocks since the start, the last one is block 1 at ") {
		t.Errorf("%+v", h.Findings)
	}
}

// A message that no stage can read is told once, whatever restarts.
func TestADeadLetterIsToldOnce(t *testing.T) {
	b := openBus(t, bus.Config{Dir: t.TempDir()})
	defer b.Close()
	if _, err := b.PublishBlock(t.Context(), event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: 1}, []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	publish(t, b, 1, 2, "good")
	r, err := b.Blocks(t.Context(), "store", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := &Main{bus: b, log: quiet}
	m.cfg.Tenant, m.cfg.Node = "demo", "n1"
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- m.tellDead(ctx) }()
		a := alertsOf(t, b, 1)[0]
		cancel()
		if err := <-gone; err != nil {
			t.Error(err)
		}
		if a.RuleID != RuleDead || !strings.HasPrefix(a.Reason, "Message 1 of YAGURA_EVENTS cannot be read and was set aside: ") {
			t.Errorf("%+v", a)
		}
		if err := b.Confirm(t.Context(), bus.Dead, "tell", 0); err != nil { // as if it had been killed before
			t.Fatal(err)
		}
	}
	if n, err := b.Last(t.Context(), bus.Alerts); err != nil || n != 1 {
		t.Errorf("%d alerts, %v", n, err)
	}
}

func TestFaultsThatLastAreTold(t *testing.T) {
	f := &faults{since: map[string]time.Time{}, told: map[string]bool{}}
	at := time.Unix(1_800_000_000, 0)
	critical := func(places ...string) (all []console.Finding) {
		for _, p := range places {
			all = append(all, console.Finding{Level: console.Critical, Place: p})
		}
		return append(all, console.Finding{Level: console.Warning, Place: "clock"})
	}
	for _, c := range []struct {
		after    time.Duration
		findings []console.Finding
		want     []string
	}{
		{0, critical("engine", "mail"), nil},
		{4 * time.Minute, critical("engine", "mail"), nil},
		{5 * time.Minute, critical("bus", "engine", "mail", "engine"), []string{"engine"}},
		{6 * time.Minute, critical("bus", "engine"), nil}, // told
		{10 * time.Minute, critical("bus"), []string{"bus"}},
		{11 * time.Minute, critical("engine", "bus"), nil}, // another outage
		{16 * time.Minute, critical("engine", "bus"), []string{"engine"}},
	} {
		var got []string
		for _, one := range f.lasting(c.findings, at.Add(c.after)) {
			got = append(got, one.Place)
			f.told[one.Place] = true
		}
		slices.Sort(got)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("after %v: %s", c.after, d)
		}
	}
}

func TestTroubleIsNamedAfterAWhile(t *testing.T) {
	var tr trouble
	bad := errors.New("no memory")
	if err := tr.note("the insert of blocks 4 to 9", bad); err != bad || tr.String() != "" || tr.count() != 1 {
		t.Errorf("%v %q", err, tr.String())
	}
	tr.since = tr.since.Add(-2 * troubleAge)
	_ = tr.note("the insert of blocks 4 to 9", bad)
	if got := tr.String(); !strings.HasPrefix(got, "the insert of blocks 4 to 9 has failed 2 times since ") || !strings.HasSuffix(got, ": no memory") {
		t.Error(got)
	}
	if tr.note("the insert of blocks 4 to 9", nil); tr.String() != "" || tr.count() != 0 {
		t.Error(tr.String())
	}
}
