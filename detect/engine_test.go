package detect

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

const sshRules = `
title: Failed log-on
id: ssh-fail
level: low
logsource: {product: linux, service: sshd}
detection: {sel: {event.outcome: failure}, condition: sel}
---
title: Log-on
id: ssh-ok
level: informational
logsource: {product: linux, service: sshd}
detection: {sel: {event.outcome: success}, condition: sel}
---
title: Password guessing
title_ja: パスワード推測
id: brute
level: high
correlation:
  type: event_count
  rules: [ssh-fail]
  group-by: [source.ip]
  timespan: 60s
  condition: {gte: 3}
`

func repeatEv(n int, step float64, f func(float64) ev) []ev {
	var out []ev
	for i := range n {
		out = append(out, f(float64(i)*step))
	}
	return out
}

func TestStories(t *testing.T) {
	fail := func(ip, user string) func(float64) ev { return func(at float64) ev { return sshd(at, ip, user) } }
	correlation := func(body string) string {
		head, _, _ := strings.Cut(sshRules, "---\ntitle: Password guessing")
		return head + "---\ntitle: C\nid: c\nlevel: high\ncorrelation:\n" + body
	}
	distinct := correlation("  type: value_count\n  rules: [ssh-fail]\n  group-by: [source.ip]\n  timespan: 60s\n  condition: {field: user.name, gte: 3}\n")
	temporal := correlation("  type: temporal\n  rules: [ssh-fail, ssh-ok]\n  group-by: [source.ip]\n  timespan: 60s\n")
	ordered := correlation("  type: temporal_ordered\n  rules: [ssh-fail, ssh-ok]\n  group-by: [source.ip]\n  timespan: 60s\n")
	for _, c := range []struct {
		name, rules string
		events      []ev
		want        []string
	}{
		{"a plain rule alerts once per group and suppression", strings.Replace(correlation(""), "level: low", "level: low\nsuppress: 2m", 1)[:strings.Index(sshRules, "---\ntitle: Password")+13],
			[]ev{sshd(0, "192.0.2.1", "a"), sshd(5, "192.0.2.1", "a"), sshd(6, "192.0.2.1", "b"), sshd(125, "192.0.2.1", "a")},
			[]string{
				"0s ssh-fail low [source.ip=192.0.2.1,user.name=a,host.name=bastion] n=1",
				"6s ssh-fail low [source.ip=192.0.2.1,user.name=b,host.name=bastion] n=1",
				"125s ssh-fail low [source.ip=192.0.2.1,user.name=a,host.name=bastion] n=1",
			}},
		{"event_count fires at the crossing, once", sshRules, repeatEv(6, 10, fail("192.0.2.1", "a")),
			[]string{"20s brute high [source.ip=192.0.2.1] n=3"}},
		{"the window slides and its start is open", sshRules, []ev{sshd(0, "1", "a"), sshd(30, "1", "a"), sshd(60, "1", "a"), sshd(89, "1", "a")},
			[]string{"89s brute high [source.ip=1] n=3"}},
		{"groups are apart", sshRules, []ev{sshd(0, "1", "a"), sshd(1, "2", "a"), sshd(2, "1", "a"), sshd(3, "2", "a"), sshd(4, "2", "b")},
			[]string{"4s brute high [source.ip=2] n=3"}},
		{"a long attack alerts again when the suppression has ended", sshRules, repeatEv(70, 10, fail("1", "a")),
			[]string{"20s brute high [source.ip=1] n=3", "620s brute high [source.ip=1] n=6"}},
		{"out of order events count", sshRules, []ev{sshd(0, "1", "a"), sshd(100, "1", "a"), sshd(50, "1", "a"), sshd(20, "1", "a")},
			[]string{"50s brute high [source.ip=1] n=3"}},
		{"what lacks the group is not counted", sshRules, []ev{sshd(0, "1", "a"), {1, map[string]any{"yagura.parser": "openssh.sshd", "event.outcome": "failure"}}, sshd(2, "1", "a")}, nil},
		{"distinct values", distinct, []ev{sshd(0, "1", "a"), sshd(1, "1", "a"), sshd(2, "1", "b"), sshd(3, "1", "b"), sshd(4, "1", "c")},
			[]string{"4s c high [source.ip=1] n=5"}},
		{"a flood of two names does not push the others out", distinct, append(append([]ev{sshd(0, "1", "a")},
			repeatEv(1000, 0.05, func(at float64) ev { return sshd(1+at, "1", []string{"b", "b"}[int(at)%2]) })...), sshd(55, "1", "c")),
			[]string{"55s c high [source.ip=1] n=1002"}},
		{"temporal in any order", temporal, []ev{accepted(0, "1", "a"), sshd(30, "1", "a"), accepted(31, "2", "a")},
			[]string{"30s c high [source.ip=1] n=2"}},
		{"ordered needs the order", ordered, []ev{accepted(0, "1", "a"), sshd(30, "1", "a"), sshd(40, "1", "a"), accepted(95, "1", "a"), accepted(99, "1", "a")},
			[]string{"95s c high [source.ip=1] n=2"}},
		{"fewer than is known at the end", correlation("  type: event_count\n  rules: [ssh-fail]\n  group-by: [source.ip]\n  timespan: 60s\n  condition: {lt: 3}\n"),
			[]ev{sshd(0, "1", "a"), sshd(10, "1", "a"), sshd(5, "2", "a"), sshd(15, "2", "a"), sshd(25, "2", "a"), sshd(200, "3", "a")},
			[]string{"10s c high [source.ip=1] n=2"}},
		{"a range", correlation("  type: event_count\n  rules: [ssh-fail]\n  group-by: [source.ip]\n  timespan: 60s\n  condition: {gte: 2, lt: 3}\n"),
			[]ev{sshd(0, "1", "a"), sshd(10, "1", "a"), sshd(5, "2", "a"), sshd(15, "2", "a"), sshd(25, "2", "a"), sshd(200, "3", "a")},
			[]string{"10s c high [source.ip=1] n=2"}},
		{"repeated lines count as often as they say", sshRules, []ev{sshd(0, "1", "a"), func() ev { e := sshd(1, "1", "a"); e.fields["yagura.repeat"] = int64(2); return e }()},
			[]string{"1s brute high [source.ip=1] n=3"}},
		{"generate lets the listed rule alert too", sshRules + "  generate: true\n", []ev{sshd(0, "1", "a"), sshd(1, "1", "a"), sshd(2, "1", "a")},
			[]string{"0s ssh-fail low [source.ip=1,user.name=a,host.name=bastion] n=1", "2s brute high [source.ip=1] n=3"}},
		{"an event that two listed rules match is one event", "title: F\nid: f\nlevel: low\nlogsource: {service: sshd}\ndetection:\n  s: {event.outcome: failure}\n  condition: s\n" +
			"---\ntitle: G\nid: g\nlevel: low\nlogsource: {service: sshd}\ndetection:\n  s: {user.name|startswith: a}\n  condition: s\n" +
			"---\ntitle: C\nid: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [f, g]\n  group-by: [source.ip]\n  timespan: 60s\n  condition: {gte: 3}\n",
			[]ev{sshd(0, "1", "a"), sshd(0, "1", "a"), sshd(1, "1", "b")},
			[]string{"1s c high [source.ip=1] n=3"}},
		{"a chain", sshRules + "---\ntitle: Many hosts\nid: chain\nlevel: critical\ncorrelation:\n  type: temporal_ordered\n  rules: [brute, ssh-ok]\n  group-by: [source.ip]\n  timespan: 5m\n",
			[]ev{sshd(0, "1", "a"), sshd(1, "1", "a"), sshd(2, "1", "a"), accepted(100, "1", "root"), accepted(101, "2", "root")},
			[]string{"100s chain critical [source.ip=1] n=2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := NewEngine(mustLoad(t, c.rules), EngineConfig{})
			got := run(e, blocksOf(t, 3, c.events...))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("alerts (-want +got):\n%s\nstats %+v", d, e.Stats())
			}
		})
	}
}

