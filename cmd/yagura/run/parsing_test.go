package run

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/cmd/yagura/config"
)

// A source that was read, or is pinned, and is read no more is told; one that nobody
// ever understood is for yagura sources.
func TestSourcesThatAreReadNoMore(t *testing.T) {
	cfg := config.Default()
	cfg.Sources = []config.Source{{Match: config.Match{Name: "fw*"}, Device: "yamaha.rtx"}, {Match: config.Match{Name: "zoned"}, Timezone: "UTC"}}
	m := &Main{cfg: cfg, parsing: parsing{at: time.Now(), rows: []parsed{
		{"turned", "udp", 300, 90, 0, 1000, 10, 0},
		{"fw01", "udp", 300, 90, 0, 0, 0, 0},
		{"zoned", "udp", 300, 90, 0, 0, 0, 0},
		{"few", "udp", 199, 199, 0, 1000, 0, 0},
		{"a fifth", "udp", 300, 60, 0, 1000, 0, 0},
		{"never read", "udp", 300, 300, 0, 1000, 900, 0},
		{"new", "udp", 300, 300, 0, 10, 0, 0},
		{"utc", "udp", 20, 0, 0, 0, 0, -32400.4},
		{"five minutes", "udp", 300, 0, 0, 0, 0, 299},
		{"one line", "udp", 1, 0, 0, 0, 0, 9000},
	}}}
	h := &checkup{main: m}
	h.parsing(context.Background())
	var got []string
	for _, f := range h.Findings {
		got = append(got, f.What+"; "+f.Mend)
	}
	if d := cmp.Diff([]string{
		"30% of 300 lines of turned (udp) were understood by no parser in the last hour; it was read before: was the device updated, or its log format changed? `yagura sources --unparsed turned` shows them; the lines are kept",
		"30% of 300 lines of fw01 (udp) were understood by no parser in the last hour; it is pinned as yamaha.rtx: is that right? `yagura sources --unparsed fw01` shows them; the lines are kept",
		"the clock of utc (udp) is -9h off on the mean of the last hour; `yagura sources` proposes its time zone if it is in another; else mend its NTP. Rules use the time of receipt where a time cannot be right",
	}, got); d != "" {
		t.Error(d)
	}
}

// parsingFigures are the figures of the story's sources as /metrics has them.
func (s *story) parsingFigures() map[string]float64 {
	all := map[string]float64{}
	var figures samples
	s.main.parsing.at = time.Time{} // ask anew
	s.main.parsingMetrics(&figures)
	for _, f := range figures {
		if len(f.Labels) > 0 && f.Name != "yagura_source_clock_offset_seconds" {
			network, _, _ := strings.Cut(f.Labels[1].Value, ":")
			all[strings.TrimPrefix(f.Name, "yagura_source_")+" "+network] = f.Value
		}
	}
	return all
}

// A parser that does not load is told, with its place.
func TestParsersThatDoNotLoad(t *testing.T) {
	cfg := config.Default()
	cfg.Custom.Faults = []error{errors.New("p.yaml:3:1: order: found \"x\"; want first")}
	h := &checkup{main: &Main{cfg: cfg}}
	h.parsers()
	if len(h.Findings) != 1 || !strings.Contains(h.Findings[0].What, "p.yaml:3:1: order") {
		t.Error(h.Findings)
	}
}
