package detect

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"yagura/detect/sigma"
)

func TestGlobIsThePattern(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := sigma.ParsePattern(rapid.StringMatching(`[abA*?é]{0,7}`).Draw(rt, "pattern"))
		if rapid.Bool().Draw(rt, "dash") {
			p.Tokens = append([]sigma.Token{{Kind: sigma.Dash}}, p.Tokens...)
		}
		text := rapid.OneOf(rapid.StringMatching(`[-/–]?[abAÉé]{0,8}`), rapid.Just("a\xffb")).Draw(rt, "text")
		for _, cased := range []bool{false, true} {
			v := []byte(text)
			if !cased {
				v = appendFold(nil, v)
			}
			if got, want := newGlob(p, cased).match(v), p.Match(text, cased); got != want {
				rt.Fatalf("%q against %q, cased %v: %v; the reference says %v", p, text, cased, got, want)
			}
		}
	})
}

func TestFoldIsTheReference(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := "x" + string(r) + "Y"
		if got, want := string(appendFold(nil, []byte(s))), sigma.Fold(s); got != want {
			t.Fatalf("%U: %q; want %q", r, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add([]byte("Ａ\xffK日本"))
	f.Fuzz(func(t *testing.T, v []byte) {
		if got, want := string(appendFold(nil, v)), sigma.Fold(string(v)); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	})
}
