package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/detect"
	"yagura/ingest"
	"yagura/ingest/agent"
	"yagura/ingest/syslog"
	"yagura/internal/alert"
	"yagura/internal/bus"
	"yagura/internal/store"
	"yagura/internal/store/engine"
)

// Stages that a process can run.
var Stages = []string{"ingest", "detect", "store", "alert", "console"}

// Options are what the command line adds to the configuration.
type Options struct {
	Stages  []string // empty: all
	Version string
	Ready   func(Addresses) // called once everything answers; may be nil
}

// Main is a whole running yagura. Make it with New, then Run it once.
type Main struct {
	cfg     config.Config
	opts    Options
	log     *slog.Logger
	started time.Time

	folder    *Folder
	handlers  *Handlers
	parsing   parsing
	program   *detect.Program
	report    detect.Report
	bus       *bus.Bus
	packer    *ingest.Packer
	listeners []*syslog.Listener
	agents    *agent.Server
	ports     agentPorts
	ledger    *agentLedger // of agents
	child     *engine.Child
	db        *store.DB
	dbConfig  store.Config
	writers   []*store.DB // of each origin of the events stream
	alerts    *alert.Stage
	detect    *detectStage
	store     *storeStage
	console   *consolePart
	parts     *parts
	listening bool          // the listeners run: they close their sockets themselves
	alerting  bool          // the alert stage runs: it closes its ledger itself
	stored    chan struct{} // closed when the store has answered
}

// ErrConfig marks an error of a file that the configuration names: assets, rules.
var ErrConfig = errors.New("invalid configuration")

// configError is an ErrConfig with the words of its cause alone.
type configError struct{ error }

// Unwrap implements errors.Is for both.
func (e configError) Unwrap() []error { return []error{e.error, ErrConfig} }

// New checks everything that can be checked without starting: the configuration,
// the rules with their own tests, the data folder, the addresses. It binds the
// addresses, so that a port in use is said at once. After an error nothing is
// left behind.
func New(cfg config.Config, opts Options, log *slog.Logger) (*Main, error) {
	m := &Main{cfg: cfg, opts: opts, log: log, started: time.Now(), parts: newParts(), stored: make(chan struct{})}
	if err := m.prepare(); err != nil {
		m.release()
		return nil, err
	}
	return m, nil
}

// prepare takes what a start needs, one after the other; release gives it back.
func (m *Main) prepare() (err error) {
	for _, s := range m.opts.Stages {
		if !slices.Contains(Stages, s) {
			return fmt.Errorf("stage %q is unknown; want some of %v", s, Stages)
		}
	}
	if m.folder, err = OpenFolder(m.cfg.Data); err != nil {
		return err
	}
	if m.handlers, err = NewHandlers(m.cfg); err != nil {
		return configError{err}
	}
	if m.program, m.report, err = LoadRules(m.cfg.Rules, m.handlers, true); err != nil {
		return configError{err}
	}
	for _, e := range m.cfg.Custom.Faults {
		m.log.Error("parsers: a parser does not load; the others do", "err", e)
	}
	for _, e := range m.report.Errors {
		m.log.Error("rules: a rule does not load; the others do", "err", e)
	}
	for _, step := range []func() error{m.newIngest, m.newAgents, m.newAgentPorts, m.newAlert, m.newStore, m.newConsole} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Location is the zone of sources that state none.
func (m *Main) Location() *time.Location { return m.handlers.Location() }

func (m *Main) has(stage string) bool {
	return len(m.opts.Stages) == 0 || slices.Contains(m.opts.Stages, stage)
}

// release gives back what New took. Listeners that have bound their addresses
// must be run to close them.
func (m *Main) release() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, l := range m.listeners {
		if !m.listening {
			_ = l.Run(ended) // closes the sockets; nothing was received
		}
	}
	if m.agents != nil && !m.listening {
		_ = m.agents.Run(ended)
	}
	if !m.listening {
		m.releaseAgentPorts(ended)
	}
	if m.console != nil {
		_ = m.console.Close()
	}
	if m.alerts != nil && !m.alerting {
		_ = m.alerts.Release()
	}
	for _, db := range append(m.writers, m.db) {
		if db != nil {
			_ = db.Close()
		}
	}
	if m.bus != nil {
		m.bus.Close()
	}
	if m.folder != nil {
		m.folder.dropContact()
		_ = m.folder.Close()
	}
}

