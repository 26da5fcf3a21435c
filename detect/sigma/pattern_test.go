package sigma

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPatternMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, yes, no string // blank-separated; _ stands for the empty text
	}{
		{`abc`, "abc ABC aBc", "ab abcd xabc _"},
		{``, "_", "a"},
		{`*`, "_ a abc", ""},
		{`a*`, "a ab ABC", "ba _"},
		{`*a`, "a ba", "ab _"},
		{`*a*b*`, "ab xaxbx aab", "ba a b"},
		{`a?c`, "abc aéc a本c", "ac abbc"},
		{`??`, "ab é本 😀é", "a abc 😀"},
		{`*???`, "abc xabc 😀é本", "ab 😀"},
		{`a\*b`, "a*b", `axb a\*b a\b`},
		{`a\?b`, "a?b", "axb"},
		{`a\\b`, `a\b`, `a\\b`},
		{`a\b`, `a\b`, `a\\b ab`},
		{`a\\*`, `a\ a\b`, `a a*`},
		{`a\\\*`, `a\*`, `a\ a\b`},
		{`a\\\\b`, `a\\b`, `a\b`},
		{`\`, `\`, "_"},
		{`C:\*`, `C:*`, `C:\x C:\`},
		{`É`, "é É", "e"},
		{`straße`, "STRAßE straße", "strasse"},
		{`k`, "K \u212a", "c"},
		{`ſ`, "s S ſ", "z"},
		{`日本*`, "日本 日本語", "日"},
		{`ＡＢＣ`, "ａｂｃ ＡＢＣ", "abc"},
		{`ΣΊΣΥΦΟΣ`, "σίσυφος Σίσυφοσ", "sisyphos"},
		{`a*?b`, "axb axyb", "ab"},
	} {
		p := ParsePattern(tt.pattern)
		for want, list := range map[bool]string{true: tt.yes, false: tt.no} {
			for _, s := range strings.Fields(list) {
				s = strings.ReplaceAll(s, "_", "")
				if got := p.Match(s, false); got != want {
					t.Errorf("%q on %q: %v", tt.pattern, s, got)
				}
			}
		}
	}
	if p := ParsePattern("aB*"); p.Match("ABc", true) || !p.Match("aBc", true) {
		t.Error("cased matching ignores case")
	}
	dash := windash(ParsePattern("* -enc *"))
	for _, c := range DashChars {
		if !dash.Match("x "+string(c)+"ENC y", false) {
			t.Errorf("windash misses %q", c)
		}
	}
	if dash.Match("x +enc y", false) || dash.Match("x enc y", false) {
		t.Error("windash matches too much")
	}
}

// patternText draws pattern texts that are full of what is hard.
var patternText = rapid.StringOfN(rapid.SampledFrom([]rune(`ab*?\%-/ éKK本😀`)), 0, 12, -1)

func TestPatternRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ParsePattern(patternText.Draw(t, "text"))
		if diff := cmp.Diff(p, ParsePattern(p.String())); diff != "" {
			t.Fatalf("%q (-first +again)\n%s", p.String(), diff)
		}
	})
}

// TestPatternLikeRegexp compares Match with the same pattern written as a regular expression.
func TestPatternLikeRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := windash(ParsePattern(patternText.Draw(t, "pattern")))
		s := rapid.StringOfN(rapid.SampledFrom([]rune(`aAb*?\-/ éÉkK本–`)), 0, 10, -1).Draw(t, "s")
		var b strings.Builder
		for _, tok := range p.Tokens {
			b.WriteString(map[TokenKind]string{Literal: regexp.QuoteMeta(tok.Text), AnyRun: ".*", AnyOne: ".", Dash: "[-/–—―]"}[tok.Kind])
		}
		re := regexp.MustCompile(`(?is)\A(?:` + b.String() + `)\z`)
		if got, want := p.Match(s, false), re.MatchString(s); got != want {
			t.Fatalf("%q on %q: %v, as a regexp %v", p.String(), s, got, want)
		}
		if p.Match(s, false) && !strings.Contains(Fold(s), Fold(p.Literal())) {
			t.Fatalf("%q matches %q without its literal %q", p.String(), s, p.Literal())
		}
	})
}

// TestBase64Offset: the base64 of any text that contains the value contains one of the three forms.
func TestBase64Offset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(3, 20, -1).Draw(t, "text")
		before, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		encoded := base64.StdEncoding.EncodeToString([]byte(before + text + after))
		forms, err := base64Offsets(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range forms {
			if form, _ := p.Whole(); strings.Contains(encoded, form) {
				return
			}
		}
		t.Fatalf("none of %v in %s", forms, encoded)
	})
}

func TestFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if Fold(Fold(s)) != Fold(s) {
			t.Fatalf("Fold(%q) is not stable", s)
		}
		if !strings.EqualFold(s, Fold(s)) {
			t.Fatalf("Fold(%q) = %q, which EqualFold calls different", s, Fold(s))
		}
		a, b := rapid.Rune().Draw(t, "a"), rapid.Rune().Draw(t, "b")
		if (FoldRune(a) == FoldRune(b)) != strings.EqualFold(string(a), string(b)) {
			t.Fatalf("%q and %q", a, b)
		}
	})
	if got := Fold("A\xff\xfeB"); got != "a\xff\xfeb" {
		t.Errorf("bytes that are no UTF-8: %q", got)
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"", `a\*b*?`, `\\\\*`, `%x%`, "\xff*?", `:\Temp\`, "-a /b"} {
		f.Add(seed, seed, true)
	}
	f.Fuzz(func(t *testing.T, text, element string, expand bool) {
		p := parsePattern(text, expand)
		for i, tok := range p.Tokens {
			if tok.Kind == Literal && tok.Text == "" || i > 0 && tok.Kind == p.Tokens[i-1].Kind && (tok.Kind == Literal || tok.Kind == AnyRun) {
				t.Fatalf("%q: %+v", text, p)
			}
		}
		if again := ParsePattern(p.String()); !expand && !cmp.Equal(p, again) {
			t.Fatalf("%q printed %q: %+v, %+v", text, p.String(), p, again)
		}
		if whole, ok := ParsePattern(text).Whole(); ok && utf8.ValidString(text) && !ParsePattern(text).Match(whole, true) {
			t.Fatalf("%q does not match its own text", text)
		}
		if len(element) < 32 && len(text) < 32 && strings.Count(text, "*") < 4 {
			p.Match(element, false)
			windash(p).Match(element, true)
		}
	})
}
