package parse

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"yagura/internal/event"
)

// headerOf renders what the header gave: PRI, time, host, program, process id,
// message, then everything else that the header sets.
func headerOf(d *event.Draft) string {
	at := "-"
	if !d.Time.IsZero() {
		at = d.Time.UTC().Format(time.RFC3339Nano)
	}
	one := func(f event.Field) string {
		if v, ok := d.Get(f); ok {
			return string(v)
		}
		return "-"
	}
	s := fmt.Sprintf("%s %s %s %s[%s] %q", one(event.SyslogPriority), at, one(event.HostName), one(event.ProcessName), one(event.ProcessPID), d.Message())
	for i := range d.Len() {
		switch f, v := d.At(i); f {
		case event.SyslogMsgID, event.SyslogVersion, event.SyslogProcID, event.YaguraAnomaly, event.YaguraRepeat, event.ProcessExecutable, event.YaguraEncoding:
			s += fmt.Sprintf(" %s=%s", d.NameOf(f)[strings.LastIndexByte(d.NameOf(f), '.')+1:], v)
		default:
			if name := d.NameOf(f); strings.HasPrefix(name, "log.syslog.structured_data.") {
				s += fmt.Sprintf(" %s=%s", strings.TrimPrefix(name, "log.syslog.structured_data."), v)
			}
		}
	}
	return s
}

func checkHeaders(t *testing.T, lines [][2]string) {
	t.Helper()
	p := New()
	for _, line := range lines {
		d := newDraft(line[0])
		p.Parse(d, nil)
		if diff := cmp.Diff(line[1], headerOf(d)); diff != "" {
			t.Errorf("%q:\n%s", line[0], diff)
		}
		if string(d.Raw()) != line[0] {
			t.Errorf("%q: the raw bytes changed", line[0])
		}
	}
}

// What stands before the PRI must not hide the device.
func TestHeaderAfterMarksAndBlanks(t *testing.T) {
	const line, want = "<38>Nov 24 11:15:42 h1 sshd[7]: Failed password for root from 203.0.113.9 port 40022 ssh2",
		`38 2026-11-24T02:15:42Z h1 sshd[7] "Failed password for root from 203.0.113.9 port 40022 ssh2"`
	for before, noted := range map[string]string{
		"\ufeff":         " anomaly=bom",
		"\x00":           " anomaly=nul",
		"\x00\x00\ufeff": " anomaly=nul anomaly=bom",
		"\ufeff  ":       " anomaly=bom",
		" \t ":           "",
		"\r\n":           "",
	} {
		d := newDraft(before + line)
		New().Parse(d, nil)
		if diff := cmp.Diff(want+noted, headerOf(d)); diff != "" {
			t.Errorf("%q: %s", before, diff)
		}
		if got, _ := d.Get(event.YaguraParser); string(got) != "openssh.sshd" {
			t.Errorf("%q: read as %q", before, got)
		}
	}
	checkHeaders(t, [][2]string{
		{"\ufeff<134>date=x", `134 - - -[-] "date=x" anomaly=bom`},
		{"  at a.b.C(D.java:1)", `- - - -[-] "at a.b.C(D.java:1)"`},
		{"\ufeff", `- - - -[-] "" anomaly=bom`},
		{"\xef\xbb<13>hi", "- - - -[-] \"\ufffd<13>hi\" anomaly=encoding"},
	})
}

