package agent

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// Stream is the log of blocks as the hosts need it: from it they know after a start
// what of each agent is on disk.
type Stream interface {
	// Published is the sequence of the newest block that this process has brought to
	// the disk and told Watch of, or is about to tell.
	Published() uint64
	// Blocks calls each for the blocks on disk after a sequence, spooled ones too,
	// and returns the sequence of the last one.
	Blocks(ctx context.Context, after uint64, each func(*event.Block)) (last uint64, err error)
	// Load returns what Save has saved; no state: it never was.
	Load(ctx context.Context) (state []byte, seq uint64, err error)
	// Save saves a state and the sequence it covers.
	Save(ctx context.Context, seq uint64, state []byte) error
}

// hosts serves our own agents: each of their records is stored once. An agent's
// requests are worked on one after the other. What is on disk is known by sequence;
// after a start it is folded from the stream, and agents wait until that is done.
type hosts struct {
	*Server
	desk   *desk
	stream Stream
	taken  *taken
	work   atomic.Pointer[context.Context] // of the server; nil until what is on disk is known
	folded uint64                          // newest block of the fold; set before work

	mu    sync.Mutex
	turns map[string]chan struct{}
}

// routesHosts adds the protocol of our own agents.
func (s *Server) routesHosts() {
	if s.cfg.Stream == nil {
		return
	}
	s.hosts = &hosts{
		Server: s, stream: s.cfg.Stream, taken: newTaken(), turns: map[string]chan struct{}{},
		desk: newDesk(hostListener+strings.TrimPrefix(s.cfg.Name, "https:"), s.sink, s.desk.handlers, s.log),
	}
	s.handle("POST /agent/v1/hello", s.hosts.hello)
	s.handle("POST /agent/v1/records", s.hosts.records)
	s.handle("POST /agent/v1/renew", s.hosts.renew)
	s.open("POST /agent/v1/enrol", s.hosts.enrol)
}

// Times of the hosts.
const (
	saveEvery = 3 * time.Second
	foldAgain = time.Second
)

// run learns what is on disk, then lets the agents in; it saves what it knows until
// ctx ends.
func (h *hosts) run(ctx context.Context) {
	h.fold(ctx)
	if ctx.Err() != nil {
		return
	}
	h.work.Store(&ctx)
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			h.save(ctx)
		case <-ctx.Done():
			last, done := context.WithTimeout(context.WithoutCancel(ctx), saveEvery)
			defer done()
			h.save(last)
			return
		}
	}
}

// fold learns from the checkpoint and the stream after it, however long it takes.
func (h *hosts) fold(ctx context.Context) {
	for told := false; ctx.Err() == nil; {
		err := h.foldOnce(ctx)
		if err == nil {
			return
		}
		if !told && ctx.Err() == nil {
			told = true
			h.log.Warn("what is on disk of the agents' records cannot be read yet; they wait", "err", err)
		}
		select {
		case <-time.After(foldAgain):
		case <-ctx.Done():
		}
	}
}

func (h *hosts) foldOnce(ctx context.Context) error {
	state, seq, err := h.stream.Load(ctx)
	if err != nil {
		return err
	}
	if state != nil {
		if err := h.taken.restore(state); err != nil {
			h.log.Error("what was saved of the agents' records is damaged; the stream is read from its beginning", "err", err)
			seq = 0
		}
	}
	last, err := h.stream.Blocks(ctx, seq, h.taken.learn)
	if err != nil {
		return err
	}
	h.folded = last
	h.taken.touch()
	text, _, _, err := h.taken.save(last)
	if err != nil {
		return err
	}
	return h.stream.Save(ctx, last, text)
}

func (h *hosts) save(ctx context.Context) {
	state, seq, changed, err := h.taken.save(h.published())
	if err == nil && changed {
		err = h.stream.Save(ctx, seq, state)
	}
	if err != nil {
		h.taken.touch()
		h.log.Debug("what is on disk of the agents' records was not saved; trying again", "err", err)
	}
}

// published is the newest block that is known to be on disk.
func (h *hosts) published() uint64 { return max(h.folded, h.stream.Published()) }

// touch lets the next save save.
func (t *taken) touch() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moved = true
}

// turn waits until the agent's earlier requests are decided.
func (h *hosts) turn(ctx context.Context, agent string) (done func(), err error) {
	h.mu.Lock()
	t := h.turns[agent]
	if t == nil {
		t = make(chan struct{}, 1)
		h.turns[agent] = t
	}
	h.mu.Unlock()
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, errBusy
	}
}

var (
	errHostsWait = &refusal{Status: http.StatusServiceUnavailable, Retry: time.Second, Text: "what is on disk is not known yet; send it again"}
	errNoHost    = &refusal{Status: http.StatusForbidden, Text: "only an enrolled agent may do this; enrol it: yagura agents invite NAME"}
)

// ready returns the server's context once agents may be answered.
func (h *hosts) ready(r *http.Request, who Sender) (context.Context, error) {
	if who.Kind != KindAgent || r.TLS == nil || !h.certs.Ours(r.TLS.VerifiedChains) {
		return nil, errNoHost
	}
	work := h.work.Load()
	if work == nil {
		return nil, errHostsWait
	}
	return *work, nil
}

// hostAnswer is the answer to hello and records.
type hostAnswer struct {
	AcceptedThrough uint64    `json:"accepted_through"`
	Highest         uint64    `json:"highest,omitempty"`
	Received        time.Time `json:"received"`
	Answered        time.Time `json:"answered"`
}

// hello tells an agent what of it is on disk, and the time.
func (h *hosts) hello(w http.ResponseWriter, r *http.Request, who Sender) {
	now := time.Now()
	var q struct {
		From uint64 `json:"from"`
	}
	err := h.smallJSON(w, r, &q)
	if err == nil {
		_, err = h.ready(r, who)
	}
	if err != nil {
		h.refuse(w, err)
		return
	}
	wait, cancel := context.WithTimeout(r.Context(), h.cfg.Patience)
	defer cancel()
	done, err := h.turn(wait, who.ID)
	if err != nil {
		h.refuse(w, err)
		return
	}
	defer done()
	through, highest := h.taken.has(who.ID, q.From)
	writeJSON(w, http.StatusOK, hostAnswer{through, highest, now, time.Now()})
}

// maxSmall bounds the body of a question.
const maxSmall = 16 << 10

var errSmall = &refusal{Status: http.StatusBadRequest, Text: "the body is not the JSON that is wanted"}

func (h *hosts) smallJSON(w http.ResponseWriter, r *http.Request, into any) error {
	if r.Header.Get("Content-Encoding") != "" {
		return errEncoding
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(firstBytes))
	var big *http.MaxBytesError
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSmall))
	switch err := d.Decode(into); {
	case errors.As(err, &big):
		return errTooLarge
	case err != nil:
		return errSmall
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return nil
}

// HostStats is the part of our own agents, which has books and a name of its own;
// false: they are not served.
func (s *Server) HostStats() (st Stats, ok bool) {
	if s.hosts == nil {
		return st, false
	}
	d := s.hosts.desk
	sum, accounts := d.ledger.total()
	st = Stats{Name: d.name, Received: sum.Received, Refused: map[event.Reason]uint64{}, Sources: accounts, Panics: d.panics.Load()}
	for i, n := range sum.Refused {
		st.Refused[event.Reason(i)] = n
	}
	return st, true
}
