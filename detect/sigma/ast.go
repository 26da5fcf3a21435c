package sigma

import (
	"time"
)

// Pos is a place in a rule file, both parts counted from 1; columns count characters. The zero Pos is unknown.
type Pos struct{ Line, Col int }

// Document is one document of a rule file: *Rule, *Correlation, *Filter or *Baseline.
type Document interface {
	// Head returns the part that all kinds share. It must not be changed.
	Head() *Meta
}

// Meta is what all documents have in common. Texts that the file leaves out are empty.
type Meta struct {
	Path string // the file, as given to Parse
	Pos  Pos    // the document's first key

	Title, TitleJA       string // TitleJA: yagura's key title_ja
	ID, Name             string
	Description, License string
	Author               string
	Date, Modified       string
	Status               Status // StatusNone when left out
	Level                Level  // DefaultLevel when left out
	Tags                 []string
	References           []string
	FalsePositives       []string
	Fields               []string // fields worth showing beside a match

	Policy  []string // yagura: ids of policy clauses
	Runbook Runbook  // yagura: what to do
	Class   string   // yagura: the folder-like class, such as unauthorized_access
	Tests   []Test   // yagura: the rule's own tests
	Custom  []Custom // all other top-level keys, in file order

	// Alerts says whether a match of this document is an alert of its own. NewSet sets it: false for level
	// informational, for filters, and for what only correlations with generate: false refer to.
	Alerts bool
}

// Head implements Document.
func (m *Meta) Head() *Meta { return m }

// Key returns what a reference or an alert calls the document: its id, else its name, else its title.
func (m *Meta) Key() string {
	switch {
	case m.ID != "":
		return m.ID
	case m.Name != "":
		return m.Name
	}
	return m.Title
}

// Custom is a top-level key that Sigma does not define; the value is kept as written.
type Custom struct {
	Name  string
	Value *Node
}

// Runbook says what the person on call does, in Japanese and in English. Either may be empty.
type Runbook struct{ JA, EN string }

// Status is the maturity of a rule.
type Status uint8

// The statuses of the specification. Deprecated and unsupported rules are not loaded by default.
const (
	StatusNone Status = iota
	StatusStable
	StatusTest
	StatusExperimental
	StatusDeprecated
	StatusUnsupported
)

// Level is how much a match matters; greater is worse.
type Level uint8

// The levels of the specification. An informational rule only enriches and never alerts.
const (
	LevelInformational Level = iota + 1
	LevelLow
	LevelMedium
	LevelHigh
	LevelCritical
)

// DefaultLevel is the level of a rule that names none.
const DefaultLevel = LevelMedium

// Logsource names the events that a rule reads. An empty part matches anything.
type Logsource struct {
	Category, Product, Service string
	Definition                 string // words for people; no meaning to the engine
	Pos                        Pos
}

// Fits reports whether an event (or a rule) of source other lies within s: each part that s names equals the other's.
func (s Logsource) Fits(other Logsource) bool {
	fit := func(want, have string) bool { return want == "" || want == have }
	return fit(s.Category, other.Category) && fit(s.Product, other.Product) && fit(s.Service, other.Service)
}

// Rule is a document with a detection section.
type Rule struct {
	Meta
	Source     Logsource
	Selections []Selection // in file order; those of applied filters are appended
	Condition  Expr        // over Selections; never nil
	Filters    []string    // keys of the filters that NewSet applied
}

// Filter is a document with a filter section: NewSet joins it to the rules it names.
type Filter struct {
	Meta
	Source     Logsource
	Any        bool        // applies to every rule whose source fits: "any", or no rules
	Rules      []Reference // the rules it names, when not Any
	Selections []Selection
	Condition  Expr
	HasNot     bool // the condition contains a not; without one the filter keeps only what it selects
	At         Pos  // the condition
}

// Baseline is a document with yagura's baseline section in place of a detection. The section is kept as written; NewSet
// refuses such a document as not supported yet.
type Baseline struct {
	Meta
	Source  Logsource
	Section *Node
	At      Pos
}

// Selection is a named part of a detection: it matches when one of its groups does.
type Selection struct {
	Name string
	Pos  Pos
	Any  []Group // at least one
}

// Group is a conjunction: it matches when all its items do. It has at least one item.
type Group []Item

