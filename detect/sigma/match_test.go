package sigma

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// mapEvent is an event of a test; a missing key is a missing field.
type mapEvent struct {
	fields map[string][]Element
	line   string
}

func (e mapEvent) Field(name string) ([]Element, bool) { v, ok := e.fields[name]; return v, ok }
func (e mapEvent) Line() string                        { return e.line }

// event reads "f=a,b g= h=NULL i=[] | raw line".
func event(text string) mapEvent {
	fields, line, _ := strings.Cut(text, "|")
	e := mapEvent{fields: map[string][]Element{}, line: strings.TrimSpace(line)}
	for _, f := range strings.Fields(fields) {
		name, value, _ := strings.Cut(f, "=")
		e.fields[name] = []Element{}
		if value == "[]" {
			continue
		}
		for _, v := range strings.Split(value, ",") {
			e.fields[name] = append(e.fields[name], Element{Text: strings.ReplaceAll(v, "_", " "), Null: v == "NULL"})
		}
	}
	return e
}

func TestNaive(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	naive := Naive{Zone: tokyo, Lists: testLists{"adm": {"root", "Admin"}, "nets": {"10.0.0.0/8", "2001:db8::1"}, "domains": {".evil.example"}}}
	for _, tt := range []struct {
		selection string
		yes, no   []string
	}{
		{"s: {f: abc}", []string{"f=abc", "f=ABC", "f=x,abc"}, []string{"f=abcd", "g=abc", "f=", "f=NULL", "f=[]", "| abc"}},
		{"s: {f: 4625}", []string{"f=4625", "f=4625.0", "f=04625", "f=1,4625"}, []string{"f=46250", "f=4625x", "f=", "f=4625.1"}},
		{"s: {f: '4625'}", []string{"f=4625", "f=4625.0"}, []string{"f=46250"}},
		{"s: {f: 0x17}", []string{"f=23"}, []string{"f=0x17"}},
		{"s: {f: '0x17'}", []string{"f=0x17", "f=0X17"}, []string{"f=23"}},
		{"s: {f: '1.10'}", []string{"f=1.10"}, []string{"f=1.1"}},
		{"s: {f: 1.10}", []string{"f=1.10", "f=1.1"}, []string{"f=1.11"}},
		{"s: {f: 9007199254740993}", []string{"f=9007199254740993"}, []string{"f=9007199254740992"}},
		{"s: {f: true}", []string{"f=true", "f=True", "f=TRUE"}, []string{"f=false", "f=1", "g=true"}},
		{"s: {f: null}", []string{"g=a", "f=NULL", "f=[]", "f=a,NULL"}, []string{"f=", "f=a"}},
		{"s: {f: ''}", []string{"f=", "f=a,"}, []string{"g=a", "f=NULL", "f=[]", "f=a"}},
		{"s: {f|exists: true}", []string{"f=", "f=NULL", "f=[]", "f=a"}, []string{"g=a"}},
		{"s: {f|exists: false}", []string{"g=a"}, []string{"f=", "f=NULL"}},
		{"s: {f|neq: a}", []string{"f=b", "g=a", "f=NULL"}, []string{"f=a", "f=b,A"}},
		{"s: {f|neq: [a, b]}", []string{"f=c"}, []string{"f=a", "f=b"}},
		{"s: {f|neq: null}", []string{"f=", "f=a"}, []string{"g=a", "f=NULL"}},
		{"s: {f|contains|all: [a, b]}", []string{"f=xbay", "f=a,b"}, []string{"f=a", "f=b"}},
		{`s: {f|contains: ':\Temp\'}`, []string{`f=c:\temp\x`}, []string{`f=c:\temp`, `f=c:\temp*`}},
		{"s: {f|re: 'a.c'}", []string{"f=xabcx"}, []string{"f=ABC"}},
		{"s: {f|re|i: 'a.c'}", []string{"f=xABCx"}, []string{"f=ac"}},
		{"s: {f|re|startswith: 'b|a'}", []string{"f=ax", "f=bx"}, []string{"f=xa"}},
		{"s: {f|re|endswith: 'b|a'}", []string{"f=xa", "f=xb"}, []string{"f=ax"}},
		{"s: {f|cidr: 10.0.0.0/8}", []string{"f=10.1.2.3", "f=::ffff:10.1.2.3"}, []string{"f=11.0.0.1", "f=10.0.0.0/8", "f=x", "f="}},
		{"s: {f|cidr: 'fe80::/10'}", []string{"f=fe80::1", "f=fe80::1%eth0"}, []string{"f=10.0.0.1"}},
		{"s: {f|gt: 5}", []string{"f=6", "f=5.1", "f=1,6"}, []string{"f=5", "f=x", "f=", "g=6", "f=1e3"}},
		{"s: {f|lte: 5}", []string{"f=5", "f=-6"}, []string{"f=6", "f=x"}},
		{"s: {f|gte: 9007199254740993}", []string{"f=9007199254740993"}, []string{"f=9007199254740992"}},
		{"s: {f|hour|gte: 22}", []string{"f=2026-11-24T14:00:00Z", "f=2026-11-24T23:00:00", "f=1795528800"}, []string{"f=2026-11-24T23:00:00Z", "f=22", "f=x"}},
		{"s: {f|day: 25}", []string{"f=2026-11-24T15:00:00Z", "f=2026-11-25"}, []string{"f=2026-11-24T14:59:59Z"}},
		{"s: {f|week: 53}", []string{"f=2027-01-01"}, []string{"f=2027-01-04"}},
		{"s: {f|year|lt: 2000}", []string{"f=1999-12-31"}, []string{"f=2000-01-01"}},
		{"s: {f|minute: 7, f|month: 11}", []string{"f=2026-11-24_10:07:00"}, []string{"f=2026-11-24_10:08:00"}},
		{"s: {f|fieldref: g}", []string{"f=a g=A", "f=x,a g=a,y"}, []string{"f=a g=b", "f=a", "g=a", "f=NULL g=NULL"}},
		{"s: {f|fieldref|neq: g}", []string{"f=a g=b", "f=a"}, []string{"f=a g=a"}},
		{"s: {f|fieldref|startswith: g}", []string{"f=abc g=AB"}, []string{"f=abc g=bc"}},
		{"s: {f|fieldref|endswith: g}", []string{"f=abc g=bc"}, []string{"f=abc g=ab"}},
		{"s: {f|fieldref|contains|cased: g}", []string{"f=abc g=b"}, []string{"f=abc g=B"}},
		{"s: {f|expand: '%adm%'}", []string{"f=ROOT", "f=admin"}, []string{"f=adm", "f=roots"}},
		{"s: {f|expand|cased: '%adm%'}", []string{"f=Admin"}, []string{"f=admin"}},
		{"s: {f|cidr|expand: '%nets%'}", []string{"f=10.9.9.9", "f=2001:db8::1"}, []string{"f=11.0.0.1", "f=x"}},
		{"s: {f|endswith|expand: '%domains%'}", []string{"f=c2.evil.example"}, []string{"f=evil.example.org"}},
		{"s: {f|expand: '%other%'}", nil, []string{"f=other"}},
		{"s: {f|windash|contains: ' -enc '}", []string{"f=x_/enc_y", "f=x_–ENC_y"}, []string{"f=x_enc_y"}},
		{"s: [Failed, 5 times]", []string{"| xx failed yy", "| 5 Times"}, []string{"f=failed", "| ok"}},
		{"s: {'|all': [a, b]}", []string{"| b a"}, []string{"| a", "| b"}},
		{"s: [foo, {a: 1}]", []string{"| foo", "a=1"}, []string{"a=2 | bar"}},
		{"s: {a: 1, b: 2}", []string{"a=1 b=2"}, []string{"a=1", "a=1 b=3"}},
		{"s: [{a: 1}, {b: 2}]", []string{"a=1", "b=2"}, []string{"a=2 b=1"}},
	} {
		r, errs := parseRule(t, wrap(tt.selection))
		if len(errs) > 0 {
			t.Errorf("%s: %v", tt.selection, errs)
			continue
		}
		for want, list := range map[bool][]string{true: tt.yes, false: tt.no} {
			for _, text := range list {
				if got := naive.Match(r, event(text)); got != want {
					t.Errorf("%s on %q: %v", tt.selection, text, got)
				}
			}
		}
	}
}

