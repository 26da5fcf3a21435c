package console

import (
	"context"
	"io"
	"time"

	"yagura/internal/event"
)

// Deps are what the console shows. A nil part is a stage that this instance does
// not run: its pages and endpoints say so (503).
type Deps struct {
	Search    Searcher
	Incidents Incidents
	Tail      Tail
	Import    Importer
	Health    func(context.Context) Report // fast: it is asked often
	Gather    func() []Sample              // figures for /metrics
	Classify  func(error) Kind             // tells the parts' errors apart; nil knows the errors of this package only
	Audit     func(context.Context, Act)   // called before a question or an act is carried out; nil is none
}

// Searcher answers questions. Safe for concurrent use.
type Searcher interface {
	Query(context.Context, Question) (Rows, error)
	Explain(context.Context, Question) (sql string, params map[string]string, err error)
}

// Question is a search or a SELECT statement.
type Question struct {
	Text         string
	Since, Until time.Time         // of a search; zero is open
	Limit        int               // rows, at least 1
	Params       map[string]string // of SQL: values of {name:Type}; nil from outside
}

// Column is a column of a result.
type Column struct {
	Name string `json:"name"` // as the question named it
	Type string `json:"type"` // ClickHouse's
}

// Rows is a running result, used by one goroutine. Values are those that
// encoding/json writes: string, numbers, bool, nil, []any, map[string]any; times
// are RFC 3339 text in a column whose type begins with Date.
type Rows interface {
	Columns() []Column
	Next() bool
	Row() ([]any, error) // the caller may keep it
	Err() error
	Truncated() bool // after Next was false: the limit cut the result
	Close() error
}

// Incidents is the response record.
type Incidents interface {
	List(ctx context.Context, status string) ([]event.Incident, error) // newest first; "" is every status
	Get(ctx context.Context, id string) (event.Incident, error)
	Ack(ctx context.Context, id, who, text string) (event.Incident, error)
	Close(ctx context.Context, id, who, text string) (event.Incident, error)
	AddNote(ctx context.Context, id, who, text string) (event.Incident, error)
	Assign(ctx context.Context, id, who, text string) (event.Incident, error)
}

// Importer takes records of old files. Safe for concurrent use.
type Importer interface {
	// State tells how much of a file has been taken: the zero value is nothing.
	State(ctx context.Context, file string) (ImportState, error)
	// Take reads the next records of a file: each its length and the length that it
	// had before it was cut, as uvarints, and its bytes. It returns once they are on
	// disk.
	Take(ctx context.Context, part ImportPart, records io.Reader) (ImportState, error)
}

// ImportPart says what the records are and how they are read.
type ImportPart struct {
	File     string    // SHA-256 of the file in hexadecimal; "" remembers nothing
	Path     string    // where it lies
	From     uint64    // records of it that were sent before
	Received time.Time // what times without a year are read against
	Source   string    // the sender whose settings hold; "" is the path
	Device   string    // "" finds it by content
	Timezone string    // "" is the source's
	Encoding string    // "" finds it by content
	Detect   bool      // run the rules over it
	Done     bool      // the file ends here
}

// ImportState is how much of a file has been taken.
type ImportState struct {
	Path     string    `json:"path,omitempty"`
	Records  uint64    `json:"records"`
	Unparsed uint64    `json:"unparsed"` // of them: understood by no parser
	NoTime   uint64    `json:"no_time"`  // of them: without a readable time
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Done     bool      `json:"done"`
	At       time.Time `json:"at,omitzero"` // when it was written down
}

// Tail gives live blocks. The channel closes when ctx ends or the subscription
// breaks.
type Tail interface {
	Subscribe(context.Context) (<-chan *event.Block, error)
	Match(search string) (func(event.Event) bool, error) // "" matches all
}

// Level is how much a finding harms.
type Level string

// Levels of findings and stages.
const (
	OK       Level = "ok"
	Warning  Level = "warning"
	Critical Level = "critical"
)

// Report is the health of the instance, most harmful finding first.
type Report struct {
	Findings  []Finding `json:"findings"`
	Stages    []Stage   `json:"stages,omitempty"`
	LastEvent time.Time `json:"last_event,omitzero"` // when the newest line was accepted; zero is none since the start, or not known
}

// Finding is one thing that is well or not, and how to mend it.
type Finding struct {
	Level Level  `json:"level"`
	Place string `json:"place"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"`
}

// Stage is the state of a stage that runs here.
type Stage struct {
	Name    string `json:"name"`
	State   Level  `json:"state"`
	Detail  string `json:"detail,omitempty"`
	Pending uint64 `json:"pending"` // blocks or mails waiting
}

func (r Report) worst() Level {
	worst := OK
	for _, f := range r.Findings {
		if f.Level == Critical {
			return Critical
		}
		if f.Level == Warning {
			worst = Warning
		}
	}
	return worst
}

// Act is what somebody did or asked, for the audit trail.
type Act struct {
	Time time.Time
	Who  string // the name given at log-on; a claim, as the token is shared
	From string // peer address, or "socket"
	What string // log_on, log_off, query, tail, ack, close, note, assign
	Text string // the question, or the incident's id
}
