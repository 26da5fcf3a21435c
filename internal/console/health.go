package console

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// healthCache keeps a report for a moment: /healthz needs no log-on and must not
// be a lever.
type healthCache struct {
	ask func(context.Context) Report

	mu     sync.Mutex
	report Report
	until  time.Time
}

func (h *healthCache) get(ctx context.Context) Report {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Now().After(h.until) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		h.report = h.ask(ctx)
		h.until = time.Now().Add(2 * time.Second)
	}
	return h.report
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
