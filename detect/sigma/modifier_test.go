package sigma

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wrap puts the lines of a selection, indented by four, into a rule; they begin on line 4.
func wrap(selection string) string {
	lines := strings.Split(strings.TrimSuffix(selection, "\n"), "\n")
	return "title: t\nlogsource: {product: p}\ndetection:\n    " + strings.Join(lines, "\n    ") + "\n    condition: 1 of s*\n"
}

// render prints selections so that a test reads well: groups split by " | ", items by " & ".
func render(r *Rule) string {
	var selections []string
	for _, s := range r.Selections {
		var groups []string
		for _, g := range s.Any {
			var items []string
			for _, i := range g {
				items = append(items, renderItem(i))
			}
			groups = append(groups, strings.Join(items, " & "))
		}
		selections = append(selections, strings.Join(groups, " | "))
	}
	return strings.Join(selections, "; ")
}

func renderItem(i Item) string {
	var values []string
	for _, v := range i.Values {
		var any []string
		for _, m := range v.Any {
			any = append(any, m.String())
		}
		values = append(values, strings.Join(any, " or "))
	}
	out, field := "["+strings.Join(values, ", ")+"]", i.Field
	if i.All {
		out = "all" + out
	}
	if i.Neq {
		out = "not " + out
	}
	if field == "" {
		field = "LINE"
	}
	return field + " " + out
}

func parseRule(t testing.TB, text string) (*Rule, Errors) {
	t.Helper()
	docs, errs := Parse("r.yml", []byte(text))
	if len(errs) > 0 {
		return nil, errs
	}
	return docs[0].(*Rule), nil
}

