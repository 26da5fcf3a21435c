package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
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
	code := m.Run()
	stopShared()
	os.Exit(code)
}

// shared is one engine for all tests that only need a database of their own.
var shared struct {
	once   sync.Once
	engine *testEngine
	err    error
	stop   func()
}

func stopShared() {
	if shared.stop != nil {
		shared.stop()
	}
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

// startEngine runs an engine of its own until the test ends.
func startEngine(t testing.TB) *testEngine {
	t.Helper()
	e, stop, err := runEngine()
	skipWithoutEngine(t, err)
	t.Cleanup(stop)
	return e
}

// sharedEngine is the engine that tests share.
func sharedEngine(t testing.TB) *testEngine {
	t.Helper()
	shared.once.Do(func() { shared.engine, shared.stop, shared.err = runEngine() })
	skipWithoutEngine(t, shared.err)
	return shared.engine
}

func skipWithoutEngine(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, engine.ErrNoLibrary):
		t.Skipf("no engine here: %v", err)
	case err != nil:
		t.Fatal(err)
	}
}

func runEngine() (*testEngine, func(), error) {
	lib, err := engine.Find("")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "yagura-store") // short: a socket's path has 107 bytes
	if err != nil {
		return nil, nil, err
	}
	cfg := engine.Config{
		Data: filepath.Join(dir, "data"), LibPath: lib, Socket: filepath.Join(dir, "s"), Drain: 5 * time.Second,
		Accounts: []engine.Account{
			{Name: "writer", PasswordSHA256: engine.Hash("w")},
			{Name: "reader", PasswordSHA256: engine.Hash("r"), ReadOnly: true},
		},
	}
	out := &output{}
	child, err := engine.NewChild(engine.ChildConfig{Env: []string{roleEnv + "=engine"}, Engine: cfg, Output: out, MaxBackoff: 200 * time.Millisecond},
		slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- child.Run(ctx) }()
	stop := func() {
		cancel()
		if err := <-done; err != nil {
			fmt.Fprintf(os.Stderr, "engine: %v\n%s", err, out)
		}
		os.RemoveAll(dir)
	}
	select {
	case <-child.Ready():
	case err := <-done:
		done <- nil
		stop()
		return nil, nil, fmt.Errorf("engine did not start: %w\n%s", err, out)
	case <-time.After(60 * time.Second):
		stop()
		return nil, nil, fmt.Errorf("engine not ready in 60 s\n%s", out)
	}
	return &testEngine{child: child, cfg: Config{Socket: cfg.Socket,
		Writer: Account{"writer", "w"}, Reader: Account{"reader", "r"}, Timeout: time.Minute}}, stop, nil
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

// newDB is an empty, migrated store in a database of its own.
func newDB(t testing.TB) *DB {
	t.Helper()
	e := sharedEngine(t)
	name := fmt.Sprintf("test%d", databases.Add(1))
	admin := e.open(t, nil)
	exec(t, admin, "CREATE DATABASE "+name)
	db := e.open(t, func(c *Config) { c.Database = name })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exec(t, admin, "DROP DATABASE "+name) })
	return db
}

var databases atomic.Int64

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
