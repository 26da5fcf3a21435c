package test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// host is a machine with an agent: a log folder, a program that writes, and the
// agent's process.
type host struct {
	*env
	dir  string
	name string
	cmd  *exec.Cmd
	gone chan struct{}
	errs *os.File
}

// enrolHost invites a host and enrols it.
func (e *env) enrolHost(name string) *host {
	e.Helper()
	h := &host{env: e, dir: e.TempDir(), name: name}
	if err := os.MkdirAll(h.path("log"), 0o700); err != nil {
		e.Fatal(err)
	}
	config := fmt.Sprintf("folder: %s\ninputs: [{files: [%q]}]\n", h.path("agent"), h.path("log/*.log"))
	if err := os.WriteFile(h.path("agent.yaml"), []byte(config), 0o600); err != nil {
		e.Fatal(err)
	}
	var err error
	if h.errs, err = os.Create(h.path("errors")); err != nil {
		e.Fatal(err)
	}
	if code, text := h.enrol(h.invite()); code != 0 {
		e.Fatalf("enrol: %s", text)
	}
	e.Cleanup(func() {
		h.killAgent()
		if e.Failed() {
			if text, err := os.ReadFile(h.errs.Name()); err == nil {
				e.Logf("the agent's log:\n%s", tail(text, 4000))
			}
		}
	})
	return h
}

func (h *host) path(name string) string { return filepath.Join(h.dir, name) }

func (h *host) invite() string {
	h.Helper()
	return h.yagura("agents", "invite", h.name, "--server", "https://"+h.ready["agents"])
}