func TestDetectionGood(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		// Values.
		{"s: {f: abc}", `f [text "abc"]`},
		{"s: {f: ABC}", `f [text "abc"]`},
		{"s: {f: 4625}", `f [number "4625" 4625]`},
		{"s: {f: '4625'}", `f [number "4625" 4625]`},
		{"s: {f: -1}", `f [number "-1" -1]`},
		{"s: {f: 0x17}", `f [number "23" 23]`},
		{"s: {f: '0x17'}", `f [text "0x17"]`},
		{"s: {f: 0o17}", `f [number "15" 15]`},
		{"s: {f: '007'}", `f [text "007"]`},
		{"s: {f: 1.10}", `f [number "1.10" 1.1]`},
		{"s: {f: '1.10'}", `f [text "1.10"]`},
		{"s: {f: 1e3}", `f [number "1e3" 1000]`},
		{"s: {f: 18446744073709551615}", `f [number "18446744073709551615" 1.8446744073709552e+19]`},
		{"s: {f: !!str 4625}", `f [number "4625" 4625]`},
		{"s: {f: !!str true}", `f [text "true"]`},
		{"s: {f: 192.0.2.1}", `f [text "192.0.2.1"]`},
		{"s: {f: 2026-01-02}", `f [text "2026-01-02"]`},
		{"s: {f: true}", `f [bool true]`},
		{"s: {f: False}", `f [bool false]`},
		{"s: {f: 'true'}", `f [text "true"]`},
		{"s: {f: yes}", `f [text "yes"]`},
		{"s: {f: null}", `f [null]`},
		{"s: {f: ~}", `f [null]`},
		{"s: {f: !!null ''}", `f [null]`},
		{"s:\n    f:", `f [null]`},
		{"s: {f: 'null'}", `f [text "null"]`},
		{"s: {f: ''}", `f [text ""]`},
		{"s: {f: .inf}", `f [text ".inf"]`},
		{"s: {f: [a, 1, true, '']}", `f [text "a", number "1" 1, bool true, text ""]`},
		{"s:\n    f: |\n        two\n        lines\n", `f [text "two\nlines\n"]`},
		{"s:\n    f: >-\n        two\n        lines\n", `f [text "two lines"]`},
		{"s: {f: \"a\\tb\"}", `f [text "a\tb"]`},
		{"s: {f: パスワード}", `f [text "パスワード"]`},
		// Wildcards and escapes.
		{`s: {f: 'a*b?c'}`, `f [text "a*b?c"]`},
		{`s: {f: 'a\*b\?c'}`, `f [text "a\\*b\\?c"]`},
		{`s: {f: 'C:\Temp\'}`, `f [text "c:\\\\temp\\\\"]`},
		{`s: {f: '\\\\host\share'}`, `f [text "\\\\\\\\host\\\\share"]`},
		{`s: {f: 'a\\*'}`, `f [text "a\\\\*"]`},
		{`s: {f: 'a\\\*'}`, `f [text "a\\\\\\*"]`},
		{`s: {f: '***'}`, `f [text "*"]`},
		// contains and its kin work on the parsed pattern.
		{`s: {f|contains: ':\Temp\'}`, `f [text "*:\\\\temp\\\\*"]`},
		{`s: {f|endswith: '\cmd.exe'}`, `f [text "*\\\\cmd.exe"]`},
		{`s: {f|startswith: 'C:\'}`, `f [text "c:\\\\*"]`},
		{`s: {f|contains: '*a*b*'}`, `f [text "*a*b*"]`},
		{`s: {f|contains: 445}`, `f [text "*445*"]`},
		{`s: {f|contains: 0x17}`, `f [text "*23*"]`},
		{`s: {f|contains: 007}`, `f [text "*007*"]`},
		{`s: {f|contains: 1.10}`, `f [text "*1.10*"]`},
		{`s: {f|contains: true}`, `f [text "*true*"]`},
		{`s: {f|contains: ''}`, `f [text "*"]`},
		{`s: {f|contains|all: [a, b]}`, `f all[text "*a*", text "*b*"]`},
		{`s: {f|all|contains: [a, b]}`, `f all[text "*a*", text "*b*"]`},
		{`s: {f|all: [a*, '*b']}`, `f all[text "a*", text "*b"]`},
		{`s: {f|cased: Abc}`, `f [cased text "Abc"]`},
		{`s: {f|contains|cased: Abc}`, `f [cased text "*Abc*"]`},
		{`s: {f|cased|endswith: Abc}`, `f [cased text "*Abc"]`},
		{`s: {f|neq: a}`, `f not [text "a"]`},
		{`s: {f|contains|neq: [a, b]}`, `f not [text "*a*", text "*b*"]`},
		{`s: {f|neq: null}`, `f not [null]`},
		{`s: {f|neq: 5}`, `f not [number "5" 5]`},
		// Regular expressions.
		{`s: {f|re: 'a\d+'}`, `f [re "a\\d+"]`},
		{`s: {f|re|i: 'a'}`, `f [re "(?i)a"]`},
		{`s: {f|re|i|m|s: 'a'}`, `f [re "(?ims)a"]`},
		{`s: {f|re|ignorecase|multiline|dotall: 'a'}`, `f [re "(?ims)a"]`},
		{`s: {f|re|contains: 'a'}`, `f [re "a"]`},
		{`s: {f|re|startswith: 'a|b'}`, `f [re "\\A(?:a|b)"]`},
		{`s: {f|re|i|endswith: 'a|b'}`, `f [re "(?:(?i)a|b)\\z"]`},
		{`s: {f|re: 5}`, `f [re "5"]`},
		{`s: {f|re|all: [a, b]}`, `f all[re "a", re "b"]`},
		{`s: {f|re|neq: a}`, `f not [re "a"]`},
		// Networks.
		{`s: {f|cidr: 192.0.2.0/24}`, `f [network 192.0.2.0/24]`},
		{`s: {f|cidr: ['2001:db8::/32', 192.0.2.1]}`, `f [network 2001:db8::/32, network 192.0.2.1/32]`},
		{`s: {f|cidr|neq: 10.0.0.0/8}`, `f not [network 10.0.0.0/8]`},
		// Encodings.
		{`s: {f|base64: foobar}`, `f [text "zm9vymfy"]`},
		{`s: {f|base64|contains: foobar}`, `f [text "*zm9vymfy*"]`},
		{`s: {f|base64|cased: foobar}`, `f [cased text "Zm9vYmFy"]`},
		{`s: {f|base64: 'a\*b'}`, `f [text "yspi"]`},
		{`s: {f|base64: 12}`, `f [text "mti="]`},
		{`s: {f|base64offset|contains|cased: foobar}`, `f [cased text "*Zm9vYmFy*" or cased text "*Zvb2Jhc*" or cased text "*mb29iYX*"]`},
		{`s: {f|wide|base64|cased: ab}`, `f [cased text "YQBiAA=="]`},
		{`s: {f|utf16le|base64|cased: ab}`, `f [cased text "YQBiAA=="]`},
		{`s: {f|utf16be|base64|cased: ab}`, `f [cased text "AGEAYg=="]`},
		{`s: {f|utf16|base64|cased: ab}`, `f [cased text "//5hAGIA"]`},
		{`s: {f|wide|cased: a*b}`, `f [cased text "a\x00*b\x00"]`},
		// windash.
		{`s: {f|windash: '-a'}`, `f [text "\\[-]a"]`},
		{`s: {f|windash|contains: ' /param-name x'}`, `f [text "* \\[-]param-name x*"]`},
		{`s: {f|contains|windash: [' -a -b', 'x-y']}`, `f [text "* \\[-]a \\[-]b*", text "*x-y*"]`},
		{`s: {f|windash: 'a*-b - -'}`, `f [text "a*\\[-]b - -"]`},
		{`s: {f|windash: '--help'}`, `f [text "-\\[-]help"]`},
		{`s: {f|windash|base64|cased: '-a'}`,
			`f [cased text "LWE=" or cased text "L2E=" or cased text "4oCTYQ==" or cased text "4oCUYQ==" or cased text "4oCVYQ=="]`},
		// Presence, other fields, numbers, dates.
		{`s: {f|exists: true}`, `f [exists true]`},
		{`s: {f|exists: no, g|exists: false}`, ""},
		{`s: {f|exists|neq: false}`, `f not [exists false]`},
		{`s: {f|fieldref: g}`, `f [field "g"]`},
		{`s: {f|fieldref|startswith: g}`, `f [startswith field "g"]`},
		{`s: {f|fieldref|endswith|cased: g}`, `f [cased endswith field "g"]`},
		{`s: {f|fieldref|contains: [g, h]}`, `f [contains field "g", contains field "h"]`},
		{`s: {f|fieldref|neq: g}`, `f not [field "g"]`},
		{`s: {f|neq|fieldref: g}`, `f not [field "g"]`},
		{`s: {a|gt: 1, b|gte: 1.5, c|lt: -3, d|lte: '7'}`, `a [gt 1] & b [gte 1.5] & c [lt -3] & d [lte 7]`},
		{`s: {f|minute: 30}`, `f [minute eq 30]`},
		{`s: {f|hour|gte: 22}`, `f [hour gte 22]`},
		{`s: {a|day: 1, b|week: 53, c|month: [1, 2], d|year|lt: 2000}`, `a [day eq 1] & b [week eq 53] & c [month eq 1, month eq 2] & d [year lt 2000]`},
		// Placeholders.
		{`s: {f|expand: '%admins%'}`, `f [list admins]`},
		{`s: {f|contains|expand: '%admins%'}`, `f [contains list admins]`},
		{`s: {f|expand|endswith: '%domains%'}`, `f [endswith list domains]`},
		{`s: {f|startswith|expand|cased: '%x%'}`, `f [cased startswith list x]`},
		{`s: {f|expand: '*%x%'}`, `f [endswith list x]`},
		{`s: {f|cidr|expand: '%nets%'}`, `f [cidr list nets]`},
		{`s: {f|expand|neq: '%admins%'}`, `f not [list admins]`},
		{`s: {f|expand: '\Users\\%name%\x'}`, `f [text "\\\\users\\\\%name%\\\\x"]`},
		{`s: {f|expand: '\Users\%name%\%x%'}`, `f [text "\\\\users%name%%x%"]`},
		{`s: {f|expand: ['100\%', 'a%b', '50% of %x%']}`, `f [text "100%", text "a%b", text "50% of %x%"]`},
		{`s: {f: '%admins%'}`, `f [text "%admins%"]`},
		// Keywords.
		{"s: [foo, 'Bar*baz', 5]", `LINE [text "*foo*", text "*bar*baz*", text "*5*"]`},
		{"s: {'|all': [foo, bar]}", `LINE all[text "*foo*", text "*bar*"]`},
		{"s: {'|all': foo}", `LINE all[text "*foo*"]`},
		{"s: {'|re': 'fo+'}", `LINE [re "fo+"]`},
		{"s: {'|cased': Foo}", `LINE [cased text "*Foo*"]`},
		{"s: {'|startswith': Foo}", `LINE [text "foo*"]`},
		{"s: {'|contains|all|windash': [' -a', b]}", `LINE all[text "* \\[-]a*", text "*b*"]`},
		// Shapes of selections.
		{"s: {a: 1, b: [x, y]}", `a [number "1" 1] & b [text "x", text "y"]`},
		{"s:\n    - a: 1\n      b: 2\n    - c: 3", `a [number "1" 1] & b [number "2" 2] | c [number "3" 3]`},
		{"s: [foo, {a: 1}, bar, baz]", `LINE [text "*foo*"] | a [number "1" 1] | LINE [text "*bar*", text "*baz*"]`},
		{"s1: {a: 1}\ns2: {a: 2}", `a [number "1" 1]; a [number "2" 2]`},
		{"s: {a.b.c: 1, 'with space': 2}", `a.b.c [number "1" 1] & with space [number "2" 2]`},
		{"s|endswith: {a: 1}", `a [number "1" 1]`},
		{"s: {null: 1, 5: 2}", `null [number "1" 1] & 5 [number "2" 2]`},
	} {
		r, errs := parseRule(t, wrap(tt.in))
		if tt.want == "" {
			if len(errs) == 0 {
				t.Errorf("%s: accepted", tt.in)
			}
			continue
		}
		if len(errs) > 0 {
			t.Errorf("%s: %v", tt.in, errs)
			continue
		}
		if diff := cmp.Diff(tt.want, render(r)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.in, diff)
		}
	}
}

