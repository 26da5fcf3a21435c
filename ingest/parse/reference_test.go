package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/influxdata/go-syslog/v3/rfc3164"
	"github.com/influxdata/go-syslog/v3/rfc5424"
	"pgregory.net/rapid"

	"yagura/internal/event"
)

// FuzzRFC5424 compares our scanner with go-syslog: what go-syslog's strict
// parser accepts, ours reads the same way.
func FuzzRFC5424(f *testing.F) {
	for _, s := range []string{
		"<165>1 2026-11-24T11:15:42.123456+09:00 h1.example.jp app 12 ID47 - hi",
		`<165>1 - h1 app - - [a@1 x="1" y="two \"2\" \] \\"][b z="3"] hi`,
		"<0>999 - - - - - - \ufeffやあ", "<191>1 2026-02-28T23:59:59Z - - - - [id]", `<1>1 - - - - - [id pk=""] `,
		"<100>1 0001-01-01T00:00:00.000000+00:00 00000 000 00 0000 - 00000",
	} {
		f.Add(s)
	}
	machine := rfc5424.NewParser()
	p := New()
	f.Fuzz(func(t *testing.T, raw string) {
		msg, err := machine.Parse([]byte(raw))
		d := newDraft(raw)
		p.Parse(d, nil)
		if err != nil || !utf8.ValidString(raw) || strings.ContainsAny(raw, "\x00\r\n\x1b") {
			return
		}
		m := msg.(*rfc5424.SyslogMessage)
		if m.Timestamp != nil && m.Timestamp.Year() <= 1 {
			return // no year that a device can mean; the first instant of year 1 is Go's zero time
		}
		if m.Appname == nil && m.Message != nil && tagLength([]byte(strings.TrimPrefix(*m.Message, "\ufeff")), true) > 0 {
			return // we read the tag that a relay left in the text
		}
		if m.StructuredData != nil && !plainData(*m.StructuredData) || strings.Contains(raw, "  ") {
			return // go-syslog merges an id that stands twice; we forgive a second blank
		}
		if diff := cmp.Diff(theirs(m), ours(d)); diff != "" {
			t.Errorf("%q: (-go-syslog +ours)\n%s", raw, diff)
		}
	})
}

func plainData(data map[string]map[string]string) bool {
	for id, params := range data {
		for name, value := range params {
			if len(id) > 128 || len(name) > 128 || strings.ContainsRune(value, '\\') || name == "" {
				return false
			}
		}
	}
	return true
}

func theirs(m *rfc5424.SyslogMessage) []string {
	out := []string{fmt.Sprint("pri ", *m.Priority), fmt.Sprint("version ", m.Version)}
	add := func(name string, v *string) {
		if v != nil && *v != "" {
			out = append(out, name+" "+*v)
		}
	}
	if m.Timestamp != nil {
		out = append(out, "time "+m.Timestamp.UTC().Format(time.RFC3339Nano))
	}
	add("host", m.Hostname)
	add("app", m.Appname)
	add("procid", m.ProcID)
	add("msgid", m.MsgID)
	if m.StructuredData != nil {
		for id, params := range *m.StructuredData {
			for name, value := range params {
				out = append(out, fmt.Sprintf("data %s.%s %s", id, name, value))
			}
		}
	}
	if m.Message != nil {
		if v := strings.TrimSpace(strings.TrimPrefix(*m.Message, "\ufeff")); v != "" {
			out = append(out, "message "+v)
		}
	}
	slices.Sort(out)
	return out
}

// ours renders the header's fields alone: families may take the program or the
// host for something else, so the line is read anew without them.
func ours(d *event.Draft) []string {
	p := New()
	l := &Line{Draft: newDraft(string(d.Raw())), Zone: p.zone, scratch: p}
	p.decode(l, "")
	l.Whole = l.Text()
	l.Body = l.Whole
	p.header(l)
	var out []string
	if !l.Time.IsZero() {
		out = append(out, "time "+l.Time.UTC().Format(time.RFC3339Nano))
	}
	for name, v := range map[string][]byte{"host": l.Host, "app": l.Tag, "procid": l.PID} {
		if len(v) > 0 {
			out = append(out, name+" "+string(v))
		}
	}
	data := map[string]string{} // go-syslog keeps the last of a name that stands twice
	for i := range l.Len() {
		switch f, v := l.At(i); f {
		case event.SyslogPriority:
			out = append(out, "pri "+string(v))
		case event.SyslogVersion:
			out = append(out, "version "+string(v))
		case event.SyslogMsgID:
			out = append(out, "msgid "+string(v))
		default:
			if name, ok := strings.CutPrefix(l.NameOf(f), "log.syslog.structured_data."); ok {
				data[name] = string(v)
			}
		}
	}
	for name, v := range data {
		out = append(out, "data "+name+" "+v)
	}
	if v := strings.TrimSpace(string(l.Body)); v != "" && l.Message() == nil {
		out = append(out, "message "+v)
	}
	slices.Sort(out)
	return out
}

// checkRFC3164: on the messages that RFC 3164 describes the two agree in every
// part. Outside of it go-syslog refuses, or takes for a host what is none.
func checkRFC3164(t *rapid.T) {
	pri := rapid.IntRange(0, 191).Draw(t, "pri")
	at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "time"), 0).UTC()
	host := rapid.StringMatching(`[a-z][a-z0-9-]{0,12}[a-z]`).Draw(t, "host")
	tag := rapid.StringMatching(`[a-z][a-z0-9]{0,30}`).Draw(t, "tag")
	pid := rapid.StringMatching(`(\[[1-9][0-9]{0,5}\])?`).Draw(t, "pid")
	text := rapid.StringMatching(`[A-Za-z0-9][ -~]{0,60}[A-Za-z0-9]`).Draw(t, "text")
	raw := fmt.Sprintf("<%d>%s %s %s%s: %s", pri, at.Format(time.Stamp), host, tag, pid, text)

	msg, err := rfc3164.NewParser().Parse([]byte(raw))
	if err != nil {
		t.Skip(err)
	}
	m := msg.(*rfc3164.SyslogMessage)
	p := New()
	l := &Line{Draft: newDraft(raw), Zone: time.UTC, scratch: p}
	l.Whole = l.Text()
	l.Body = l.Whole
	p.header(l)
	want := fmt.Sprintf("%d %s %s %s %s", *m.Priority, m.Timestamp.Format(time.Stamp), *m.Hostname, *m.Appname, *m.Message)
	v, _ := l.Get(event.SyslogPriority)
	got := fmt.Sprintf("%s %s %s %s %s", v, l.Time.UTC().Format(time.Stamp), l.Host, l.Tag, l.Body)
	if m.ProcID != nil && !strings.Contains(text, "]") { // go-syslog takes what stands in front of the last bracket
		want, got = want+" "+*m.ProcID, got+" "+string(l.PID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q: (-go-syslog +ours)\n%s", raw, diff)
	}
}

func TestRFC3164AgreesWithGoSyslog(t *testing.T) { rapid.Check(t, checkRFC3164) }
func FuzzRFC3164(f *testing.F)                   { f.Fuzz(rapid.MakeFuzz(checkRFC3164)) }
