package alert

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"yagura/internal/event"
)

// tell adds to the record what tells the next people of the on-call list about
// the incident: mails, or places in a digest for those who had their share. inc
// may be the one that the record itself opens.
func (t *Stage) tell(r *record, inc *incident, kind string, now time.Time) {
	people, step := t.next(inc.Step, now)
	if len(people) == 0 {
		r.Told = append(r.Told, told{ID: inc.Incident.ID, Step: step})
		return
	}
	number := inc.Mails + planned(r, inc.Incident.ID)
	for _, p := range people {
		left := t.share(inc.Incident.Level) - addressed(r, p.Address)
		if t.state.flooded(p.Address, now, t.config.FloodWindow, left) {
			r.Queue = append(r.Queue, queued{To: p, ID: inc.Incident.ID})
			continue
		}
		number++
		r.Mails = append(r.Mails, t.newMail(fmt.Sprintf("%s.%d", inc.Incident.ID, number), kind, p, now, inc))
	}
	r.Told = append(r.Told, told{ID: inc.Incident.ID, Step: step, Next: t.escalateAt(inc, people, step, now)})
}

// share is how many single mails a recipient may have in the window. A quarter is
// kept for level high and above: noise must not take their place.
func (t *Stage) share(level event.Level) int {
	all := min(t.config.MailsPerWindow, maxRecent)
	if level < event.High {
		return all - all/4
	}
	return all
}

// planned counts the mails of an incident that the record makes already.
func planned(r *record, id string) (n int) {
	for _, m := range r.Mails {
		if slices.Contains(m.Items, id) {
			n++
		}
	}
	return n
}

// addressed counts the record's single mails to one person: the state does not
// know them yet.
func addressed(r *record, address string) (n int) {
	for _, m := range r.Mails {
		if m.To.Address == address && m.Kind != kindDigest {
			n++
		}
	}
	return n
}

func (t *Stage) newMail(id, kind string, to Person, now time.Time, inc *incident) *mail {
	m := &mail{ID: id, Kind: kind, To: to, Created: now, Primary: t.routes[0].name()}
	if inc != nil {
		m.Items, m.Alerts, m.Events = []string{inc.Incident.ID}, inc.Incident.Alerts, inc.Incident.Events
	}
	for _, route := range t.routes {
		m.Routes = append(m.Routes, &delivery{Route: route.name(), State: stateDue})
	}
	return m
}

// next returns the people of the first step from step on with anybody on duty,
// and the step after it. An incident that nobody is on duty for goes to the
// first step all the same: never to nobody.
func (t *Stage) next(step int, now time.Time) ([]Person, int) {
	local := now.In(t.config.Zone)
	for i := step; i < len(t.steps); i++ {
		if on := onDuty(t.steps[i], local); len(on) > 0 {
			return on, i + 1
		}
	}
	if step == 0 {
		return t.steps[0], 1
	}
	return nil, len(t.steps)
}

// escalateAt is when the next step is told unless somebody acknowledges: for
// level high and above, and while there is a next step.
func (t *Stage) escalateAt(inc *incident, people []Person, step int, now time.Time) time.Time {
	if inc.Incident.Level < event.High || step >= len(t.steps) || inc.Incident.Status != event.StatusOpen {
		return time.Time{}
	}
	wait := people[0].EscalateAfter
	for _, p := range people {
		wait = min(wait, p.EscalateAfter)
	}
	return now.Add(or(wait, DefaultEscalateAfter))
}

// escalate tells the next people of every incident that nobody acknowledged in
// time, and returns when to look again (zero: when something changes).
func (t *Stage) escalate(now time.Time) (next time.Time, err error) {
	if t.look.IsZero() || t.look.Sub(now) > 0 {
		return t.look, nil
	}
	due := t.overdue(now)
	slices.SortFunc(due, func(a, b *incident) int {
		return cmpFirst(int(b.Incident.Level)-int(a.Incident.Level), a.Incident.Opened.Compare(b.Incident.Opened), strings.Compare(a.Incident.ID, b.Incident.ID))
	})
	for _, inc := range due {
		r := &record{Time: now}
		t.tell(r, inc, kindEscalate, now)
		if _, err := t.commit(r); err != nil {
			return t.look, err
		}
	}
	return t.look, nil
}

// overdue returns the incidents to escalate now and notes when the next is due.
func (t *Stage) overdue(now time.Time) (due []*incident) {
	t.look = time.Time{}
	for id := range t.state.waiting {
		inc := t.state.incidents[id]
		if inc == nil {
			delete(t.state.waiting, id)
			continue
		}
		if inc.Escalate.Sub(now) <= 0 {
			due = append(due, inc)
			continue
		}
		t.look = earlier(t.look, inc.Escalate)
	}
	return due
}

func cmpFirst(values ...int) int {
	for _, v := range values {
		if v != 0 {
			return v
		}
	}
	return 0
}

// flushDigests turns the digests whose time has come into mails, and returns when
// to look again.
func (t *Stage) flushDigests(now time.Time) (next time.Time, err error) {
	for address, d := range t.state.digests {
		due := d.since.Add(t.config.DigestEvery)
		if due.Sub(now) > 0 {
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		r := &record{Time: now, Flush: &flush{Address: address, Count: len(d.ids)}}
		for ids := range slices.Chunk(d.ids, maxDigest) {
			m := t.newMail(digestID(address, ids, now), kindDigest, d.to, now, nil)
			m.Items = slices.Clone(ids)
			r.Mails = append(r.Mails, m)
		}
		if _, err := t.commit(r); err != nil {
			return next, err
		}
	}
	return next, nil
}

// digestID names a digest by what it tells: written down once, the same on every
// try.
func digestID(address string, ids []string, now time.Time) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%s", address, now.UnixNano(), strings.Join(ids, "\x00"))
	return fmt.Sprintf("D-%x.1", h.Sum(nil)[:6])
}

// instead tells the next people of what one person's route refused for good.
func (t *Stage) instead(r *record, m *mail, now time.Time) {
	for _, id := range m.Items {
		inc := t.state.incidents[id]
		if inc == nil || inc.Incident.Status != event.StatusOpen || inc.Step >= len(t.steps) {
			continue
		}
		t.tell(r, inc, kindInstead, now)
	}
}
