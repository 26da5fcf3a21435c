package run

import (
	"testing"

	"yagura/detect"
	"yagura/internal/event"
)

// mixedBlock holds one line of each kind, each with the word that the rule wants.
func mixedBlock(t testing.TB, seq uint64) *event.Block {
	t.Helper()
	var b event.Builder
	h, err := NewHandlers(settings(t))
	if err != nil {
		t.Fatal(err)
	}
	handler := h.New()
	for _, flags := range []uint16{0, event.FlagHistory, event.FlagHistory | event.FlagReplay} {
		d := &event.Draft{}
		d.Reset([]byte("<38>Nov 20 18:00:00 host sshd[1]: bad"))
		d.Received, d.Flags = mustTime(t, "2026-11-20T09:00:00Z"), flags
		d.Source = event.Source{Peer: "192.0.2.1", Listener: "udp:1"}
		if flags != 0 {
			d.Source = event.Source{Peer: "/var/log/old.log", Listener: importListener}
			d.Received = mustTime(t, "2024-11-20T09:00:00Z")
		}
		handler.Handle(d)
		b.Append(d)
	}
	block, err := b.Block(event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: seq}, mustTime(t, "2026-11-20T09:00:01Z"))
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// Live lines and history that is to be matched raise alerts; other history does not.
// After a restart from the checkpoint both go on as they would have.
func TestHistoryIsMatchedOnlyWhereItIsWanted(t *testing.T) {
	p, cfg := testProgram(t)
	m := newTwofold(p, cfg)
	v, alerts := m.Block(mixedBlock(t, 1), 1)
	var hit []uint16
	for _, h := range v.Hits {
		if v.Rules[h.Rule] != v.Rules[0] {
			t.Errorf("rules %v", v.Rules)
		}
		hit = append(hit, h.Event)
	}
	if len(hit) != 2 || hit[0] != 0 || hit[1] != 2 || len(alerts) != 2 || len(v.Alert) != 2 {
		t.Fatalf("hits %v, %d alerts, %v", hit, len(alerts), v.Alert)
	}
	state, err := m.Checkpoint(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := newTwofold(p, cfg)
	if err := again.Restore(state); err != nil {
		t.Fatal(err)
	}
	if again.past == nil || again.past.Stats().Events != 1 || again.live.Stats().Events != 1 {
		t.Error("the state of one engine is lost")
	}
	// One that never saw history writes what an engine alone writes.
	plain := newTwofold(p, cfg)
	state, err = plain.Checkpoint(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := detect.NewEngine(p, cfg).Restore(state); err != nil {
		t.Error(err)
	}
	for _, damaged := range []string{pastMagic, "\xff\xff\xff\xff\xff\xff\xff\xff" + pastMagic, "nothing"} {
		if plain.Restore([]byte(damaged)) == nil {
			t.Errorf("%q restores", damaged)
		}
	}
}
