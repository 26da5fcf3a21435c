package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yagura/internal/event"
)

const testToken = "correct horse battery staple"

// fakeRows is a result held in memory; broken is what ends it.
type fakeRows struct {
	columns   []Column
	rows      [][]any
	broken    error
	truncated bool
	at        int
	closed    *int
}

func (r *fakeRows) Columns() []Column   { return r.columns }
func (r *fakeRows) Next() bool          { r.at++; return r.at <= len(r.rows) }
func (r *fakeRows) Row() ([]any, error) { return r.rows[r.at-1], nil }
func (r *fakeRows) Err() error          { return r.broken }
func (r *fakeRows) Truncated() bool     { return r.truncated }
func (r *fakeRows) Close() error {
	if r.closed != nil {
		*r.closed++
	}
	return nil
}

// fakeSearch answers by the first key that the text contains.
type fakeSearch struct {
	mu      sync.Mutex
	asked   []Question
	answers map[string]func(Question) (Rows, error)
}

func (s *fakeSearch) Query(_ context.Context, q Question) (Rows, error) {
	s.mu.Lock()
	s.asked = append(s.asked, q)
	s.mu.Unlock()
	for key, f := range s.answers {
		if key != "" && strings.Contains(q.Text, key) {
			return f(q)
		}
	}
	if f := s.answers[""]; f != nil {
		return f(q)
	}
	return &fakeRows{}, nil
}

func (s *fakeSearch) Explain(_ context.Context, q Question) (string, map[string]string, error) {
	if strings.Contains(q.Text, "bad") {
		return "", nil, &BadRequest{Message: "no field is called bad", Hint: "did you mean host.name?", Column: 3}
	}
	if strings.HasPrefix(q.Text, "SELECT") {
		return strings.TrimRight(q.Text, "; "), nil, nil
	}
	return "SELECT 1 /* " + q.Text + " */", map[string]string{"p0": "x"}, nil
}

var (
	errNone   = errors.New("no such incident")
	errClosed = errors.New("incident is closed")
)

type fakeIncidents struct {
	mu   sync.Mutex
	list []event.Incident
}

func (f *fakeIncidents) List(_ context.Context, status string) (out []event.Incident, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.list {
		if status == "" || i.Status == status {
			out = append(out, i)
		}
	}
	return out, nil
}

func (f *fakeIncidents) Get(_ context.Context, id string) (event.Incident, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.list {
		if i.ID == id {
			return i, nil
		}
	}
	return event.Incident{}, errNone
}

func (f *fakeIncidents) change(id, who, what, status string) (event.Incident, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.list {
		x := &f.list[i]
		if x.ID != id {
			continue
		}
		if x.Status == event.StatusClosed && status != "" {
			return event.Incident{}, errClosed
		}
		if status != "" {
			x.Status = status
		}
		x.Notes = append(x.Notes, event.Note{Time: time.Unix(1, 0), Who: who, What: what})
		return *x, nil
	}
	return event.Incident{}, errNone
}

func (f *fakeIncidents) Ack(_ context.Context, id, who, text string) (event.Incident, error) {
	return f.change(id, who, "acknowledged: "+text, event.StatusAcknowledged)
}

func (f *fakeIncidents) Close(_ context.Context, id, who, text string) (event.Incident, error) {
	return f.change(id, who, "closed: "+text, event.StatusClosed)
}

func (f *fakeIncidents) AddNote(_ context.Context, id, who, text string) (event.Incident, error) {
	return f.change(id, who, text, "")
}

func (f *fakeIncidents) Assign(_ context.Context, id, who, text string) (event.Incident, error) {
	return f.change(id, who, "assigned: "+text, "")
}

type fakeTail struct{ blocks chan *event.Block }

func (f *fakeTail) Subscribe(context.Context) (<-chan *event.Block, error) { return f.blocks, nil }

func (f *fakeTail) Match(search string) (func(event.Event) bool, error) {
	if search == "bad:" {
		return nil, &BadRequest{Message: "a value is missing", Column: 5}
	}
	return func(e event.Event) bool { return strings.Contains(string(e.Raw()), search) }, nil
}

type env struct {
	*Console
	search    *fakeSearch
	incidents *fakeIncidents
	blocks    chan *event.Block
	health    Report
	acts      []Act
}

// newEnv is a console with fakes behind it; no network.
func newEnv(t *testing.T) *env {
	t.Helper()
	e := &env{
		search:    &fakeSearch{answers: map[string]func(Question) (Rows, error){}},
		incidents: &fakeIncidents{}, blocks: make(chan *event.Block, 8),
		health: Report{Findings: []Finding{{OK, "ingest", "listening", ""}}},
	}
	c, err := New(Config{Address: "127.0.0.1:0", TokenHash: HashToken(testToken), Version: "1.2.3"}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Console = c
	return e
}

func (e *env) deps() Deps {
	return Deps{
		Search: e.search, Incidents: e.incidents, Tail: &fakeTail{e.blocks},
		Health: func(context.Context) Report { return e.health },
		Classify: func(err error) Kind {
			switch {
			case errors.Is(err, errNone):
				return NotFound
			case errors.Is(err, errClosed):
				return Conflict
			}
			return Failed
		},
		Audit: func(_ context.Context, a Act) { e.acts = append(e.acts, a) },
	}
}

// do sends a request with the token unless change takes it away.
func (e *env) do(method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testToken)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	return w
}

func anonymous(r *http.Request) { r.Header.Del("Authorization") }
