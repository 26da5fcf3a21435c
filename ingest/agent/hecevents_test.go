package agent

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// renderHEC tells a body's events in one line.
func renderHEC(body string) string {
	var out []string
	n, err := hecEach([]byte(body), hecMeta{host: []byte("of-the-query")}, func(e hecEvent) error {
		s := string(e.raw)
		if !e.time.IsZero() {
			s += " @" + e.time.UTC().Format("2006-01-02T15:04:05.999999999")
		}
		out = append(out, s+filled(e.fill))
		return nil
	})
	if err != nil {
		var c *hecCode
		if !errors.As(err, &c) {
			return err.Error()
		}
		out = append(out, fmt.Sprintf("code %d after %d", c.code, n))
	}
	return strings.Join(out, " | ")
}

func TestHECEvents(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"event":"one line"}`, `one line host.name=of-the-query`},
		{`{"event":"a","host":"web7"}{"event":"b"}`, `a host.name=web7 | b host.name=of-the-query`},
		{"{\"event\":\"a\"}\r\n\n {\"event\":\"b\"}\n", `a host.name=of-the-query | b host.name=of-the-query`},
		{`[{"event":"a"},{"event":"b"}]`, `a host.name=of-the-query | b host.name=of-the-query`},
		{"\xef\xbb\xbf" + `{"event":"a"}`, `a host.name=of-the-query`},
		{`{"time":1764038400.125,"event":"a"}`, `a @2025-11-25T02:40:00.125 host.name=of-the-query`},
		{`{"time":"1764038400.123456789","event":"a"}`, `a @2025-11-25T02:40:00.123456789 host.name=of-the-query`},
		{`{"time":1764038400,"event":"a"}`, `a @2025-11-25T02:40:00 host.name=of-the-query`},
		{`{"time":1764038400125,"event":"a"}`, `a @2025-11-25T02:40:00.125 host.name=of-the-query`},
		{`{"time":1.7640384e9,"event":"a"}`, `a @2025-11-25T02:40:00 host.name=of-the-query`},
		{`{"time":null,"host":null,"event":"a"}`, `a host.name=of-the-query`},
		{`{"event":{"msg":"x", "n": 1.50}}`, `{"msg":"x", "n": 1.50} host.name=of-the-query`},
		{`{"event":["x"]}{"event":17}{"event":true}`, `["x"] host.name=of-the-query | 17 host.name=of-the-query | true host.name=of-the-query`},
		{`{"event":"a\u3042\n\tb"}`, "aあ\n\tb host.name=of-the-query"},
		{"{\"event\":\"\x8b\xf3\"}", "\x8b\xf3 host.name=of-the-query"},
		{`{"event":"a","source":"/var/log/app.log","sourcetype":"app:log","index":"main"}`,
			`a host.name=of-the-query log.file.path=/var/log/app.log splunk.sourcetype=app:log splunk.index=main`},
		{`{"event":"a","source":"docker","fields":{"user.name":"kato","env":"prod","n":5,"list":["x","y"],"source.ip":"no address","yagura.zone":"mynumber"}}`,
			`a host.name=of-the-query splunk.source=docker user.name=kato labels.env=prod labels.n=5 labels.list=x labels.list=y labels.source.ip=no address labels.yagura.zone=mynumber`},
		{`{"event":"a","unknown":{"x":[1]}}`, `a host.name=of-the-query`},
		{``, `code 5 after 0`},
		{" \n", `code 5 after 0`},
		{`[]`, `code 5 after 0`},
		{`{"event":"a"}{"evemt":"b"}`, `a host.name=of-the-query | code 12 after 1`},
		{`{"event":null}`, `code 12 after 0`},
		{`{}`, `code 12 after 0`},
		{`{"event":""}`, `code 13 after 0`},
		{`{"event":"a","fields":{"x":{"y":1}}}`, `code 15 after 0`},
		{`{"event":"a","fields":{"x":[["y"]]}}`, `code 15 after 0`},
		{`{"event":"a","fields":"x"}`, `code 15 after 0`},
		{`{"event":"a","time":"yesterday"}`, `code 6 after 0`},
		{`{"event":"a","time":-5}`, `code 6 after 0`},
		{`{"event":"a"},{"event":"b"}`, `a host.name=of-the-query | code 6 after 1`},
		{`{"event":"a"`, `code 6 after 0`},
		{`{"event":"a"}{`, `a host.name=of-the-query | code 6 after 1`},
		{`{"event":"a" "b"}`, `code 6 after 0`},
		{`"event"`, `code 6 after 0`},
		{`plain text`, `code 6 after 0`},
		{`[{"event":"a"},5]`, `a host.name=of-the-query | code 6 after 1`},
	} {
		if got := renderHEC(c.in); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestHECLines(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a\nb\r\n\nc", "a|b|c"},
		{"\n\r\n", ""},
		{"one", "one"},
	} {
		var out []string
		n, err := hecLines([]byte(c.in), func(l []byte) error { out = append(out, string(l)); return nil })
		if got := strings.Join(out, "|"); got != c.want || n != len(out) || (n == 0) != (err == hecNoData) {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func FuzzHECEvents(f *testing.F) {
	for _, s := range []string{`{"time":"1764038400.5","event":"a\u3042"}{"event":{"x":[1]},"fields":{"a":["b"]}}`, `[{"event":1}]`, `{"time":1e300,"event":0}`, `{"event":"`, "\xef\xbb\xbf{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		size := 0
		_, _ = hecEach(b, hecMeta{}, func(e hecEvent) error {
			if len(e.raw) == 0 {
				t.Fatal("nothing to keep")
			}
			if y := e.time.Year(); !e.time.IsZero() && (y < 1969 || y > 9999) {
				t.Fatalf("year %d", y)
			}
			size += len(e.raw)
			var d event.Draft
			d.Reset(e.raw)
			d.Received = time.Unix(1, 0)
			e.fill(&d)
			return nil
		})
		if size > len(b)*3/2+3 {
			t.Fatalf("%d bytes out of %d", size, len(b))
		}
		_, _ = hecLines(b, func(l []byte) error {
			if bytes.IndexByte(l, '\n') >= 0 {
				t.Fatal("two lines")
			}
			return nil
		})
	})
}
