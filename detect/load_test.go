package detect

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

const testedRules = `
title: Failed log-on
id: fail
level: low
logsource: {product: linux, service: sshd}
detection: {sel: ['Failed password'], condition: sel}
tests:
  - name: one
    events: ['<38>Nov 24 12:00:01 h sshd[1]: Failed password for a from 192.0.2.1']
    alerts: 1
  - name: silent
    events: ['<38>Nov 24 12:00:01 h sshd[1]: Accepted password for a from 192.0.2.1']
    alerts: 0
---
title: Guessing
id: guess
level: high
correlation: {type: event_count, rules: [fail], group-by: [source.ip], timespan: 1m, condition: {gte: 3}}
tests:
  - name: quick
    events: [{line: '<38>sshd[1]: Failed password', repeat: 3, every: 1s}]
    alerts: 1
  - name: slow
    events: [{line: '<38>sshd[1]: Failed password', repeat: 3, every: 31s}]
    alerts: 0
  - name: fields reach the rule whatever its source
    events: [{message: Failed password, event.original: Failed password, source.ip: 192.0.2.1, repeat: 3}]
    alerts: 1
  - name: repetitions are numbered from 1
    events: [{message: Failed password, source.ip: '192.0.2.{i}', repeat: 3}]
    alerts: 0
  - name: of a list too, and lines
    events: [{message: Failed password, source.ip: ['192.0.2.1', '{i}'], repeat: 2}, {line: '<38>sshd[{i}]: Failed password', repeat: 2}]
    alerts: 1
  - name: what is not repeated is not numbered
    events: [{message: 'Failed password {i}', source.ip: 192.0.2.1}]
    alerts: 0
  - name: wrong on purpose
    events: [{line: '<38>sshd[1]: Accepted password', repeat: 3}]
    alerts: 1
`

// parseLine stands for what ingest does.
func parseLine(line string, received time.Time) (*event.Draft, error) {
	d := &event.Draft{}
	d.Reset([]byte(line))
	d.SetString(event.YaguraParser, "openssh.sshd")
	d.SetString(event.ProcessName, "sshd")
	d.SetString(event.SourceIP, "192.0.2.1")
	d.Received, d.Time = received, received
	return d, nil
}

