package console

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Bounds of requests.
const (
	maxBody   = 64 << 10 // bytes of a request's body
	maxImport = 4 << 20  // bytes of one part of an import
	maxHeader = 96 << 10 // bytes of its header: holds a question
	maxQuery  = 32 << 10 // bytes of a question
	maxTails  = 16       // tails at a time
)

// Console serves the pages and the API. Use New.
type Console struct {
	config   Config
	deps     Deps
	log      *slog.Logger
	token    []byte // SHA-256
	limiter  *limiter
	sessions *sessions
	queries  chan struct{} // slots
	tails    chan struct{}
	stopping chan struct{} // closed when draining begins: streams end
	health   healthCache
	metrics  *metrics
	pages    map[string]*pages // by language
	handler  http.Handler
	address  net.Listener
	socket   net.Listener
}

// New checks the configuration (every error at once) and starts nothing.
func New(cfg Config, deps Deps, log *slog.Logger) (*Console, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if deps.Health == nil {
		return nil, errors.New("console: no source of health; would be right: Deps.Health")
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	token, err := hex.DecodeString(cfg.TokenHash)
	if err != nil {
		return nil, fmt.Errorf("console.token: %w", err)
	}
	c := &Console{
		config: cfg, deps: deps, log: log, token: token,
		limiter: newLimiter(), sessions: newSessions(),
		queries:  make(chan struct{}, cfg.MaxQueries),
		tails:    make(chan struct{}, maxTails),
		stopping: make(chan struct{}),
	}
	c.health.ask = deps.Health
	if c.metrics, err = newMetrics(cfg.Version, deps.Gather); err != nil {
		return nil, err
	}
	if c.pages, err = parsePages(cfg); err != nil {
		return nil, err
	}
	c.handler = c.routes()
	return c, nil
}

// Addr is where the console listens, "" before Listen.
func (c *Console) Addr() string {
	if c.address == nil {
		return ""
	}
	return c.address.Addr().String()
}

// slot waits a moment for one of the slots; free gives it back.
func slot(ctx context.Context, slots chan struct{}) (free func(), err error) {
	free = func() { <-slots }
	select {
	case slots <- struct{}{}:
		return free, nil
	default:
	}
	timer := time.NewTimer(3 * time.Second)
	defer timer.Stop()
	select {
	case slots <- struct{}{}:
		return free, nil
	case <-timer.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// audit hands an act to the trail before it is carried out.
func (c *Console) audit(r *http.Request, what, text string) {
	if c.deps.Audit == nil {
		return
	}
	who := caller(r)
	c.deps.Audit(r.Context(), Act{Time: time.Now().UTC(), Who: who.Name, From: who.From, What: what, Text: text})
}
