package test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yagura/internal/store/engine"
)

// env is one running yagura: the built binary as its own process, so that it can
// be killed, on a data folder and ports of its own.
type env struct {
	*testing.T
	dir    string
	config string
	args   []string // further ones of up
	cmd    *exec.Cmd
	ready  map[string]string // what the ready line said
	log    *os.File
	gone   chan error
}

// binary is the program under test: built once, or YAGURA_BIN.
func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("YAGURA_BIN"); path != "" {
		return path, nil
	}
	path, err := filepath.Abs("../bin/yagura")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "yagura/cmd/yagura").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// needEngine skips where the embedded engine's library has not been fetched.
func needEngine(t testing.TB) {
	t.Helper()
	if _, err := engine.Find(""); err != nil {
		if _, err := engine.Find("../deploy/engine/node_modules"); err == nil {
			return
		}
		if _, err := os.Stat("../deploy/engine/node_modules"); err != nil {
			t.Skip("the embedded engine is not here: run make engine")
		}
	}
}

// start runs yagura with extra lines of configuration.
func start(t *testing.T, extra ...string) *env {
	t.Helper()
	needEngine(t)
	dir := t.TempDir()
	e := &env{T: t, dir: filepath.Join(dir, "data"), config: filepath.Join(dir, "yagura.yaml")}
	e.configure(extra...)
	var err error
	if e.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.kill()
		if t.Failed() {
			if text, err := os.ReadFile(e.log.Name()); err == nil {
				t.Logf("yagura's log:\n%s", tail(text, 6000))
			}
		}
	})
	e.up()
	return e
}

func tail(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

// configure writes the configuration: free ports, inside and outside zones.
func (e *env) configure(extra ...string) {
	e.Helper()
	text := fmt.Sprintf(`data: %s
listen: {syslog: [{udp: "127.0.0.1:%d"}, {tcp: "127.0.0.1:%d"}], agents: {https: "127.0.0.1:%d"}}
console: {address: "127.0.0.1:%d"}
zones: [{id: internet, name: インターネット接続系, networks: [10.1.0.0/16]}, {id: mynumber, name: マイナンバー事務系, networks: [10.2.0.0/16]}]
store: {address: "", index: none}
%s
`, e.dir, freePort(e), freePort(e), freePort(e), freePort(e), strings.Join(extra, "\n"))
	if err := os.WriteFile(e.config, []byte(text), 0o600); err != nil {
		e.Fatal(err)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// up starts the process and waits for its ready line.
func (e *env) up() {
	e.Helper()
	e.cmd = exec.Command(binary(e), append([]string{"up", "-c", e.config}, e.args...)...)
	e.cmd.Env = append(os.Environ(), "YAGURA_ENGINE_LIB="+os.Getenv("YAGURA_ENGINE_LIB"))
	e.cmd.Dir = ".."
	e.cmd.Stderr = e.log
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		e.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		e.Fatal(err)
	}
	line := make(chan string, 1)
	e.gone = make(chan error, 1)
	go func() {
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			if strings.HasPrefix(sc.Text(), "ready ") {
				line <- sc.Text()
			}
		}
		e.gone <- e.cmd.Wait()
	}()
	select {
	case text := <-line:
		e.ready = map[string]string{}
		for _, word := range strings.Fields(text)[1:] {
			name, value, _ := strings.Cut(word, "=")
			e.ready[name] = value
		}
	case err := <-e.gone:
		e.Fatalf("yagura ended before it was ready: %v", err)
	case <-time.After(60 * time.Second):
		e.Fatal("yagura is not ready after 60 s")
	}
}

// kill ends the process with SIGKILL and waits for it.
func (e *env) kill() {
	if e.cmd == nil || e.cmd.Process == nil {
		return
	}
	_ = e.cmd.Process.Kill()
	<-e.gone
	e.cmd = nil
}

// stop asks the process to drain and wants exit code 0.
func (e *env) stop() {
	e.Helper()
	if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		e.Fatal(err)
	}
	select {
	case err := <-e.gone:
		if err != nil {
			e.Errorf("stop: %v", err)
		}
	case <-time.After(40 * time.Second):
		e.Error("stop: not drained after 40 s")
	}
	e.cmd = nil
}

