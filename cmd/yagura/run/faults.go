package run

import (
	"context"
	"time"

	"yagura/internal/console"
	"yagura/internal/event"
)

// How long a critical finding must last to be told by an alert, and how often
// health is asked for that.
const (
	faultAge   = 5 * time.Minute
	faultEvery = 30 * time.Second
)

// faults remembers since when health calls a place critical.
type faults struct {
	since map[string]time.Time
	told  map[string]bool
}

// lasting returns the critical findings that have lasted for faultAge and were not
// told since they began, the first of each place. Mails that do not go out are left
// out: one more would not go out either.
func (f *faults) lasting(findings []console.Finding, now time.Time) (all []console.Finding) {
	seen := map[string]bool{}
	for _, one := range findings {
		if one.Level != console.Critical || one.Place == "mail" || seen[one.Place] {
			continue
		}
		seen[one.Place] = true
		if f.since[one.Place].IsZero() {
			f.since[one.Place] = now
		}
		if now.Sub(f.since[one.Place]) >= faultAge && !f.told[one.Place] {
			all = append(all, one)
		}
	}
	for place := range f.since {
		if !seen[place] {
			delete(f.since, place)
			delete(f.told, place)
		}
	}
	return all
}

// tellFaults raises an alert about each place that health has called critical for
// long: nobody looks at the console at night.
func (m *Main) tellFaults(ctx context.Context) error {
	f := &faults{since: map[string]time.Time{}, told: map[string]bool{}}
	for now := range ticks(ctx, faultEvery) {
		for _, one := range f.lasting(m.health(ctx).Findings, now) {
			if err := m.tellFault(ctx, one, f.since[one.Place]); err == nil {
				f.told[one.Place] = true
			}
		}
	}
	return nil
}

func (m *Main) tellFault(ctx context.Context, one console.Finding, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	return m.bus.PublishAlert(ctx, ownFault.alert(m.cfg.Tenant, about{
		group: []event.Pair{{Name: "place", Value: one.Place}, {Name: "observer.name", Value: m.cfg.Node}},
		first: since.UTC().Format(time.RFC3339), at: since, words: []any{one.Place, one.What, faultAge},
	}))
}