func TestDetectionBad(t *testing.T) {
	tagged := func(at, field, rest string) string { return fmt.Sprintf("r.yml:%s: detection.%s: %s", at, field, rest) }
	for _, tt := range []struct{ in, want string }{
		{"s: {f|contians: a}", tagged("4:9", "s.f|contians", `the unknown modifier "contians"; did you mean contains?`)},
		{"s: {f|contains|contains: a}", tagged("4:9", "s.f|contains|contains", "the modifier contains stands twice; once")},
		{"s: {f|: a}", tagged("4:9", "s.f|", `the unknown modifier ""; `+suggest("", modifiers))},
		{"s: {f|i: a}", tagged("4:9", "s.f|i", "the modifier i without re before it; re|i")},
		{"s: {f|contains|re: a}", tagged("4:9", "s.f|contains|re", "re after contains, startswith or endswith; put re first")},
		{"s: {f|re|startswith|i: a}", tagged("4:9", "s.f|re|startswith|i", "the modifier i after contains, startswith or endswith; re|i first")},
		{"s: {f|startswith|endswith: a}", tagged("4:9", "s.f|startswith|endswith",
			"endswith together with another of contains, startswith, endswith; one of them; * in the value does the rest")},
		{"s: {f|cidr|contains: a}", tagged("4:9", "s.f|cidr|contains", "the modifier contains on a value that is no text; leave it out")},
		{"s: {f|re|cidr: a}", tagged("4:9", "s.f|re|cidr",
			"cidr together with re; one of re, cidr, exists, fieldref, gt, gte, lt, lte and the date parts")},
		{"s: {f|gt|lt: 1}", tagged("4:9", "s.f|gt|lt", "two comparisons in one field; two fields of one map, or of two selections joined by and")},
		{"s: {f|gt|hour: 1}", tagged("4:9", "s.f|gt|hour", "the modifier hour after a comparison or another part of a date; one part of a date, then gt, gte, lt or lte")},
		{"s: {f|base64|re: a}", tagged("4:9", "s.f|base64|re", "re after base64; leave one of them out")},
		{"s: {f|re|base64: a}", tagged("4:9", "s.f|re|base64", "the modifier base64 on a value that is no text; leave it out")},
		{"s: {f|base64|wide: abc}", tagged("4:9", "s.f|base64|wide", "wide after base64; wide|base64")},
		{"s: {f|wide|utf16be: abc}", tagged("4:9", "s.f|wide|utf16be", "utf16be together with wide; one of them")},
		{"s: {f|base64|windash: abc}", tagged("4:9", "s.f|base64|windash", "windash after base64; windash|base64")},
		{"s: {f|contains|base64: abc}", tagged("4:9", "s.f|contains|base64", "base64 after contains, startswith or endswith; put it before them")},
		{"s: {f|re|cased: a}", tagged("4:9", "s.f|re|cased", "cased together with re; re alone is case-sensitive already")},
		{"s: {f|gt|cased: 1}", tagged("4:9", "s.f|gt|cased", "cased on a value that is no text; leave it out")},
		{"s: {f|re|expand: '%a%'}", tagged("4:9", "s.f|re|expand", "expand together with re; expand on a text, or with cidr")},
		{"s: {f|base64|expand: '%a%'}", tagged("4:9", "s.f|base64|expand", "expand together with base64; entries in the list as they shall be compared")},
		{"s: {f|exists|all: true}", tagged("4:9", "s.f|exists|all", "all together with exists; exists alone")},
		{"s: {'|cidr': 10.0.0.0/8}", tagged("4:9", "s.|cidr", "cidr without a field; a field before the first |")},
		{"s: {'': a}", tagged("4:9", "s.", "an empty field name; a field, or '|all' for keywords")},
		{"s: {'f |contains': a}", tagged("4:9", "s.f |contains", `the field name "f "; no blanks around it`)},
		// Values.
		{"s: {f|base64offset: 'a*b'}", tagged("4:25", "s.f|base64offset",
			`a wildcard under base64offset; a plain text of three characters or more; write \* and \? for the characters themselves`)},
		{"s: {f|base64offset: a}", tagged("4:25", "s.f|base64offset",
			`a text that is too short for base64offset; a plain text of three characters or more; write \* and \? for the characters themselves`)},
		{"s: {f|base64: ''}", tagged("4:19", "s.f|base64",
			`an empty text under base64; a plain text of three characters or more; write \* and \? for the characters themselves`)},
		{"s: {f|re: '(?=a)'}", tagged("4:15", "s.f|re",
			"the regular expression \"(?=a)\": error parsing regexp: invalid or unsupported Perl syntax: `(?=`; RE2 syntax: no look-around, no back-references")},
		{"s: {f|re: ''}", tagged("4:15", "s.f|re", "an empty text under re; a regular expression")},
		{"s: {f|re: null}", tagged("4:15", "s.f|re", "nothing (null) under re; a regular expression")},
		{"s: {f|re: '((a{0,100}){0,100}){0,100}'}", ""},
		{"s: {f|cidr: 10.0.0.0/33}", tagged("4:17", "s.f|cidr", `"10.0.0.0/33" under cidr; a network such as 192.0.2.0/24 or 2001:db8::/32`)},
		{"s: {f|cidr: 10.0.0.1/8}", tagged("4:17", "s.f|cidr", `"10.0.0.1/8" under cidr has bits beyond its length; 10.0.0.0/8`)},
		{"s: {f|cidr: '::ffff:10.0.0.0/104'}", tagged("4:17", "s.f|cidr", `"::ffff:10.0.0.0/104" under cidr; the IPv4 network itself, such as 192.0.2.0/24`)},
		{"s: {f|exists: 'true'}", tagged("4:19", "s.f|exists", `"true" under exists; true or false, without quotes`)},
		{"s: {f|exists: [true, false]}", tagged("4:19", "s.f|exists", "a list under exists; true or false")},
		{"s: {f|fieldref: 5}", tagged("4:21", "s.f|fieldref", `"5" under fieldref; the name of a field`)},
		{"s: {f|gt: abc}", tagged("4:15", "s.f|gt", `"abc" under a comparison of numbers; a number`)},
		{"s: {f|gt: null}", tagged("4:15", "s.f|gt", `nothing (null) under a comparison of numbers; a number`)},
		{"s: {f|contains: null}", tagged("4:21", "s.f|contains", "null under a modifier that needs a text, or as a keyword; a text; '' is the empty text")},
		{"s: {f|expand: abc}", tagged("4:19", "s.f|expand", `"abc" under expand; a placeholder such as %name%`)},
		{"s: {f: !!int abc}", tagged("4:12", "s.f", `the tag !!int before "abc"; a number`)},
		{"s: {f: !!bool abc}", tagged("4:12", "s.f", `the tag !!bool before "abc"; true or false`)},
		{"s: {f: []}", tagged("4:12", "s.f", "an empty list; at least one value; null for a field that is absent")},
		{"s: {f: [a, null]}", tagged("4:16", "s.f", "null inside a list; a selection of its own, joined by or; '' is the empty text")},
		{"s: {f: {g: 1}}", tagged("4:13", "s.f", "a map; a text, number, true, false or null")},
		{"s: {f: [[a]]}", tagged("4:13", "s.f", "a list; a text, number, true, false or null")},
		// Selections.
		{"s: abc", tagged("4:8", "s", `"abc"; a map of fields, or a list of maps or keywords`)},
		{"s:", tagged("4:7", "s", "nothing (null); a map of fields, or a list of maps or keywords")},
		{"s: []", tagged("4:8", "s", "an empty list; maps or keywords")},
		{"s: {}", tagged("4:8", "s", "an empty map; at least one field")},
		{"s: ['']", tagged("4:9", "s[0]", "an empty keyword; a text that the raw line shall contain")},
		{"s: [null]", tagged("4:9", "s[0]", "null under a modifier that needs a text, or as a keyword; a text; '' is the empty text")},
		{"s: [[a]]", tagged("4:9", "s[0]", "a list inside a list; a map or a keyword")},
		{"s a: {f: 1}\ns: {f: 1}", tagged("4:5", "s a", `the selection name "s a"; no blanks, no parentheses, no *, and no word of the condition's grammar`)},
		{"Not: {f: 1}\ns: {f: 1}", tagged("4:5", "Not", `the selection name "Not"; no blanks, no parentheses, no *, and no word of the condition's grammar`)},
		{"s: {f|zz: 1, g|re: '('}", tagged("4:9", "s.f|zz", `the unknown modifier "zz"; `+suggest("zz", modifiers)) + "\n" +
			tagged("4:24", "s.g|re", "the regular expression \"(\": error parsing regexp: missing closing ): `(`; RE2 syntax: no look-around, no back-references")},
	} {
		_, errs := parseRule(t, wrap(tt.in))
		if len(errs) == 0 {
			t.Errorf("%s: accepted", tt.in)
			continue
		}
		if diff := cmp.Diff(tt.want, errs.Error()); diff != "" && tt.want != "" {
			t.Errorf("%s (-want +got)\n%s", tt.in, diff)
		}
	}
}
