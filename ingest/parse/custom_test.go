package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// door is a parser of a made-up door control.
func door() Definition {
	return Definition{
		Name: "acme.door", Vendor: "ACME", Product: "DoorKeeper", Type: "access-control",
		Recognise: Recognition{Tag: Texts{"doord"}},
		Patterns: []Pattern{
			{Pattern: "入退室 {@timestamp} 扉={acme.door:word} 氏名={user.name}[ 端末={source.ip}:{source.port}] 結果={@result:word}", Set: Constants{"event.action": {"door"}}},
			{Pattern: "opened by {user.name} at {source.ip}[ (card {acme.card})]"},
		},
		Time:     TimeShape{Format: "YYYY年M月D日 hh:mm:ss"},
		Values:   map[string]Meanings{"@result": {"許可": {"event.outcome": {"success"}, "event.type": {"allowed", "access"}}, "拒否": {"event.outcome": {"failure"}, "event.type": {"denied"}}}},
		Defaults: Constants{"event.category": {"iam"}},
		Tests: []LineTest{
			{Line: "<134>Nov 24 11:15:42 d1 doord: opened by suzuki at 192.0.2.7", Want: map[string]Texts{"user.name": {"suzuki"}, "acme.card": nil}},
			{Line: "<134>Nov 24 11:15:42 d1 sshd[3]: opened by suzuki at 192.0.2.7", Not: true},
		},
	}
}

func compiled(t testing.TB, d Definition) *Custom {
	t.Helper()
	c, faults := Compile(&d)
	if faults == nil {
		faults = c.Test()
	}
	if faults != nil {
		t.Fatalf("%+v", faults)
	}
	return c
}