func TestAnAlertSaysAll(t *testing.T) {
	rules := sshRules[:strings.Index(sshRules, "---\ntitle: Password")] // without the correlation
	rules = strings.Replace(rules, "level: low", "level: low\npolicy: ['3-1']\nrunbook: {ja: 見る, en: look}\nfalsepositives: [tests]\nauthor: someone\ntags: [attack.t1110]", 1)
	rules = strings.Replace(rules, "{sel: {event.outcome: failure}, condition: sel}", "{sel: {event.outcome: fail*}, text: ['Failed password'], condition: sel and text}", 1)
	e := NewEngine(mustLoad(t, rules), EngineConfig{})
	v, alerts := e.Block(blocksOf(t, 10, accepted(0, "192.0.2.7", "b"), sshd(1, "192.0.2.7", "a"))[0], 9)
	want := event.Alert{
		Tenant: "demo", Time: base.Add(time.Second), First: base.Add(time.Second), RuleID: "ssh-fail", RuleName: "Failed log-on",
		Level: event.Low, Class: "unauthorized_access", Author: "someone", Policy: []string{"3-1"}, Tags: []string{"attack.t1110"},
		Reason:   "Failed log-on: source.ip 192.0.2.7, user.name a, host.name bastion.",
		ReasonJa: "Failed log-on：送信元 192.0.2.7、利用者 a、ホスト bastion。",
		Group:    []event.Pair{{Name: "source.ip", Value: "192.0.2.7"}, {Name: "user.name", Value: "a"}, {Name: "host.name", Value: "bastion"}},
		Count:    1,
		Matches: []event.Match{
			{Selection: "sel", Field: "event.outcome", Value: "failure", Pattern: "fail*"},
			{Selection: "text", Field: "event.original", Value: "Failed password for a from 192.0.2.7 port 4022 ssh2", Pattern: "Failed password"},
		},
		Events: []event.AlertEvent{{
			ID: "demo/n1/7/1/1", Time: base.Add(time.Second), Source: "192.0.2.250", Message: "Failed password for a from 192.0.2.7 port 4022 ssh2",
			Fields: []event.Pair{{Name: "event.outcome", Value: "failure"}, {Name: "host.name", Value: "bastion"}, {Name: "user.name", Value: "a"}, {Name: "source.ip", Value: "192.0.2.7"}, {Name: "process.name", Value: "sshd"}},
		}},
		RunbookJa: "見る", RunbookEn: "look", False: []string{"tests"}, Suppress: 600,
	}
	want.ID = event.AlertID("ssh-fail", want.Group, "demo/n1/7/1/1")
	if d := cmp.Diff([]event.Alert{want}, alerts); d != "" {
		t.Errorf("alert (-want +got):\n%s", d)
	}
	wantVerdict := event.Verdict{Seq: 9, Block: "demo/n1/7/1", Rules: []string{"ssh-ok", "ssh-fail"},
		Hits: []event.Hit{{Event: 0, Rule: 0}, {Event: 1, Rule: 1}}, Alert: []event.EventIn{{Event: 1, Alert: want.ID}}}
	if d := cmp.Diff(wantVerdict, v); d != "" {
		t.Errorf("verdict (-want +got):\n%s", d)
	}
}

