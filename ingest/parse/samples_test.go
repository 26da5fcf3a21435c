package parse

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSamples scores the parser on the sample lines that lie beside the
// checkout, when they do: right, wrong and absent fields of each file. It never
// fails: it is a measure, -v shows it.
func TestSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/samples/*.jsonl")
	if len(files) == 0 {
		t.Skip("no sample lines")
	}
	var total score3
	for _, path := range files {
		s := scoreFile(t, path)
		t.Logf("%-24s %s", filepath.Base(path), s)
		total.right, total.wrong, total.absent = total.right+s.right, total.wrong+s.wrong, total.absent+s.absent
	}
	t.Logf("%-24s %s", "TOTAL", total)
}

type score3 struct{ right, wrong, absent int }

func (s score3) String() string {
	n := float64(max(1, s.right+s.wrong+s.absent))
	return fmt.Sprintf("%5d right %.4f  wrong %3d  absent %3d", s.right, float64(s.right)/n, s.wrong, s.absent)
}

func scoreFile(t *testing.T, path string) (s score3) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := New()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			ID     string         `json:"id"`
			Raw    string         `json:"raw"`
			Base64 []byte         `json:"raw_b64"`
			Expect map[string]any `json:"expect"`
		}
		dec := json.NewDecoder(strings.NewReader(lines.Text()))
		dec.UseNumber()
		if err := dec.Decode(&row); err != nil {
			t.Fatal(err)
		}
		raw := row.Raw
		if row.Base64 != nil {
			raw = string(row.Base64)
		}
		got := fieldsOf(p, raw)
		for name, want := range row.Expect {
			switch values, ok := got[name]; {
			case !ok:
				s.absent++
				t.Logf("  %s %s: absent, want %v", row.ID, name, want)
			case sameValue(name, want, values):
				s.right++
			default:
				s.wrong++
				t.Logf("  %s %s: %q, want %v", row.ID, name, values, want)
			}
		}
	}
	return s
}

func fieldsOf(p *Parser, raw string) map[string][]string {
	d := newDraft(raw)
	p.Parse(d, nil)
	got := map[string][]string{"message": {string(d.Message())}}
	for i := range d.Len() {
		f, v := d.At(i)
		got[d.NameOf(f)] = append(got[d.NameOf(f)], string(v))
	}
	at := d.Time
	if at.IsZero() {
		at = d.Received
	}
	got["@timestamp"] = []string{at.Format(time.RFC3339Nano)}
	return got
}

// sameValue compares as the samples' own scorer does.
func sameValue(name string, want any, got []string) bool {
	if list, ok := want.([]any); ok {
		for _, w := range list {
			if !sameValue(name, w, got) {
				return false
			}
		}
		return true
	}
	w := fmt.Sprint(want)
	for _, g := range got {
		if normal(name, w) == normal(name, g) {
			return true
		}
	}
	return false
}

func normal(name, v string) string {
	v = strings.TrimSpace(v)
	switch name {
	case "event.action", "event.outcome", "network.direction", "network.transport", "event.type", "host.name", "http.request.method":
		return strings.ToLower(v)
	case "@timestamp", "event.start", "event.end", "event.created":
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Truncate(time.Microsecond).String()
		}
	}
	if strings.HasSuffix(name, "ip") {
		if a, err := netip.ParseAddr(v); err == nil {
			return a.Unmap().String()
		}
	}
	return v
}