// customText is the event as "parser field=value ..." without what the header gives.
func customText(d *event.Draft) string {
	var parts []string
	for i := range d.Len() {
		f, v := d.At(i)
		switch f {
		case event.SyslogPriority, event.SyslogFacilityCode, event.SyslogSeverityCode, event.ObserverVendor, event.ObserverProduct, event.ObserverType, event.YaguraParser:
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%s", d.NameOf(f), v))
	}
	parser, _ := d.Get(event.YaguraParser)
	return string(parser) + ": " + strings.Join(parts, " ")
}

func TestCustomDoor(t *testing.T) {
	p := NewSet(compiled(t, door())).New()
	for _, c := range [][2]string{
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北口 氏名=鈴木 花子 端末=192.0.2.7:4000 結果=許可",
			"acme.door: acme.door=北口 user.name=鈴木 花子 source.ip=192.0.2.7 source.port=4000 event.outcome=success event.type=allowed event.type=access event.action=door event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 9:15:40 扉=北口 氏名=鈴木 結果=拒否", ": host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北口 氏名=鈴木 結果=拒否",
			"acme.door: acme.door=北口 user.name=鈴木 event.outcome=failure event.type=denied event.action=door event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北口 氏名=鈴木 結果=?", // a word that nobody explained
			"acme.door: acme.door=北口 user.name=鈴木 event.action=door event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北口 氏名=",
			"acme.door: yagura.anomaly=acme.door:cut acme.door=北口 event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北",
			"acme.door: yagura.anomaly=acme.door:cut event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord:  opened   by  tanaka  at  [2001:db8::7] (card A-7)",
			": host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: opened by  tanaka  at  [2001:db8::7]  (card A-7)",
			"acme.door: user.name=tanaka source.ip=2001:db8::7 acme.card=A-7 event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: opened by - at -", "acme.door: event.category=iam host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: opened by tanaka at noon", ": host.name=d1 process.name=doord"},
		{"<134>Nov 24 11:15:42 d1 doord: opened by tanaka at 192.0.2.7 and more", ": host.name=d1 process.name=doord"},
	} {
		d := newDraft(c[0])
		p.Parse(d, nil)
		if got := customText(d); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func TestCustomPatternParts(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"a {user.name} b", "a x y b", "user.name=x y"},
		{"a {user.name:last} from {source.ip}", "a x from 1 from 192.0.2.1", "user.name=x from 1 source.ip=192.0.2.1"},
		{"a {user.name} from {source.ip}", "a x from 1 from 192.0.2.1", "-"},
		{"u={user.name:quoted} {}", `u="x \"y\"" z`, `user.name=x "y"`},
		{"u={user.name:quoted}", `u="x ""y"""`, `user.name=x "y"`},
		{"u={user.name:quoted}", `u="x`, "-"},
		{"n={source.bytes}, {source.packets}", "n=1, 02", "source.bytes=1 source.packets=2"},
		{"n={source.bytes:text} bytes", "n=1,234,567 bytes", "source.bytes=1234567"},
		{"n={source.bytes:text} bytes", "n=12x bytes", "yagura.anomaly=t.x:value"},
		{"n={source.port}", "n=70000", "yagura.anomaly=t.x:value"},
		{"m={source.mac} end", "m=00:00:5e:00:53:01 end", "source.mac=00:00:5e:00:53:01"},
		{"m={source.mac} end", "m=0000.5e00.5301 end", "source.mac=00:00:5e:00:53:01"},
		{"m={source.mac} end", "m=00:00:5e:00:53 end", "-"},
		{"{source.ip}:{source.port} up", "192.0.2.1:443 up", "source.ip=192.0.2.1 source.port=443"},
		{"{source.ip} up", "fe80::1%eth0 up", "source.ip=fe80::1"},
		{"{source.ip} up", "::ffff:192.0.2.1 up", "source.ip=192.0.2.1"},
		{"{source.ip}. Bye", "2001:db8::1. Bye", "source.ip=2001:db8::1"},
		{"{source.ip}: Bye", "2001:db8::1: Bye", "source.ip=2001:db8::1"},
		{"who {user.name:user:word} did", `who CITY\ito did`, "user.domain=CITY user.name=ito"},
		{"it {event.action:lower}", "it LOGIN", "event.action=login"},
		{"it {event.action:upper:word} .", "it login .", "event.action=LOGIN"},
		{`\[{event.code}\] \{{event.action}\}`, "[7] {x}", "event.code=7 event.action=x"},
		{"a[ b {event.code:word}[ c {event.action}]] z", "a b 1 c x y z", "event.code=1 event.action=x y"},
		{"a[ b {event.code:word}[ c {event.action}]] z", "a b 1 z", "event.code=1"},
		{"a[ b {event.code:word}[ c {event.action}]] z", "a z", "-"},
		{"a[ b {event.code:word}[ c {event.action}]] z", "a b 1 c x y", "-"},
		{"a {}={event.code:word}", "a long words=7", "event.code=7"},
		{"msg {message:rest}", "msg the rest  of it ", "message"},
		{"k {:kv}", "k user=ito ip=192.0.2.1 x=9", "user.name=ito source.ip=192.0.2.1"},
		{"score {event.risk_score}", "score 7.5", "event.risk_score=7.5"},
		{"at {event.start} x", "at 2026/11/24 11:15:42 x", "event.start=2026-11-24T02:15:42Z"},
	} {
		def := Definition{Name: "t.x", Recognise: Recognition{Starts: Texts{"<none>"}}, Patterns: []Pattern{{Pattern: c.pattern}}, From: "line",
			Tests: []LineTest{{Line: "x", Not: true}}}
		if strings.Contains(c.pattern, ":kv}") {
			def.KV.Fields = map[string]string{"user": "user.name", "ip": "source.ip"}
		}
		_, faults := Compile(&def)
		if len(faults) != 1 || faults[0].Field != "tests" { // none reads
			t.Errorf("%s: %+v", c.pattern, faults)
			continue
		}
		def.Tests = append(def.Tests, LineTest{Line: "y", Want: map[string]Texts{"user.name": nil}})
		b, faults := Compile(&def)
		if faults != nil {
			t.Fatal(faults)
		}
		d := newDraft("<13>" + c.text)
		NewSet(b).New().Parse(d, &Settings{Device: "t.x"})
		got := strings.TrimPrefix(customText(d), "t.x: ")
		if c.want == "message" {
			if string(d.Message()) != "the rest  of it" {
				t.Errorf("message %q", d.Message())
			}
			continue
		}
		if parser, _ := d.Get(event.YaguraParser); string(parser) != "t.x" {
			got = "-"
		}
		if got != c.want && !(got == "" && c.want == "-" || got == "t.x: " && c.want == "-") {
			t.Errorf("%s\n with %s\n  got %s\n want %s", c.pattern, c.text, got, c.want)
		}
	}
}