// Item compares one field with values. It matches when one value does (All: when every value does), the outcome inverted
// when Neq is set. A field that the event lacks matches no value but Null and Exists{false}; a field with several elements
// matches a value when any element does, and with Null when it has no element or one that is null.
type Item struct {
	Field     string   // case-sensitive; empty: the whole raw line (a keyword)
	Modifiers []string // as written, for messages
	Pos       Pos
	All       bool
	Neq       bool
	Values    []Value // at least one
}

// Value is one value of an item: it matches when one of its alternatives does. Most have one; base64offset gives three,
// a list placeholder inside a longer text gives one for each entry.
type Value struct {
	Pos  Pos
	Text string    // as written in the file
	Any  []Matcher // at least one
}

// Expr is a condition: And, Or, Not or Sel. The x of forms are already expanded.
type Expr interface{ expr() }

// And matches when all its parts do. It has at least two.
type And struct{ Of []Expr }

// Or matches when one of its parts does. It has at least two.
type Or struct{ Of []Expr }

// Not matches when its part does not: plain boolean negation, also of what is absent.
type Not struct{ Of Expr }

// Sel is a leaf: the index of a selection (in a Rule or Filter) or of a listed rule (in a Correlation).
type Sel int

func (And) expr() {}
func (Or) expr()  {}
func (Not) expr() {}
func (Sel) expr() {}

// Reference names another document by id or name.
type Reference struct {
	Text string
	Pos  Pos
}

// CorrelationType says what a correlation counts.
type CorrelationType uint8

// The correlation types of the specification.
const (
	EventCount      CorrelationType = iota + 1 // events of any listed rule
	ValueCount                                 // distinct values of Fields (several: distinct tuples)
	Temporal                                   // different listed rules that matched
	TemporalOrdered                            // the same, in the order of Rules (as a subsequence)
	ValueSum                                   // sum of Fields[0]; non-numeric values are skipped
	ValueAvg                                   // mean of Fields[0]
	ValuePercentile                            // the Percentile-th percentile of Fields[0]
	ValueMedian                                // the median of Fields[0]
)

// Op is a comparison.
type Op uint8

// The comparisons of modifiers and correlation conditions.
const (
	Eq Op = iota
	Neq
	Gt
	Gte
	Lt
	Lte
)

// Bound is one comparison of a correlation's count with a number.
type Bound struct {
	Op     Op
	Number float64
}

// Correlation is a document with a correlation section.
type Correlation struct {
	Meta
	Type       CorrelationType
	Rules      []Reference   // at least one, as written
	Inputs     []Document    // set by NewSet: what Rules refer to, index by index; *Rule or *Correlation
	GroupBy    []string      // empty: one group for all events
	Timespan   time.Duration // positive; M is 30 days, y is 365 days
	Aliases    []Alias
	Fields     []string // the field of value_*; value_count may have several
	Percentile float64  // 0 < p <= 100, value_percentile only
	Bounds     []Bound  // all must hold: one, or two that make a range; empty for temporal types with a Condition
	Condition  Expr     // temporal types: over indexes of Rules; nil when Bounds decide. Default: all rules
	Generate   bool     // the listed rules alert on their own too
}

// Alias is a group-by name that stands for a different field in each listed rule.
type Alias struct {
	Name   string
	Fields []string // index by index with Rules; never empty
}

// GroupFields returns, for the listed rule of that index, the fields whose values make up the group key, in the order of
// GroupBy. A field of a listed correlation is the name of one of its own group-by entries.
func (c *Correlation) GroupFields(rule int) []string { return c.aliased(c.GroupBy, rule) }

// ValueFields returns what Fields are called in the listed rule of that index.
func (c *Correlation) ValueFields(rule int) []string { return c.aliased(c.Fields, rule) }

func (c *Correlation) aliased(names []string, rule int) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		for _, a := range c.Aliases {
			if a.Name == name {
				out[i] = a.Fields[rule]
			}
		}
	}
	return out
}

// Test is one test of a rule, kept in its file: the events must give exactly that many alerts.
type Test struct {
	Name   string
	Pos    Pos
	Events []TestEvent
	Alerts int
}

// TestEvent is an event of a test: either a raw syslog line or a map of fields.
type TestEvent struct {
	Pos    Pos
	Line   string         // a raw syslog line; empty when Fields is set
	Fields map[string]any // ECS or Sigma names as written: string, int64, float64, bool, nil, []any or map[string]any
	Repeat int            // how many times, at least 1
	Every  time.Duration  // between repetitions; 0: all at the same time
	At     time.Duration  // since the test's start; -1: right after the event before (its last repetition plus Every)
}