// Run starts everything and works until ctx ends; then it drains and returns nil.
// An error means that a part could not go on: what was accepted is on the bus, and
// the next start goes on from there.
func (m *Main) Run(ctx context.Context) error {
	defer m.release()
	defer m.parts.stopAll()
	if err := m.start(ctx); err != nil && ctx.Err() == nil {
		m.parts.stopAll()
		return errors.Join(err, m.parts.err())
	}
	select {
	case <-ctx.Done():
		m.log.Info("draining")
	case <-m.parts.fault.Done():
		m.log.Error("a part cannot go on; draining", "err", m.parts.err())
	}
	if m.bus != nil {
		m.drain()
	}
	return m.parts.err()
}

// start brings the parts up against the direction of the data, so that each finds
// the next one ready. It returns early when ctx ends.
func (m *Main) start(ctx context.Context) (err error) {
	m.bus, err = bus.Open(ctx, bus.Config{
		Servers: m.cfg.Bus.Servers, Credentials: m.cfg.Bus.Credentials, CA: m.cfg.Bus.CA, Dir: m.folder.Sub("bus"),
		Node: m.cfg.Node, Tenant: m.cfg.Tenant, MaxBytes: int64(m.cfg.Bus.MaxBytes), Reserve: int64(m.cfg.Bus.Reserve), Replicas: m.cfg.Bus.Replicas,
	}, m.log)
	if err != nil {
		return err
	}
	m.makeStages() // all of them before anything runs that looks at them
	m.parts.start("trim", m.trim)
	m.parts.start("mend", m.mendBus)
	m.parts.start("hang-ups", m.hangUps)
	if m.child != nil {
		m.parts.start("engine", m.child.Run)
	}
	m.startAlert()
	if err := m.startConsole(); err != nil {
		return err
	}
	m.startStore()
	if m.detect != nil {
		m.parts.start("detect", m.detect.run)
	}
	if err := m.tellLost(ctx); err != nil {
		return err
	}
	m.parts.start("tell dead", m.tellDead)
	m.parts.start("tell faults", m.tellFaults)
	m.startIngest()
	return m.tellReady(ctx)
}

// makeStages makes the stages that read from the bus.
func (m *Main) makeStages() {
	if m.has("store") {
		m.store = &storeStage{
			bus: m.bus, open: m.openWriter, patience: m.cfg.Store.Verdicts,
			borders: borders{path: m.folder.Sub("insert.json")}, log: m.log,
		}
	}
	if m.has("detect") {
		m.detect = &detectStage{bus: m.bus, engine: newTwofold(m.program, EngineConfig(m.cfg, m.handlers)), log: m.log}
	}
}

// startConsole serves the console, and lets commands find this instance.
func (m *Main) startConsole() error {
	if m.console == nil {
		return nil
	}
	m.parts.start("console", m.console.Run)
	if err := m.folder.writeContact(Contact{Socket: m.console.socket, Token: m.console.token, Pid: os.Getpid()}); err != nil {
		return fmt.Errorf("write the contact file: %w", err)
	}
	return nil
}

// tellReady calls Options.Ready once the store answers, or after a few seconds
// without it: receiving has begun by then.
func (m *Main) tellReady(ctx context.Context) error {
	select {
	case <-m.stored:
	case <-time.After(15 * time.Second):
		m.log.Warn("the store does not answer yet; lines are received, matched and kept on the bus meanwhile")
	case <-m.parts.fault.Done():
		return nil // Run tells
	case <-ctx.Done():
		return nil
	}
	if m.opts.Ready != nil {
		m.opts.Ready(m.addresses())
	}
	return nil
}

// trimEvery is how often confirmed messages are looked at.
const trimEvery = 5 * time.Second

func (m *Main) trim(ctx context.Context) error {
	for range ticks(ctx, trimEvery) {
		if err := m.bus.Trim(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("bus: trimming failed; trying again", "err", err)
		}
	}
	return nil
}
