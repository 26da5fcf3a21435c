package console

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func TestConfigFaultsAllAtOnce(t *testing.T) {
	_, err := New(Config{Address: "8080", Cert: "a.pem", TokenHash: "secret", Language: "de", MaxQueries: -1}, Deps{}, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"console.address:", "console.cert, key:", "console.token:", "console.language:", "console.max_queries:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the hash is told: %v", err)
	}
}

func TestWhoMayCallTheAPI(t *testing.T) {
	paths := []string{"/api/v1/query", "/api/v1/explain", "/api/v1/tail?q=bad:", "/api/v1/incidents", "/api/v1/health", "/api/v1/none", "/metrics"}
	tests := []struct {
		name   string
		change func(*http.Request)
		let    bool
	}{
		{"token", func(*http.Request) {}, true},
		{"nothing", anonymous, false},
		{"wrong token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, false},
		{"empty token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, false},
		{"the hash", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+HashToken(testToken)) }, false},
		{"basic", func(r *http.Request) { r.SetBasicAuth("", testToken) }, false},
		{"token in the query", func(r *http.Request) { anonymous(r); r.URL.RawQuery += "&token=" + testToken }, false},
		{"invented session", func(r *http.Request) { anonymous(r); r.AddCookie(&http.Cookie{Name: "yagura", Value: "x"}) }, false},
	}
	for _, tt := range tests {
		for _, path := range paths {
			e := newEnv(t)
			w := e.do("GET", path, "", tt.change)
			if let := w.Code != http.StatusUnauthorized; let != tt.let {
				t.Errorf("%s: %s: got %d", tt.name, path, w.Code)
			}
			if !tt.let && (w.Header().Get("WWW-Authenticate") == "" || len(e.search.asked) > 0 || len(e.acts) > 0) {
				t.Errorf("%s: %s: work was done, or no challenge: %v", tt.name, path, w.Header())
			}
		}
	}
}

func TestFailedLogOnsAreLimited(t *testing.T) {
	e := newEnv(t)
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	e.limiter.now = func() time.Time { return now }
	from := func(addr, token string) int {
		return e.do("GET", "/api/v1/health", "", func(r *http.Request) {
			r.RemoteAddr = addr
			r.Header.Set("Authorization", "Bearer "+token)
		}).Code
	}
	for i := range maxFailures {
		if got := from("192.0.2.1:1000", "wrong"); got != 401 {
			t.Fatalf("try %d: got %d", i, got)
		}
	}
	for _, s := range []struct {
		addr, token string
		pass        time.Duration
		want        int
	}{
		{"192.0.2.1:1001", "wrong", 0, 429},
		{"192.0.2.1:1002", testToken, 0, 429},          // not even the right one: nothing is checked
		{"[::ffff:192.0.2.1]:1002", testToken, 0, 429}, // the same address
		{"192.0.2.2:1000", testToken, 0, 200},          // another one
		{"192.0.2.1:1003", testToken, forgive, 200},    // one is forgiven
		{"192.0.2.1:1003", testToken, 0, 200},          // a right one costs nothing
		{"192.0.2.1:1003", "wrong", 0, 401},
		{"192.0.2.1:1003", "wrong", 0, 429},
	} {
		now = now.Add(s.pass)
		if got := from(s.addr, s.token); got != s.want {
			t.Errorf("%s %q after %s: got %d, want %d", s.addr, s.token, s.pass, got, s.want)
		}
	}
}

func TestLimiterIsAtomicAndBounded(t *testing.T) {
	l := newLimiter()
	now := time.Unix(1_000_000, 0)
	l.now = func() time.Time { return now }
	var checked int
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() { l.try("2001:db8::1", func() bool { checked++; return false }) })
	}
	all.Wait()
	if checked != maxFailures {
		t.Errorf("%d tries in parallel were checked, want %d", checked, maxFailures)
	}
	if _, wait := l.try("2001:db8::ffff", func() bool { return true }); wait == 0 {
		t.Error("another address of the /64 is let through")
	}
	for i := range maxAddresses + 200 {
		l.try(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), func() bool { return false })
	}
	if len(l.debts) > maxAddresses {
		t.Errorf("%d addresses are remembered", len(l.debts))
	}
	if _, wait := l.try("2001:db8::2", func() bool { return true }); wait == 0 {
		t.Error("the greatest debt was forgotten for small ones")
	}
}

func TestSessionsEndAndAreBounded(t *testing.T) {
	s := newSessions()
	now := time.Unix(1_000_000, 0)
	s.now = func() time.Time { return now }
	first := s.open("sato")
	if x, ok := s.find(first); !ok || x.name != "sato" {
		t.Errorf("got %v, %v", x, ok)
	}
	now = now.Add(sessionLife)
	if _, ok := s.find(first); ok {
		t.Error("alive after its time")
	}
	for range maxSessions + 10 {
		now = now.Add(time.Millisecond)
		first = s.open("x")
	}
	if _, ok := s.find(first); !ok || len(s.live) > maxSessions {
		t.Errorf("newest alive: %v; %d sessions", ok, len(s.live))
	}
	s.close(first)
	if _, ok := s.find(first); ok {
		t.Error("alive after log-off")
	}
}

