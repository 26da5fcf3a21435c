package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.serveQuery)
	mux.HandleFunc("/query", s.serveQuery)
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Ok.\n") }
	mux.HandleFunc("GET /ping", ok)
	mux.HandleFunc("GET /replicas_status", ok)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "There is no such handle. Use / or /ping", http.StatusNotFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The write deadline of the connection's last answer is still set.
		if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
			panic(http.ErrAbortHandler) // the connection is closed
		}
		h := w.Header()
		h.Set("X-ClickHouse-Server-Display-Name", s.cfg.DisplayName)
		h.Set("X-ClickHouse-Timezone", s.cfg.Timezone)
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) serveQuery(w http.ResponseWriter, r *http.Request) {
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !get && r.Method != http.MethodPost {
		http.Error(w, "use GET or POST", http.StatusMethodNotAllowed)
		return
	}
	if get && !r.URL.Query().Has("query") {
		_, _ = io.WriteString(w, "Ok.\n") // as ClickHouse greets a browser
		return
	}
	account, err := s.authenticate(r)
	if err != nil {
		s.respond(w, r, nil).fail(asException(err))
		return
	}
	in, done, err := s.body(w, r)
	defer done()
	if err != nil {
		s.respond(w, r, nil).fail(asException(err))
		return
	}
	req, err := s.readRequest(r, account, in)
	if err != nil {
		s.respond(w, r, nil).fail(asException(err))
		return
	}
	resp := s.respond(w, r, req)
	st, err := s.run(r.Context(), req, resp, get)
	if err == nil {
		err = resp.finish(st)
	}
	if err != nil {
		resp.fail(asException(err))
	}
}

// run executes one request and writes its result to resp.
func (s *Server) run(ctx context.Context, req *request, resp *response, get bool) (stats, error) {
	if answer, ok := s.hello(req); ok {
		return stats{}, resp.write(answer)
	}
	if sql, ok := plainHello(req.shape.sql); ok {
		req.shape = shape{sql: sql}
	}
	p, set := s.writers, req.settings
	if req.account.ReadOnly {
		p = s.readers
		set = readerSettings(req.account, append(req.settings, req.shape.takeSettings()...))
		req.settings = set
	} else if req.shape.insert {
		set = nil // they go into the statement: a token differs each time
	}
	release, err := p.acquire(ctx)
	if err != nil {
		return stats{}, err
	}
	defer release()
	c, err := p.get(set, req.database)
	if err != nil {
		return stats{}, err
	}
	class, err := s.check(c, req, get)
	if err != nil {
		p.put(c, true)
		return stats{}, err
	}
	st, err := s.execute(ctx, c, req, resp, class)
	// SET, USE and their kin change the session; a cancelled one is not trusted.
	p.put(c, class <= 1 && ctx.Err() == nil)
	return st, err
}

func (s *Server) execute(ctx context.Context, c *conn, req *request, resp *response, class uint32) (stats, error) {
	st := statement{sql: req.shape.sql, format: req.format, params: req.params}
	if req.shape.insert {
		st.sql = req.shape.withSettings(req.settings)
		return c.insert(st, req.rows)
	}
	if class != classReadOnly {
		return c.query(st, resp.write)
	}
	// The statement runs to its end in C; when the client leaves, another
	// connection tells the engine to stop it. What changes data runs on, as on a
	// server.
	stop := context.AfterFunc(ctx, func() { s.kill("Settings['log_comment'] = " + quoteString(c.id)) })
	defer stop()
	if !appendable[strings.ToLower(req.format)] || !selects(st.sql) {
		return c.query(st, resp.write)
	}
	result, err := c.stream(st, resp.write)
	if err == nil && resp.empty() && req.shape.format == "" && strings.EqualFold(req.format, "Native") {
		err = resp.write(c.emptyBlock(st))
	}
	return result, err
}

// selects tells whether the engine can stream the answer of a statement.
func selects(sql string) bool {
	first, _ := (&scanner{src: sql}).next()
	return first.is("SELECT") || first.is("WITH")
}

func asException(err error) *Exception {
	var e *Exception
	if errors.As(err, &e) {
		return e
	}
	return exception(0, "%v", err)
}
