package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestChildComesBackAfterKill(t *testing.T) {
	e := startEngine(t, nil)
	e.sql("writer", "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100")
	for i := range 3 {
		e.sql("writer", fmt.Sprintf("INSERT INTO t SELECT number + %d FROM numbers(1000)", i*1000), "insert_deduplication_token", fmt.Sprint(i))
		pid := e.child.Pid()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		e.http.CloseIdleConnections()
		eventually(t, "a new process answers", func() bool { return e.child.Up() && e.child.Pid() != pid })
		// The retry of an insert whose answer was lost is stored once.
		e.sql("writer", fmt.Sprintf("INSERT INTO t SELECT number + %d FROM numbers(1000)", i*1000), "insert_deduplication_token", fmt.Sprint(i))
		if got, want := e.sql("writer", "SELECT count(), uniqExact(n) FROM t"), fmt.Sprintf("%d\t%d", (i+1)*1000, (i+1)*1000); got != want {
			t.Errorf("after kill %d: %q, want %q", i, got, want)
		}
	}
	if n := e.child.Restarts(); n != 3 {
		t.Errorf("%d restarts, want 3", n)
	}
}

func TestChildDiesWithParent(t *testing.T) {
	cfg := testConfig(t)
	line, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=parent", "YAGURA_ENGINE_TEST_CONFIG="+string(line))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	text, err := bufio.NewReader(out).ReadString('\n')
	pid, err2 := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || err2 != nil || gone(pid) {
		t.Fatalf("child pid %q: %v", text, errors.Join(err, err2))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	eventually(t, "the engine is gone", func() bool { return gone(pid) })
}

func TestChildSaysWhyItCannotRun(t *testing.T) {
	e := startEngine(t, nil)

	// A second instance on the same data folder: one line that names it.
	second := e.cfg
	second.Socket += "2"
	line, err := json.Marshal(second)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=engine")
	cmd.Stdin = strings.NewReader(string(line) + "\n")
	b, err := cmd.CombinedOutput()
	if err == nil || strings.Count(string(b), "\n") != 1 || !strings.Contains(string(b), fmt.Sprintf("in use by another engine: %s (pid %d)", e.cfg.Data, e.child.Pid())) {
		t.Errorf("second instance: %v %q", err, b)
	}

	for _, tc := range []struct {
		exe, want string
		args      []string
	}{
		{"/nonexistent/yagura", "cannot start", nil},
		{"/bin/sh", "no library", []string{"-c", "echo no library >&2; exit 2"}},
	} {
		c, err := NewChild(ChildConfig{Exe: tc.exe, Args: tc.args, Engine: second, Output: &output{}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(context.Background()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.exe, err, tc.want)
		}
	}
}

func TestStopFinishesRunningStatements(t *testing.T) {
	cfg := testConfig(t)
	c, err := NewChild(ChildConfig{Env: []string{roleEnv + "=engine"}, Engine: cfg}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	<-c.Ready()
	pid := c.Pid()
	client := &http.Client{Transport: &http.Transport{DialContext: c.client.Transport.(*http.Transport).DialContext}}
	answer := make(chan string, 1)
	go func() {
		resp, err := client.Post("http://e/?user=writer&password=w", "", strings.NewReader("SELECT sleep(1.5)"))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		answer <- resp.Status
	}()
	eventually(t, "the statement runs", func() bool {
		resp, err := client.Post("http://e/?user=writer&password=w", "", strings.NewReader("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep%'"))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		b := make([]byte, 1)
		_, _ = resp.Body.Read(b)
		return string(b) == "1"
	})
	began := time.Now()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "200 OK" {
		t.Errorf("the running statement got %q", got)
	}
	if !gone(pid) || time.Since(began) > cfg.Drain {
		t.Errorf("gone %v after %v", gone(pid), time.Since(began))
	}
}
