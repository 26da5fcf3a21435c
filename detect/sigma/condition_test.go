package sigma

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var someNames = []string{"sel_a", "sel_b", "filter_x", "_hidden", "a-b", "sel1", "1"}

func TestConditionGood(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"sel_a", "sel_a"},
		{"  sel_a\n", "sel_a"},
		{"sel_a or sel_b and filter_x", "sel_a or sel_b and filter_x"},
		{"(sel_a or sel_b) and filter_x", "(sel_a or sel_b) and filter_x"},
		{"((sel_a))", "sel_a"},
		{"sel_a and (sel_b and filter_x)", "sel_a and sel_b and filter_x"},
		{"sel_a AND NOT sel_b OR a-b", "sel_a and not sel_b or a-b"},
		{"not sel_a and sel_b", "not sel_a and sel_b"},
		{"not (sel_a and sel_b)", "not (sel_a and sel_b)"},
		{"not not sel_a", "not not sel_a"},
		{"not 1 of sel_*", "not (sel_a or sel_b)"},
		{"sel1 and not 1 of filter_*", "sel1 and not filter_x"},
		{"1 of sel*", "sel_a or sel_b or sel1"},
		{"any of sel*", "sel_a or sel_b or sel1"},
		{"ALL OF sel*", "sel_a and sel_b and sel1"},
		{"all of *_*", "sel_a and sel_b and filter_x and _hidden"},
		{"1 of *_x", "filter_x"},
		{"1 of s*_b", "sel_b"},
		{"1 of s*l*a", "sel_a"},
		{"1 of them", "sel_a or sel_b or filter_x or a-b or sel1 or 1"},
		{"all of Them", "sel_a and sel_b and filter_x and a-b and sel1 and 1"},
		{"1 of *", "sel_a or sel_b or filter_x or _hidden or a-b or sel1 or 1"},
		{"1 of _*", "_hidden"},
		{"1 of sel_a", "sel_a"},
		{"all of sel_* or 1 of filter_*", "sel_a and sel_b or filter_x"},
		{"sel_a and(sel_b)or(filter_x)", "sel_a and sel_b or filter_x"},
		{"1 or 1 of a*", "1 or a-b"},
		{"sel_a and 1 of (", ""},
	} {
		e, err := ParseCondition(tt.in, someNames)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q: accepted", tt.in)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, FormatCondition(e, someNames)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", tt.in, diff)
		}
	}
}