// enginePid finds the engine's process: the child of ours.
func (e *env) enginePid() int {
	e.Helper()
	out, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", e.cmd.Process.Pid, e.cmd.Process.Pid))
	pid := 0
	if err == nil {
		pid, _ = strconv.Atoi(strings.TrimSpace(string(out)))
	}
	if pid == 0 { // the child belongs to another thread
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", e.cmd.Process.Pid))
		for _, task := range tasks {
			if out, err := os.ReadFile(task); err == nil {
				for _, word := range strings.Fields(string(out)) {
					pid, _ = strconv.Atoi(word)
				}
			}
		}
	}
	return pid
}

// send writes messages to the TCP listener and closes.
func (e *env) send(lines ...string) {
	e.Helper()
	conn, err := net.Dial("tcp", e.ready["tcp"])
	if err != nil {
		e.Fatal(err)
	}
	defer conn.Close()
	for _, l := range lines {
		if _, err := fmt.Fprintf(conn, "%d %s", len(l), l); err != nil {
			e.Fatal(err)
		}
	}
}

// sqlError is a refusal of the engine.
type sqlError struct{ text string }

func (e sqlError) Error() string { return e.text }

// trySQL runs a statement on the engine's socket with the read-only account.
func (e *env) trySQL(query string) (string, error) {
	secret, err := os.ReadFile(filepath.Join(e.dir, "engine.reader"))
	if err != nil {
		return "", err
	}
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(e.dir, "engine.sock"))
		}}}
	q := url.Values{"user": {"grafana"}, "password": {string(secret)}, "default_format": {"TSV"}}
	res, err := client.Post("http://engine/?"+q.Encode(), "text/plain", strings.NewReader(query))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		return "", sqlError{string(text)}
	}
	return strings.TrimSpace(string(text)), err
}

func (e *env) sql(query string) string {
	e.Helper()
	text, err := e.trySQL(query)
	if err != nil {
		e.Fatalf("%s: %v", query, err)
	}
	return text
}

// want waits until the query's answer is as wanted.
func (e *env) want(query, want string) {
	e.Helper()
	got := ""
	e.until(60*time.Second, func() bool {
		text, err := e.trySQL(query)
		if err != nil {
			text = err.Error()
		}
		got = text
		return got == want
	}, func() string { return fmt.Sprintf("%s\n got %q\nwant %q", query, got, want) })
}

// until waits for a condition with a deadline.
func (e *env) until(limit time.Duration, ok func() bool, why func() string) {
	e.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			e.Fatalf("not within %v: %s", limit, why())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// yagura runs a command on this instance and returns its output.
func (e *env) yagura(args ...string) string {
	e.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary(e), append(args, "--data", e.dir)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		e.Fatalf("yagura %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// mails returns the Maildir's messages by Message-ID.
func (e *env) mails() map[string][]string {
	e.Helper()
	files, err := filepath.Glob(filepath.Join(e.dir, "mail", "new", "*"))
	if err != nil {
		e.Fatal(err)
	}
	byID := map[string][]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			e.Fatal(err)
		}
		id := ""
		for _, line := range strings.Split(string(text), "\n") {
			if v, ok := strings.CutPrefix(line, "Message-ID: "); ok {
				id = strings.TrimSpace(v)
			}
		}
		byID[id] = append(byID[id], string(text))
	}
	return byID
}

// jsonLines decodes JSON Lines.
func jsonLines(t testing.TB, text string) (rows []map[string]any) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if line == "" {
			continue
		}
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		rows = append(rows, row)
	}
	return rows
}