func TestForeignSitesCannotPost(t *testing.T) {
	tests := []struct {
		name, header, value string
		want                int
	}{
		{"cross-site", "Sec-Fetch-Site", "cross-site", 403},
		{"sibling host", "Sec-Fetch-Site", "same-site", 403},
		{"foreign origin", "Origin", "https://evil.example", 403},
		{"opaque origin", "Origin", "null", 403},
		{"our page", "Sec-Fetch-Site", "same-origin", 404},
		{"our origin", "Origin", "http://example.com", 404}, // httptest's host
		{"a command", "User-Agent", "yagura", 404},
	}
	for _, path := range []string{"/api/v1/incidents/I-1/ack", "/incidents/I-1/ack", "/login", "/logout"} {
		for _, tt := range tests {
			w := newEnv(t).do("POST", path, `{"who":"sato"}`, func(r *http.Request) { r.Header.Set(tt.header, tt.value) })
			if (w.Code == 403) != (tt.want == 403) {
				t.Errorf("%s: %s: got %d %s", path, tt.name, w.Code, w.Body)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, path := range []string{"/login", "/", "/healthz", "/api/v1/health", "/metrics", "/none"} {
		h := newEnv(t).do("GET", path, "").Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s: %q", path, name, h.Get(name))
			}
		}
	}
	for _, part := range []string{"default-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("policy lacks %s", part)
		}
	}
}

func TestMetrics(t *testing.T) {
	e := newEnv(t)
	many := make([]Sample, 0, 2*maxSeries)
	for i := range 2 * maxSeries {
		many = append(many, Sample{"yagura_many", "Many.", Gauge, []Label{{"n", fmt.Sprint(i)}}, 1})
	}
	var err error
	e.metrics, err = newMetrics("1.2.3", func() []Sample {
		return append(many,
			Sample{"yagura_received_total", "Received.", Counter, []Label{{"listener", "udp:514"}}, 7},
			Sample{"yagura_received_total", "Received, again.", Counter, []Label{{"listener", "udp:514"}}, 8},
			Sample{"yagura_received_total", "Received.", Gauge, []Label{{"listener", "tcp:514"}}, 8},
			Sample{"yagura_received_total", "Received.", Counter, nil, 8},
			Sample{"yagura_bad", "Bad label.", Gauge, []Label{{"0-", "x"}}, 1},
			Sample{"yagura_long", "Long.", Gauge, []Label{{"x", strings.Repeat("a", maxLabel+1)}}, 1},
			Sample{"yagura_utf8", "Bad text.", Gauge, []Label{{"x", "\xff"}}, 1},
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	e.handler = e.routes()
	body := e.do("GET", "/metrics", "").Body.String()
	for _, want := range []string{"\nyagura_received_total{listener=\"udp:514\"} 7\n", "yagura_build_info{version=\"1.2.3\"} 1",
		fmt.Sprintf("yagura_metrics_left_out_total %d\n", maxSeries+5), "go_goroutines"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(body, "\nyagura_many{"); n != maxSeries {
		t.Errorf("%d series, want %d", n, maxSeries)
	}
	if strings.Contains(body, "error") {
		t.Errorf("errors: %.300s", body)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	e := newEnv(t)
	e.search.answers[""] = func(Question) (Rows, error) { panic("boom") }
	if w := e.do("GET", "/api/v1/query?q=a", ""); w.Code != 500 || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if len(e.queries) != 0 {
		t.Error("slot not given back")
	}
}

// start runs a console on real sockets until the test ends.
func start(t *testing.T, c *Console) {
	t.Helper()
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestSocketNeedsNoToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.Listen("unix", path) // as after a kill: the file is there, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	e := newEnv(t)
	c, err := New(Config{Address: "127.0.0.1:0", TokenHash: HashToken(testToken), Socket: path}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info, err)
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	defer client.CloseIdleConnections()
	for _, p := range []string{"/metrics", "/api/v1/query?q=a"} {
		res, err := client.Get("http://yagura" + p)
		if err != nil || res.StatusCode != 200 {
			t.Errorf("%s: %v, %v", p, res, err)
			continue
		}
		res.Body.Close()
	}
	if len(e.acts) != 1 || e.acts[0].From != "socket" || e.acts[0].What != "query" {
		t.Errorf("audit trail: %+v", e.acts)
	}
	second, err := New(Config{Address: "127.0.0.1:0", TokenHash: HashToken(testToken), Socket: path}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Listen(); err == nil || !strings.Contains(err.Error(), "another yagura answers") {
		t.Errorf("second on the same socket: %v", err)
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	e := newEnv(t)
	if err := e.Listen(); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	second, err := New(Config{Address: e.Addr(), TokenHash: HashToken(testToken)}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Listen(); err == nil || !strings.Contains(err.Error(), "choose another console.address") {
		t.Errorf("taken address: %v", err)
	}
	third, err := New(Config{Address: "127.0.0.1:0", Cert: "none.pem", Key: "none.key", TokenHash: HashToken(testToken)}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Listen(); !errors.Is(err, os.ErrNotExist) || third.Addr() != "" {
		t.Errorf("no certificate: %v", err)
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	writePair(t, cert, key)
	e := newEnv(t)
	c, err := New(Config{Address: "127.0.0.1:0", Cert: cert, Key: key, TokenHash: HashToken(testToken)}, e.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	if _, err := tls.Dial("tcp", c.Addr(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
	for _, proto := range []string{"http/1.1", "h2"} {
		conn, err := tls.Dial("tcp", c.Addr(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{proto}})
		if err != nil {
			t.Fatalf("%s: %v", proto, err)
		}
		if got := conn.ConnectionState().NegotiatedProtocol; got != proto {
			t.Errorf("got %q, want %q", got, proto)
		}
		conn.Close()
	}
	if k := c.cookie("x"); !k.Secure || !strings.HasPrefix(k.Name, "__Host-") {
		t.Errorf("cookie %v", k)
	}
}

// What /metrics says is read by Prometheus's own parser, and its names keep the
// rules: units, _total on counters, help.
func TestMetricsKeepTheRules(t *testing.T) {
	e := newEnv(t)
	e.do("GET", "/api/v1/health", "") // a figure of its own
	problems, err := promlint.New(e.do("GET", "/metrics", "").Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
