package detect

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

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
