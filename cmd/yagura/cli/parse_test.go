package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	doorParser = "name: acme.door\nrecognise: {tag: doord}\npatterns: ['user {user.name} opened']\n" +
		"tests: [{line: '<13>Nov 24 11:15:42 d1 doord: user ito opened', want: {user.name: ito}}]\n"
	doorLine = "<13>Nov 24 11:15:42 d1 doord: user ueda opened\n"
)

// files writes files into a folder of their own and returns it.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A parser by configuration reads lines of parse, and check runs its tests.
func TestParseAndCheckUseParsersByConfiguration(t *testing.T) {
	good := files(t, map[string]string{"door.yaml": doorParser})
	bad := files(t, map[string]string{"bad.yaml": strings.Replace(doorParser, "ito}", "ueda}", 1), "good.yaml": strings.Replace(doorParser, "acme.", "acme2.", 1)})
	config := func(dir string) string {
		return filepath.Join(files(t, map[string]string{"yagura.yaml": "rules: []\nparsers: [" + dir + "]\n"}), "yagura.yaml")
	}
	const fault = `bad.yaml:4:72: tests[0].want.user.name: read "ito"; want "ueda"`
	for name, c := range map[string]struct {
		args      []string
		code      int
		out, errs string
	}{
		"nobody knows it":        {[]string{"parse"}, 0, `"yagura.unparsed"`, ""},
		"a folder":               {[]string{"parse", "--parsers", good}, 0, `"yagura.parser":"acme.door"`, ""},
		"a file, told":           {[]string{"parse", "--parsers", filepath.Join(good, "door.yaml"), "--device", "acme.door"}, 0, `"user.name":"ueda"`, ""},
		"a configuration":        {[]string{"parse", "-c", config(good)}, 0, `"yagura.parser":"acme.door"`, ""},
		"a broken one":           {[]string{"parse", "--parsers", bad}, 2, "", fault},
		"a broken one, the rest": {[]string{"parse", "-c", config(bad)}, 0, `"yagura.parser":"acme2.door"`, "warning: "},
		"no file":                {[]string{"parse", "--parsers", filepath.Join(good, "none")}, 2, "", "no such file"},
		"check":                  {[]string{"check", "--offline", "-c", config(good)}, 0, "", "parsers: 1 load"},
		"check finds it":         {[]string{"check", "--offline", "-c", config(bad)}, 2, "", fault},
		"a wrong device":         {[]string{"parse", "--parsers", good, "--device", "acme.dor"}, 2, "", "want acme.door"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := command(t, doorLine, c.args...)
			if code != c.code && !(c.code == 0 && strings.Contains(errs, "engine")) || !strings.Contains(errs, c.errs) {
				t.Errorf("code %d: %s", code, errs)
			}
			if c.out != `"yagura.unparsed"` && !strings.Contains(out, c.out) || c.out == `"yagura.unparsed"` && strings.Contains(out, "yagura.parser") {
				t.Error(out)
			}
		})
	}
}

// Times as devices write them, in their zones, as parse reads them for the moment
// they came.
func TestParseTimes(t *testing.T) {
	const ios = " %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.4)"
	const stamp = "<189>date=2026-11-24 time=11:59:58 devname=fw devid=FGT60F"
	const fortigate = ` logid=0100032002 type=event subtype=system level=alert vd=root user="a" action=login status=failed msg="x"`
	for _, c := range []struct {
		line, zone, received, want string
		clock                      bool // the clock is flagged
	}{
		// the year that nobody wrote
		{"<13>Dec 31 23:59:59 h a: x", "Asia/Tokyo", "2027-01-01T00:00:05+09:00", "2026-12-31T14:59:59Z", false},
		{"<13>Jan  1 00:00:03 h a: x", "Asia/Tokyo", "2026-12-31T23:59:58+09:00", "2026-12-31T15:00:03Z", false},
		{"<13>Dec 31 23:59:59 h a: x", "America/New_York", "2027-01-01T05:00:05Z", "2027-01-01T04:59:59Z", false},
		{"<13>Feb 29 10:00:00 h a: x", "Asia/Tokyo", "2028-02-29T10:00:01+09:00", "2028-02-29T01:00:00Z", false},
		{"<13>Feb 29 10:00:00 h a: x", "Asia/Tokyo", "2027-03-01T10:00:01+09:00", "2024-02-29T01:00:00Z", true},
		// clocks that are put forward and back
		{"<13>Mar  8 01:59:59 h a: x", "America/New_York", "2026-03-08T03:00:00-04:00", "2026-03-08T06:59:59Z", false},
		{"<13>Mar  8 02:30:00 h a: x", "America/New_York", "2026-03-08T03:30:01-04:00", "2026-03-08T07:30:00Z", false},
		{"<13>Nov  1 01:30:00 h a: x", "America/New_York", "2026-11-01T01:30:01-04:00", "2026-11-01T05:30:00Z", false},
		{"<13>Nov  1 01:30:00 h a: x", "America/New_York", "2026-11-01T01:30:01-05:00", "2026-11-01T06:30:00Z", false},
		{"<13>Oct 25 01:30:00 h a: x", "Europe/London", "2026-10-25T00:30:02Z", "2026-10-25T00:30:00Z", false},
		// a second more, none at all, and an hour that is none
		{"<13>Jun 30 23:59:60 h a: x", "UTC", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z", false},
		{"<13>1 - h a - - - x", "UTC", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z", false},
		// Cisco: never set, no longer set, since the start
		{"<189>45: *Mar  1 00:03:11.123:" + ios, "Asia/Tokyo", "2026-11-24T12:00:00+09:00", "2026-02-28T15:03:11.123Z", true},
		{"<189>45: .Nov 24 02:59:58.123:" + ios, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.123Z", true},
		{"<189>45: Nov 24 2026 11:59:58.123 JST:" + ios, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.123Z", false},
		{"<189>45: 3d04h:" + ios, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T03:00:00Z", false},
		// FortiGate: its zone by configuration, by itself, and epochs of every kind
		{stamp + fortigate, "Asia/Tokyo", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58Z", false},
		{stamp + ` tz="+0900"` + fortigate, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58Z", false},
		{stamp + " eventtime=1795489198" + fortigate, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58Z", false},
		{stamp + " eventtime=1795489198123456789" + fortigate, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.123456789Z", false},
		{`<13>{"time":1795489198.5,"msg":"x"}`, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.5Z", false},
		{`<13>{"ts":1795489198123,"msg":"x"}`, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.123Z", false},
		{`<13>{"ts":1795489198123456,"msg":"x"}`, "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T02:59:58.123456Z", false},
		// a clock in another zone than its source's: the offset says which
		{"<13>Nov 24 03:00:00 h a: x", "Asia/Tokyo", "2026-11-24T12:00:00+09:00", "2026-11-23T18:00:00Z", false},
		{"<13>Nov 24 12:00:00 h a: x", "UTC", "2026-11-24T12:00:00+09:00", "2026-11-24T12:00:00Z", true},
	} {
		_, out, errs := command(t, c.line+"\n", "parse", "--timezone", c.zone, "--received", c.received)
		var got struct {
			Time   string   `json:"@timestamp"`
			Offset *float64 `json:"yagura.clock_offset"`
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v %s", c.line, err, errs)
		}
		if got.Time != c.want || (got.Offset != nil) != c.clock {
			t.Errorf("%s in %s at %s: %s, clock %v; want %s, %v", c.line, c.zone, c.received, got.Time, got.Offset != nil, c.want, c.clock)
		}
	}
}
