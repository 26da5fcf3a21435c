package console

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/query", c.api(c.query))
	mux.HandleFunc("GET /api/v1/hunt/{name}", c.api(c.hunt))
	mux.HandleFunc("GET /api/v1/explain", c.api(c.explain))
	mux.HandleFunc("GET /api/v1/tail", c.api(c.tail))
	mux.HandleFunc("GET /api/v1/incidents", c.api(c.listIncidents))
	mux.HandleFunc("GET /api/v1/incidents/{id}", c.api(c.oneIncident))
	mux.HandleFunc("POST /api/v1/incidents/{id}/{action}", c.api(c.actOnIncident))
	mux.HandleFunc("GET /api/v1/import", c.api(c.importState))
	mux.HandleFunc("POST /api/v1/import", c.api(c.takeImport))
	mux.HandleFunc("GET /api/v1/health", c.api(c.showHealth))
	mux.HandleFunc("/api/", c.api(func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, problem{"no such endpoint: " + r.Method + " " + r.URL.Path})
	}))
	mux.HandleFunc("GET /metrics", c.api(c.metrics.handler.ServeHTTP))
	mux.HandleFunc("GET /healthz", c.alive)

	mux.HandleFunc("GET /assets/{name}", serveAsset)
	mux.HandleFunc("GET /login", c.loginPage)
	mux.HandleFunc("POST /login", c.login)
	mux.HandleFunc("POST /logout", c.page(c.logout))
	mux.HandleFunc("GET /{$}", c.page(c.overview))
	mux.HandleFunc("GET /search", c.page(c.searchPage))
	mux.HandleFunc("GET /search.csv", c.page(c.export))
	mux.HandleFunc("GET /tail", c.page(c.livePage))
	mux.HandleFunc("GET /tail/events", c.page(c.live))
	mux.HandleFunc("GET /hunt", c.page(c.huntPage))
	mux.HandleFunc("GET /incidents", c.page(c.incidentsPage))
	mux.HandleFunc("GET /incidents/{id}", c.page(c.incidentPage))
	mux.HandleFunc("POST /incidents/{id}/{action}", c.page(c.incidentForm))
	mux.HandleFunc("/", c.page(c.missingPage))
	return c.guard(mux)
}

// policy is what browsers may load and do on our pages: our own files only.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// guard sets the headers of every answer, bounds bodies, refuses requests that
// another site made, survives panics and counts.
func (c *Console) guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would make our own forms' Origin null, which we refuse
		if c.config.Cert != "" {                // browsers take it over TLS only
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, bodyBound(r))
		if r.ContentLength == 0 { // the time to read is for bodies; streams last longer
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		rec := &recorder{ResponseWriter: w}
		begun := time.Now()
		defer func() {
			p := recover()
			if p != nil {
				defer c.fell(rec, r, p)
			}
			c.metrics.request(area(r.URL.Path), rec.seen(p != nil), time.Since(begun))
		}()
		next.ServeHTTP(rec, r)
	})
}

// bodyBound is how many bytes a request may bring.
func bodyBound(r *http.Request) int64 {
	if r.URL.Path == "/api/v1/import" {
		return maxImport
	}
	return maxBody
}

// fell answers after a panic. The connection is cut when the answer has begun,
// so that a broken one does not look whole.
func (c *Console) fell(w *recorder, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	c.log.Error("request failed", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, "internal error", http.StatusInternalServerError)
}

// area is the bounded label of a path.
func area(path string) string {
	if rest, ok := strings.CutPrefix(path, "/api/v1/"); ok {
		first, _, _ := strings.Cut(rest, "/")
		switch first {
		case "query", "explain", "hunt", "tail", "incidents", "import", "health":
			return "api_" + first
		}
		return "other"
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "":
		return "overview"
	case "search.csv":
		return "export"
	case "tail":
		if path == "/tail/events" {
			return "tail_events"
		}
		return first
	case "search", "incidents", "hunt", "login", "logout", "assets", "metrics", "healthz":
		return first
	}
	return "other"
}

// recorder remembers the status.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// seen is the status that the client sees.
func (w *recorder) seen(fell bool) int {
	switch {
	case w.status != 0:
		return w.status
	case fell:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

func class(status int) string {
	return strconv.Itoa(status/100) + "xx"
}