// TestNot: not is plain negation, also of what is absent.
func TestNot(t *testing.T) {
	r, errs := parseRule(t, strings.Replace(wrap("sel: {a: 1}\nfilter_x: {b: 2}\nfilter_y: {c|contains: x}"), "1 of s*", "sel and not 1 of filter_*", 1))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for text, want := range map[string]bool{"a=1": true, "a=1 b=2": false, "a=1 c=axb": false, "a=1 b=3 c=": true, "b=3": false} {
		if got := (Naive{}).Match(r, event(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestAtomsAndRequired(t *testing.T) {
	show := func(atoms []Atom) string {
		var out []string
		for _, a := range atoms {
			out = append(out, a.Field+" "+a.Matcher.String())
		}
		return strings.Join(out, ", ")
	}
	for _, tt := range []struct{ selection, condition, atoms, required string }{
		{"s: {f: abc, g: ABC}", "s", `f text "abc", g text "abc"`, `f text "abc"`},
		{"s: {f: [a, A, a]}", "s", `f text "a"`, `f text "a"`},
		{"s: {f|contains: [abcdef, xy]}\nt: {g|endswith: wxyz}", "s and t", `f text "*abcdef*", f text "*xy*", g text "*wxyz"`, `g text "*wxyz"`},
		{"s: {f|contains|all: [abcdef, xy]}", "s", `f text "*abcdef*", f text "*xy*"`, `f text "*abcdef*"`},
		{"s: {f: abc}\nt: {g: 5}", "s or t", `f text "abc", g number "5" 5`, `f text "abc", g number "5" 5`},
		{"s: {f: abc}\nt: {g: 5}", "s and not t", `f text "abc", g number "5" 5`, `f text "abc"`},
		{"s: {f: abc}\nt: {g: 5}", "not t", `f text "abc", g number "5" 5`, ``},
		{"s: {f: abc}\nt: {g: null}", "s or t", `f text "abc", g null`, ``},
		{"s: {f|neq: abc}", "s", `f text "abc"`, ``},
		{"s: {f: '*', g|fieldref: h}", "s", `f text "*", g field "h"`, ``},
		{"s: {f|re: 'x(abc|defg)+y?', g|gt: 1}", "s", `f re "x(abc|defg)+y?", g gt 1`, `f re "x(abc|defg)+y?"`},
		{"s: {f|re: '[a-z]+', g|exists: true}", "s", `f re "[a-z]+", g exists true`, ``},
		{"s: [foo, bar]", "s", ` text "*foo*",  text "*bar*"`, ` text "*foo*",  text "*bar*"`},
	} {
		r, errs := parseRule(t, strings.Replace(wrap(tt.selection), "1 of s*", tt.condition, 1))
		if len(errs) > 0 {
			t.Errorf("%s: %v", tt.selection, errs)
			continue
		}
		if diff := cmp.Diff([]string{tt.atoms, tt.required}, []string{show(r.Atoms()), show(r.Required())}); diff != "" {
			t.Errorf("%s, %s (-want +got)\n%s", tt.selection, tt.condition, diff)
		}
	}
}

func TestRegexpLiterals(t *testing.T) {
	for _, tt := range []struct{ re, want string }{
		{`abc`, "abc"}, {`a.*bcd`, "bcd"}, {`(?i)AbC`, "abc"}, {`(ab|cd)e`, "ab cd"}, {`ab|.`, ""}, {`a*`, ""}, {`(abc)+`, "abc"}, {`(abc){2,}`, "abc"},
		{`(abc){0,2}`, ""}, {`[ab]c`, "c"}, {`\x{fffd}`, ""}, {`^abc$`, "abc"}, {`(?i)K`, "k"}, {`(abc)?d`, "d"},
	} {
		re, err := compileRegexp(tt.re)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, strings.Join((&Regexp{tt.re, re}).Literals(), " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.re, diff)
		}
	}
}

// TestRequiredHolds: whenever a rule matches, one of its required atoms does, and every regexp that matches has a literal.
func TestRequiredHolds(t *testing.T) {
	values := rapid.SampledFrom([]string{"a", "b", "'a*'", "'*b'", "ab", "5", "null", "''", "true"})
	keys := rapid.SampledFrom([]string{"f", "g", "f|contains", "g|startswith", "f|neq", "g|contains|all", "'|all'", "f|re", "g|re|i"})
	texts := rapid.SampledFrom([]string{"a", "b", "AB", "ab", "ba", "5", "", "NULL", "true"})
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for _, name := range []string{"s1", "s2", "s3"} {
			key := keys.Draw(t, "key")
			list := rapid.SliceOfN(values, 1, 2).Draw(t, "values")
			if len(list) > 1 && !strings.Contains(key, "re") || strings.Contains(key, "all") {
				lines = append(lines, name+": {"+key+": ["+strings.Join(list, ", ")+"]}")
			} else {
				lines = append(lines, name+": {"+key+": "+list[0]+"}")
			}
		}
		condition := FormatCondition(anyExpr(3, 3).Draw(t, "condition"), []string{"s1", "s2", "s3"})
		docs, errs := Parse("r", []byte(strings.Replace(wrap(strings.Join(lines, "\n")), "1 of s*", condition, 1)))
		if len(errs) > 0 {
			t.Skip("not a rule")
		}
		r := docs[0].(*Rule)
		e := mapEvent{fields: map[string][]Element{}, line: texts.Draw(t, "line")}
		for _, name := range []string{"f", "g"} {
			if rapid.Bool().Draw(t, "present") {
				text := texts.Draw(t, name)
				e.fields[name] = []Element{{Text: text, Null: text == "NULL"}}
			}
		}
		required := r.Required()
		if required == nil || !(Naive{}).Match(r, e) {
			return
		}
		for _, a := range required {
			if (Naive{}).Item(Item{Field: a.Field, Values: []Value{{Any: []Matcher{a.Matcher}}}}, e) {
				return
			}
		}
		t.Fatalf("%v matches %+v, and none of %v does", lines, e, required)
	})
}

func TestRegexpLiteralsHold(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"a", "bc", "K", "(ab|c)", "(?i:k)", ".", "[ab]", "(a|b)*", "c+", "(ab){2}", "é", "^", "$", "(?i:É)"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 1, 5).Draw(t, "re"), "")
		re, err := compileRegexp(text)
		if err != nil {
			t.Fatal(err)
		}
		s := rapid.StringOfN(rapid.SampledFrom([]rune("aAbBcCkKéÉK")), 0, 8, -1).Draw(t, "s")
		list := (&Regexp{text, re}).Literals()
		if list == nil || !re.MatchString(s) {
			return
		}
		for _, l := range list {
			if strings.Contains(Fold(s), l) {
				return
			}
		}
		t.Fatalf("%s matches %q, which holds none of %q", text, s, list)
	})
}
