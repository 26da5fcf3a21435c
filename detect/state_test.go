package detect

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// allKinds has a correlation of every kind over the same rules.
const allKinds = sshRules + `  generate: true
---
title: Spray
id: spray
level: medium
correlation: {type: value_count, rules: [ssh-fail], group-by: [host.name], timespan: 30s, condition: {field: user.name, gte: 4}}
---
title: Guessed
id: guessed
level: critical
correlation: {type: temporal_ordered, rules: [brute, ssh-ok], group-by: [source.ip], timespan: 5m}
---
title: Both
id: both
level: low
suppress: 30s
correlation: {type: temporal, rules: [ssh-fail, ssh-ok], group-by: [source.ip, user.name], timespan: 20s}
---
title: Quiet
id: quiet
level: low
correlation: {type: event_count, rules: [ssh-ok], group-by: [user.name], timespan: 20s, condition: {lt: 2}}
---
title: Sum
id: sum
level: low
correlation: {type: value_sum, rules: [ssh-fail], group-by: [source.ip], timespan: 20s, condition: {field: source.port, gt: 20000}}
`

// traffic is a long mixture of log-ons, a little out of order.
func traffic(n int) []ev {
	r := rand.New(rand.NewPCG(7, 8))
	out := make([]ev, n)
	for i := range out {
		at, ip, user := float64(i)*1.3-float64(r.IntN(20)), fmt.Sprintf("192.0.2.%d", r.IntN(6)), string(rune('a'+r.IntN(6)))
		out[i] = sshd(at, ip, user)
		if r.IntN(4) == 0 {
			out[i] = accepted(at, ip, user)
		}
		out[i].fields["source.port"] = int64(r.IntN(9000))
	}
	return out
}

// collect gives everything that the engine answers, as text.
func collect(e *Engine, blocks []*event.Block, from int) string {
	var b strings.Builder
	for i, block := range blocks[from:] {
		v, alerts := e.Block(block, uint64(from+i+1))
		fmt.Fprintf(&b, "%+v\n", v)
		for _, a := range alerts {
			fmt.Fprintf(&b, "%+v\n", a)
		}
	}
	return b.String()
}

func TestAReplayGivesTheSame(t *testing.T) {
	p := mustLoad(t, allKinds)
	blocks := blocksOf(t, 17, traffic(600)...)
	first, second := NewEngine(p, EngineConfig{}), NewEngine(mustLoad(t, allKinds), EngineConfig{})
	a, b := collect(first, blocks, 0), collect(second, blocks, 0)
	if a != b {
		t.Error(cmp.Diff(a, b))
	}
	for _, id := range []string{"ssh-fail", "spray", "guessed", "both", "quiet", "sum"} {
		if !strings.Contains(a, "RuleID:"+id+" ") {
			t.Errorf("no alert of %s: the traffic tries too little", id)
		}
	}
}

// A kill between any two blocks, a checkpoint, a new engine: the same answers.
func TestRestoreAtAnyBlockGivesTheSame(t *testing.T) {
	p := mustLoad(t, allKinds)
	blocks := blocksOf(t, 10, traffic(400)...)
	cfg := EngineConfig{MaxEvidence: 20_000, MaxGroups: 5, MaxSuppress: 20}
	for kill := range blocks {
		e := NewEngine(p, cfg)
		for i, b := range blocks[:kill] {
			e.Block(b, uint64(i+1))
		}
		saved, err := e.Checkpoint(nil)
		if err != nil {
			t.Fatal(err)
		}
		other := NewEngine(mustLoad(t, allKinds), cfg)
		if err := other.Restore(saved); err != nil {
			t.Fatal(err)
		}
		again, err := other.Checkpoint(nil)
		if err != nil || string(again) != string(saved) {
			t.Fatalf("block %d: a restored engine saves something else (%v)", kill, err)
		}
		if a, b := collect(e, blocks, kill), collect(other, blocks, kill); a != b {
			t.Fatalf("block %d: %s", kill, cmp.Diff(a, b))
		}
		if d := cmp.Diff(e.Stats(), other.Stats()); d != "" {
			t.Fatalf("block %d: stats %s", kill, d)
		}
	}
}

// How events are cut into blocks changes no alert (but for the ids).
func TestBlocksDoNotMatter(t *testing.T) {
	p := mustLoad(t, allKinds)
	events := traffic(300)
	want := run(NewEngine(p, EngineConfig{}), blocksOf(t, 1, events...))
	for _, size := range []int{2, 7, 300} {
		if d := cmp.Diff(want, run(NewEngine(p, EngineConfig{}), blocksOf(t, size, events...))); d != "" {
			t.Errorf("blocks of %d: %s", size, d)
		}
	}
}

