package detect

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yagura/detect/sigma"
)

// found lists the atoms that a slot's literals answer in a text.
func foundIn(literals []string, text string) []string {
	b := indexBuilder{}
	atoms := make([]atom, len(literals))
	for i, l := range literals {
		p := sigma.Pattern{Tokens: []sigma.Token{{Kind: sigma.AnyRun}, {Kind: sigma.Literal, Text: l}, {Kind: sigma.AnyRun}}}
		atoms[i] = atom{m: &sigma.Text{Pattern: p}}
	}
	x := buildIndexes(atoms, 1)[0]
	_ = b
	m := &matcher{p: &Program{atoms: atoms, wakeAt: make([]uint32, len(atoms)+1)}, answers: make([]uint8, len(atoms))}
	m.scanValue(&x, []byte(text))
	out := map[string]bool{}
	for i, a := range m.answers {
		if a == yes {
			out[literals[i]] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

func TestAutomatonFindsAllLiterals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		literals := rapid.SliceOfN(rapid.StringMatching(`[abcé]{2,5}`), 1, 30).Draw(rt, "literals")
		text := rapid.StringMatching(`[abcABCéÉ ]{0,30}`).Draw(rt, "text")
		var want []string
		for _, l := range literals {
			if strings.Contains(sigma.Fold(text), sigma.Fold(l)) && !slices.Contains(want, l) {
				want = append(want, l)
			}
		}
		slices.Sort(want)
		if d := cmp.Diff(want, foundIn(literals, text)); d != "" {
			rt.Fatal(d)
		}
	})
}

// A large set has sparse states too.
func TestAutomatonOfManyLiterals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	letters := "abcdefghijklmnopqrstuvwxyz0123456789-./\\:_ "
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	var literals []string
	for range 3000 {
		literals = append(literals, word(2+r.IntN(13)))
	}
	literals = distinct(literals)
	if a := newAutomaton(literals); a.dense == uint32(len(a.out)) {
		t.Fatal("the set is too small for this test")
	}
	for range 50 {
		text := word(20) + literals[r.IntN(len(literals))] + word(20) + literals[r.IntN(len(literals))]
		var want []string
		for _, l := range literals {
			if strings.Contains(text, l) {
				want = append(want, l)
			}
		}
		slices.Sort(want)
		if d := cmp.Diff(want, foundIn(literals, strings.ToUpper(text))); d != "" {
			t.Fatalf("%q: %s", text, d)
		}
	}
}

// naiveWindow says at which events a correlation would complete, from the
// definition: the last timespan before any event, all groups apart.
func naiveComplete(events []ev, span float64, need int, value func(ev) string) bool {
	for _, end := range events {
		seen := map[string]bool{}
		n := 0
		for _, e := range events {
			if e.at > end.at-span && e.at <= end.at {
				seen[value(e)] = true
				n++
			}
		}
		if value(end) == "" && n >= need || value(end) != "" && len(seen) >= need {
			return true
		}
	}
	return false
}

// Whatever the order of arrival, a group alerts exactly when some window of its
// events meets the condition.
func TestWindowsAreExactInAnyOrder(t *testing.T) {
	rule := func(kind, condition string) *Program {
		head, _, _ := strings.Cut(sshRules, "---\ntitle: Password guessing")
		return mustLoad(t, head+fmt.Sprintf("---\ntitle: C\nid: c\nlevel: high\ncorrelation:\n  type: %s\n  rules: [ssh-fail]\n  group-by: [source.ip]\n  timespan: 60s\n  condition: %s\n", kind, condition))
	}
	count, values := rule("event_count", "{gte: 4}"), rule("value_count", "{field: user.name, gte: 4}")
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(rt, "events")
		events := make([]ev, n)
		for i := range events {
			at := float64(rapid.IntRange(0, 500).Draw(rt, "at"))
			events[i] = sshd(at, "192.0.2.1", rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(rt, "user"))
		}
		if rapid.Bool().Draw(rt, "in order") {
			slices.SortStableFunc(events, func(a, b ev) int { return int(a.at - b.at) })
		}
		size := rapid.IntRange(1, 40).Draw(rt, "block")
		for _, c := range []struct {
			p     *Program
			value func(ev) string
		}{{count, func(ev) string { return "" }}, {values, func(e ev) string { return e.fields["user.name"].(string) }}} {
			got := run(NewEngine(c.p, EngineConfig{Lateness: time.Hour}), blocksOf(t, size, events...))
			if want := naiveComplete(events, 60, 4, c.value); want != (len(got) > 0) {
				rt.Fatalf("alerts %v; the definition says %v", got, want)
			}
		}
	})
}
