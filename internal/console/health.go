package console

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Bounds of asking for health.
const (
	healthFresh    = 2 * time.Second // a report is good for so long: /healthz needs no log-on and must not be a lever
	healthPatience = time.Second     // then the report before is shown, if there is one
	healthTime     = 10 * time.Second
)

// healthCache keeps a report for a moment. One question at a time is under way.
type healthCache struct {
	ask func(context.Context) Report

	mu      sync.Mutex
	report  Report
	known   bool
	until   time.Time
	running chan struct{} // closed when the report is new; nil: none under way
}

func (h *healthCache) get(ctx context.Context) Report {
	h.mu.Lock()
	if time.Now().Before(h.until) {
		defer h.mu.Unlock()
		return h.report
	}
	if h.running == nil {
		h.running = make(chan struct{})
		go h.refresh(context.WithoutCancel(ctx))
	}
	running, patience := h.running, healthTime
	if h.known {
		patience = healthPatience
	}
	h.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-running:
	case <-timer.C:
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.known {
		return Report{Findings: []Finding{{Critical, "console", "the health of the stages cannot be told: they do not answer", "look at the log; restart yagura if it stays"}}}
	}
	return h.report
}

func (h *healthCache) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	report := h.ask(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report, h.known, h.until = report, true, time.Now().Add(healthFresh)
	close(h.running)
	h.running = nil
}

// alive is 200, or 503 when a finding is critical.
func (c *Console) alive(w http.ResponseWriter, r *http.Request) {
	if c.health.get(r.Context()).worst() == Critical {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (c *Console) showHealth(w http.ResponseWriter, r *http.Request) {
	report := c.health.get(r.Context())
	if report.Findings == nil {
		report.Findings = []Finding{}
	}
	answer(w, http.StatusOK, report)
}