func TestHeaderRFC3164(t *testing.T) {
	const at = "2026-11-24T02:15:42Z"
	checkHeaders(t, [][2]string{
		// as the RFC says, and as devices say it
		{"<13>Nov 24 11:15:42 h1 app[12]: hi there", "13 " + at + ` h1 app[12] "hi there"`},
		{"Nov 24 11:15:42 h1 app: hi", "- " + at + ` h1 app[-] "hi"`},
		{"<0>Nov  4 11:15:42 h1 app: hi", `0 2026-11-04T02:15:42Z h1 app[-] "hi"`},
		{"<13>Nov 04 11:15:42 h1 app: hi", `13 2026-11-04T02:15:42Z h1 app[-] "hi"`},
		{"<13>NOV 24 11:15:42.250 h1 app: hi", `13 2026-11-24T02:15:42.25Z h1 app[-] "hi"`},
		{"<13>Nov 24 2026 11:15:42 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>Nov 24 11:15:42 2026 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>Tue Nov 24 11:15:42 JST 2026 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>2026 Nov 24 11:15:42 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13> Nov 24 02:15:42 UTC h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>Nov 24 11:15:42: h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>2026-11-24T11:15:42+09:00 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>2026-11-24T02:15:42.000000Z h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>2026-11-24 11:15:42 h1 app[3]: hi", "13 " + at + ` h1 app[3] "hi"`},
		{"<13>2026/11/24 11:15:42 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>24-Nov-2026 11:15:42 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"<13>24-Nov-2026 11:15:42 client hi", "13 " + at + ` - -[-] "client hi"`},
		// no host, no tag, odd tags
		{"<13>Nov 24 11:15:42 app[12]: hi", "13 " + at + ` - app[12] "hi"`},
		{"<13>Nov 24 11:15:42 app: hi", "13 " + at + ` - app[-] "hi"`},
		{"<13>Nov 24 11:15:42 - app: hi", "13 " + at + ` - app[-] "hi"`},
		{"<13>Nov 24 11:15:42 h1", "13 " + at + ` h1 -[-] ""`},
		{"<13>Nov 24 11:15:42", "13 " + at + ` - -[-] ""`},
		{"<13>Nov 24 11:15:42 h1 just some words", "13 " + at + ` h1 -[-] "just some words"`},
		{"<13>Nov 24 11:15:42 h1 app/sub/x[12]: hi", "13 " + at + ` h1 app/sub/x[12] "hi"`},
		{"<13>Nov 24 11:15:42 h1 /usr/sbin/cron[12]: hi", "13 " + at + ` h1 cron[12] "hi" executable=/usr/sbin/cron`},
		{"<13>Nov 24 11:15:42 /usr/sbin/cron[12]: hi", "13 " + at + ` - cron[12] "hi" executable=/usr/sbin/cron`},
		{"<13>Nov 24 11:15:42 h1 Asterisk Manager[12]: hi", "13 " + at + ` h1 Asterisk Manager[12] "hi"`},
		{"<13>Nov 24 11:15:42 h1 app[main]: hi", "13 " + at + ` h1 app[-] "hi" procid=main`},
		{"<13>Nov 24 11:15:42 h1 (sd-pam)[12]: hi", "13 " + at + ` h1 (sd-pam)[12] "hi"`},
		{"<13>Nov 24 11:15:42 h1 (root) CMD: hi", "13 " + at + ` h1 -[-] "(root) CMD: hi"`},
		{"<13>Nov 24 11:15:42 h1 http://x/ is a URL", "13 " + at + ` h1 -[-] "http://x/ is a URL"`},
		{"<13>Nov 24 11:15:42 h1 a=b: is a pair", "13 " + at + ` h1 -[-] "a=b: is a pair"`},
		{"<13>Nov 24 11:15:42 192.0.2.1 app: hi", "13 " + at + ` 192.0.2.1 app[-] "hi"`},
		{"<13>Nov 24 11:15:42 2001:db8::1 app: hi", "13 " + at + ` 2001:db8::1 app[-] "hi"`},
		{"<13>Nov 24 11:15:42 192.0.2.1: app: hi", "13 " + at + ` 192.0.2.1 app[-] "hi"`},
		{"<13>Nov 24 11:15:42 10.999.0.1 hi", "13 " + at + ` - -[-] "10.999.0.1 hi"`},
		{"<13>Nov 24 11:15:42 model,aabbcc,v1 app: hi", "13 " + at + ` - app[-] "hi"`},
		{"<13>Nov 24 11:15:42 auth.info h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		// no time
		{"<13>app[12]: hi", `13 - - app[12] "hi"`},
		{"<13>app: hi", `13 - - app[-] "hi"`},
		{"<13>h1 app[12]: hi", `13 - h1 app[12] "hi"`},
		{"<13>some words: and more", `13 - - -[-] "some words: and more"`},
		{"app[12]: hi", `- - - app[12] "hi"`},
		{"Notice: hi", `- - - -[-] "Notice: hi"`},
		// relays: the device's own header is the inner one, a zone wins
		{"<13>Nov 24 11:20:00 relay <38>Nov 24 11:15:42 h1 app: hi", "38 " + at + ` h1 app[-] "hi"`},
		{"<13>Nov 24 11:20:00 relay Nov 24 11:15:42 h1 app[1]: hi", "13 " + at + ` h1 app[1] "hi"`},
		{"<13>2026-11-24T02:15:42Z relay Nov 24 11:20:00 h1 app: hi", "13 " + at + ` h1 app[-] "hi"`},
		{"52 <13>Nov 24 11:15:42 h1 app: hi", "13 " + at + ` h1 app[-] "hi" anomaly=syslog:octet_count`},
		// an application's own line is no syslog header
		{"2026-11-24 11:15:42,250 INFO starting up", `- 2026-11-24T02:15:42.25Z - -[-] "INFO starting up"`},
		{"2026-11-24 11:15:42 main: ready", "- " + at + ` - -[-] "main: ready"`},
		// repeats, line ends, padding
		{"<13>Nov 24 11:15:42 h1 app: message repeated 3 times: [ hi]", "13 " + at + ` h1 app[-] "message repeated 3 times: [ hi]" repeat=3`},
		{"<13>Nov 24 11:15:42 h1 last message repeated 4 times", "13 " + at + ` h1 -[-] "last message repeated 4 times" repeat=4`},
		{"<13>Nov 24 11:15:42 h1 app: hi\r\n\x00", "13 " + at + ` h1 app[-] "hi"`},
		// damaged
		{"<192>Nov 24 11:15:42 h1 app: hi", "- " + at + ` h1 app[-] "hi" anomaly=syslog:priority`},
		{"<007>Nov 24 11:15:42 h1 app: hi", `- - - -[-] "<007>Nov 24 11:15:42 h1 app: hi" anomaly=syslog:priority`},
		{"<13>Nov 31 11:15:42 h1 app: hi", `13 - - -[-] "Nov 31 11:15:42 h1 app: hi"`},
		{"<13>Nov 24 25:15:42 h1 app: hi", `13 - - -[-] "Nov 24 25:15:42 h1 app: hi"`},
		{"<13>Nov 24 11:15", `13 - - -[-] "Nov 24 11:15"`},
		{"<13>", `13 - - -[-] ""`},
		{"<13", `- - - -[-] "<13" anomaly=syslog:priority`},
		{"", `- - - -[-] ""`},
		{"<13>Nov 24 11:15:42 h1 app: a\x00b\x01", "13 " + at + ` h1 app[-] "a\x00b\x01" anomaly=nul anomaly=control`},
	})
}

func TestHeaderRFC5424(t *testing.T) {
	const at = "2026-11-24T02:15:42.123456Z"
	checkHeaders(t, [][2]string{
		{"<165>1 2026-11-24T11:15:42.123456+09:00 h1.example.jp app 12 ID47 - hi", "165 " + at + ` h1.example.jp app[12] "hi" version=1 msgid=ID47`},
		{"<165>1 - - - - - -", `165 - - -[-] "" version=1`},
		{"<165>1 - - - - - - \ufeffやあ", `165 - - -[-] "やあ" version=1`},
		{"<165>1 2026-11-24T02:15:42.123456789Z h1 app main - - hi", `165 2026-11-24T02:15:42.123456789Z h1 app[-] "hi" version=1 procid=main`},
		{`<165>1 - h1 app - - [a@1 x="1" y="two \"2\" \] \\ \n"][b z="3"] hi`, `165 - h1 app[-] "hi" version=1 a@1.x=1 a@1.y=two "2" ] \ \n b.z=3`},
		{`<165>1 - h1 app - - [a@1] hi`, `165 - h1 app[-] "hi" version=1`},
		{`<165>1 - h1 app - - [a x="1"] [not data] hi`, `165 - h1 app[-] "[not data] hi" version=1 a.x=1`},
		{`<165>1 - h1 app - - [a x="b ] c" ] hi`, `165 - h1 app[-] "hi" version=1 a.x=b ] c`},
		// damaged: what was read stays, the message is found
		{`<165>1 - h1 app - - [a x=1 y="2"] hi`, `165 - h1 app[-] "hi" version=1 a.y=2 anomaly=syslog:structured_data`},
		{`<165>1 - h1 app - - [a x="""] hi`, `165 - h1 app[-] "hi" version=1 a.x= anomaly=syslog:structured_data`},
		{`<165>1 - h1 app - - [a x="\"] hi "b"`, `165 - h1 app[-] "hi \"b\"" version=1 a.x="] hi  anomaly=syslog:structured_data`},
		{`<165>1 - h1 app - - [a x="1`, `165 - h1 app[-] "" version=1 anomaly=syslog:structured_data`},
		{"<165>1 2026-11-24T11:15:42.123456+09:00 h1 app", "165 " + at + ` h1 app[-] "" version=1 anomaly=syslog:header`},
		{"<165>1 2026-11-24T11:15:42.123456+09:00", "165 " + at + ` - -[-] "" version=1 anomaly=syslog:header`},
		{"<165>1 ", `165 - - -[-] "" anomaly=syslog:header`},
		{"<165>1 2026-13-24T11:15:42Z h1 app - - - hi", `165 - - -[-] "2026-13-24T11:15:42Z h1 app - - - hi" anomaly=syslog:time`},
		{"<165>1 - h\n1 app - - - hi", `165 - - -[-] "h\n1 app - - - hi" version=1 anomaly=syslog:header`},
		{"<165>1 2026-11-24 11:15:42.123456 h1 app - - - hi", "165 " + at + ` h1 app[-] "hi" anomaly=syslog:time version=1`},
		// a number that is no version
		{"<165>12 apples", `165 - - -[-] "12 apples"`},
		{"1 2026-11-24T11:15:42.123456+09:00 h1 app 12 - - hi", "- " + at + ` h1 app[12] "hi" version=1`},
	})
}

// A relay's header, whichever kind, hides no header behind it.
func TestHeaderBehindARelay(t *testing.T) {
	checkHeaders(t, [][2]string{
		{"<134>1 2026-11-24T11:16:00+09:00 relay1 fwd 77 - - Nov 24 11:15:42 h1 sshd[7]: text", `134 2026-11-24T02:16:00Z h1 sshd[7] "text" version=1`},
		{`<134>1 2026-11-24T11:16:00+09:00 relay1 fwd 77 ID1 [m@1 a="b"] <38>Nov 24 11:15:42 h1 app: text`, `38 2026-11-24T02:16:00Z h1 app[-] "text" version=1 msgid=ID1 m@1.a=b`},
		{"<134>Nov 24 11:16:00 relay1 1 2026-11-24T11:15:42.5+09:00 h1 app 7 ID2 - text", `134 2026-11-24T02:15:42.5Z h1 app[7] "text" version=1 msgid=ID2`},
		{"<134>Nov 24 11:16:00 relay1 fwd: <38>1 2026-11-24T11:15:42.5+09:00 h1 app - - - text", `38 2026-11-24T02:15:42.5Z h1 app[-] "text" version=1`},
		{"<134>Nov 24 11:16:00 relay1 fwd: Nov 24 11:15:42 h1 sudo: text", `134 2026-11-24T02:15:42Z h1 sudo[-] "text"`},
		// what a program writes itself is no header
		{"<134>Nov 24 11:16:00 h1 app: Nov 24 11:15:42 main thread: text", `134 2026-11-24T02:16:00Z h1 app[-] "Nov 24 11:15:42 main thread: text"`},
		{"<134>Nov 24 11:16:00 h1 nginx: 2026/11/24 11:15:42 text", `134 2026-11-24T02:16:00Z h1 nginx[-] "2026/11/24 11:15:42 text"`},
		{"2026-11-24T02:15:42.123456Z stdout F text of it: all", `- 2026-11-24T02:15:42.123456Z - -[-] "text of it: all"`},
		{"2026-11-24T02:15:42Z 45 [Note] text", `- 2026-11-24T02:15:42Z - -[-] "45 [Note] text"`},
	})
}

// What relays do to a line hides neither the device nor its values.
func TestHeadersBehindHeaders(t *testing.T) {
	const outer = "<134>1 2026-11-24T11:59:00+09:00 relay1 "
	checkHeaders(t, [][2]string{
		{"<45><30>Nov 24 11:15:42 ns1 kea[7]: started", `30 2026-11-24T02:15:42Z ns1 kea[7] "started"`},
		{"<45><30>1 2026-11-24T11:15:42+09:00 ns1 kea 7 ID1 - started", `30 2026-11-24T02:15:42Z ns1 kea[7] "started" version=1 msgid=ID1`},
		{"<45><999>text", `45 - - -[-] "<999>text"`},
		{"<134>Nov 24 11:59:00 relay1 <134>1 2026-11-24T11:59:00+09:00 relay2 - - - - Nov 24 11:15:42 ns1 kea[7]: started", `134 2026-11-24T02:59:00Z ns1 kea[7] "started" version=1`},
		{outer + "forwarder 771 - - Nov 24 11:15:42 AP-3 リンクが切れました。", `134 2026-11-24T02:59:00Z AP-3 -[-] "リンクが切れました。" version=1`},
		{outer + "worker 771 - - Nov 24 11:15:42 starting the nightly run", `134 2026-11-24T02:59:00Z relay1 worker[771] "Nov 24 11:15:42 starting the nightly run" version=1`},
		{outer + "rsyslogd - - - <189>the date is not set", `189 2026-11-24T02:59:00Z relay1 rsyslogd[-] "the date is not set" version=1`},
		{outer + "rsyslogd - - - <189>lldp: neighbour lost", `189 2026-11-24T02:59:00Z relay1 lldp[-] "neighbour lost" version=1`},
		{outer + "worker - - - <6>started, all is well", `134 2026-11-24T02:59:00Z relay1 worker[-] "<6>started, all is well" version=1`},
		{"<134>1 - - worker - - - 2026/11/24 11:15:42 started", `134 2026-11-24T02:15:42Z - worker[-] "2026/11/24 11:15:42 started" version=1`},
		{outer + "- - - - kea[7]: started", `134 2026-11-24T02:59:00Z relay1 kea[7] "started" version=1`},
		{"<134>1 2026-11-24T11:59:00.12", `134 - - -[-] "" version=1 anomaly=syslog:header`},
	})
}

// A relay writes the mark of UTF-8 in front of a text that it did not convert.
func TestMarkBeforeAnotherEncoding(t *testing.T) {
	text, err := japanese.ShiftJIS.NewEncoder().String("プリンタの用紙がありません。表面を確認してください。")
	if err != nil {
		t.Fatal(err)
	}
	checkHeaders(t, [][2]string{{
		"<134>1 2026-11-24T11:15:42+09:00 pr-2 lpd - - - \ufeff" + text,
		`134 2026-11-24T02:15:42Z pr-2 lpd[-] "プリンタの用紙がありません。表面を確認してください。" anomaly=bom encoding=cp932 version=1`,
	}})
}
