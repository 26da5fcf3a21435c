package alert

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Stage is the alert stage. Safe for concurrent use. Without Run nothing is sent
// and nothing is published, all else works.
type Stage struct {
	config    Config
	clock     Clock
	publisher Publisher
	log       *slog.Logger
	journal   *journal
	routes    []route
	found     Recovery
	wake      chan struct{} // something is due
	news      chan struct{} // something is to be published

	mu        sync.Mutex
	state     *state
	rewritten int64 // size of the newest rewrite
	steps     [][]Person
	lanes     map[laneKey]*lane
	flying    map[string]int // by route: deliveries in flight
	look      time.Time      // earliest escalation; zero: none
	trouble   string         // why the latest delivery failed; "" after one that did not
	mend      time.Time      // no rewrite before, after one failed
}

// New checks the configuration (every error at once), reads the ledger and
// starts nothing. One stage at a time may use a data folder.
func New(cfg Config, deps Deps, log *slog.Logger) (*Stage, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	t := &Stage{
		config: cfg, clock: deps.Clock, publisher: deps.Publisher, log: log,
		wake: make(chan struct{}, 1), news: make(chan struct{}, 1),
		lanes: map[laneKey]*lane{}, flying: map[string]int{}, steps: cfg.OnCall.steps(),
	}
	if t.clock == nil {
		t.clock = SystemClock{}
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if err := t.openRoutes(); err != nil {
		return nil, err
	}
	return t, t.openLedger()
}

func (t *Stage) openRoutes() error {
	if t.config.SMTP != nil {
		r, err := newSMTP(*t.config.SMTP, t.config.From)
		if err != nil {
			return err
		}
		t.routes = append(t.routes, r)
	}
	if t.config.Maildir != "" {
		r, err := newMaildir(t.config.Maildir)
		if err != nil {
			return err
		}
		t.routes = append(t.routes, r)
	}
	return nil
}

func (t *Stage) openLedger() error {
	path := ledgerPath(t.config.Data)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if err := t.sweep(path); err != nil {
		return err
	}
	var err error
	if t.state, t.found, err = recovered(path); err != nil {
		return err
	}
	if t.found.Torn > 0 || t.found.Damaged > 0 {
		t.log.Warn("ledger recovered", "path", path, "records", t.found.Records, "torn_bytes", t.found.Torn,
			"damaged_lines", t.found.Damaged, "at", t.found.At, "kept", t.found.Kept)
	}
	t.journal = &journal{path: path}
	t.journal.turned.L = &t.journal.mu
	t.mu.Lock()
	defer t.mu.Unlock()
	t.adopt()
	if err := t.rewrite(); err != nil { // no room: what is due goes out all the same
		t.journal.err = err
		t.log.Error("ledger cannot be written; alerts wait on the bus", "error", err)
	}
	return nil
}

// sweep removes what a kill left of a rewrite.
func (t *Stage) sweep(path string) error {
	left, err := filepath.Glob(path + ".*.tmp")
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("open ledger: %w", err)
		}
	}
	return nil
}

// adopt gives mails of an earlier configuration to the routes of this one and
// puts all that is due into the lanes.
func (t *Stage) adopt() {
	mails := make([]*mail, 0, len(t.state.mails))
	for _, m := range t.state.mails {
		mails = append(mails, m)
	}
	slices.SortFunc(mails, func(a, b *mail) int { return a.Created.Compare(b.Created) })
	for _, m := range mails {
		m.Routes = slices.DeleteFunc(m.Routes, func(d *delivery) bool { return t.route(d.Route) == nil })
		m.Primary = t.routes[0].name()
		if m.route(m.Primary) == nil {
			m.Routes = append(m.Routes, &delivery{Route: m.Primary, State: stateDue})
		}
		t.line(m)
	}
	for id := range t.state.waiting {
		t.look = earlier(t.look, t.state.incidents[id].Escalate)
	}
}

func (t *Stage) route(name string) route {
	for _, r := range t.routes {
		if r.name() == name {
			return r
		}
	}
	return nil
}

// Release gives the ledger back when Run is not going to be called: Run does it
// itself. Afterwards Take fails.
func (t *Stage) Release() error {
	if err := t.journal.close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

// Recovered says what New found in the ledger.
func (t *Stage) Recovered() Recovery { return t.found }

// commit writes a record, carries it out and wakes who waits for it. The lock
// must be held; the record counts when durable(number) returns.
func (t *Stage) commit(r *record) (number uint64, err error) {
	if number, err = t.journal.append(r); err != nil {
		return 0, err
	}
	t.state.apply(r)
	for _, m := range r.Mails {
		t.line(t.state.mails[m.ID])
	}
	for _, told := range r.Told {
		t.look = earlier(t.look, told.Next)
	}
	if len(r.Mails)+len(r.Queue)+len(r.Told) > 0 {
		signal(t.wake)
	}
	if len(t.state.dirty) > 0 {
		signal(t.news)
	}
	return number, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// SetOnCall replaces the on-call list: mails already made keep their recipient.
func (t *Stage) SetOnCall(list OnCall) error {
	if len(list.People) == 0 {
		return fmt.Errorf("on-call list: nobody; would be right: at least one person")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = list.steps()
	return nil
}

// Counts are the stage's figures since New.
type Counts struct {
	Alerts  uint64 // taken, each id once
	Opened  uint64 // incidents
	Joined  uint64 // alerts that joined an incident
	Sent    uint64 // deliveries that succeeded
	Failed  uint64 // refused for good
	Retries uint64 // attempts that failed and are tried again
	Evicted uint64 // incidents dropped from memory at the bound

	Incidents int           // held
	Due       int           // mails not yet delivered
	Queued    int           // incidents waiting for a digest
	Unsent    time.Duration // age of the oldest mail not yet delivered
	Unsaid    int           // incidents with an unpublished version
	Ledger    int64         // bytes
	Err       string        // why the ledger cannot be written, "" when well
	Trouble   string        // why the latest delivery failed, cut and escaped; "" when it did not
}

// Stats returns the figures of now.
func (t *Stage) Stats() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.state.counts
	c.Trouble = t.trouble
	c.Incidents, c.Due, c.Unsaid, c.Ledger = len(t.state.incidents), len(t.state.mails), len(t.state.dirty), t.journal.grown()
	for _, m := range t.state.mails {
		c.Unsent = max(c.Unsent, t.clock.Now().Sub(m.Created))
	}
	for _, d := range t.state.digests {
		c.Queued += len(d.ids)
	}
	if err := t.journal.failed(); err != nil {
		c.Err = err.Error()
	}
	return c
}
