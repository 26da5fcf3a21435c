package sigma

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const full = `# a comment
title: Many failed logons
title_ja: ログオン失敗の多発
id: 5f1d8c0e-0d5b-4c63-9b2e-0d7c8a3c1f11
name: failed_logons
status: test
level: high
class: unauthorized_access
description: |
  Two
  lines.
author: [A, B]
date: 2026-11-24
tags: [attack.t1110]
references: https://example.org/
falsepositives: [a scanner]
policy: [P-3.1, P-4]
runbook:
  ja: 端末を確認する
  en: Look at the host
x-owner: {team: 1}
logsource: {product: linux, service: sshd}
detection:
  selection: ['Failed password']
  filter_main: {source.ip|cidr: 10.0.0.0/8}
  condition:
    - selection and not 1 of filter_*
    - filter_main and selection
tests:
  - name: fires
    alerts: 1
    events:
      - '<38>Nov 24 10:00:00 host sshd[1]: Failed password for root'
      - {line: 'Failed password', repeat: 5, every: 500ms, at: 1m}
      - {source.ip: 192.0.2.1, n: 5, f: 1.5, t: true, z: null, l: [a, 2], m: {k: v}, q: '7', repeat: 2, every: 1d}
  - {name: silent, alerts: 0, events: [ok]}
`

func TestRuleDocument(t *testing.T) {
	r, errs := parseRule(t, full)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	want := Meta{
		Path: "r.yml", Pos: Pos{2, 1},
		Title: "Many failed logons", TitleJA: "ログオン失敗の多発", ID: "5f1d8c0e-0d5b-4c63-9b2e-0d7c8a3c1f11", Name: "failed_logons",
		Description: "Two\nlines.", Author: "A, B", Date: "2026-11-24", Status: StatusTest, Level: LevelHigh,
		Tags: []string{"attack.t1110"}, References: []string{"https://example.org/"}, FalsePositives: []string{"a scanner"},
		Policy: []string{"P-3.1", "P-4"}, Runbook: Runbook{JA: "端末を確認する", EN: "Look at the host"}, Class: "unauthorized_access",
		Tests: []Test{
			{Name: "fires", Pos: Pos{30, 5}, Alerts: 1, Events: []TestEvent{
				{Pos: Pos{33, 9}, Line: "<38>Nov 24 10:00:00 host sshd[1]: Failed password for root", Repeat: 1, At: -1},
				{Pos: Pos{34, 10}, Line: "Failed password", Repeat: 5, Every: 500 * time.Millisecond, At: time.Minute},
				{Pos: Pos{35, 10}, Repeat: 2, Every: 24 * time.Hour, At: -1, Fields: map[string]any{
					"source.ip": "192.0.2.1", "n": int64(5), "f": 1.5, "t": true, "z": nil, "l": []any{"a", int64(2)},
					"m": map[string]any{"k": "v"}, "q": "7",
				}},
			}},
			{Name: "silent", Pos: Pos{36, 6}, Events: []TestEvent{{Pos: Pos{36, 40}, Line: "ok", Repeat: 1, At: -1}}},
		},
	}
	got := r.Meta
	if len(got.Custom) != 1 || got.Custom[0].Name != "x-owner" || got.Custom[0].Value.get("team").Text != "1" {
		t.Errorf("custom keys %+v", got.Custom)
	}
	got.Custom = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := FormatCondition(r.Condition, names(r.Selections)); got != "selection and not filter_main or filter_main and selection" {
		t.Errorf("condition %s", got)
	}
	if r.Selections[1].Any[0][0].Pos != (Pos{25, 17}) {
		t.Errorf("item at %v", r.Selections[1].Any[0][0].Pos)
	}
}