// enrol returns the exit code and what was said.
func (h *host) enrol(token string, flags ...string) (int, string) {
	h.Helper()
	cmd := exec.Command(binary(h), append([]string{"agent", "enrol", "-c", h.path("agent.yaml")}, flags...)...)
	cmd.Stdin = strings.NewReader(token)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		h.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (h *host) startAgent() {
	h.Helper()
	h.cmd = exec.Command(binary(h), "agent", "-c", h.path("agent.yaml"))
	h.cmd.Stderr = h.errs
	if err := h.cmd.Start(); err != nil {
		h.Fatal(err)
	}
	gone := make(chan struct{})
	h.gone = gone
	cmd := h.cmd
	go func() { _ = cmd.Wait(); close(gone) }()
}

func (h *host) killAgent() {
	if h.cmd != nil {
		_ = h.cmd.Process.Kill()
		<-h.gone
		h.cmd = nil
	}
}

// program writes numbered lines and rotates its file now and then: by rename, or by
// copy and cut.
type program struct {
	*host
	n    int
	stop chan struct{}
	done chan struct{}
}

func (h *host) program(pause time.Duration) *program {
	p := &program{host: h, stop: make(chan struct{}), done: make(chan struct{})}
	go p.run(pause)
	h.Cleanup(func() { p.end() })
	return p
}

func (p *program) run(pause time.Duration) {
	defer close(p.done)
	rotated, last := 0, time.Now()
	for {
		select {
		case <-p.stop:
			return
		case <-time.After(pause):
		}
		p.write(1 + rand.IntN(20))
		if rand.IntN(100) == 0 {
			rotated++
			p.rotate(rotated, time.Since(last))
			last = time.Now()
		}
	}
}

func (p *program) write(lines int) {
	f, err := os.OpenFile(p.path("log/app.log"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		p.Error(err)
		return
	}
	defer f.Close()
	for range lines {
		p.n++
		text := fmt.Sprintf("%s web01 shop[77]: agentline %d of a program that writes", time.Now().Format(time.Stamp), p.n)
		half := len(text) / 2
		_, err = f.WriteString(text[:half])
		if err == nil {
			_, err = f.WriteString(text[half:] + "\n")
		}
		if err != nil {
			p.Error(err)
		}
	}
}

func (p *program) rotate(n int, since time.Duration) {
	from := p.path("log/app.log")
	to := p.path(fmt.Sprintf("log/app-%d.log", n)) // the pattern names it, too
	if n%3 == 0 && since > 2*time.Second {         // what no pattern names must have been seen before
		to = p.path(fmt.Sprintf("log/app.log.%d", n))
	}
	var err error
	if n%2 == 0 {
		err = os.Rename(from, to)
	} else {
		var text []byte
		if text, err = os.ReadFile(from); err == nil {
			if err = os.WriteFile(to, text, 0o600); err == nil {
				err = os.Truncate(from, 0)
			}
		}
	}
	if err != nil {
		p.Error(err)
	}
}

// end stops the program and returns how many lines it wrote.
func (p *program) end() int {
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	<-p.done
	return p.n
}

// wantLines waits until each line is stored, and checks that none is twice.
func (h *host) wantLines(n int) {
	h.Helper()
	h.want(`SELECT uniqExact(extract(raw, 'agentline (\\d+)')) FROM events WHERE raw LIKE '%agentline %'`, strconv.Itoa(n))
	h.want(`SELECT count() FROM events WHERE raw LIKE '%agentline %'`, strconv.Itoa(n))
	h.want(`SELECT count() - uniqExact(fields['event.sequence']) FROM events WHERE peer = '`+h.name+`'`, "0")
}

func TestAgentShipsEachLineOfARotatedFileOnce(t *testing.T) {
	e := start(t)
	h := e.enrolHost("web01")
	h.startAgent()
	h.reads()
	p := h.program(5 * time.Millisecond)
	for i := range kills() {
		time.Sleep(time.Duration(300+rand.IntN(1200)) * time.Millisecond)
		switch i % 3 {
		case 0:
			h.killAgent()
			h.startAgent()
		case 1:
			e.kill()
			e.up()
		case 2:
			h.killAgent()
			e.kill()
			h.startAgent()
			e.up()
		}
	}
	h.wantLines(p.end())
	h.want("SELECT uniqExact(host_name), any(fields['agent.id']) FROM events WHERE raw LIKE '%agentline %'", "1\tweb01")
	e.stop()
}

// reads waits until the agent follows the folder: a file that is there at its very
// first start is not read from the beginning.
func (h *host) reads() {
	h.Helper()
	h.want("SELECT count() > 0 FROM events WHERE event_dataset = 'yagura.agent' AND peer = '"+h.name+"'", "1")
}

func TestAgentWaitsWhileTheServerIsAway(t *testing.T) {
	e := start(t)
	h := e.enrolHost("web01")
	h.startAgent()
	h.reads()
	p := h.program(2 * time.Millisecond)
	time.Sleep(time.Second)
	e.stop()
	time.Sleep(4 * time.Second)
	h.killAgent() // what it has read is in its spool
	h.startAgent()
	time.Sleep(6 * time.Second)
	n := p.end()
	e.up()
	h.wantLines(n)
	e.stop()
}

// TestKillBetweenPublishAndAnswer kills the server alone, again and again, while an
// agent sends small requests: each may be on disk and not answered.
func TestKillBetweenPublishAndAnswer(t *testing.T) {
	e := start(t)
	h := e.enrolHost("web01")
	h.startAgent()
	h.reads()
	p := h.program(time.Millisecond)
	times := 4 * kills()
	if text := os.Getenv("YAGURA_AGENT_KILLS"); text != "" {
		times, _ = strconv.Atoi(text)
	}
	e.stop()
	e.args = []string{"--stages", "ingest"}
	e.up()
	for i := range times {
		time.Sleep(time.Duration(100+rand.IntN(900)) * time.Millisecond)
		if i%4 == 3 {
			e.stop() // drains under the agent's requests
		} else {
			e.kill()
		}
		e.up()
	}
	n := p.end()
	e.kill()
	e.args = nil
	e.up()
	h.wantLines(n)
	e.stop()
}

func TestAgentIsRefusedWhenItsTokenWasUsedOrItWasRevoked(t *testing.T) {
	e := start(t)
	h := e.enrolHost("web01")
	cmd := exec.Command(binary(t), "agents", "invite", "web01", "--data", e.dir)
	if out, err := cmd.CombinedOutput(); err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "revoke it first") {
		t.Errorf("a second agent of the name: %s", out)
	}
	h.name = "web02"
	token := h.invite()
	for i, want := range []int{0, 1} {
		if code, text := h.enrol(token, "--folder", h.path(fmt.Sprint("other", i))); code != want {
			t.Errorf("try %d: exit code %d: %s", i, code, text)
		}
	}
	if code, text := h.enrol("yga_broken", "--folder", h.path("third")); code != 2 || !strings.Contains(text, "copy the whole line") {
		t.Errorf("exit code %d: %s", code, text)
	}
	h.name = "web01"
	h.startAgent()
	h.reads()
	e.yagura("agents", "revoke", "web01")
	e.until(20*time.Second, func() bool {
		if err := os.WriteFile(h.path("log/app.log"), []byte(time.Now().String()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(h.errs.Name())
		return strings.Contains(string(text), "was revoked")
	}, func() string { return "the agent does not say that it is refused" })
	h.killAgent()
	token = h.invite()
	if code, text := h.enrol(token); code != 1 || !strings.Contains(text, "an agent is enrolled there") {
		t.Errorf("exit code %d: %s", code, text)
	}
	for _, f := range []string{"agent.key", "agent.pem"} {
		if err := os.Remove(h.path("agent/" + f)); err != nil {
			t.Fatal(err)
		}
	}
	if code, text := h.enrol(token); code != 0 {
		t.Errorf("exit code %d: %s", code, text)
	}
	h.startAgent()
	p := h.program(5 * time.Millisecond)
	time.Sleep(time.Second)
	h.wantLines(p.end())
	var list []string
	for _, row := range jsonLines(t, e.yagura("agents", "list", "--format", "json")) {
		text, err := json.Marshal([]any{row["name"], row["kind"], row["state"]})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	if got := strings.Join(list, " "); got != `["web02","agent","good"] ["web01","agent","good"]` {
		t.Errorf("%s", got)
	}
	e.stop()
}

func TestAgentThatLostItsSpoolGoesOnAbove(t *testing.T) {
	e := start(t)
	h := e.enrolHost("web01")
	h.startAgent()
	h.reads()
	p := h.program(5 * time.Millisecond)
	time.Sleep(time.Second)
	h.wantLines(p.end())
	h.killAgent()
	if err := os.RemoveAll(h.path("agent/spool")); err != nil {
		t.Fatal(err)
	}
	h.startAgent()
	h.want("SELECT count() > 1 FROM events WHERE event_dataset = 'yagura.agent' AND peer = 'web01'", "1")
	n := p.n
	p = &program{host: h, n: n, stop: make(chan struct{}), done: make(chan struct{})}
	p.write(100)
	h.wantLines(n + 100)
	e.stop()
}

// TestAgentInstaller installs into a folder, as `make agent` would have filled
// another one.
func TestAgentInstaller(t *testing.T) {
	e := start(t)
	from, root := t.TempDir(), t.TempDir()
	program := "yagura-linux-" + runtime.GOARCH
	for name, path := range map[string]string{
		program: binary(t), "install.sh": "../deploy/agent/install.sh", "agent.yaml": "../deploy/agent/agent.yaml",
		"yagura-agent.service": "../deploy/agent/yagura-agent.service",
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(from, name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sums := func(of string) {
		t.Helper()
		out, err := exec.Command("sha256sum", of).Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(from, "SHA256SUMS"), []byte(string(out[:64])+"  "+program+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := func(args ...string) (string, error) {
		cmd := exec.Command("sh", append([]string{filepath.Join(from, "install.sh")}, args...)...)
		cmd.Env = append(os.Environ(), "YAGURA_ROOT="+root)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	token := strings.TrimSpace(e.yagura("agents", "invite", "web01", "--server", "https://"+e.ready["agents"]))
	sums(filepath.Join(from, "install.sh"))
	if out, err := install(token); err == nil || !strings.Contains(out, "not as SHA256SUMS says") {
		t.Fatalf("%v %s", err, out)
	}
	sums(binary(t))
	for range 2 { // the second time it is a newer program on an enrolled host
		if out, err := install(token); err != nil || !strings.Contains(out, "fine: agent web01, 2 inputs") {
			t.Fatalf("%v %s", err, out)
		}
	}
	unit, err := os.ReadFile(filepath.Join(root, "etc/systemd/system/yagura-agent.service"))
	if err != nil || !strings.Contains(string(unit), "ExecStart=/usr/local/bin/yagura-agent agent -c /etc/yagura/agent.yaml") {
		t.Errorf("%v %s", err, unit)
	}
	key, err := os.Stat(filepath.Join(root, "var/lib/yagura-agent/agent.key"))
	if err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", err, key)
	}
	if out, err := install("--uninstall"); err != nil {
		t.Errorf("%v %s", err, out)
	}
	e.stop()
}
