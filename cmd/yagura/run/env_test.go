package run

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/detect"
	"yagura/internal/bus"
	"yagura/internal/event"
	"yagura/internal/store"
	"yagura/internal/store/engine"
)

// The engine is a child of yagura: here the test binary, started again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		signal.Ignore(os.Interrupt)
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := engine.Serve(ctx, os.Stdin, slog.New(slog.DiscardHandler))
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var quiet = slog.New(slog.DiscardHandler)

func needEngine(t testing.TB) {
	t.Helper()
	if _, err := engine.Find(""); err != nil {
		t.Skipf("the embedded engine is not here: %v", err)
	}
}

// settings is a configuration on a folder and ports of its own.
func settings(t testing.TB) config.Config {
	t.Helper()
	dir, err := os.MkdirTemp("", "yg") // short: it holds unix sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cfg := config.Default()
	cfg.Data = filepath.Join(dir, "data")
	cfg.Alert.Maildir = filepath.Join(cfg.Data, "mail")
	cfg.Listen.Syslog = []config.Syslog{{TCP: "127.0.0.1:0"}, {UDP: "127.0.0.1:0"}}
	cfg.Listen.Agents.HTTPS = "127.0.0.1:0"
	cfg.Console.Address = "127.0.0.1:0"
	cfg.Store.Address, cfg.Store.Index = "", "none"
	cfg.Store.Verdicts = 20 * time.Second
	cfg.Bus.Reserve = 1 << 20
	return cfg
}

// story is a yagura that runs in this process.
type story struct {
	*testing.T
	main *Main
	at   Addresses
	stop func() error
}

func up(t *testing.T, cfg config.Config) *story {
	t.Helper()
	needEngine(t)
	ready := make(chan Addresses, 1)
	m, err := New(cfg, Options{Ready: func(a Addresses) { ready <- a }}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- m.Run(ctx) }()
	s := &story{T: t, main: m}
	stopped := false
	s.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-gone:
			return err
		case <-time.After(60 * time.Second):
			return fmt.Errorf("not stopped after 60 s")
		}
	}
	t.Cleanup(func() { _ = s.stop() })
	select {
	case s.at = <-ready:
	case err := <-gone:
		t.Fatalf("ended before it was ready: %v", err)
	case <-time.After(60 * time.Second):
		t.Fatal("not ready after 60 s")
	}
	return s
}

// until waits for a condition with a deadline.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// count asks the store for one number; -1 while it cannot be asked.
func (s *story) count(sql string) int {
	s.Helper()
	rows, err := s.main.db.Query(context.Background(), store.Ask{Text: sql})
	if err != nil {
		return -1
	}
	all, err := rows.All()
	if err != nil || len(all) != 1 {
		return -1
	}
	n := -1
	_, _ = fmt.Sscan(fmt.Sprint(all[0][0]), &n)
	return n
}

func (s *story) want(sql string, n int) {
	s.Helper()
	until(s, fmt.Sprintf("%s = %d (is %d)", sql, n, s.count(sql)), func() bool { return s.count(sql) == n })
}

// block makes a packed block of lines.
func block(epoch, seq uint64, lines ...string) (event.ID, []byte) {
	var b event.Builder
	h, err := NewHandlers(config.Default())
	if err != nil {
		panic(err)
	}
	handler := h.New()
	for _, l := range lines {
		d := &event.Draft{}
		d.Reset([]byte("<38>" + time.Now().Format(time.Stamp) + " host sshd[1]: " + l))
		d.Received = time.Now()
		d.Source = event.Source{Peer: "192.0.2.1", Listener: "test"}
		handler.Handle(d)
		b.Append(d)
	}
	id := event.ID{Tenant: "demo", Node: "n1", Epoch: epoch, Seq: seq}
	return id, event.Pack(nil, b.Encode(nil, id, time.Now()))
}

func publish(t testing.TB, b *bus.Bus, epoch, seq uint64, lines ...string) uint64 {
	t.Helper()
	id, packed := block(epoch, seq, lines...)
	at, err := b.PublishBlock(t.Context(), id, packed)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func openBus(t testing.TB, cfg bus.Config) *bus.Bus {
	t.Helper()
	cfg.Tenant, cfg.Node, cfg.MaxBytes, cfg.Reserve = "demo", "n1", 64<<20, 1<<20
	b, err := bus.Open(context.Background(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func testEngine(t testing.TB) *detect.Engine {
	t.Helper()
	p, cfg := testProgram(t)
	return detect.NewEngine(p, cfg)
}

// testProgram has one rule: the word bad.
func testProgram(t testing.TB) (*detect.Program, detect.EngineConfig) {
	t.Helper()
	cfg := settings(t)
	h, err := NewHandlers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "r.yml"), []byte(strings.TrimLeft(`
title: Bad word
id: 5f8a0c1e-0000-4000-8000-000000000001
status: test
logsource: {product: linux}
detection: {words: [bad], condition: words}
level: high
`, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	p, report, err := LoadRules([]string{dir}, h, false)
	if err != nil || len(report.Errors) > 0 {
		t.Fatal(err, report.Errors)
	}
	return p, EngineConfig(cfg, h)
}

func get(t testing.TB, c Contact, path string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://yagura/api/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := c.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func mustTime(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
