package alert

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden makes a mail of a fixed moment.
func goldenMail(t *testing.T, kind, language string, change func(*Config, *event.Alert)) []byte {
	t.Helper()
	a := makeAlert(1, "203.0.113.7", noon)
	cfg := Config{
		Data: t.TempDir(), Language: language, From: "櫓 <yagura@example.lg.jp>", ConsoleURL: "http://127.0.0.1:8080",
		OnCall: OnCall{People: []Person{{Name: "山田 太郎", Address: "yamada@example.lg.jp"}}},
	}
	if change != nil {
		change(&cfg, &a)
	}
	s := openStage(t, cfg, Deps{})
	take(t, s, a)
	for _, m := range s.state.mails {
		m.Created = noon.Add(10 * time.Second)
		if m.Kind = kind; kind != kindOpen {
			m.ID = strings.TrimSuffix(m.ID, "1") + "2"
		}
		raw, err := s.compose(m)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	t.Fatal("no mail")
	return nil
}

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
}

func TestGoldenMails(t *testing.T) {
	for _, language := range []string{"ja", "en"} {
		for _, kind := range []string{kindOpen, kindEscalate} {
			name := kind + "." + language
			t.Run(name, func(t *testing.T) {
				raw := goldenMail(t, kind, language, nil)
				m := read(t, raw)
				head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
				readable := "Subject (decoded): " + m.subject + "\n" + strings.ReplaceAll(string(head), "\r\n", "\n") +
					"\n\n" + strings.ReplaceAll(m.text, "\r\n", "\n")
				checkGolden(t, name+".txt", []byte(readable))
				checkGolden(t, name+".html", []byte(strings.ReplaceAll(m.html, "\r\n", "\n")))
			})
		}
	}
}

func TestGoldenDigest(t *testing.T) {
	s := openStage(t, Config{Data: t.TempDir(), From: "yagura@example.lg.jp", ConsoleURL: "https://log01.example.lg.jp:8443"}, Deps{})
	m := s.newMail("D-0123456789ab.1", kindDigest, Person{Name: "a", Address: "a@example.jp"}, noon, nil)
	for i, level := range []event.Level{event.Low, event.High, event.High, event.Critical} {
		a := makeAlert(i, fmt.Sprintf("203.0.113.%d", i), noon)
		if a.Level = level; level != event.High {
			a.RuleID, a.RuleName, a.RuleJa = "x/"+level.String(), "Rule of level "+level.String(), ""
		}
		take(t, s, a)
		m.Items = append(m.Items, "I-"+a.ID[:12])
	}
	raw, err := s.compose(m)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, raw)
	checkGolden(t, "digest.ja.txt", []byte(got.subject+"\n\n"+strings.ReplaceAll(got.text, "\r\n", "\n")))
}

// Whatever a sender writes: no header is added, no markup, no link, no control
// character arrives.
func TestHostileValues(t *testing.T) {
	hostile := "x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script><a href=\"http://evil.example/\">\x1b[31m\u202egnp.exe\x00 \xff www.evil.example mailto:a@evil.example"
	for _, masked := range []bool{false, true} {
		raw := goldenMail(t, kindOpen, "ja", func(c *Config, a *event.Alert) {
			c.Mask = masked
			a.Group = []event.Pair{{Name: "user.name", Value: hostile}, {Name: "source.ip", Value: "203.0.113.7"}}
			a.Reason, a.ReasonJa = hostile, hostile
			a.Matches[0].Value, a.Matches[0].Pattern = hostile, hostile
			a.Events[0].Message, a.Events[0].Source = hostile, hostile
			a.Events[0].Fields = append(a.Events[0].Fields, event.Pair{Name: "destination.domain", Value: hostile})
			ours := strings.ReplaceAll(hostile, "evil", "rule") // a rule may name a host
			a.RuleName, a.RuleJa, a.RunbookJa, a.Author = ours, ours, ours, ours
			a.False, a.Tags, a.Policy = []string{ours}, []string{ours}, []string{ours}
		})
		m := read(t, raw)
		if m.header.Get("Bcc") != "" || m.to != "yamada@example.lg.jp" {
			t.Errorf("header injected: %q to %s", m.header.Get("Bcc"), m.to)
		}
		for _, bad := range []string{"\x1b", "\u202e", "\x00", "\xff", "http://evil", "www.evil", "@evil.", "evil.example"} {
			if strings.Contains(m.subject+m.html+m.text, bad) {
				t.Errorf("%q came through", bad)
			}
		}
		if strings.Contains(m.html, "<script") || strings.Contains(m.html, "<a ") {
			t.Error("markup came through")
		}
		if masked && strings.Contains(m.text, "203.0.113.7") {
			t.Error("address is not masked")
		}
	}
}