// Every fault of a definition is told at once, with its place.
func TestCustomFaults(t *testing.T) {
	def := Definition{
		Name: "squid", Order: "frist", From: "body", Recognise: Recognition{Starts: Texts{"a"}},
		Patterns: []Pattern{
			{Pattern: "from {source.ipp}"}, {Pattern: "{user.name}{source.ip}x"}, {Pattern: "[x"}, {Pattern: "x]"}, {Pattern: "{user.name}"}, {Pattern: "a {x"},
			{Pattern: "a [{user.name}]"}, {Pattern: "n {source.ip:int}"}, {Pattern: "n {user.name:wrod}"}, {Pattern: "a {:kv}"},
			{Regex: "(a)(b)", Literal: "abc", Groups: Texts{"user.name"}}, {Regex: "(?=a)", Literal: "ab"}, {}, {Pattern: "ok {user.name}", Set: Constants{"event.category": {"login"}, "source.ip": {"x"}}},
			{Pattern: "b {yagura.parser}"},
		},
		Time: TimeShape{Format: "YYYY hh", Of: Texts{"@tmie"}, Zone: "Tokyo"}, Values: map[string]Meanings{"event.actoin": {"a": {"": {"b"}}}},
		Defaults: Constants{"sorce.ip": {"192.0.2.1"}}, Tests: []LineTest{{Line: "x", Received: "now", Want: map[string]Texts{"event.outcom": {"x"}, "@timestamp": {"x"}}}, {}},
	}
	_, faults := Compile(&def)
	var got []string
	for _, f := range faults {
		got = append(got, f.Field+": "+f.Found)
	}
	want := []string{
		`name: found "squid"`, `order: found "frist"`, `from: found "body"`, `recognise.starts[0]: found "a"`,
		`time.format: found "YYYY hh"`, `time.zone: found "Tokyo"`,
		`patterns[0].pattern: found "source.ipp"`, `patterns[1].pattern: at character 12: two placeholders side by side`,
		`patterns[2].pattern: at character 1: a [ without its ]`, `patterns[3].pattern: at character 2: a ] without its [`,
		`patterns[4].pattern: at character 1: nothing that a line must hold`, `patterns[5].pattern: at character 3: a { without its }`,
		`patterns[6].pattern: at character 4: an optional part that begins with no text`, `patterns[7].pattern: source.ip cannot hold what is of type int`,
		`patterns[8].pattern: found "wrod"`, `patterns[9].pattern: at character 3: {:kv} without a section kv`,
		`patterns[10].groups: found 1`, "patterns[11].literal: found \"ab\"", "patterns[11].regex: invalid or unsupported Perl syntax: `(?=`",
		`patterns[12]: found neither or both of pattern and regex`, `patterns[13].set.event.category: found "login"`, `patterns[13].set.source.ip: found "x"`,
		`patterns[14].pattern: found "yagura.parser"`, `time.of[0]: found "@tmie"`, `values.event.actoin: found "event.actoin"`,
		`values.event.actoin.a: found "event.actoin"`, `defaults.sorce.ip: found "sorce.ip"`, `tests[0].received: found "now"`, `tests[0].want.event.outcom: found "event.outcom"`,
		`tests[1].line: found ""`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCustomShapes(t *testing.T) {
	for _, c := range []struct {
		def        Definition
		text, want string
	}{
		{Definition{KV: PairShape{Fields: map[string]string{"user": "user.name", "ip": "source.ip", "t": "@timestamp"}}}, `x y user="a b" z=1 ip=192.0.2.1 t="2026-11-24 10:00:00"`, "user.name=a b source.ip=192.0.2.1"},
		{Definition{KV: PairShape{Fields: map[string]string{"user": "user.name"}}}, `user="a b`, "yagura.anomaly=t.x:cut user.name=a b"},
		{Definition{KV: PairShape{Least: 2, Fields: map[string]string{"user": "user.name", "ip": "source.ip"}}}, `user=a`, "-"},
		{Definition{KV: PairShape{Pair: ":", Between: " | ", Fields: map[string]string{"User Name": "user.name", "URL": "url.original"}}}, `User Name: a b | URL: http://x/ | Z: 1`, "user.name=a b url.original=http://x/"},
		{Definition{CSV: ColumnShape{Columns: Texts{"@d", "@t", "user.name", "-", "event.action", "file.path"}}, Time: TimeShape{Of: Texts{"@d", "@t"}, Format: "YYYY/MM/DD hh:mm:ss"}},
			`2026/11/24,10:00:00,"suzuki, ""hana""",x,印刷,"C:\data\"`, `user.name=suzuki, "hana" event.action=印刷 file.path=C:\data\`},
		{Definition{CSV: ColumnShape{Separator: `\t`, Columns: Texts{"user.name", "source.ip"}}}, "a\t192.0.2.1\tmore", "user.name=a source.ip=192.0.2.1"},
		{Definition{CSV: ColumnShape{Columns: Texts{"user.name", "source.ip"}}}, "a", "-"},
		{Definition{CSV: ColumnShape{Least: 1, Columns: Texts{"user.name", "source.ip"}}}, "a", "user.name=a"},
		{Definition{CSV: ColumnShape{Columns: Texts{"user.name", "event.action"}}}, `a,"b`, "yagura.anomaly=t.x:cut user.name=a event.action=b"},
		{Definition{JSON: ObjectShape{Fields: map[string]string{"a.user": "user.name", "n": "source.bytes", "at": "@timestamp", "tags": "tags"}}},
			`{"a":{"user":"\u9234\u6728"},"n":7,"at":1795486542250,"tags":["x","y"],"o":1}`, "user.name=鈴木 source.bytes=7 tags=x tags=y"},
		{Definition{JSON: ObjectShape{Fields: map[string]string{"u": "user.name", "n": "source.bytes"}}}, `{"u":"a","n":7`, "yagura.anomaly=t.x:cut user.name=a"},
		{Definition{JSON: ObjectShape{Fields: map[string]string{"u": "user.name"}}}, `{"v":"a"}`, "-"},
		{Definition{Patterns: []Pattern{{Regex: `^job (\d+) (ok|bad)$`, Literal: "job ", Groups: Texts{"event.code", "event.outcome"}}}, Values: map[string]Meanings{"event.outcome": {"ok": {"": {"success"}}, "*": {"": {"failure"}}}}},
			"job 12 bad", "event.code=12 event.outcome=failure"},
	} {
		c.def.Name, c.def.From = "t.x", "line"
		c.def.Tests = []LineTest{{Line: "y", Want: map[string]Texts{"user.name": nil}}}
		b, faults := Compile(&c.def)
		if faults != nil {
			t.Fatalf("%+v", faults)
		}
		d := newDraft("<13>" + c.text)
		NewSet(b).New().Parse(d, &Settings{Device: "t.x"})
		got, ok := strings.CutPrefix(customText(d), "t.x: ")
		if !ok {
			got = "-"
		}
		if got != c.want {
			t.Errorf("%s\n  got %s\n want %s", c.text, got, c.want)
		}
		if len(c.def.Time.Of) > 0 && d.Time.UTC().Format("15:04") != "01:00" {
			t.Errorf("%s: %s", c.text, d.Time)
		}
	}
}

func TestCustomTimes(t *testing.T) {
	for _, c := range [][3]string{
		{"YYYY/MM/DD hh:mm:ss", "2026/11/24 11:15:42", "2026-11-24T02:15:42Z"},
		{"YYYY/MM/DD hh:mm:ss.fff", "2026/11/24 11:15:42.25", "2026-11-24T02:15:42.25Z"},
		{"YY/M/D h:mm", "26/1/4 9:05", "2026-01-04T00:05:00Z"},
		{"令和RR年M月D日 hh時mm分", "令和8年11月24日 11時15分", "2026-11-24T02:15:00Z"},
		{"令和RR年M月D日 hh時mm分", "令和元年11月24日 11時15分", "2019-11-24T02:15:00Z"},
		{"M/D/YYYY h:mm:ss AMPM", "11/24/2026 12:15:42 AM", "2026-11-23T15:15:42Z"},
		{"M月D日 AMPMh:mm", "11月24日 午後1:15", "2026-11-24T04:15:00Z"},
		{"DD-Mon-YYYY hh:mm:ss zzz", "24-NOV-2026 02:15:42 UTC", "2026-11-24T02:15:42Z"},
		{"YYYY-MM-DDThh:mm:sszzz", "2026-11-24T11:15:42+09:00", "2026-11-24T02:15:42Z"},
		{"Mon D hh:mm:ss", "Nov  4 11:15:42", "2026-11-04T02:15:42Z"},
		{"epoch", "1795486542.250", "2026-11-24T02:15:42.25Z"}, {"epoch", "1795486542250", "2026-11-24T02:15:42.25Z"},
		{"epoch_s", "1795486542", "2026-11-24T02:15:42Z"}, {"epoch_ms", "1795486542250", "2026-11-24T02:15:42.25Z"},
		{"epoch_ns", "1795486542250000001", "2026-11-24T02:15:42.250000001Z"}, {"filetime", "134399601422500000", "2026-11-24T02:15:42.25Z"},
		{"", "20 Nov 2026 11:15:42", "2026-11-20T02:15:42Z"},
		{"YYYY/MM/DD hh:mm:ss", "2026/02/30 11:15:42", ""}, {"YYYY/MM/DD hh:mm:ss", "2026/11/24 11:15", ""}, {"M/D hh:mm", "2/29 25:00", ""},
		{"M/D hh:mm", "2/29 05:00", "2024-02-28T20:00:00Z"}, // the latest year that has the day
		{"epoch_ms", "x", ""}, {"filetime", "1", ""},
	} {
		def := Definition{Name: "t.x", From: "line", Patterns: []Pattern{{Pattern: "t={@timestamp} x"}}, Time: TimeShape{Format: c[0]},
			Tests: []LineTest{{Line: "y", Want: map[string]Texts{"user.name": nil}}}}
		b, faults := Compile(&def)
		if faults != nil {
			t.Fatalf("%s: %+v", c[0], faults)
		}
		d := newDraft("t=" + c[1] + " x")
		NewSet(b).New().Parse(d, &Settings{Device: "t.x"})
		got := ""
		if !d.Time.IsZero() {
			got = d.Time.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
		}
		if got != c[2] {
			t.Errorf("%s %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// Where a parser by configuration stands among the built-in families.
func TestCustomOrder(t *testing.T) {
	const sshd = "<38>Nov 24 11:15:42 srv01 sshd[4321]: Accepted password for ito from 192.0.2.9 port 40022 ssh2"
	const pairs = "<38>Nov 24 11:15:42 srv01 app: Accepted user=ito"
	for _, c := range []struct{ order, line, device, want string }{
		{"first", sshd, "", "t.x"}, {"normal", sshd, "", "openssh.sshd"}, {"last", sshd, "", "openssh.sshd"},
		{"normal", sshd, "t.x", "t.x"}, {"last", sshd, "t.x", "t.x"}, {"first", sshd, "sshd", "openssh.sshd"},
		{"first", pairs, "", "t.x"}, {"normal", pairs, "", "t.x"}, {"last", pairs, "", "t.x"},
		{"first", "<38>Nov 24 11:15:42 srv01 app: Rejected user=ito", "t.x", "generic.kv"},
		{"first", "<38>Nov 24 11:15:42 srv01 sshd[4321]: Accepted", "", "openssh.sshd"}, // recognised, not read: the next may
	} {
		def := Definition{Name: "t.x", Order: c.order, Recognise: Recognition{Starts: Texts{"Accepted"}}, Patterns: []Pattern{{Pattern: "Accepted {message:rest}"}},
			Tests: []LineTest{{Line: "y", Want: map[string]Texts{"user.name": nil}}}}
		b, faults := Compile(&def)
		if faults != nil {
			t.Fatalf("%+v", faults)
		}
		d := newDraft(c.line)
		NewSet(b).New().Parse(d, &Settings{Device: c.device})
		if got, _ := d.Get(event.YaguraParser); string(got) != c.want {
			t.Errorf("%s, told %q, %s: %s, want %s", c.order, c.device, c.line, got, c.want)
		}
	}
}

// A parser that names the program goes before what built-in families make of the
// content, but not before the family of that program.
func TestCustomKnowsItsProgram(t *testing.T) {
	for program, want := range map[string]string{"doord": "t.x", "sshd": "openssh.sshd"} {
		def := Definition{Name: "t.x", Recognise: Recognition{Tag: Texts{"doord", "sshd"}}, Patterns: []Pattern{{Pattern: "%ASA-{message:rest}"}, {Pattern: "Accepted {message:rest}"}},
			Tests: []LineTest{{Line: "y", Want: map[string]Texts{"user.name": nil}}}}
		b, faults := Compile(&def)
		if faults != nil {
			t.Fatalf("%+v", faults)
		}
		text := map[string]string{"doord": "%ASA-6-302013: Built inbound TCP connection 7", "sshd": "Accepted password for ito from 192.0.2.9 port 40022 ssh2"}[program]
		d := newDraft("<38>Nov 24 11:15:42 h " + program + ": " + text)
		NewSet(b).New().Parse(d, nil)
		if got, _ := d.Get(event.YaguraParser); string(got) != want {
			t.Errorf("%s: %s, want %s", program, got, want)
		}
	}
}

func TestCustomAllocatesNothing(t *testing.T) {
	wantNoAllocations(t, NewSet(compiled(t, door())).New(), benchDoor)
}

const benchDoor = "<134>Nov 24 11:15:42 d1 doord: 入退室 2026年11月24日 11:15:40 扉=北口 氏名=鈴木 花子 端末=192.0.2.7:4000 結果=許可"

// BenchmarkCustom stands beside BenchmarkSSHD.
func BenchmarkCustom(b *testing.B) {
	p, line := NewSet(compiled(b, door())).New(), []byte(benchDoor)
	d := newDraft(benchDoor)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(line)
		d.Received = received
		p.Parse(d, nil)
	}
}

// FuzzCustom feeds any pattern and any line: a pattern is refused or keeps the
// promises of every parser, and a value is a part of the line.
func FuzzCustom(f *testing.F) {
	f.Add("login of {user.name} from {source.ip}[ port {source.port}]", "YYYY/MM/DD hh:mm", "login of a from 192.0.2.1 port 7")
	f.Add("{@timestamp} {user.name:last} x {event.code:quoted}", "auto", "2026-11-24 11:15:42 a x b x \"c\"")
	f.Add("k {:kv}", "epoch", "k user=\"a\\\"b\" ip=192.0.2.1 t=1795486542")
	f.Add("k {:csv}", "M月D日 AMPMh:mm", "k a,\"b\"\"c\",192.0.2.1")
	f.Add("k {:json}", "令和RR年MM月DD日 hh:mm", `k {"user":"a\u0041","ip":"::1"}`)
	f.Fuzz(func(t *testing.T, text, format, line string) {
		def := Definition{Name: "t.x", From: "line", Patterns: []Pattern{{Pattern: text}}, Time: TimeShape{Format: format},
			KV:    PairShape{Fields: map[string]string{"user": "user.name", "ip": "source.ip", "t": "@timestamp"}},
			CSV:   ColumnShape{Columns: Texts{"user.name", "event.action:lower", "source.ip"}, Least: 1},
			JSON:  ObjectShape{Fields: map[string]string{"user": "user.name", "ip": "source.ip"}},
			Tests: []LineTest{{Line: line + ".", Want: map[string]Texts{"user.name": {"a"}}}}}
		c, faults := Compile(&def)
		if faults != nil {
			return
		}
		c.Test()
		checkPromises(t, NewSet(c).New(), []byte(line), &Settings{Device: "t.x"})
	})
}

// A short literal is one of several only: alone it stands in everybody's lines.
func TestCustomRecognition(t *testing.T) {
	for _, c := range []struct {
		r  Recognition
		ok bool
	}{
		{Recognition{}, true}, {Recognition{Tag: Texts{"a"}, Starts: Texts{"["}}, true}, {Recognition{Contains: Texts{"HTTP/", "ab"}}, true},
		{Recognition{Contains: Texts{"ab", "cd"}}, false}, {Recognition{Starts: Texts{"abc", "d"}}, false}, {Recognition{Starts: Texts{"d"}, Contains: Texts{"abc"}}, true},
		{Recognition{Starts: Texts{""}, Tag: Texts{"a"}}, false}, {Recognition{Tag: Texts{""}}, false}, {Recognition{Starts: Texts{"日"}}, true},
	} {
		def := door()
		def.Recognise = c.r
		if _, faults := Compile(&def); (faults == nil) != c.ok {
			t.Errorf("%+v: %+v", c.r, faults)
		}
	}
}
