package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yagura/internal/event"
)

// maxSuppress bounds an alert's own window, in seconds.
const maxSuppress = 30 * 24 * 60 * 60

// ErrFull is returned by Take when every incident held still has something to
// be done: leave the alert on the bus and deliver it again.
var ErrFull = errors.New("too many unfinished incidents")

// Take gathers an alert into its incident and returns nil when that is on disk:
// commit the delivery then. After any error deliver it again. The same id again
// changes nothing.
func (t *Stage) Take(ctx context.Context, a event.Alert) error {
	return t.TakeAll(ctx, []event.Alert{a})
}

// TakeAll is Take for many alerts with one fsync: all are durable or an error.
func (t *Stage) TakeAll(ctx context.Context, alerts []event.Alert) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	number, err := t.takeAll(alerts)
	if err != nil {
		return fmt.Errorf("take alert: %w", err)
	}
	if err := t.durable(number); err != nil {
		return fmt.Errorf("take alert: %w", err)
	}
	return nil
}

func (t *Stage) takeAll(alerts []event.Alert) (number uint64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number = t.journal.latest() // an alert taken before may still be on its way to disk
	for i := range alerts {
		if alerts[i].ID == "" {
			return 0, errors.New("alert has no id")
		}
		if t.state.seen.has(alerts[i].ID) {
			continue
		}
		if number, err = t.take(&alerts[i]); err != nil {
			return 0, err
		}
	}
	return number, nil
}

func (t *Stage) take(a *event.Alert) (uint64, error) {
	now := t.clock.Now()
	r := &record{Time: now, Alert: a.ID}
	if inc := t.joinable(a); inc != nil {
		r.Join = &join{ID: inc.Incident.ID, Events: a.Count, Level: a.Level}
		return t.commit(r)
	}
	if !t.state.evict(t.config.MaxIncidents) {
		return 0, ErrFull
	}
	r.Open = t.begin(a, now)
	t.tell(r, r.Open, kindOpen, now)
	return t.commit(r)
}

// joinable returns the open incident of the alert's rule and group whose window
// holds the alert. Windows are in the alerts' own time, so a replay gathers as
// the first run did.
func (t *Stage) joinable(a *event.Alert) *incident {
	inc := t.state.incidents[t.state.current[incidentKey(a.Tenant, a.RuleID, a.Group)]]
	if inc == nil || inc.Incident.Status == event.StatusClosed {
		return nil
	}
	if a.Time.Sub(inc.From).Abs() >= inc.Window {
		return nil
	}
	return inc
}

// begin makes the incident of its first alert.
func (t *Stage) begin(a *event.Alert, now time.Time) *incident {
	first := *a
	first.Events = first.Events[:min(len(first.Events), maxLines)]
	window := t.config.Suppress
	if a.Suppress > 0 {
		window = time.Duration(min(a.Suppress, maxSuppress)) * time.Second
	}
	return &incident{
		From: a.Time, Window: window,
		Incident: event.Incident{
			ID: t.incidentID(a.ID), Version: 1, Tenant: a.Tenant, Status: event.StatusOpen,
			Opened: now.UTC(), Updated: now.UTC(), Level: a.Level,
			RuleID: a.RuleID, RuleName: a.RuleName, RuleJa: a.RuleJa, Class: a.Class, Policy: a.Policy,
			Group: a.Group, Alerts: 1, Events: a.Count, Reason: a.Reason, ReasonJa: a.ReasonJa,
			Mail: stateSuppressed, First: first,
		},
	}
}

// incidentID is "I-" and the first twelve digits of the alert's id, more of them
// when another incident has that name.
func (t *Stage) incidentID(alert string) string {
	safe := safeID(alert)
	for n := 12; n < len(safe); n += 4 {
		if id := "I-" + safe[:n]; t.state.incidents[id] == nil {
			return id
		}
	}
	return "I-" + safe
}

// safeID returns the id when it is letters and digits, else its hash: ids go into
// file names, headers and commands.
func safeID(id string) string {
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return fmt.Sprintf("%x", compactID(id))
		}
	}
	if len(id) < 12 || len(id) > 64 {
		return fmt.Sprintf("%x", compactID(id))
	}
	return id
}