func TestHeaderRefusesControlCharacters(t *testing.T) {
	for _, s := range []string{"a\rb", "a\nb", "a\x00", "\u0085", "a\tb"} {
		if _, err := header(s); err == nil {
			t.Errorf("%q was let through", s)
		}
	}
	if got, err := header("櫓 高"); err != nil || got != "櫓 高" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEscapeDefangMask(t *testing.T) {
	for _, c := range []struct{ in, shown, masked string }{
		{"203.0.113.7", "203.0.113.7", "203.0.113.x"},
		{"http://evil.example/a.php?x=1", "hxxp[:]//evil[.]example/a[.]php?x=1", "hxxp[:]//evil[.]example/a[.]php?x=1"},
		{"HTTPS://203.0.113.7:8443/", "hxxpS[:]//203.0.113.7:8443/", "hxxpS[:]//203.0.113.x:8443/"},
		{"mail to tanaka@example.lg.jp", "mail to tanaka@example[.]lg[.]jp", "mail to x@example[.]lg[.]jp"},
		{"2001:db8:1::42", "2001:db8:1::42", "2001:db8:x"},
		{"12:34:56 up", "12:34:56 up", "12:34:56 up"},
		{"source.ip user.name", "source.ip user.name", "source.ip user.name"},
		{`\\fileserver\share`, `\[\]fileserver\share`, `\[\]fileserver\share`},
		{`"C:\\Tools\\run.exe" %SystemRoot%\\svc x:\\a`, `"C:\\Tools\\run[.]exe" %SystemRoot%\\svc x:\\a`, `"C:\\Tools\\run[.]exe" %SystemRoot%\\svc x:\\a`},
		{`url:\\host\a "\\host\b`, `url:\[\]host\a "\[\]host\b`, `url:\[\]host\a "\[\]host\b`},
		{"user.nameの種類4、source.bytesの合計9", "user.nameの種類4、source.bytesの合計9", "user.nameの種類4、source.bytesの合計9"},
		{"user.nameの種.例え", "user[.]nameの種[.]例え", "user[.]nameの種[.]例え"},
		{"例え.テスト", "例え[.]テスト", "例え[.]テスト"},
		{"a\tb\nc\x1b\u202e\u200b\xff\u3000全角", `a\tb\nc\x1b\u202e\u200b\xff` + "\u3000全角", `a\tb\nc\x1b\u202e\u200b\xff` + "\u3000全角"},
	} {
		if got := (shower{}).value(c.in); got != c.shown {
			t.Errorf("%q: %q, want %q", c.in, got, c.shown)
		}
		if got := (shower{masked: true}).value(c.in); got != c.masked {
			t.Errorf("%q masked: %q, want %q", c.in, got, c.masked)
		}
	}
}

func TestQueryIsSafeToCopy(t *testing.T) {
	at := noon.Add(90 * time.Minute)
	for _, c := range []struct {
		group []event.Pair
		want  string
	}{
		{[]event.Pair{{Name: "source.ip", Value: "203.0.113.7"}, {Name: "user.name", Value: "root"}}, "yagura query 'source.ip:203.0.113.7 user.name:root' --since 2d"},
		{[]event.Pair{{Name: "source.ip", Value: "2001:db8::1"}}, `yagura query 'source.ip:"2001:db8::1"' --since 2d`},
		{[]event.Pair{{Name: "user.name", Value: "山田 太郎"}}, `yagura query 'user.name:"山田 太郎"' --since 2d`},
		{[]event.Pair{{Name: "user.name", Value: `'; rm -rf / #`}}, `yagura query 'user.name:*rm*-rf*' --since 2d`},
		{[]event.Pair{{Name: "destination.domain", Value: "evil.example"}}, "yagura query 'destination.domain:evil*example' --since 2d"},
		{[]event.Pair{{Name: "user.name", Value: "$(`|"}}, "yagura incidents show I-1"},
		{[]event.Pair{{Name: "x y", Value: "v"}}, "yagura incidents show I-1"},
		{nil, "yagura incidents show I-1"},
	} {
		inc := event.Incident{ID: "I-1", Group: c.group, First: event.Alert{First: noon}}
		if got := query(&inc, at, false); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.group, got, c.want)
		}
	}
}

