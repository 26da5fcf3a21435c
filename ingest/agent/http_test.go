package agent

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"yagura/internal/event"
)

// answer is a response whose body was read.
type answer struct {
	*http.Response
	text string
}

// do sends a request with the token, unless headers say otherwise: "Name: value".
func (b *bench) do(method, path, body string, headers ...string) answer {
	b.Helper()
	a, err := b.try(method, path, strings.NewReader(body), headers...)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func (b *bench) try(method, path string, body io.Reader, headers ...string) (answer, error) {
	r, err := http.NewRequest(method, b.url(path), body)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := b.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res, string(text)}, err
}

func (b *bench) want(a answer, status int, text string) {
	b.Helper()
	if a.StatusCode != status || !strings.Contains(a.text, text) {
		b.Errorf("got %d %q, want %d %q", a.StatusCode, a.text, status, text)
	}
}

func basic(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestEveryWayToShowAToken(t *testing.T) {
	b := serve(t, nil)
	for _, h := range []string{"Bearer " + b.token, "bearer  " + b.token, "Splunk " + b.token, "Basic " + basic("elastic:"+b.token),
		"ApiKey " + basic("web01:"+b.token), "ApiKey " + b.token, "ApiKey " + strings.TrimRight(basic("i:"+b.token), "=")} {
		b.want(b.do("POST", "/v1/events", "one\n", "Authorization: "+h), 200, `{"accepted":1}`)
	}
	for _, h := range []string{"", "Bearer", "Bearer " + b.token + "x", "Basic " + basic(b.token+":"), "Digest " + b.token} {
		a := b.do("POST", "/v1/events", "one\n", "Authorization: "+h)
		b.want(a, 401, "yagura agents token")
		if len(a.Header.Values("WWW-Authenticate")) != 3 {
			t.Errorf("WWW-Authenticate: %v", a.Header)
		}
	}
	if n := b.Stats().Denied; n != 5 {
		t.Errorf("%d denied", n)
	}
}

// A token is made, ships, is revoked, and is refused: the running server reads what
// another process has written.
func TestATokensLife(t *testing.T) {
	b := serve(t, nil)
	other, err := OpenRegistry(b.cfg.Folder, quiet)
	if err != nil {
		t.Fatal(err)
	}
	token, err := other.Issue(Entry{Name: "new", Kind: KindToken, Source: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	h := "Authorization: Bearer " + token
	b.until("the token is known", func() bool { _, ok := b.registry.Find(token); return ok })
	b.want(b.do("POST", "/v1/events", "one\n", h), 200, "")
	if err := other.Revoke("new"); err != nil {
		t.Fatal(err)
	}
	b.until("the token is refused", func() bool { return b.do("POST", "/v1/events", "one\n", h).StatusCode == 401 })
	b.until("the books are written", func() bool {
		b.disk.mu.Lock()
		defer b.disk.mu.Unlock()
		name := b.Server.Name()
		return b.disk.tallies[event.Source{Peer: "192.0.2.7", Listener: name}].Received >= 1 &&
			b.disk.tallies[event.Source{Peer: "127.0.0.1", Listener: name}].Refused[event.Denied] >= 1
	})
}

func TestGuessing(t *testing.T) {
	b := serve(t, nil)
	b.want(b.do("POST", "/v1/events", "one\n"), 200, "")
	wrong := "Authorization: Bearer ygr_wrong"
	for range guesses {
		b.want(b.do("POST", "/v1/events", "x\n", wrong), 401, "")
	}
	a := b.do("POST", "/v1/events", "x\n", wrong)
	b.want(a, 429, "too many wrong tokens")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	second, err := b.registry.Issue(Entry{Name: "second", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	b.want(b.do("POST", "/v1/events", "x\n", "Authorization: Bearer "+second), 429, "") // not even looked up
	b.want(b.do("POST", "/v1/events", "two\n"), 200, "")                                // proven before, from this address
}

func packGzip(t testing.TB, body string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func packZstd(t testing.TB, body string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(body), nil))
}

func TestBodies(t *testing.T) {
	b := serve(t, func(c *Config) { c.MaxBody = 4 << 20 })
	lines := strings.Repeat("<13>Nov  3 01:02:03 web01 app: something ordinary happened\n", 1000)
	var squares strings.Builder
	for i := range 500_000 {
		fmt.Fprintln(&squares, i*i)
	}
	zeros := strings.Repeat("0", 3<<20)
	for name, c := range map[string]struct {
		body, encoding string
		status         int
		text           string
	}{
		"plain":            {lines, "", 200, `"accepted":1000`},
		"gzip":             {packGzip(t, lines), "gzip", 200, `"accepted":1000`},
		"zstd":             {packZstd(t, lines), "zstd", 200, `"accepted":1000`},
		"two members":      {packGzip(t, lines) + packGzip(t, "one"), "x-gzip", 200, `"accepted":1001`},
		"another one":      {lines, "br", 415, "not known"},
		"too large":        {strings.Repeat(lines, 80), "", 413, "too large"},
		"inflates beyond":  {packGzip(t, squares.String()), "gzip", 413, "too large"},
		"much alike":       {packZstd(t, zeros[:900<<10]), "zstd", 200, `"accepted":1`},
		"a bomb":           {packGzip(t, zeros), "gzip", 413, "hundred"},
		"a bomb of zstd":   {packZstd(t, zeros), "zstd", 413, "hundred"},
		"a huge bomb":      {packZstd(t, strings.Repeat(zeros, 30)), "zstd", 413, ""},
		"cut":              {packGzip(t, lines)[:200], "gzip", 400, "damaged"},
		"cut zstd":         {packZstd(t, lines)[:60], "zstd", 400, "damaged"},
		"no gzip":          {lines, "gzip", 400, "damaged"},
		"no zstd":          {lines, "zstd", 400, "damaged"},
		"nothing":          {"", "", 200, `"accepted":0`},
		"nothing inflated": {packGzip(t, ""), "gzip", 200, `"accepted":0`},
	} {
		before := len(b.disk.got())
		a := b.do("POST", "/v1/events", c.body, "Content-Encoding: "+c.encoding, "Content-Type: text/plain")
		if a.StatusCode != c.status || !strings.Contains(a.text, c.text) {
			t.Errorf("%s: got %d %q, want %d %q", name, a.StatusCode, a.text, c.status, c.text)
		}
		if n := len(b.disk.got()) - before; c.status != 200 && n > 0 {
			t.Errorf("%s: %d lines were taken", name, n)
		}
	}
	before := len(b.disk.got())
	b.want(b.do("POST", "/v1/events", strings.Repeat("x", 300<<10)+"\n"), 200, `"accepted":1`)
	if got := b.disk.got()[before:]; len(got) != 1 || len(got[0]) != event.MaxRaw {
		t.Errorf("a long line: %d lines", len(got))
	}
	b.until("all memory is given back", func() bool { b.memory.mu.Lock(); defer b.memory.mu.Unlock(); return b.memory.free == b.cfg.Memory })
}

func TestWholeOrNotAtAll(t *testing.T) {
	b := serve(t, nil)
	b.want(b.do("POST", "/v1/events", `[{"a":1},{"b":`, "Content-Type: application/json"), 400, "broken at byte")
	b.want(b.do("POST", "/_bulk", "{\"create\":{}}\n{\"a\":1}\n{\"wrong\":{}}\n{}\n"), 400, "Malformed action")
	if n := len(b.disk.got()); n > 0 {
		t.Errorf("%d lines were taken", n)
	}
}

func TestAFullBus(t *testing.T) {
	b := serve(t, func(c *Config) { c.Patience = 30 * time.Millisecond })
	b.disk.setFull(true)
	for _, path := range []string{"/v1/events", "/_bulk"} {
		a := b.do("POST", path, "{\"create\":{}}\n{\"a\":1}\n")
		b.want(a, 503, "no room")
		if a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	b.disk.setFull(false)
	b.want(b.do("POST", "/v1/events", "one\n"), 200, `"accepted":1`)
	if got := b.disk.got(); len(got) != 1 {
		t.Errorf("taken: %q", got)
	}
}

// A disk that does not take what was read is as busy as a full bus: the sender hears so
// before it gives up, and what it sends again is taken once.
func TestABusThatStandsStill(t *testing.T) {
	b := serve(t, func(c *Config) { c.Patience = 30 * time.Millisecond })
	for _, path := range []string{"/v1/events", "/_bulk"} {
		before := len(b.disk.got())
		b.disk.setHeld(true)
		body := "{\"create\":{}}\n{\"a\":\"" + path + "\"}\n"
		a := b.do("POST", path, body)
		if a.StatusCode != 429 && a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d, Retry-After %q", path, a.StatusCode, a.Header.Get("Retry-After"))
		}
		b.disk.setHeld(false)
		b.disk.reach(nil)
		taken := len(b.disk.got())
		if again := b.do("POST", path, body); again.StatusCode/100 != 2 {
			t.Errorf("%s again: %d %s", path, again.StatusCode, again.text)
		}
		if n := len(b.disk.got()); n != taken || taken == before {
			t.Errorf("%s: %d lines, then %d", path, taken-before, n-before)
		}
	}
}

// A sender that gave up waiting sends the same again: nothing is doubled. One that had
// its answer means it.
func TestWhatHadNoAnswerIsTakenOnce(t *testing.T) {
	b := serve(t, nil)
	b.disk.setHeld(true)
	impatient := *b.client
	impatient.Timeout = 200 * time.Millisecond
	r, err := http.NewRequest("POST", b.url("/v1/events"), strings.NewReader("one\ntwo\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	if res, err := impatient.Do(r); err == nil {
		t.Fatalf("an answer before the disk: %v", res.Status)
	}
	b.disk.setHeld(false)
	b.want(b.do("POST", "/v1/events", "one\ntwo\n"), 200, `"accepted":2`)
	if got := b.disk.got(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("taken: %q", got)
	}
	b.want(b.do("POST", "/v1/events", "one\ntwo\n", "Content-Encoding: identity"), 200, `"accepted":2`)
	if got := b.disk.got(); len(got) != 4 {
		t.Errorf("taken: %q", got)
	}
}

func TestALostBlockIsNotAnswered(t *testing.T) {
	b := serve(t, nil)
	b.disk.setHeld(true)
	status := make(chan int, 1)
	go func() { status <- b.do("POST", "/v1/events", "one\n").StatusCode }()
	b.until("it waits for the disk", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.waiting) == 1 })
	b.disk.reach(errDisk)
	if got := <-status; got != 503 {
		t.Errorf("%d", got)
	}
	b.disk.setHeld(false)
	b.want(b.do("POST", "/v1/events", "one\n"), 200, `"accepted":1`) // sent again, it is taken again
	if got := b.disk.got(); len(got) != 2 {
		t.Errorf("taken: %q", got)
	}
}

func TestOneSenderDoesNotCrowdOutOthers(t *testing.T) {
	b := serve(t, func(c *Config) { c.PerSender = 2 })
	other, err := b.registry.Issue(Entry{Name: "other", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	b.disk.setHeld(true)
	done := make(chan answer, 3)
	for i := range 2 {
		go func() { done <- b.do("POST", "/v1/events", fmt.Sprintf("line %d\n", i)) }()
	}
	b.until("two wait", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.waiting) == 2 })
	b.want(b.do("POST", "/v1/events", "third\n"), 429, "too many requests")
	go func() { done <- b.do("POST", "/v1/events", "other\n", "Authorization: Bearer "+other) }()
	b.until("the other waits, too", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.waiting) == 3 })
	b.disk.reach(nil)
	for range 3 {
		b.want(<-done, 200, "")
	}
}

func TestBulk(t *testing.T) {
	b := serve(t, nil)
	const body = "{\"create\":{\"_index\":\"filebeat\",\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-11-03T01:02:03Z\",\"message\":\"one\"}\n" +
		"{\"index\":{}}\n{\"message\":\"two\" }\n{\"delete\":{\"_id\":\"9\"}}\n{\"update\":{\"_id\":\"9\"}}\n{}\n"
	a := b.do("POST", "/logs/_bulk?filter_path=errors,items.*.status,items.*._index", packGzip(t, body), "Content-Encoding: gzip", "Content-Type: application/x-ndjson")
	b.want(a, 200, "")
	if a.Header.Get("X-Elastic-Product") != "Elasticsearch" {
		t.Errorf("%v", a.Header)
	}
	want := `{"errors":true,"items":[{"create":{"_index":"filebeat","status":201}},{"index":{"_index":"logs","status":201}},{"delete":{"_index":"logs","status":400}},{"update":{"_index":"logs","status":400}}]}` + "\n"
	if d := cmp.Diff(want, a.text); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{`{"@timestamp":"2026-11-03T01:02:03Z","message":"one"}`, `{"message":"two" }`}, b.disk.got()); d != "" {
		t.Error(d)
	}
	// A document that is there already is a conflict, which senders take as done.
	a = b.do("POST", "/_bulk?filter_path=items.*.status", "{\"create\":{\"_index\":\"filebeat\",\"_id\":\"1\"}}\n{\"message\":\"again\"}\n")
	b.want(a, 200, `{"items":[{"create":{"status":409}}]}`)
	// As Fluent Bit asks: nothing of what was taken is shown.
	b.want(b.do("POST", "/_bulk/?filter_path=errors,items.*.error", "{\"create\":{\"_index\":\"fluent-bit\"}}\n{\"log\":\"x\"}\n"), 200, `{"errors":false}`)
	b.want(b.do("POST", "/_bulk", ""), 400, "request body is required")
	b.want(b.do("GET", "/_bulk", ""), 405, "allowed: [POST, PUT]")
}

