package alert

import (
	"time"

	"yagura/internal/event"
)

// Kinds of mails.
const (
	kindOpen     = "open"     // an incident began
	kindEscalate = "escalate" // nobody acknowledged it in time
	kindInstead  = "instead"  // the person before refused the mail (5xx)
	kindDigest   = "digest"   // many incidents at once
)

// States of a delivery, also of event.Incident.Mail.
const (
	stateDue        = "due"
	stateSending    = "sending"    // written before DATA: may have arrived
	stateSent       = "sent"       // written after 250, or after the rename into new/
	stateFailed     = "failed"     // 5xx: final for this person and route
	stateSuppressed = "suppressed" // nobody to tell
)

// record is one transaction of the ledger: either all of it counts or nothing.
type record struct {
	Time   time.Time   `json:"t"`
	Alert  string      `json:"alert,omitempty"` // id taken by this record
	Seen   []string    `json:"seen,omitempty"`  // snapshot: ids taken before
	Open   *incident   `json:"open,omitempty"`
	Join   *join       `json:"join,omitempty"`
	Change *change     `json:"change,omitempty"`
	Move   *move       `json:"move,omitempty"`
	Flush  *flush      `json:"flush,omitempty"`
	Mails  []*mail     `json:"mails,omitempty"`
	Queue  []queued    `json:"queue,omitempty"`
	Told   []told      `json:"told,omitempty"`
	Pub    []published `json:"pub,omitempty"`
}

// incident is an event.Incident and what the stage must remember about it.
type incident struct {
	Incident  event.Incident `json:"incident"`
	From      time.Time      `json:"from"`              // time of the first alert: start of the window
	Window    time.Duration  `json:"window"`            // in which alerts join
	Mails     int            `json:"mails"`             // single mails made: the n of their Message-IDs
	Step      int            `json:"step"`              // next step of the on-call list
	Escalate  time.Time      `json:"escalate,omitzero"` // when to tell it; zero: never
	Published uint64         `json:"published"`         // highest version published

	pending int // mails not yet final and digest places
}

type join struct {
	ID     string      `json:"id"`
	Events int         `json:"events"`
	Level  event.Level `json:"level"`
}

// change is what a person did to an incident.
type change struct {
	ID       string      `json:"id"`
	Status   string      `json:"status,omitempty"`
	Assignee *string     `json:"assignee,omitempty"`
	Note     *event.Note `json:"note,omitempty"`
}

// mail is one message to one person; ID is the local part of its Message-ID.
type mail struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Items   []string    `json:"items"` // incidents it tells of
	To      Person      `json:"to"`
	Created time.Time   `json:"created"`
	Primary string      `json:"primary"` // the route whose state is the incident's
	Routes  []*delivery `json:"routes"`
	Alerts  int         `json:"alerts,omitempty"` // of the incident, when the mail was made
	Events  int         `json:"events,omitempty"`
}

type delivery struct {
	Route string `json:"route"`
	State string `json:"state"`
	Tries int    `json:"tries,omitempty"`
}

func (d *delivery) final() bool { return d.State == stateSent || d.State == stateFailed }

// move is a delivery's new state.
type move struct {
	Mail  string `json:"mail"`
	Route string `json:"route"`
	State string `json:"state"`
	Why   string `json:"why,omitempty"` // the server's answer, cut and escaped
}

// queued puts an incident on a recipient's next digest.
type queued struct {
	To Person `json:"to"`
	ID string `json:"id"`
}

// flush takes the first Count places of a recipient's digest: they became mails.
type flush struct {
	Address string `json:"address"`
	Count   int    `json:"count"`
}

// told notes which step comes next and when.
type told struct {
	ID   string    `json:"id"`
	Step int       `json:"step"`
	Next time.Time `json:"next,omitzero"`
}

type published struct {
	ID      string `json:"id"`
	Version uint64 `json:"version"`
}