func TestConditionBad(t *testing.T) {
	const all = "one of sel_a, sel_b, filter_x, _hidden, a-b, sel1, 1"
	for _, tt := range []struct{ in, want string }{
		{"", "1: the condition ends too early; a selection name"},
		{"sel_a and", "10: the condition ends too early; a selection name"},
		{"sel_c", `1: the unknown selection "sel_c"; did you mean sel_a?`},
		{"SEL_A", `1: the unknown selection "SEL_A"; did you mean sel_a?`},
		{"zzzzzzz", `1: the unknown selection "zzzzzzz"; ` + all},
		{"sel_a sel_b", `7: unexpected "sel_b"; and, or, or the end of the condition`},
		{"sel_a adn sel_b", `7: unexpected "adn"; did you mean and?`},
		{"sel_a near sel_b", `7: unexpected "near"; and, or, or the end of the condition`},
		{"(sel_a", "1: a ( that is never closed; a ) for it"},
		{"((sel_a) or sel_b", "1: a ( that is never closed; a ) for it"},
		{"(sel_a sel_b)", `8: unexpected "sel_b"; and, or, or the end of the condition`},
		{"sel_a)", `6: unexpected ")"; as many ( before it`},
		{"()", `2: unexpected ")"; a selection name before it`},
		{"and sel_a", `1: unexpected "and"; a selection name before it`},
		{"sel_a or or sel_b", `10: unexpected "or"; a selection name before it`},
		{"not", "4: the condition ends too early; a selection name"},
		{"sel_a | count() > 5", "7: the old aggregation after |; a correlation document; the condition ends before the |"},
		{"sel_a && sel_b", `7: the character "&"; names, and, or, not, of, parentheses`},
		{"sel_*", "1: a pattern without 1 of or all of; 1 of sel_*"},
		{"them", "1: the word them alone; 1 of them, or all of them"},
		{"all", "1: the word all alone; 1 of them, or all of them"},
		{"2 of sel*", `1: "2" before of; 1 of, any of or all of`},
		{"sel_a of sel*", `1: "sel_a" before of; 1 of, any of or all of`},
		{"of sel*", `1: unexpected "of"; a selection name before it`},
		{"1 of", "5: nothing to choose from after of; them, a name, or a pattern such as sel*"},
		{"1 of (sel*)", "6: nothing to choose from after of; them, a name, or a pattern such as sel*"},
		{"1 of foo*", `6: "foo*" matches no selection; ` + all},
		{"1 of selx*", `6: "selx*" matches no selection; ` + all},
		{"1 of sel_", `6: "sel_" matches no selection; did you mean sel_a?`},
		{strings.Repeat("(", 100) + "sel_a" + strings.Repeat(")", 100), "65: more than 64 levels; fewer parentheses and nots"},
		{strings.Repeat("not ", 100) + "sel_a", "257: more than 64 levels; fewer parentheses and nots"},
		{strings.Repeat("sel_a or ", 2000) + "sel_a", "1: a condition of 18005 bytes; at most 16384"},
	} {
		_, err := ParseCondition(tt.in, someNames)
		if err == nil {
			t.Errorf("%q: accepted", tt.in)
			continue
		}
		want := strings.Replace(tt.want, ": ", ": condition: ", 1)
		if diff := cmp.Diff(":1:"+want, err.Error()); diff != "" {
			t.Errorf("%q (-want +got)\n%s", tt.in, diff)
		}
	}
	if _, err := ParseCondition("1 of them", []string{"_a"}); err == nil {
		t.Error("them over hidden selections only: accepted")
	}
}

// anyExpr draws expressions in the form that the parser gives: no And directly inside an And, no Or inside an Or.
func anyExpr(names int, depth int) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		kind := 0
		if depth > 0 {
			kind = rapid.IntRange(0, 3).Draw(t, "kind")
		}
		switch kind {
		case 1:
			return Not{anyExpr(names, depth-1).Draw(t, "not")}
		case 2:
			return allOf(rapid.SliceOfN(anyExpr(names, depth-1), 2, 3).Draw(t, "and"))
		case 3:
			return anyOf(rapid.SliceOfN(anyExpr(names, depth-1), 2, 3).Draw(t, "or"))
		}
		return Sel(rapid.IntRange(0, names-1).Draw(t, "sel"))
	})
}

func TestConditionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyExpr(len(someNames), 4).Draw(t, "e")
		text := FormatCondition(e, someNames)
		again, err := ParseCondition(text, someNames)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Fatalf("%q (-want +got)\n%s", text, diff)
		}
	})
}

func FuzzCondition(f *testing.F) {
	for _, seed := range []string{"sel_a and not 1 of filter_*", "(sel_a or sel_b", "all of them", "1 of *", "not not sel1 | x", "選択 or sel_a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseCondition(text, someNames)
		if err != nil {
			if one, ok := err.(Error); !ok || one.Found == "" || one.Col < 1 || one.Col > len(text)+1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := ParseCondition(FormatCondition(e, someNames), someNames)
		if len(FormatCondition(e, someNames)) < maxCondition && err != nil {
			t.Fatalf("%q printed %q: %v", text, FormatCondition(e, someNames), err)
		}
		if diff := cmp.Diff(e, again); err == nil && diff != "" {
			t.Fatalf("%q (-first +again)\n%s", text, diff)
		}
	})
}
