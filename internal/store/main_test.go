package store

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"yagura/internal/store/engine"
)

// The library is never loaded in the test process: the test binary starts itself
// again as the engine.
const roleEnv = "YAGURA_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) == "engine" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		err := engine.Serve(ctx, os.Stdin, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
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

// testEngine is a real engine in a child process.
type testEngine struct {
	cfg   Config
	child *engine.Child
}

// startEngine runs an engine until the test ends. Without the library the test
// is skipped.
func startEngine(t testing.TB) *testEngine {
	t.Helper()
	lib, err := engine.Find("")
	if err != nil {
		t.Skipf("no engine here: %v", err)
	}
	dir, err := os.MkdirTemp("", "yagura-store") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cfg := engine.Config{
		Data: filepath.Join(dir, "data"), LibPath: lib, Socket: filepath.Join(dir, "s"), Drain: 5 * time.Second,
		Accounts: []engine.Account{
			{Name: "writer", PasswordSHA256: engine.Hash("w")},
			{Name: "reader", PasswordSHA256: engine.Hash("r"), ReadOnly: true},
		},
	}
	out := &output{}
	child, err := engine.NewChild(engine.ChildConfig{Env: []string{roleEnv + "=engine"}, Engine: cfg, Output: out, MaxBackoff: 200 * time.Millisecond}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- child.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("engine: %v", err)
		}
		if t.Failed() {
			t.Logf("engine output:\n%s", out)
		}
	})
	select {
	case <-child.Ready():
	case err := <-done:
		done <- nil
		t.Fatalf("engine did not start: %v\n%s", err, out)
	case <-time.After(60 * time.Second):
		t.Fatalf("engine not ready in 60 s\n%s", out)
	}
	return &testEngine{child: child, cfg: Config{Socket: cfg.Socket,
		Writer: Account{"writer", "w"}, Reader: Account{"reader", "r"}, Timeout: time.Minute}}
}

// open opens the store without migrating it; change may be nil.
func (e *testEngine) open(t testing.TB, change func(*Config)) *DB {
	t.Helper()
	cfg := e.cfg
	if change != nil {
		change(&cfg)
	}
	db, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// newDB is an empty, migrated store on an engine of its own.
func newDB(t testing.TB) *DB {
	t.Helper()
	db := startEngine(t).open(t, nil)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// one asks the writer's account for one value.
func one[T any](t testing.TB, db *DB, sql string) (v T) {
	t.Helper()
	if err := db.conn.QueryRow(context.Background(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func exec(t testing.TB, db *DB, sql string) {
	t.Helper()
	if err := db.conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%.100s: %v", sql, err)
	}
}