func TestAChangedRuleSetKeepsTheRest(t *testing.T) {
	e := NewEngine(mustLoad(t, sshRules), EngineConfig{})
	run(e, blocksOf(t, 10, sshd(0, "1", "a"), sshd(1, "1", "a")))
	saved, err := e.Checkpoint(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, from, to string
		want           int
	}{
		{"a new rule", "title: Log-on\n", "title: Entry\n", 1},
		{"another title", "title: Password guessing", "title: Brute force", 1},
		{"another threshold", "gte: 3", "gte: 2", 0}, // one event is not enough for the new meaning
		{"another rule below", "event.outcome: failure", "event.outcome: fail*", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := NewEngine(mustLoad(t, strings.Replace(sshRules, c.from, c.to, 1)), EngineConfig{})
			if err := other.Restore(saved); err != nil {
				t.Fatal(err)
			}
			if got := run(other, blocksOf(t, 1, sshd(2, "1", "a"))); len(got) != c.want {
				t.Errorf("alerts %v", got)
			}
		})
	}
}

func TestBoundsHoldAndAreCounted(t *testing.T) {
	p := mustLoad(t, allKinds)
	cfg := EngineConfig{MaxGroups: 50, MaxEntries: 100, MaxSuppress: 40, MaxEvidence: 20_000, MaxAlertRate: 30}
	e := NewEngine(p, cfg)
	var events []ev
	for i := range 3000 {
		ip := fmt.Sprintf("192.0.2.%d", i%200)
		if i%3 == 0 {
			ip = "198.51.100.1"
		}
		x := sshd(float64(i)*0.01, ip, fmt.Sprintf("u%d", i))
		x.fields["source.port"] = int64(1)
		events = append(events, x)
	}
	run(e, blocksOf(t, 100, events...))
	s := e.Stats()
	if s.Evicted == 0 || s.Merged == 0 || s.SuppressEvicted == 0 || s.EvidenceDropped == 0 || s.AlertsDropped == 0 {
		t.Errorf("something was not counted: %+v", s)
	}
	if s.Suppressions > 40 || s.Evidence > 20_000 || s.Groups > 50*len(p.correlations) {
		t.Errorf("a bound is broken: %+v", s)
	}
	evidence := 0
	for i := range e.windows {
		seen := 0
		for w := e.windows[i].first; w != nil; w = w.next {
			seen++
			texts := 0
			if len(w.entries) > 100 {
				t.Errorf("%d entries in %q", len(w.entries), w.key)
			}
			for k := range w.entries {
				if n := len(w.entries[k].packed); n > 0 {
					texts++
					evidence += n
				}
			}
			if texts != w.evidence {
				t.Errorf("group %q counts %d texts; it holds %d", w.key, w.evidence, texts)
			}
		}
		if seen != len(e.windows[i].byKey) {
			t.Errorf("the order holds %d groups; the map %d", seen, len(e.windows[i].byKey))
		}
	}
	if evidence != e.evidence {
		t.Errorf("evidence is booked as %d; it is %d", e.evidence, evidence)
	}
}

// Times at the ends of what a clock can say must not break the arithmetic.
func TestOddTimesDoNoHarm(t *testing.T) {
	e := NewEngine(mustLoad(t, allKinds), EngineConfig{})
	for seq, at := range []int64{0, 1<<63 - 1, -1 << 63, 1 << 62, -1 << 62, 0, base.UnixNano()} {
		var b event.Builder
		for range 12 {
			for _, x := range []ev{sshd(0, "1", "a"), accepted(0, "1", "a")} {
				d := draftOf(x)
				d.Time = time.Unix(0, at)
				b.Append(d)
			}
		}
		block, err := b.Block(event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: uint64(seq + 1)}, base)
		if err != nil {
			t.Fatal(err)
		}
		e.Block(block, uint64(seq+1))
	}
	saved, err := e.Checkpoint(nil)
	if err == nil {
		err = NewEngine(e.p, EngineConfig{}).Restore(saved)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestARefusedCheckpointChangesNothing(t *testing.T) {
	p := mustLoad(t, allKinds)
	e := NewEngine(p, EngineConfig{})
	blocks := blocksOf(t, 10, traffic(60)...)
	collect(e, blocks[:3], 0)
	saved, _ := e.Checkpoint(nil)
	for _, bad := range [][]byte{nil, []byte("YGDETECT"), saved[:len(saved)-1], append([]byte("X"), saved[1:]...), append(saved[:40:40], saved[41:]...)} {
		if err := e.Restore(bad); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("error %v", err)
		}
	}
	if again, _ := e.Checkpoint(nil); string(again) != string(saved) {
		t.Error("a refused checkpoint has changed the engine")
	}
}

func FuzzRestore(f *testing.F) {
	p := mustLoad(f, allKinds)
	e := NewEngine(p, EngineConfig{})
	blocks := blocksOf(f, 10, traffic(60)...)
	collect(e, blocks, 0)
	saved, _ := e.Checkpoint(nil)
	f.Add(saved[:len(saved)-4])
	empty, _ := NewEngine(p, EngineConfig{}).Checkpoint(nil)
	f.Add(empty[:len(empty)-4])
	f.Fuzz(func(t *testing.T, body []byte) {
		e := NewEngine(p, EngineConfig{})
		if err := e.Restore(seal(body)); err != nil {
			if !errors.Is(err, ErrCheckpoint) {
				t.Errorf("unwrapped error %v", err)
			}
			return
		}
		collect(e, blocks[:2], 0)
		if _, err := e.Checkpoint(nil); err != nil {
			t.Error(err)
		}
	})
}