func TestRulesRunTheirTests(t *testing.T) {
	p := mustLoad(t, testedRules+"  - name: the timer of a test ends\n    events: ['<38>x']\n    alerts: 0\n")
	var got []string
	for _, r := range p.Test(parseLine, time.UTC) {
		if r.Passed {
			got = append(got, r.Name)
		} else {
			got = append(got, r.Error())
		}
	}
	want := []string{
		// fail does not alert on its own: guess lists it.
		"one", "silent", "quick", "slow", "fields reach the rule whatever its source",
		"repetitions are numbered from 1", "of a list too, and lines", "what is not repeated is not numbered",
		`rules/unauthorized_access/rules.yml:38: tests: "wrong on purpose" of rule guess: 0 alerts; should be 1`,
		"the timer of a test ends",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLoadReportsEverythingAtOnce(t *testing.T) {
	files := fstest.MapFS{
		"abnormal_outbound/good.yml": {Data: []byte("title: Good\nid: good\nlogsource: {category: proxy}\ndetection: {sel: {c-uri|expand: '%bad_hosts%'}, condition: sel}\n")},
		"bad.yml":                    {Data: []byte("title: Bad\nlogsource: {category: proxy}\ndetection: {sel: {a: b}, condition: sel and nothing}\n")},
		"worse.yaml":                 {Data: []byte("title: Worse\nid: worse\nsuppress: soon\ngroup: []\nlogsource: {category: proxy}\ndetection: {sel: {a: b}, condition: sel}\n")},
		"uses.yml":                   {Data: []byte("title: Uses\nid: uses\ncorrelation: {type: event_count, rules: [worse], group-by: [a], timespan: 1m, condition: {gte: 2}}\n")},
		"unknown.yml":                {Data: []byte("title: Unknown source\nid: unknown\nlogsource: {product: plan9}\ndetection: {sel: {a: b}, condition: sel}\n")},
		"lists/bad_hosts.txt":        {Data: []byte("# hosts\nevil.example\n\nworse.example # note\n")},
		"mapping/ignored.yaml":       {Data: []byte("not: a rule")},
		"README.md":                  {Data: []byte("no rule")},
	}
	p, report := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, Source{Name: "r", FS: files})
	var got []string
	for _, err := range report.Errors {
		got = append(got, err.Error())
	}
	slices.Sort(got)
	for _, want := range []string{"r/bad.yml:3:", "r/worse.yaml:3:11: suppress: \"soon\"; 0, or a number", "r/worse.yaml:4:8: group: no field names", "r/uses.yml:3:"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("no error %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if len(got) != 4 {
		t.Errorf("errors:\n%s", strings.Join(got, "\n"))
	}
	infos := map[string]RuleInfo{}
	for _, i := range p.Rules() {
		infos[i.ID] = i
	}
	if len(infos) != 2 || !infos["good"].CanFire || infos["good"].Class != event.ClassAbnormalOutbound {
		t.Errorf("rules %+v", infos)
	}
	if i := infos["unknown"]; i.CanFire || i.Why != `no log source mapping knows the product "plan9"` {
		t.Errorf("unknown source: %+v", i)
	}
	proxy := ev{0, map[string]any{"yagura.parser": "squid", "url.original": "evil.example", "source.ip": "10.0.0.1"}}
	if got := run(NewEngine(p, EngineConfig{}), blocksOf(t, 1, proxy)); len(got) != 1 {
		t.Errorf("the list's entry: alerts %v", got)
	}
}

func TestALaterSourceReplacesRulesById(t *testing.T) {
	rule := func(title, id string) fstest.MapFS {
		return fstest.MapFS{"r.yml": {Data: []byte("title: " + title + "\nid: " + id + "\nlogsource: {category: proxy}\ndetection: {sel: {a: b}, condition: sel}\n")}}
	}
	p, report := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping"), Skip: map[string]bool{"c": true}},
		Source{Name: "built-in", FS: rule("Old", "a")}, Source{Name: "disk", FS: rule("New", "a")}, Source{Name: "b", FS: rule("B", "b")}, Source{Name: "c", FS: rule("C", "c")})
	var got []string
	for _, i := range p.Rules() {
		got = append(got, i.Title)
	}
	if d := cmp.Diff([]string{"New", "B"}, got); d != "" || len(report.Errors) > 0 {
		t.Errorf("%s, errors %v", d, report.Errors)
	}
}

func TestReachedNamesRulesWithASource(t *testing.T) {
	rules := sshRules + "---\ntitle: W\nid: w\nlogsource: {product: windows, service: security}\ndetection: {sel: {EventID: 4720}, condition: sel}\n"
	e := NewEngine(mustLoad(t, rules), EngineConfig{})
	windows := func(code string) ev {
		return ev{0, map[string]any{"winlog.channel": "Security", "event.code": code}}
	}
	for _, step := range []struct {
		event ev
		want  []string
	}{
		{windows("4624"), nil},
		{sshd(0, "1", "a"), []string{"ssh-fail", "ssh-ok"}},
		{windows("4720"), []string{"ssh-fail", "ssh-ok", "w"}},
	} {
		run(e, blocksOf(t, 1, step.event))
		if d := cmp.Diff(step.want, e.Reached()); d != "" {
			t.Error(d)
		}
	}
}

func TestMappingFaultsAreNamed(t *testing.T) {
	bad := fstest.MapFS{"a.yaml": {Data: []byte("product: x\nwhn: []\n")}, "b.yaml": {Data: []byte("fields: [")}}
	_, report := Load(LoadConfig{Mapping: bad})
	if len(report.Errors) != 2 || !strings.Contains(report.Errors[0].Error(), "mapping/a.yaml: [2:1] unknown field \"whn\"") {
		t.Errorf("errors %v", report.Errors)
	}
}

// Every category and service of the shipped mapping is well formed, and a rule of
// each can fire.
func TestTheShippedMappingIsSound(t *testing.T) {
	m, errs := loadMapping(os.DirFS("../rules/mapping"))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var rules strings.Builder
	n := 0
	for _, p := range m.products {
		source := func(kind, name string) {
			n++
			product := ""
			if p.Product != "" {
				product = "product: " + p.Product + ", "
			}
			rules.WriteString("---\ntitle: t\nlogsource: {" + product + kind + ": " + name + "}\ndetection: {s: {Image: x}, condition: s}\n")
		}
		for name := range p.Categories {
			source("category", name)
		}
		for name := range p.Services {
			source("service", name)
		}
	}
	p := mustLoad(t, rules.String())
	for _, i := range p.Rules() {
		if !i.CanFire {
			t.Errorf("%s/%s/%s: %s", i.Product, i.Category, i.Service, i.Why)
		}
	}
	if n < 100 {
		t.Errorf("only %d log sources", n)
	}
}
