package event

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Level is a rule's and an alert's severity, in Sigma's words.
type Level uint8

// Levels, lowest first. The zero value is informational: it marks events and
// never alerts.
const (
	Informational Level = iota
	Low
	Medium
	High
	Critical
)

var levelNames = [...]string{"informational", "low", "medium", "high", "critical"}

// String returns Sigma's word.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "unknown"
}

// ParseLevel reads Sigma's word; ok is false for any other text.
func ParseLevel(s string) (l Level, ok bool) {
	for i, name := range levelNames {
		if s == name {
			return Level(i), true
		}
	}
	return 0, false
}

// MarshalText writes Sigma's word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads Sigma's word; any other text is informational.
func (l *Level) UnmarshalText(text []byte) error {
	*l, _ = ParseLevel(string(text))
	return nil
}

// Classes of rules: the folders of rules/ (policy.md).
const (
	ClassUnauthorizedAccess = "unauthorized_access"
	ClassAbnormalOutbound   = "abnormal_outbound"
	ClassPolicyViolation    = "policy_violation"
)

// Bounds of an alert: what does not fit is counted (Count), not listed.
const (
	MaxAlertEvents  = 20   // events listed in an alert
	MaxAlertMatches = 12   // matching fields listed in an alert
	MaxAlertText    = 1024 // bytes of a line or value shown in an alert
)

// Alert is one decision of a rule: made by detect as a pure function of state
// and events, stored once, told to a person by the alert stage. It carries all
// that a mail needs, as a mail must be written while ClickHouse is down.
type Alert struct {
	ID        string       `json:"alert.id"` // AlertID
	Tenant    string       `json:"yagura.tenant"`
	Time      time.Time    `json:"@timestamp"` // window time of the last contributing event
	First     time.Time    `json:"alert.start"`
	RuleID    string       `json:"rule.id"`
	RuleName  string       `json:"rule.name"` // the title
	RuleJa    string       `json:"rule.name_ja,omitempty"`
	Level     Level        `json:"rule.level"`
	Class     string       `json:"rule.category"`
	Author    string       `json:"rule.author,omitempty"`
	Policy    []string     `json:"rule.policy,omitempty"`
	Tags      []string     `json:"rule.tags,omitempty"`
	Reason    string       `json:"alert.reason"` // one sentence, English
	ReasonJa  string       `json:"alert.reason_ja"`
	Group     []Pair       `json:"alert.group"` // group-by names and values; for a plain rule its entities
	Count     int          `json:"alert.count"` // contributing events
	Matches   []Match      `json:"alert.matches,omitempty"`
	Events    []AlertEvent `json:"events"`
	RunbookJa string       `json:"rule.runbook_ja,omitempty"`
	RunbookEn string       `json:"rule.runbook_en,omitempty"`
	False     []string     `json:"rule.falsepositives,omitempty"`
	Suppress  int          `json:"alert.suppress_seconds,omitempty"` // window in which the same rule and group raise no new mail
}

// Pair is a name and a value, in order.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Match says why: which field, with which value, met which pattern.
type Match struct {
	Selection string `json:"selection"`
	Field     string `json:"field"`
	Value     string `json:"value"`
	Pattern   string `json:"pattern"`
}

// AlertEvent is a contributing event: its id, its time, what it said and the
// fields that name who and what.
type AlertEvent struct {
	ID      string    `json:"event.id"`
	Time    time.Time `json:"@timestamp"`
	Source  string    `json:"yagura.peer,omitempty"`
	Message string    `json:"message"` // text of the line, cut at MaxAlertText
	Fields  []Pair    `json:"fields,omitempty"`
}

// AlertID is the id of an alert: a hash of the rule, the group key and the first
// event's id, so that a replay gives the same one.
func AlertID(rule string, group []Pair, firstEvent string) string {
	h := sha256.New()
	for _, part := range []string{rule, GroupKey(group), firstEvent} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// GroupKey joins a group to one text: "source.ip=192.0.2.1,user.name=root".
func GroupKey(group []Pair) string {
	var b strings.Builder
	for i, p := range group {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.Name)
		b.WriteByte('=')
		b.WriteString(p.Value)
	}
	return b.String()
}

// Verdict is detect's answer to one block: which event matched which rules.
type Verdict struct {
	Seq   uint64    `json:"seq"`   // the block's sequence in the events stream
	Block string    `json:"block"` // the block's identity
	Rules []string  `json:"rules"` // ids of the rules that matched anything
	Hits  []Hit     `json:"hits"`  // in the order of the events
	Alert []EventIn `json:"alert"` // events that are part of an alert
}

// Hit says that event Event matched rule Rules[Rule] of its verdict.
type Hit struct {
	Event uint16 `json:"e"`
	Rule  uint16 `json:"r"`
}

// EventIn says that event Event of the block contributed to the alert.
type EventIn struct {
	Event uint16 `json:"e"`
	Alert string `json:"a"`
}
