package alert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yagura/internal/event"
)

func (s *state) mail(m *mail) {
	own := *m
	own.Routes = make([]*delivery, 0, len(m.Routes))
	for _, d := range m.Routes {
		if d != nil {
			c := *d
			own.Routes = append(own.Routes, &c)
		}
	}
	s.mails[m.ID] = &own
	for _, id := range m.Items {
		if inc := s.incidents[id]; inc != nil {
			inc.pending++
			inc.due()
			if m.Kind != kindDigest {
				inc.Mails = max(inc.Mails, mailNumber(m.ID))
			}
		}
	}
	if m.Kind != kindDigest {
		s.remember(m.To.Address, m.Created)
	}
}

// remember keeps the times that the flood limit looks at.
func (s *state) remember(address string, at time.Time) {
	times := append(s.recent[address], at)
	if extra := len(times) - maxRecent; extra > 0 {
		times = slices.Delete(times, 0, extra)
	}
	s.recent[address] = times
}

// maxRecent bounds the times kept a recipient; Config.MailsPerWindow is capped by
// it.
const maxRecent = 1000

// flooded reports whether the recipient has had limit single mails in the window.
func (s *state) flooded(address string, now time.Time, window time.Duration, limit int) bool {
	times := s.recent[address]
	return limit <= 0 || len(times) >= limit && now.Sub(times[len(times)-limit]) < window
}

// mailNumber reads n of "I-….n", 0 when there is none.
func mailNumber(id string) int {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '.')+1:])
	if err != nil {
		return 0
	}
	return n
}

// due notes that somebody is to be told, unless somebody has been.
func (i *incident) due() {
	if i.Incident.Mail == stateSuppressed || i.Incident.Mail == stateFailed {
		i.Incident.Mail = stateDue
	}
}

func (s *state) queue(q queued, now time.Time) {
	d := s.digests[q.To.Address]
	if d == nil {
		d = &digest{to: q.To, since: now}
		s.digests[q.To.Address] = d
	}
	if inc := s.incidents[q.ID]; inc != nil {
		d.ids = append(d.ids, q.ID)
		inc.pending++
		inc.due()
	}
}

func (s *state) flush(f *flush) {
	d := s.digests[f.Address]
	if d == nil {
		return
	}
	taken := d.ids[:min(max(f.Count, 0), len(d.ids))]
	for _, id := range taken {
		s.release(id)
	}
	if d.ids = slices.Clone(d.ids[len(taken):]); len(d.ids) == 0 {
		delete(s.digests, f.Address)
	}
}

func (s *state) release(id string) {
	if inc := s.incidents[id]; inc != nil && inc.pending > 0 {
		inc.pending--
	}
}

func (s *state) move(v *move, now time.Time) {
	m := s.mails[v.Mail]
	if m == nil {
		return
	}
	d := m.route(v.Route)
	if d == nil || d.final() {
		return
	}
	switch v.State {
	case stateDue:
		d.Tries++
		s.counts.Retries++
	case stateSent:
		s.counts.Sent++
	case stateFailed:
		s.counts.Failed++
	}
	d.State = v.State
	for _, id := range m.Items {
		s.mailState(id, m, v, now)
	}
	if slices.ContainsFunc(m.Routes, func(d *delivery) bool { return !d.final() }) {
		return
	}
	delete(s.mails, m.ID)
	for _, id := range m.Items {
		s.release(id)
	}
}

func (m *mail) route(name string) *delivery {
	for _, d := range m.Routes {
		if d.Route == name {
			return d
		}
	}
	return nil
}

// mailState carries a delivery's state to the incident and its record. What one
// person has received stays "sent" while others are still being told.
func (s *state) mailState(id string, m *mail, v *move, now time.Time) {
	inc := s.incidents[id]
	if inc == nil {
		return
	}
	switch v.State {
	case stateSent:
		inc.note(event.Note{Time: now.UTC(), Who: "yagura", What: fmt.Sprintf("mail %s to %s: sent by %s", m.ID, m.To.Name, v.Route)})
	case stateFailed:
		inc.note(event.Note{Time: now.UTC(), Who: "yagura", What: fmt.Sprintf("mail %s to %s: refused by %s: %s", m.ID, m.To.Name, v.Route, v.Why)})
	}
	before := inc.Incident.Mail
	if v.Route == m.Primary && before != stateSent {
		inc.Incident.Mail = v.State
	}
	if before != inc.Incident.Mail || v.State == stateSent || v.State == stateFailed {
		s.touch(inc, now)
	}
}