func TestACorrelationSaysHowMany(t *testing.T) {
	e := NewEngine(mustLoad(t, sshRules), EngineConfig{})
	_, alerts := e.Block(blocksOf(t, 10, sshd(0, "192.0.2.7", "a"), sshd(30, "192.0.2.7", "b"), sshd(45, "192.0.2.7", "a"))[0], 1)
	if len(alerts) != 1 {
		t.Fatalf("%d alerts", len(alerts))
	}
	got := []string{alerts[0].Reason, alerts[0].ReasonJa}
	want := []string{
		"Password guessing: source.ip 192.0.2.7, 3 events within 45s (events 3, limit ≥ 3 in 1m).",
		"パスワード推測：送信元 192.0.2.7、45秒の間に3件（件数3、しきい値は1分で≥ 3）。",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(alerts[0].Events) != 3 || len(alerts[0].Matches) != 1 {
		t.Errorf("events %d, matches %d", len(alerts[0].Events), len(alerts[0].Matches))
	}
}

// A match that fails half-way must not hide what comes after it: who runs the engine
// goes on with the next block.
func TestAFailedMatchHidesNothingLater(t *testing.T) {
	e := NewEngine(mustLoad(t, sshRules), EngineConfig{})
	blocks := blocksOf(t, 1, sshd(0, "192.0.2.7", "root"), sshd(1, "192.0.2.7", "root"))
	for i, block := range blocks {
		if v, _ := e.Block(block, uint64(i+1)); len(v.Hits) != 1 {
			t.Errorf("block %d: %d hits", i+1, len(v.Hits))
		}
		e.m.noting = true // as learn leaves it when a scan panics
	}
}