func TestRunbookIsFilledIn(t *testing.T) {
	const book = "yagura query 'source.ip:<who> user.name:<whom> host.name:<端末> | count by x.<y>' --since 2h; a <b>"
	for _, c := range []struct {
		name   string
		change func(*event.Incident)
		masked bool
		want   string
	}{
		{"group and events", nil, false, "yagura query 'source.ip:203.0.113.7 user.name:admin host.name:web01 | count by x.<y>' --since 2h; a <b>"},
		{"several values", func(i *event.Incident) {
			e := i.First.Events[0]
			e.Fields = []event.Pair{{Name: "user.name", Value: "root"}}
			i.First.Events = append(i.First.Events, e)
			i.First.Count = 2
		}, false, "yagura query 'source.ip:203.0.113.7 user.name:<whom> host.name:web01 | count by x.<y>' --since 2h; a <b>"},
		{"events not shown", func(i *event.Incident) { i.First.Count = 9 }, false,
			"yagura query 'source.ip:203.0.113.7 user.name:<whom> host.name:<端末> | count by x.<y>' --since 2h; a <b>"},
		{"hostile", func(i *event.Incident) { i.Group[0].Value = "'; reboot #$(x)" }, false,
			"yagura query 'source.ip:*reboot*x* user.name:admin host.name:web01 | count by x.<y>' --since 2h; a <b>"},
		{"masked", nil, true, book},
	} {
		a := makeAlert(1, "203.0.113.7", noon)
		a.RunbookEn, a.Count = book, 1
		inc := event.Incident{ID: "I-1", Group: a.Group, First: a}
		if c.change != nil {
			c.change(&inc)
		}
		if got := (writer{masked: c.masked}).runbook(&inc, speak("en")); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func FuzzShown(f *testing.F) {
	f.Add("http://evil.example \x1b[0m \u202e \xff")
	f.Add("::ffff:203.0.113.7 a@b.example \\\\host")
	f.Fuzz(func(t *testing.T, s string) {
		for _, masked := range []bool{false, true} {
			got := shower{masked}.value(s)
			if strings.ContainsAny(got, "\r\n\x00\x1b\u202e\u2066\u200b") {
				t.Errorf("%q shown as %q", s, got)
			}
			if schemes.MatchString(got) {
				t.Errorf("%q is a link: %q", s, got)
			}
			if _, err := header(got); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
		q := query(&event.Incident{ID: "I-1", Group: []event.Pair{{Name: "user.name", Value: s}}}, noon, false)
		if strings.Count(q, "'")%2 != 0 || strings.ContainsAny(q, "`$\\\n\r") || strings.Count(q, "'") > 2 {
			t.Errorf("%q: command %s", s, q)
		}
	})
}