func TestDocumentBad(t *testing.T) {
	const source = "logsource: {product: p}\n"
	const detection = "detection: {s: {f: 1}, condition: s}\n"
	const ok = source + detection
	for _, tt := range []struct{ name, in, want string }{
		{"no title", ok, "1:1: title: no title; a short text that says what happened"},
		{"empty title", "title: ''\n" + ok, "1:8: title: an empty text; a text, or leave the key out"},
		{"title a list", "title: [a]\n" + ok, "1:8: title: a list; a text, or leave the key out"},
		{"level", "title: t\nlevel: hihg\n" + ok, `2:8: level: "hihg"; did you mean high?`},
		{"level far", "title: t\nlevel: urgent\n" + ok, `2:8: level: "urgent"; one of informational, low, medium, high, critical`},
		{"status", "title: t\nstatus: tested\n" + ok, `2:9: status: "tested"; did you mean test?`},
		{"id", "title: t\nid: a b\n" + ok, `2:5: id: "a b"; a text without blanks`},
		{"taxonomy", "title: t\ntaxonomy: ecs\n" + ok, `2:11: taxonomy: "ecs"; sigma (the only field names that are known), or leave it out`},
		{"tags", "title: t\ntags: [{a: b}]\n" + ok, `2:9: tags: a map; a text or a list of texts`},
		{"policy", "title: t\npolicy: {a: b}\n" + ok, `2:10: policy: a map; a text or a list of texts`},
		{"runbook", "title: t\nrunbook: {jp: x}\n" + ok, `2:11: runbook: the unknown key "jp"; did you mean ja?`},
		{"runbook text", "title: t\nrunbook: x\n" + ok, `2:10: runbook: "x"; a map with the keys ja and en`},
		{"no logsource", "title: t\n" + detection, "1:1: logsource: no logsource; a map with category, product or service"},
		{"misspelt logsource", "title: t\nlogsource: {product: p, categroy: x, vendor: y}\n" + detection, `2:25: logsource: the unknown key "categroy"; did you mean category?`},
		{"empty logsource", "title: t\nlogsource: {definition: x}\n" + detection, "2:13: logsource: neither category nor product nor service; at least one of them"},
		{"no section", "title: t\n" + source, "1:1: none of the keys detection, correlation, filter, baseline; one of them"},
		{"misspelt section", "title: t\n" + source + "detecton: {}\n", "3:1: detecton: an unknown key, and no detection, correlation, filter or baseline; did you mean detection?"},
		{"two sections", "title: t\n" + ok + "filter: {}\n", "1:1: both detection and filter in one document; put them in two documents, split by a line ---"},
		{"detection a list", "title: t\n" + source + "detection: []\n", "3:12: detection: an empty list; a map"},
		{"no condition", "title: t\n" + source + "detection:\n  s: {f: 1}\n", "4:3: detection.condition: no condition; how the selections are joined, such as selection and not filter"},
		{"empty condition list", "title: t\n" + source + "detection: {s: {f: 1}, condition: []}\n", "3:35: detection.condition: an empty list; at least one condition"},
		{"condition a map", "title: t\n" + source + "detection: {s: {f: 1}, condition: {a: b}}\n", "3:36: detection.condition: a map; a text, or a list of texts"},
		{"place in a plain condition", "title: t\n" + source + "detection:\n  s: {f: 1}\n  condition: s or sx\n", `5:19: detection.condition: the unknown selection "sx"; did you mean s?`},
		{"place in a quoted condition", "title: t\n" + source + "detection:\n  s: {f: 1}\n  condition: 's or sx'\n", `5:20: detection.condition: the unknown selection "sx"; did you mean s?`},
		{"place in a block", "title: t\n" + source + "detection:\n  s: {f: 1}\n  condition: |\n    s or sx\n", `5:14: detection.condition: the unknown selection "sx"; did you mean s?`},
		{"no selection", "title: t\n" + source + "detection: {condition: s}\n", "3:13: detection: no selection; at least one, such as selection: {EventID: 4625}\n" +
			`f.yml:3:24: detection.condition: the unknown selection "s"`},
		{"timeframe", "title: t\n" + source + "detection: {s: {f: 1}, timeframe: 5m, condition: s}\n", "3:35: detection.timeframe: the timeframe of Sigma 1; a correlation document with timespan"},
		{"scalar document", "abc\n", `1:1: a document that is "abc"; a map with title, logsource and detection`},
		{"list document", "- a\n", `1:1: a document that is a list; a map with title, logsource and detection`},
		{"action", "action: globl\n", `1:9: action: "globl"; did you mean global?`},
		{"repeat first", "action: repeat\ntitle: t\n", "1:9: action: repeat with no document before it; put it after the document that it changes"},

		{"tests", "title: t\ntests: x\n" + ok, `2:8: tests: "x"; a list of maps with name, events and alerts`},
		{"test", "title: t\ntests: [x]\n" + ok, `2:9: tests[0]: "x"; a map with name, events and alerts`},
		{"test keys", "title: t\ntests: [{event: [a], alerts: -1}]\n" + ok, "2:10: tests[0]: the unknown key \"event\"; did you mean events?\n" +
			"f.yml:2:10: tests[0]: no name; a text that says what the test shows\n" +
			"f.yml:2:10: tests[0].events: no events; a list of 1 to 10000 syslog lines or maps of fields\n" +
			"f.yml:2:30: tests[0].alerts: \"-1\"; a whole number from 0 to 100000"},
		{"test alerts", "title: t\ntests: [{name: a, events: [a]}]\n" + ok, "2:10: tests[0]: no alerts; alerts: how many the events must give, such as 1 or 0"},
		{"test event", "title: t\ntests: [{name: a, alerts: 0, events: [5]}]\n" + ok, `2:39: tests[0].events[0]: "5"; a syslog line, or a map of fields`},
		{"test event empty", "title: t\ntests: [{name: a, alerts: 0, events: [{repeat: 2}]}]\n" + ok, `2:40: tests[0].events[0]: a line and fields, or neither; either line: a syslog line, or the fields of an event`},
		{"test repeat", "title: t\ntests: [{name: a, alerts: 0, events: [{line: a, repeat: 0}]}]\n" + ok, `2:57: tests[0].events[0].repeat: "0"; a whole number from 1 to 100000`},
		{"test every", "title: t\ntests: [{name: a, alerts: 0, events: [{line: a, every: 5x}]}]\n" + ok, `2:56: tests[0].events[0].every: "5x"; a number and a unit, such as 500ms, 5s, 2m, 1h or 1d`},

		{"YAML", "title: t: u\n", `1:8: not valid YAML: mapping value is not allowed in this context; quote texts that hold : # [ { & * ! | > % @ ` + "`" + ` or a leading -`},
		{"anchor", "title: &a t\n", `1:8: the anchor, alias or merge key "&"; write the value out; quote a text that begins with & or *`},
		{"alias", "title: *a\n", `1:8: the anchor, alias or merge key "*"; write the value out; quote a text that begins with & or *`},
		{"merge", "a:\n  <<: {b: c}\n", `2:3: the anchor, alias or merge key "<<"; write the value out; quote a text that begins with & or *`},
		{"tag", "title: !x t\n", `1:8: the tag "!x"; no tag, or !!str !!int !!float !!bool !!null before a scalar`},
		{"twice", "title: t\ntitle: u\n", `2:1: the key "title" stands twice; keep one; a list holds several values`},
		{"deep flow", "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "1:68: more than 64 levels of nesting; less"},
		{"deep list", strings.Repeat("- ", 100) + "a", "1:129: more than 64 levels of nesting; less"},
		{"many keys", strings.Repeat("a: b\n", 10_001), "10001:2: more than 10000 keys, or 1000 empty list entries; several documents, or a list file with expand"},
		{"many flow keys", "a: {" + strings.Repeat("b,", 10_001), "1:20004: more than 10000 keys, or 1000 empty list entries; several documents, or a list file with expand"},
		{"many empty entries", strings.Repeat("-\n#\n", 1_100), "2003:1: more than 10000 keys, or 1000 empty list entries; several documents, or a list file with expand"},
		{"many blank lines", "a: |\n" + strings.Repeat(" \n", 300) + "  b\n", "202:1: more than 200 blank lines in a row; fewer"},
		{"not UTF-8", "title: \x83\x65\n", "1:8: the byte 0x83 is not UTF-8; save the file as UTF-8"},
		{"NUL", "title: t\nid: a\x00b\n", "2:6: the control character 0x00; write it as an escape in double quotes"},
		{"too long", "title: " + strings.Repeat("a", maxFile), "1:1: the file has 1048583 bytes; at most 1048576"},
		{"baseline a list", "title: t\n" + source + "baseline: [a]\n", "3:11: baseline: a list; a map"},
		{"two documents", "title: t\nlevel: x\n" + ok + "---\ntitle: u: v\n---\nlevel: y\n" + ok,
			`2:8: level: "x"; one of informational, low, medium, high, critical` + "\n" +
				`f.yml:6:8: not valid YAML: mapping value is not allowed in this context; quote texts that hold : # [ { & * ! | > % @ ` + "`" + ` or a leading -` + "\n" +
				"f.yml:8:1: title: no title; a short text that says what happened\n" +
				`f.yml:8:8: level: "y"; one of informational, low, medium, high, critical`},
	} {
		docs, errs := Parse("f.yml", []byte(tt.in))
		if diff := cmp.Diff("f.yml:"+tt.want, errs.Error()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
		if len(docs) > 0 {
			t.Errorf("%s: %d documents beside the errors", tt.name, len(docs))
		}
	}
}

func TestCollections(t *testing.T) {
	const in = `%YAML 1.2
---
# only a comment
---
action: global
title: G
level: high
logsource: {product: p, service: s}
---
detection: {s: {f: 1}, condition: s}
---
action: repeat
title: R
logsource: {service: other}
---
detection: {s: {f: 2}, condition: s}
level: low
---
action: reset
---
title: Own
logsource: {category: c}
detection: {s: {f: 3}, condition: s}
...
---
`
	docs, errs := Parse("c.yml", []byte("\xef\xbb\xbf"+strings.ReplaceAll(in, "\n", "\r\n")))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var got []string
	for _, d := range docs {
		r := d.(*Rule)
		got = append(got, strings.Join([]string{r.Title, r.Level.String(), r.Source.Product, r.Source.Service, r.Source.Category, render(r)}, "/"))
	}
	want := []string{
		`G/high/p/s//f [number "1" 1]`, `R/high/p/other//f [number "1" 1]`, `G/low/p/s//f [number "2" 2]`, `Own/medium///c/f [number "3" 3]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEmptyFile(t *testing.T) {
	for _, in := range []string{"", "\n", "# nothing\n", "---\n", "---\n---\n"} {
		if docs, errs := Parse("e.yml", []byte(in)); len(docs) > 0 || len(errs) > 0 {
			t.Errorf("%q: %v, %v", in, docs, errs)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{minimal, full, correlation("event_count", "gte: 10"), wrap("s: {f|windash|base64offset|contains: ' -x'}"), "a: [", "- - -", "? x\n: y",
		"title: t\nlogsource: {product: p}\nfilter: {rules: any, s: {f: 1}, condition: not s}\n", "action: global\n---\naction: repeat\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, errs := Parse("f", data)
		for _, e := range errs {
			if e.Line < 1 || e.Col < 1 || e.Found == "" || e.Line > bytes.Count(data, []byte("\n"))+2 {
				t.Fatalf("%#v", e)
			}
		}
		set, _, _ := NewSet(docs, Options{LoadDeprecated: true})
		set, _ = set.Resolve(testLists{"x": {"a", "b"}})
		for _, r := range set.Rules {
			r.Atoms()
			r.Required()
			walk(r.Condition, func(s Sel) {
				if len(r.Selections[s].Any) == 0 {
					t.Fatal("an empty selection")
				}
			})
		}
	})
}
