package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// windowKind is a correlation, and its definition over the events of one window,
// ordered by time and, among equals, by arrival.
type windowKind struct {
	kind, rest string
	holds      func(window []ev) bool
}

var windowKinds = []windowKind{
	{"event_count", "rules: [ssh-fail]\n  condition: {gte: 4}", func(w []ev) bool { return len(failures(w)) >= 4 }},
	{"value_count", "rules: [ssh-fail]\n  condition: {field: user.name, gte: 4}", func(w []ev) bool {
		users := map[any]bool{}
		for _, e := range failures(w) {
			users[e.fields["user.name"]] = true
		}
		return len(users) >= 4
	}},
	{"temporal", "rules: [ssh-fail, ssh-ok]", func(w []ev) bool { return len(failures(w)) > 0 && len(failures(w)) < len(w) }},
	{"temporal_ordered", "rules: [ssh-fail, ssh-ok]", func(w []ev) bool {
		seen := false
		for _, e := range w {
			if e.fields["event.outcome"] == "failure" {
				seen = true
			} else if seen {
				return true
			}
		}
		return false
	}},
	{"value_sum", "rules: [ssh-fail]\n  condition: {field: source.port, gt: 100}", func(w []ev) bool {
		sum := int64(0)
		for _, e := range failures(w) {
			sum += e.fields["source.port"].(int64)
		}
		return sum > 100
	}},
}

func failures(events []ev) (out []ev) {
	for _, e := range events {
		if e.fields["event.outcome"] == "failure" {
			out = append(out, e)
		}
	}
	return out
}

// everHolds asks every window that ends with an event.
func everHolds(events []ev, span float64, holds func([]ev) bool) bool {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b ev) int { return int(a.at - b.at) })
	return slices.ContainsFunc(sorted, func(end ev) bool {
		var w []ev
		for _, e := range sorted {
			if e.at > end.at-span && e.at <= end.at {
				w = append(w, e)
			}
		}
		return holds(w)
	})
}

// Whatever the order of arrival and the cut into blocks, a group alerts exactly
// when some window of its events meets the condition.
func TestWindowsAreExactInAnyOrder(t *testing.T) {
	head, _, _ := strings.Cut(sshRules, "---\ntitle: Password guessing")
	for _, k := range windowKinds {
		t.Run(k.kind, func(t *testing.T) {
			p := mustLoad(t, head+fmt.Sprintf("---\ntitle: C\nid: c\nlevel: high\ncorrelation:\n  type: %s\n  group-by: [source.ip]\n  timespan: 60s\n  %s\n", k.kind, k.rest))
			rapid.Check(t, func(rt *rapid.T) {
				events := make([]ev, rapid.IntRange(1, 25).Draw(rt, "events"))
				for i := range events {
					at, user := float64(rapid.IntRange(0, 500).Draw(rt, "at")), rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(rt, "user")
					events[i] = sshd(at, "192.0.2.1", user)
					if rapid.IntRange(0, 3).Draw(rt, "success") == 0 {
						events[i] = accepted(at, "192.0.2.1", user)
					}
					events[i].fields["source.port"] = int64(rapid.IntRange(0, 50).Draw(rt, "port"))
				}
				if rapid.Bool().Draw(rt, "in order") {
					slices.SortStableFunc(events, func(a, b ev) int { return int(a.at - b.at) })
				}
				size := rapid.IntRange(1, len(events)).Draw(rt, "block")
				got := run(NewEngine(p, EngineConfig{Lateness: time.Hour}), blocksOf(t, size, events...))
				if want := everHolds(events, 60, k.holds); want != (len(got) > 0) {
					rt.Fatalf("alerts %v; the definition says %v", got, want)
				}
			})
		})
	}
}