// What shippers ask before they ship.
func TestProbes(t *testing.T) {
	b := serve(t, nil)
	for _, c := range []struct {
		method, path string
		status       int
		text         string
	}{
		{"GET", "/", 200, `"tagline":"You Know, for Search"`},
		{"HEAD", "/", 200, ""},
		{"GET", "/_license?human=false", 200, `"type":"basic"`},
		{"GET", "/_xpack", 200, `"ilm":{"available":true,"enabled":true}`},
		{"GET", "/_cluster/health", 200, `"status":"green"`},
		{"GET", "/_nodes/http", 200, `"publish_address":"127.0.0.1:`},
		{"GET", "/_nodes/_all/http", 200, `"successful":1`},
		{"HEAD", "/_index_template/filebeat-9.2.1", 404, ""},
		{"GET", "/_ilm/policy/filebeat", 404, `"status":404`},
		{"PUT", "/_ilm/policy/filebeat", 200, `"acknowledged":true`},
		{"PUT", "/_index_template/filebeat-9.2.1", 200, `"acknowledged":true`},
		{"PUT", "/_component_template/x", 200, `"acknowledged":true`},
		{"PUT", "/_template/x", 200, `"acknowledged":true`},
		{"GET", "/_data_stream/filebeat-9.2.1", 404, ""},
		{"PUT", "/_data_stream/filebeat-9.2.1", 200, `"acknowledged":true`},
		{"HEAD", "/_alias/logs", 404, ""},
		{"GET", "/_ingest/pipeline", 200, "{}"},
		{"GET", "/_ingest/pipeline/p", 404, ""},
		{"PUT", "/_ingest/pipeline/p", 200, `"acknowledged":true`},
		{"HEAD", "/logs", 404, ""},
		{"PUT", "/logs", 200, `"index":"logs"`},
		{"PUT", "/%3Clogs-%7Bnow%2Fd%7D-000001%3E", 200, `"acknowledged":true`},
		{"PUT", "/logs/_doc/1", 400, "_bulk"},
		{"POST", "/logs/_doc", 400, "_bulk"},
		{"POST", "/logs/_search", 400, "_bulk"},
		{"DELETE", "/logs", 405, ""},
	} {
		a := b.do(c.method, c.path, "{}")
		b.want(a, c.status, c.text)
		if a.Header.Get("X-Elastic-Product") != "Elasticsearch" || c.method != "HEAD" && !json.Valid([]byte(a.text)) {
			t.Errorf("%s %s: %v %s", c.method, c.path, a.Header, a.text)
		}
	}
	for accept, want := range map[string]string{
		"application/vnd.elasticsearch+json; compatible-with=8":            "application/vnd.elasticsearch+json;compatible-with=8",
		"application/vnd.elasticsearch+json; compatible-with=9,text/plain": "application/vnd.elasticsearch+json;compatible-with=9",
		"application/vnd.elasticsearch+json":                               "application/json",
		"*/*":                                                              "application/json",
	} {
		if got := b.do("GET", "/", "", "Accept: "+accept).Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s, want %s", accept, got, want)
		}
	}
	b.want(b.do("GET", "/", "", "Authorization: ", "User-Agent: x"), 401, `"type":"security_exception"`)
	b.want(b.do("GET", "/", "", "User-Agent: Elastic-Filebeat/9.2.1 (linux; arm64)"), 200, `"number":"9.2.1"`)
}
