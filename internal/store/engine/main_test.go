package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The library is never loaded in the test process: the test binary starts
// itself again as the engine, or as a parent that will be killed.
const roleEnv = "YAGURA_ENGINE_TEST_ROLE"

func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	switch os.Getenv(roleEnv) {
	case "engine":
		os.Exit(exitCode(Serve(ctx, os.Stdin, log)))
	case "parent":
		os.Exit(exitCode(parent(ctx, log)))
	}
	os.Exit(m.Run())
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// parent runs a child with the configuration in its environment and prints the
// child's process id.
func parent(ctx context.Context, log *slog.Logger) error {
	var cfg Config
	if err := json.Unmarshal([]byte(os.Getenv("YAGURA_ENGINE_TEST_CONFIG")), &cfg); err != nil {
		return err
	}
	c, err := NewChild(ChildConfig{Env: []string{roleEnv + "=engine"}, Engine: cfg}, log)
	if err != nil {
		return err
	}
	go func() {
		<-c.Ready()
		fmt.Println(c.Pid())
	}()
	return c.Run(ctx)
}

type env struct {
	t     testing.TB
	cfg   Config
	child *Child
	http  *http.Client
	out   *output
}

type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func testConfig(t testing.TB) Config {
	t.Helper()
	lib, err := Find("")
	if err != nil {
		t.Skipf("no engine here: %v", err)
	}
	dir, err := os.MkdirTemp("", "yagura-engine") // short: a socket path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return Config{
		Data: filepath.Join(dir, "data"), LibPath: lib, Socket: filepath.Join(dir, "s"), Drain: 5 * time.Second,
		Accounts: []Account{
			{Name: "writer", PasswordSHA256: Hash("w")},
			{Name: "reader", PasswordSHA256: Hash("r"), ReadOnly: true, MaxExecutionTime: 2 * time.Second, MaxResultRows: 100_000},
		},
	}
}

// startEngine runs an engine for the test and waits until it answers.
func startEngine(t testing.TB, change func(*Config)) *env {
	t.Helper()
	cfg := testConfig(t)
	if change != nil {
		change(&cfg)
	}
	e := &env{t: t, cfg: cfg, out: &output{}, http: &http.Client{Transport: &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", cfg.Socket)
		},
	}}}
	var err error
	e.child, err = NewChild(ChildConfig{Env: []string{roleEnv + "=engine"}, Engine: cfg, Output: e.out}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.child.Run(ctx) }()
	t.Cleanup(func() {
		e.http.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("child: %v", err)
		}
		if t.Failed() {
			t.Logf("engine output:\n%s", e.out)
		}
	})
	select {
	case <-e.child.Ready():
	case err := <-done:
		done <- nil
		t.Fatalf("engine did not start: %v\n%s", err, e.out)
	case <-time.After(30 * time.Second):
		t.Fatalf("engine not ready in 30 s\n%s", e.out)
	}
	return e
}

// answer is one HTTP answer, read whole.
type answer struct {
	status int
	code   string
	header http.Header
	body   string
}

func (a answer) String() string {
	return fmt.Sprintf("%d code %q %s", a.status, a.code, a.body)
}

// do sends a request as user (with the password the tests give it).
func (e *env) do(method, user string, query url.Values, body io.Reader, header ...string) answer {
	e.t.Helper()
	req, err := http.NewRequest(method, "http://engine/?"+query.Encode(), body)
	if err != nil {
		e.t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, user[:1])
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := e.http.Do(req)
	if err != nil {
		e.t.Fatalf("%s %.100s: %v", method, query.Encode(), err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{resp.StatusCode, resp.Header.Get("X-ClickHouse-Exception-Code"), resp.Header, string(b) + "\n" + err.Error()}
	}
	return answer{resp.StatusCode, resp.Header.Get("X-ClickHouse-Exception-Code"), resp.Header, string(b)}
}

// sql posts a statement and returns its answer, or the test ends.
func (e *env) sql(user, sql string, kv ...string) string {
	e.t.Helper()
	a := e.do("POST", user, values(kv...), strings.NewReader(sql))
	if a.status != 200 {
		e.t.Fatalf("%.200s: %v", sql, a)
	}
	return strings.TrimSuffix(a.body, "\n")
}

func values(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

// open connects clickhouse-go to the engine's socket.
func (e *env) open(user string, change func(*clickhouse.Options)) driver.Conn {
	e.t.Helper()
	opt := &clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{"engine:80"},
		Auth: clickhouse.Auth{Username: user, Password: user[:1]},
		DialContext: func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", e.cfg.Socket)
		},
	}
	if change != nil {
		change(opt)
	}
	c, err := clickhouse.Open(opt)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { c.Close() })
	return c
}

// eventually waits for a condition, at most ten seconds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
