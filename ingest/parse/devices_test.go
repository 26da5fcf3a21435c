package parse

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden renderings of testdata")

// received is when every line of the tables arrives.
var received = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// golden checks a table of testdata/devices: a raw line (Go-quoted when it begins
// with a quote), then its rendering behind "= ". Lines with # are comments.
func golden(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join("testdata", "devices", name+".txt")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	p, raw := New(), ""
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			out.WriteString(line + "\n")
		case strings.HasPrefix(line, "= "):
			if got := "= " + rendered(t, p, raw); got != line && !*updateGolden {
				t.Errorf("%s\n%s", raw, cmp.Diff(strings.Split(line, " | "), strings.Split(got, " | ")))
			}
		default:
			raw = line
			fmt.Fprintf(&out, "%s\n= %s\n", raw, rendered(t, p, raw))
		}
	}
	if *updateGolden {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// rendered parses a line and renders it as one: time, flags, then the fields in
// the order of their names.
func rendered(t *testing.T, p *Parser, raw string) string {
	t.Helper()
	if strings.HasPrefix(raw, `"`) {
		text, err := strconv.Unquote(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		raw = text
	}
	var d event.Draft
	d.Reset([]byte(raw))
	d.Received = received
	p.Parse(&d, nil)
	var parts []string
	for i := range d.Len() {
		f, v := d.At(i)
		switch f { // the same in every line of a table, or the header's business
		case event.ObserverVendor, event.ObserverType, event.SyslogPriority, event.SyslogFacilityCode, event.SyslogSeverityCode:
			continue
		}
		text := string(v)
		if v == nil {
			text = "(null)"
		}
		if strings.ContainsAny(text, "|\n\r\t") {
			text = strconv.Quote(text)
		}
		parts = append(parts, d.NameOf(f)+"="+text)
	}
	slices.Sort(parts)
	head := "-"
	if !d.Time.IsZero() {
		head = d.Time.UTC().Format(time.RFC3339Nano)
	}
	return strings.Join(append([]string{head + flagWords(d.Flags)}, parts...), " | ")
}

func flagWords(flags uint16) string {
	var b strings.Builder
	for i, word := range [...]string{"unparsed", "partial", "truncated", "clock", "notime", "history"} {
		if flags&(1<<i) != 0 {
			b.WriteString(" " + word)
		}
	}
	return b.String()
}

// fuzzLines feeds a family's own lines, changed, to the whole parser.
func fuzzLines(f *testing.F, name string) {
	f.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "devices", name+".txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range bytes.Split(data, []byte("\n")) {
		if len(line) > 0 && line[0] != '#' && line[0] != '=' {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := New()
		for _, fam := range deviceFamilies {
			var d event.Draft
			d.Reset(raw)
			d.Received = received
			p.Parse(&d, &Settings{Device: fam.name()})
			for i := range d.Len() {
				_, _ = d.At(i)
			}
			if !bytes.Equal(d.Raw(), raw[:min(len(raw), event.MaxRaw)]) {
				t.Fatal("raw bytes changed")
			}
		}
	})
}

// benchLine measures one line through the whole parser.
func benchLine(b *testing.B, raw string) {
	b.Helper()
	p, line := New(), []byte(raw)
	var d event.Draft
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(line)
		d.Received = received
		p.Parse(&d, nil)
	}
	if d.Flags&event.FlagUnparsed != 0 {
		b.Fatal("not parsed")
	}
}
