package alert

import (
	"slices"
	"time"

	"yagura/internal/event"
)

// Bounds of the state.
const (
	maxSeen   = 200_000 // newest alert ids remembered: deliveries repeat within seconds
	maxNotes  = 500     // notes of one incident; acknowledging and closing is always possible
	maxDigest = 1000    // incidents in one digest mail
	maxLines  = 5       // events of the first alert kept and shown

	maxOwnNotes = maxNotes / 5
)

// state is all that the ledger says. It changes by apply only, so that a replay
// of the ledger gives the same state. Not safe for concurrent use.
type state struct {
	incidents map[string]*incident
	current   map[string]string // rule and group key → the newest incident of it
	mails     map[string]*mail
	digests   map[string]*digest     // by address
	recent    map[string][]time.Time // by address: when its latest single mails were made
	waiting   map[string]bool        // incidents with a time to escalate
	dirty     map[string]bool        // incidents with a version to publish
	seen      seenSet
	counts    Counts
}

// digest is what one recipient will be told in one mail.
type digest struct {
	to    Person
	ids   []string
	since time.Time
}

func newState() *state {
	return &state{
		incidents: map[string]*incident{}, current: map[string]string{}, mails: map[string]*mail{},
		digests: map[string]*digest{}, recent: map[string][]time.Time{},
		waiting: map[string]bool{}, dirty: map[string]bool{}, seen: newSeenSet(maxSeen),
	}
}

// apply carries out one record. A record about an incident or a mail that is not
// there (its own record was damaged) changes nothing.
func (s *state) apply(r *record) {
	for _, id := range r.Seen {
		s.seen.add(id)
	}
	if r.Alert != "" && s.seen.add(r.Alert) {
		s.counts.Alerts++
	}
	if r.Open != nil {
		s.open(r.Open)
	}
	if r.Join != nil {
		s.join(r.Join, r.Time)
	}
	if r.Change != nil {
		s.change(r.Change, r.Time)
	}
	if r.Move != nil {
		s.move(r.Move, r.Time)
	}
	if r.Flush != nil {
		s.flush(r.Flush)
	}
	for _, m := range r.Mails {
		if m != nil {
			s.mail(m)
		}
	}
	for _, q := range r.Queue {
		s.queue(q, r.Time)
	}
	for _, t := range r.Told {
		s.told(t)
	}
	for _, p := range r.Pub {
		s.publish(p)
	}
}

func (s *state) open(inc *incident) {
	own := *inc
	own.Incident.Notes = slices.Clone(inc.Incident.Notes)
	own.pending = 0
	id := own.Incident.ID
	s.incidents[id] = &own
	s.current[incidentKey(own.Incident.Tenant, own.Incident.RuleID, own.Incident.Group)] = id
	if own.Published < own.Incident.Version {
		s.dirty[id] = true
	}
	s.await(&own)
	s.counts.Opened++
}

// incidentKey names what an incident is about: its rule and group.
func incidentKey(tenant, rule string, group []event.Pair) string {
	return tenant + "\x00" + rule + "\x00" + event.GroupKey(group)
}

func (s *state) join(j *join, now time.Time) {
	inc := s.incidents[j.ID]
	if inc == nil {
		return
	}
	inc.Incident.Alerts++
	inc.Incident.Events += j.Events
	inc.Incident.Level = max(inc.Incident.Level, j.Level)
	s.touch(inc, now)
	s.counts.Joined++
}

func (s *state) change(c *change, now time.Time) {
	inc := s.incidents[c.ID]
	if inc == nil {
		return
	}
	if c.Status != "" {
		inc.Incident.Status = c.Status
		inc.Escalate = time.Time{}
	}
	if c.Assignee != nil {
		inc.Incident.Assignee = *c.Assignee
	}
	if c.Note != nil {
		inc.Incident.Notes = append(inc.Incident.Notes, *c.Note)
	}
	s.await(inc)
	s.touch(inc, now)
}

// note adds the stage's own words to the response record. They leave room for
// what people write (respond.go).
func (i *incident) note(n event.Note) {
	if len(i.Incident.Notes) < maxOwnNotes {
		i.Incident.Notes = append(i.Incident.Notes, n)
	}
}

// touch makes a new version.
func (s *state) touch(inc *incident, now time.Time) {
	inc.Incident.Version++
	inc.Incident.Updated = now.UTC()
	s.dirty[inc.Incident.ID] = true
}

func (s *state) await(inc *incident) {
	if inc.Escalate.IsZero() || inc.Incident.Status != event.StatusOpen {
		delete(s.waiting, inc.Incident.ID)
		return
	}
	s.waiting[inc.Incident.ID] = true
}

func (s *state) told(t told) {
	if inc := s.incidents[t.ID]; inc != nil {
		inc.Step, inc.Escalate = t.Step, t.Next
		s.await(inc)
	}
}

func (s *state) publish(p published) {
	inc := s.incidents[p.ID]
	if inc == nil || p.Version <= inc.Published {
		return
	}
	inc.Published = p.Version
	if inc.Published >= inc.Incident.Version {
		delete(s.dirty, p.ID)
	}
}

// evict makes room for one incident: it drops a tenth of the bound, of incidents
// with nothing left to do, closed ones first, then the oldest. It reports whether
// there is room.
func (s *state) evict(bound int) bool {
	if len(s.incidents) < bound {
		return true
	}
	var idle []*incident
	for _, inc := range s.incidents {
		id := inc.Incident.ID
		if inc.pending == 0 && !s.waiting[id] && !s.dirty[id] {
			idle = append(idle, inc)
		}
	}
	slices.SortFunc(idle, func(a, b *incident) int {
		if ac, bc := a.Incident.Status == event.StatusClosed, b.Incident.Status == event.StatusClosed; ac != bc {
			if ac {
				return -1
			}
			return 1
		}
		return a.Incident.Updated.Compare(b.Incident.Updated)
	})
	for _, inc := range idle[:min(len(idle), bound/10+1)] {
		s.drop(inc)
	}
	return len(s.incidents) < bound
}

func (s *state) drop(inc *incident) {
	delete(s.incidents, inc.Incident.ID)
	key := incidentKey(inc.Incident.Tenant, inc.Incident.RuleID, inc.Incident.Group)
	if s.current[key] == inc.Incident.ID {
		delete(s.current, key)
	}
	s.counts.Evicted++
}
