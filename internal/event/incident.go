package event

import "time"

// Incident groups the alerts of one rule and group key: the response record. A
// change of it is a new version of the whole; the highest Version counts.
type Incident struct {
	ID       string    `json:"incident.id"` // "I" and the first alert's id, cut to 12
	Version  uint64    `json:"incident.version"`
	Tenant   string    `json:"yagura.tenant"`
	Status   string    `json:"incident.status"` // open, acknowledged, closed
	Opened   time.Time `json:"incident.opened"`
	Updated  time.Time `json:"incident.updated"`
	Level    Level     `json:"rule.level"`
	RuleID   string    `json:"rule.id"`
	RuleName string    `json:"rule.name"`
	RuleJa   string    `json:"rule.name_ja,omitempty"`
	Class    string    `json:"rule.category"`
	Policy   []string  `json:"rule.policy,omitempty"`
	Group    []Pair    `json:"alert.group"`
	Alerts   int       `json:"incident.alerts"` // alerts gathered
	Events   int       `json:"incident.events"` // contributing events
	Assignee string    `json:"incident.assignee,omitempty"`
	Reason   string    `json:"alert.reason"`
	ReasonJa string    `json:"alert.reason_ja,omitempty"`
	Mail     string    `json:"incident.mail"` // due, sending, sent, failed, suppressed
	Notes    []Note    `json:"incident.notes,omitempty"`
	First    Alert     `json:"incident.first_alert"`
}

// Statuses of an incident.
const (
	StatusOpen         = "open"
	StatusAcknowledged = "acknowledged"
	StatusClosed       = "closed"
)

// Note is an entry of the response record: who did what, when.
type Note struct {
	Time time.Time `json:"time"`
	Who  string    `json:"who"`
	What string    `json:"what"`
}
