package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yagura/internal/event"
)

func TestQueryRows(t *testing.T) {
	columns := []Column{{"source.ip", "String"}, {"count", "UInt64"}}
	tests := []struct {
		name, target string
		rows         *fakeRows
		err          error
		status       int
		columns      string
		body         string
		truncated    string
	}{
		{name: "rows", rows: &fakeRows{columns: columns, rows: [][]any{{"192.0.2.1", uint64(7)}, {"", uint64(0)}}},
			status: 200, columns: `["source.ip","count"]`,
			body: `{"source.ip":"192.0.2.1","count":7}` + "\n" + `{"source.ip":"","count":0}` + "\n"},
		{name: "no rows", rows: &fakeRows{columns: columns}, status: 200, columns: `["source.ip","count"]`},
		{name: "breaks midway", rows: &fakeRows{columns: columns, rows: [][]any{{"a", uint64(1)}}, broken: errors.New("engine died")},
			status: 200, columns: `["source.ip","count"]`, body: `{"source.ip":"a","count":1}` + "\n" + `{"error":"engine died"}` + "\n"},
		{name: "breaks before the first row", rows: &fakeRows{columns: columns, broken: errors.New("engine died")},
			status: 500, body: `{"error":"engine died"}` + "\n"},
		{name: "cut", rows: &fakeRows{columns: columns, truncated: true}, status: 200, columns: `["source.ip","count"]`, truncated: "true"},
		{name: "a column called error", rows: &fakeRows{columns: []Column{{"error", "String"}}, rows: [][]any{{"x"}}},
			status: 200, columns: `["error"]`, body: `{ "error":"x"}` + "\n"},
		{name: "column in Japanese", rows: &fakeRows{columns: []Column{{"件数", "UInt64"}}, rows: [][]any{{uint64(1)}}},
			status: 200, columns: `["\u4ef6\u6570"]`, body: `{"件数":1}` + "\n"},
		{name: "values", rows: &fakeRows{columns: []Column{{"v", ""}}, rows: [][]any{{[]any{"a", int64(-1), nil, true, 1.5, map[string]any{"k": "\u202e\x1b[2J\u009b<"}}}}},
			status: 200, columns: `["v"]`, body: `{"v":["a",-1,null,true,1.5,{"k":"\u202e\u001b[2J\u009b<"}]}` + "\n"},
		{name: "wrong search", err: &BadRequest{Message: "no field is called x", Hint: "did you mean y?", Column: 3}, status: 400,
			body: `{"error":"search:1:3: no field is called x; did you mean y?"}` + "\n"},
		{name: "slow engine", err: context.DeadlineExceeded, status: 504, body: `{"error":"context deadline exceeded"}` + "\n"},
		{name: "limit", target: "&limit=0", status: 400, body: `{"error":"limit: \"0\"; would be right: a number from 1 to 100000"}` + "\n"},
		{name: "since", target: "&since=yesterday", status: 400,
			body: `{"error":"since: would be right: an age as 15m, 1h, 30d, or a time as 2026-11-24T09:00:00+09:00"}` + "\n"},
		{name: "since after until", target: "&since=1h&until=2h", status: 400,
			body: `{"error":"since: 1h is not before until, 2h; would be right: an earlier time"}` + "\n"},
		{name: "too long", target: "&q=" + strings.Repeat("a", maxQuery+1), status: 400,
			body: `{"error":"q: 32769 bytes; would be right: at most 32768"}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t)
			closed := 0
			e.search.answers[""] = func(Question) (Rows, error) {
				if tt.rows == nil {
					return nil, tt.err
				}
				tt.rows.closed = &closed
				return tt.rows, nil
			}
			target := "/api/v1/query?limit=5"
			if tt.target != "" {
				target = "/api/v1/query?" + tt.target[1:]
			}
			w := e.do("GET", target, "")
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.status, tt.body)
			}
			if got := w.Header().Get("X-Yagura-Columns"); got != tt.columns {
				t.Errorf("columns %q, want %q", got, tt.columns)
			}
			if got := w.Result().Trailer.Get("X-Yagura-Truncated"); got != tt.truncated {
				t.Errorf("truncated %q, want %q", got, tt.truncated)
			}
			if tt.rows != nil && closed != 1 {
				t.Errorf("rows closed %d times", closed)
			}
			if len(e.queries) != 0 {
				t.Error("slot not given back")
			}
		})
	}
}

func TestQuestionTimes(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"2026-11-24T09:00:00+09:00": now.Add(-12 * time.Hour),
		"2026-11-24T00:00:00.25Z":   now.Add(-12*time.Hour + 250*time.Millisecond),
		"2026-11-24T09:00":          now.Add(-12 * time.Hour),
		"2026-11-24":                now.Add(-21 * time.Hour),
		"15m":                       now.Add(-15 * time.Minute),
		"30d":                       now.Add(-30 * 24 * time.Hour),
	} {
		if got, err := moment(text, now, tokyo); err != nil || !got.Equal(want) {
			t.Errorf("moment(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"-1h", "-1d", "d", "99999999d", "25:00", "2026-13-01"} {
		if got, err := moment(text, now, tokyo); err == nil {
			t.Errorf("moment(%q) = %v, want an error", text, got)
		}
	}
}

func TestQuerySlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		for range cap(e.queries) {
			e.queries <- struct{}{}
		}
		w := e.do("GET", "/api/v1/query?q=x", "")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("full house: got %d %s", w.Code, w.Body)
		}
		time.AfterFunc(time.Second, func() { <-e.queries })
		if w := e.do("GET", "/api/v1/query?q=x", ""); w.Code != http.StatusOK {
			t.Errorf("a slot came free: got %d %s", w.Code, w.Body)
		}
	})
}

func TestExplain(t *testing.T) {
	e := newEnv(t)
	w := e.do("GET", "/api/v1/explain?q=user:a", "")
	if want := `{"sql":"SELECT 1 /* user:a */","parameters":{"p0":"x"}}` + "\n"; w.Code != 200 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := e.do("GET", "/api/v1/explain?q=bad", ""); w.Code != 400 {
		t.Errorf("bad search: got %d %s", w.Code, w.Body)
	}
}

func TestIncidentsAPI(t *testing.T) {
	post := func(path, body string) func(*env) *httptest.ResponseRecorder {
		return func(e *env) *httptest.ResponseRecorder { return e.do("POST", "/api/v1/incidents/"+path, body) }
	}
	get := func(path string) func(*env) *httptest.ResponseRecorder {
		return func(e *env) *httptest.ResponseRecorder { return e.do("GET", "/api/v1/incidents"+path, "") }
	}
	tests := []struct {
		name   string
		do     func(*env) *httptest.ResponseRecorder
		status int
		has    string
	}{
		{"list", get(""), 200, `"incident.id":"I-2"`},
		{"list by status", get("?status=closed"), 200, `[{"incident.id":"I-2"`},
		{"list of none", get("?status=acknowledged"), 200, "[]\n"},
		{"list bounded", get("?limit=0"), 200, "[]\n"},
		{"wrong status", get("?status=new"), 400, `would be right: open, acknowledged or closed`},
		{"one", get("/I-1"), 200, `{"incident.id":"I-1"`},
		{"none", get("/I-9"), 404, `{"error":"no such incident"}`},
		{"ack", post("I-1/ack", `{"who":"sato","text":"on it"}`), 200, `"incident.status":"acknowledged"`},
		{"close", post("I-1/close", `{"who":"sato","text":"scanner"}`), 200, `"incident.status":"closed"`},
		{"close closed", post("I-2/close", `{"who":"sato"}`), 409, `incident is closed`},
		{"note", post("I-2/note", `{"who":"sato","text":"see ticket"}`), 200, `"what":"see ticket"`},
		{"assign", post("I-1/assign", `{"who":"sato","text":"suzuki"}`), 200, `assigned: suzuki`},
		{"unknown act", post("I-1/delete", `{"who":"sato"}`), 400, `would be right: ack, close, note or assign`},
		{"nobody", post("I-1/ack", `{"text":"x"}`), 400, `who: empty`},
		{"unknown key", post("I-1/ack", `{"who":"a","status":"closed"}`), 400, `unknown field`},
		{"two objects", post("I-1/ack", `{"who":"a"}{}`), 400, `more than one object`},
		{"no JSON", post("I-1/ack", `who=a`), 400, `body:`},
		{"too big", post("I-1/ack", `{"who":"`+strings.Repeat("a", maxBody)+`"}`), 413, `{"error":"what was sent is too large; would be right: at most 64 KiB"}`},
		{"a form", func(e *env) *httptest.ResponseRecorder {
			return e.do("POST", "/api/v1/incidents/I-1/ack", "who=a", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
		}, 400, `would be right: application/json`},
		{"GET does not act", get("/I-1/ack"), 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t)
			e.incidents.list = []event.Incident{{ID: "I-1", Status: event.StatusOpen}, {ID: "I-2", Status: event.StatusClosed}}
			w := tt.do(e)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.has) {
				t.Errorf("got %d %s, want %d …%s…", w.Code, w.Body, tt.status, tt.has)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("no JSON: %s", w.Body)
			}
		})
	}
}

func TestAbsentStages(t *testing.T) {
	c, err := New(Config{Address: "127.0.0.1:0", TokenHash: HashToken(testToken)}, Deps{Health: func(context.Context) Report { return Report{} }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &env{Console: c}
	for _, path := range []string{"query?q=a", "explain?q=a", "tail", "incidents", "incidents/I-1"} {
		if w := e.do("GET", "/api/v1/"+path, ""); w.Code != 503 || !strings.Contains(w.Body.String(), "does not run the stage") {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}

func TestHealth(t *testing.T) {
	e := newEnv(t)
	e.health = Report{Findings: []Finding{{Critical, "store", "engine does not answer", "look at its log"}}, Stages: []Stage{{"ingest", OK, "", 3}}}
	w := e.do("GET", "/api/v1/health", "")
	want := `{"findings":[{"level":"critical","place":"store","what":"engine does not answer","mend":"look at its log"}],"stages":[{"name":"ingest","state":"ok","pending":3}]}` + "\n"
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := e.do("GET", "/healthz", "", anonymous); w.Code != 503 || w.Body.Len() != 0 {
		t.Errorf("healthz: got %d %q", w.Code, w.Body)
	}
	if w := newEnv(t).do("GET", "/healthz", "", anonymous); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("healthz: got %d %q", w.Code, w.Body)
	}
}

// block makes a block of raw lines.
func block(t *testing.T, raws ...string) *event.Block {
	t.Helper()
	var b event.Builder
	var d event.Draft
	for _, raw := range raws {
		d.Reset([]byte(raw))
		d.Received = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		b.Append(&d)
	}
	x, err := event.Decode(b.Encode(nil, event.ID{Tenant: "demo", Node: "n", Epoch: 1, Seq: 1}, time.Unix(0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestTail(t *testing.T) {
	e := newEnv(t)
	server := httptest.NewServer(e.handler)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/tail?q=ssh", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req) // returns before there is an event: the header is flushed
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	e.blocks <- block(t, "sshd one", "cron", "sshd two")
	lines := bufio.NewScanner(res.Body)
	for _, want := range []string{`"event.original":"sshd one"}`, `"event.original":"sshd two"}`} {
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), want) {
			t.Fatalf("got %q, want …%s", lines.Text(), want)
		}
	}
	close(e.blocks)
	if !lines.Scan() || lines.Text() != `{"error":"`+errLost.Error()+`"}` {
		t.Errorf("at the end: got %q", lines.Text())
	}
}

func TestTailRefusals(t *testing.T) {
	e := newEnv(t)
	if w := e.do("GET", "/api/v1/tail?q=bad:", ""); w.Code != 400 || !strings.Contains(w.Body.String(), "search:1:5: a value is missing") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	close(e.stopping)
	if w := e.do("GET", "/api/v1/tail", ""); !strings.Contains(w.Body.String(), errDraining.Error()) {
		t.Errorf("draining: got %d %s", w.Code, w.Body)
	}
	if len(e.tails) != 0 {
		t.Error("slot not given back")
	}
}

// A client that does not read is dropped.
func TestTailSlowClient(t *testing.T) {
	b := block(t, "a")
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		err := pour(t.Context(), b, func(event.Event) bool { return true }, make(chan []byte)) // nobody reads
		if !errors.Is(err, errSlow) || time.Since(begun) != tailPatience {
			t.Errorf("got %v after %s", err, time.Since(begun))
		}
	})
}

// importedParts is an importer that keeps what it is given.
type importedParts struct {
	part  ImportPart
	bytes int
}

func (i *importedParts) State(context.Context, string) (ImportState, error) {
	return ImportState{Records: 7}, nil
}

func (i *importedParts) Take(_ context.Context, p ImportPart, records io.Reader) (ImportState, error) {
	text, err := io.ReadAll(records)
	i.part, i.bytes = p, len(text)
	return ImportState{Records: p.From + 1}, err
}

func TestImportParts(t *testing.T) {
	const fine = "/api/v1/import?path=/var/log/a&from=7&received=2026-11-24T09:00:00Z&detect=true"
	for _, tt := range []struct {
		name, method, target string
		deps                 Importer
		size, status         int
		body                 string
	}{
		{"not here", http.MethodPost, fine, nil, 1, 503, "this instance does not run"},
		{"state", http.MethodGet, "/api/v1/import?file=x", &importedParts{}, 0, 200, `"records":7`},
		{"a part", http.MethodPost, fine, &importedParts{}, maxBody + 1, 200, `"records":8`},
		{"too large", http.MethodPost, fine, &importedParts{}, maxImport + 1, 413, "at most 4096 KiB"},
		{"no path", http.MethodPost, "/api/v1/import?from=0", &importedParts{}, 1, 400, "path: nothing"},
		{"from", http.MethodPost, strings.Replace(fine, "from=7", "from=-7", 1), &importedParts{}, 1, 400, `from: \"-7\"`},
		{"received", http.MethodPost, strings.Replace(fine, "2026-11-24T", "2026-11-24+", 1), &importedParts{}, 1, 400, "received"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t)
			e.Console.deps.Import = tt.deps
			w := e.do(tt.method, tt.target, strings.Repeat("a", tt.size))
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("%d %s; want %d and %q", w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}

func TestHuntAsksWithBoundValues(t *testing.T) {
	for _, tt := range []struct {
		target string
		status int
		want   string // of the parameters, or of the error
	}{
		{"who?entity=192.0.2.7&at=2026-11-24T09:00:00Z", 200, "map[address:192.0.2.7 after:86400 at:2026-11-24 09:00:00.000000 before:691200]"},
		{"who?entity=::ffff:192.0.2.7&at=2026-11-24T09:00:00Z&before=1h&after=2h", 200, "map[address:192.0.2.7 after:7200 at:2026-11-24 09:00:00.000000 before:3600]"},
		{"timeline?entity=o'brien&since=2026-11-24T09:00:00Z&until=2026-11-24T10:00:00Z", 200, "map[entity:o'brien since:2026-11-24 09:00:00.000000 until:2026-11-24 10:00:00.000000]"},
		{"who?entity=192.0.2", 400, "an address such as"},
		{"who?entity=192.0.2.7&before=9000d", 400, "before: "},
		{"who?entity=192.0.2.7&at=noon", 400, "at: "},
		{"timeline?entity=%20", 400, "an address, a user or a host"},
		{"everything?entity=a", 400, "who or timeline"},
	} {
		t.Run(tt.target, func(t *testing.T) {
			e := newEnv(t)
			var asked Question
			e.search.answers[""] = func(q Question) (Rows, error) {
				asked = q
				return &fakeRows{columns: []Column{{"is", "String"}}}, nil
			}
			w := e.do(http.MethodGet, "/api/v1/hunt/"+tt.target, "")
			got := w.Body.String()
			if tt.status == 200 {
				got = fmt.Sprint(asked.Params)
				if !strings.HasPrefix(asked.Text, "WITH\n") {
					t.Errorf("asked %.40q", asked.Text)
				}
			}
			if w.Code != tt.status || !strings.Contains(got, tt.want) {
				t.Errorf("%d %s; want %d %s", w.Code, got, tt.status, tt.want)
			}
		})
	}
}
