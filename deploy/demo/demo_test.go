package demo

import (
	"strings"
	"testing"
	"time"
)

func TestEveryStoryReadsAndEndsWhenToldTo(t *testing.T) {
	stories, err := Stories()
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 11, 24, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	for _, s := range stories {
		lines := s.Lines(end)
		if s.Title == "" || s.TitleJA == "" || len(lines) == 0 {
			t.Errorf("%s: title, ja or lines are missing", s.Name)
			continue
		}
		if last := lines[len(lines)-1]; !last.Time.Equal(end) {
			t.Errorf("%s ends at %v", s.Name, last.Time)
		}
		for _, l := range lines {
			if !strings.HasPrefix(l.Text, "<") || strings.ContainsAny(l.Text, "\n") {
				t.Errorf("%s: not a syslog message: %s", s.Name, l.Text)
			}
			if strings.Contains(l.Text, "{bsd}") || strings.Contains(l.Text, "{i}") {
				t.Errorf("%s: unfilled: %s", s.Name, l.Text)
			}
		}
	}
}

func TestABrokenStepIsNamed(t *testing.T) {
	for _, text := range []string{"0 <13>x", "+x <13>x", "+1 xten/1 <13>x"} {
		if _, err := parse("s", text); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
