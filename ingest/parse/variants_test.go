package parse

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yagura/internal/event"
)

// variants are what happens to lines on the way to us. Each keeps the line's own words.
var variants = []struct {
	name string
	of   func(string) string
}{
	{"relay", func(s string) string { return "<134>Nov 24 11:59:00 relay1 " + noPRI(s) }},
	{"relay and PRI", func(s string) string { return "<134>Nov 24 11:59:00 relay1 " + s }},
	{"RFC 5424", func(s string) string { return "<134>1 2026-11-24T11:59:00+09:00 relay1 - - - - " + noPRI(s) }},
	{"RFC 5424 with data", func(s string) string {
		return `<134>1 2026-11-24T11:59:00+09:00 relay1 - - ID1 [m@32473 n="9"] ` + "\ufeff" + noPRI(s)
	}},
	{"blanks and line end behind", func(s string) string { return s + "  \r\n" }},
	{"document", func(s string) string {
		return `{"@timestamp":"2026-11-24T02:59:00Z","agent":{"type":"filebeat"},"message":` + strconv.Quote(s) + `}`
	}},
	{"blanks doubled", func(s string) string { return strings.ReplaceAll(s, " ", "  ") }},
}

var priAhead = regexp.MustCompile(`^<\d{1,3}>`)

func noPRI(s string) string { return priAhead.ReplaceAllString(s, "") }

// entityFields are what alerts are raised about: of a line that came another way each
// is the same or absent, never another.
var entityFields = []event.Field{
	event.EventAction, event.EventOutcome, event.EventCode, event.SourceIP, event.SourcePort, event.DestinationIP, event.DestinationPort,
	event.UserName, event.UserDomain, event.UserTargetName, event.UserEffectiveName, event.ProcessCommandLine, event.FilePath,
	event.URLOriginal, event.RuleName, event.DNSQuestionName, event.ClientMAC, event.GroupName,
}

// TestVariantsGiveNoOtherValues also counts: most values must come through.
func TestVariantsGiveNoOtherValues(t *testing.T) {
	lines := tableLines(t, "hosts")
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			kept, all := 0, 0
			for _, line := range lines {
				want, got := New(), New()
				base, other := newDraft(line), newDraft(v.of(line))
				want.Parse(base, nil)
				got.Parse(other, nil)
				for _, f := range entityFields {
					b := draftValues(base, f)
					if len(b) == 0 {
						continue
					}
					all++
					switch o := draftValues(other, f); {
					case slices.Equal(squeezed(b), squeezed(o)):
						kept++
					case len(o) > 0:
						t.Errorf("%s: %q, of the plain line %q:\n%q", f.Name(), o, b, other.Raw())
					}
				}
			}
			if kept*100 < all*97 {
				t.Errorf("%d of %d values came through", kept, all)
			}
			t.Logf("%d of %d values", kept, all)
		})
	}
}

// squeezed makes doubled blanks inside a value one.
func squeezed(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Join(strings.Fields(v), " ")
	}
	return out
}

func draftValues(d *event.Draft, f event.Field) (values []string) {
	for i := range d.Len() {
		if g, v := d.At(i); f == g {
			values = append(values, string(v))
		}
	}
	return values
}

// tableLines are the lines of the tables of a folder: whole ones of one line in UTF-8
// that some family reads.
func tableLines(t *testing.T, folder string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw := ""
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case line == "" || line[0] == '#':
			case !strings.HasPrefix(line, "= "):
				raw = line
			case raw != "" && raw[0] != '"' && raw[0] != '{' && !strings.Contains(line, " partial") && !strings.Contains(line, " unparsed") &&
				!strings.Contains(line, "yagura.parser=generic") && !strings.Contains(line, "yagura.anomaly"):
				lines = append(lines, raw)
			}
		}
	}
	return lines
}
