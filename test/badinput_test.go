package test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wantPlaces wants each place in the words, each on a line of its own.
func wantPlaces(t testing.TB, text string, places ...string) {
	t.Helper()
	for _, p := range places {
		if !regexp.MustCompile(`(?m)^(yagura: )?\S*` + regexp.QuoteMeta(p)).MatchString(text) {
			t.Errorf("no error at %s:\n%s", p, text)
		}
	}
}

func TestBrokenConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "yagura.yaml")
	writeFile(t, file, `data: ./var
languages: ja
listen:
  syslog:
    - {udp: "127.0.0.1"}
    - {}
zones:
  - {id: internet, networks: [10.1.0.0/33]}
alert:
  to: ["nobody at all"]
  smtp: {port: 99999, tls: perhaps}
store: {index: texts, memory: many}
`)
	places := []string{"yagura.yaml:2:1: languages: ", "yagura.yaml:5:8: listen.syslog[0].udp: ", "yagura.yaml:6:7: listen.syslog[1]: ",
		"yagura.yaml:8:", "yagura.yaml:10:8: alert.to[0]: ", "yagura.yaml:11:10: alert.smtp.port: ", "yagura.yaml:11:23: alert.smtp.tls: ",
		"yagura.yaml:12:9: store.index: ", "yagura.yaml:12:23: store.memory: "}
	for _, args := range [][]string{{"up", "-c", file}, {"check", "-c", file}, {"detect", "-c", file}, {"rules", "list", "-c", file}} {
		a := command(t, dir, "", args...).wantCode(t, 2)
		wantPlaces(t, a.err, places...)
		if a.out != "" {
			t.Errorf("%v: errors on standard output: %s", args, a.out)
		}
	}
	writeFile(t, file, "data: [unclosed\nzones: {\n")
	wantPlaces(t, command(t, dir, "", "up", "-c", file).wantCode(t, 2).err, "yagura.yaml:")
	command(t, dir, "", "up", "-c", filepath.Join(dir, "none.yaml")).wantCode(t, 2)
	if _, err := os.Stat(filepath.Join(dir, "var")); err == nil {
		t.Error("a broken configuration made a data folder")
	}
}

const goodRule = `title: A word of ours
id: our_word
logsource: {product: linux}
level: high
detection:
  selection:
    message|contains: open sesame
  condition: selection
`

// TestBrokenRules: a rule that does not compile, and one that fails its own tests,
// do not load; the others do.
func TestBrokenRules(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules")
	mkdir(t, rules, 0o755)
	writeFile(t, filepath.Join(rules, "good.yml"), goodRule)
	writeFile(t, filepath.Join(rules, "broken.yml"), "title: Broken\nid: broken\nlogsource: {product: linux}\ndetection:\n  a:\n    message|contians: x\n  condition: a and\n")
	writeFile(t, filepath.Join(rules, "failing.yml"), strings.NewReplacer("our_word", "failing", "open sesame", "shut").Replace(goodRule)+
		"tests:\n  - name: fires\n    events: ['<13>Nov 24 11:40:01 web01 app: something else']\n    alerts: 1\n")
	check := command(t, dir, "", "rules", "check", rules).wantCode(t, 2)
	wantPlaces(t, check.err, "broken.yml:6:5: ", "broken.yml:7:")
	wantWords(t, "rules check", check.err, "contains") // what would be right
	if err := os.Remove(filepath.Join(rules, "broken.yml")); err != nil {
		t.Fatal(err)
	}
	wantWords(t, "rules test", command(t, dir, "", "rules", "test", rules).wantCode(t, 1).out, "FAIL", "fires")

	writeFile(t, filepath.Join(rules, "broken.yml"), "title: Broken\nid: broken\nlogsource: {product: linux}\ndetection:\n  a:\n    message|contians: x\n  condition: a\n")
	e := start(t, "rules: [builtin, "+rules+"]")
	wantWords(t, "yagura's log", e.said(), "broken.yml:6:5: ", "failing")
	e.burst("203.0.113.50", 8)
	now := time.Now().UTC().Format(time.RFC3339Nano)
	e.send("<38>1 "+now+" web01 sshd 1 - - open sesame", "<38>1 "+now+" web01 sshd 1 - - shut")
	e.want("SELECT count() FROM alerts WHERE rule_id IN ('our_word', 'ssh_bruteforce')", "2")
	e.is("SELECT count() FROM alerts WHERE rule_id IN ('failing', 'broken')", "0")
}

func TestBrokenAssets(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "assets.csv"), "address,name,zone\n10.1.0.1,web01,internet\nnot-an-address,web02,internet\n10.1.0.3,,internet\n")
	config := filepath.Join(dir, "yagura.yaml")
	writeFile(t, config, "assets: assets.csv\nzones: [{id: internet, networks: [10.1.0.0/16]}]\n")
	for _, args := range [][]string{{"check", "-c", config}, {"up", "-c", config}} {
		a := command(t, dir, "", args...).wantCode(t, 2)
		wantPlaces(t, a.err, "assets.csv:3:1: address: ", "assets.csv:4:")
	}
}

// oneLine wants a single line that holds the words.
func oneLine(t testing.TB, a outcome, words ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(a.err), "\n")
	if len(lines) != 1 {
		t.Errorf("%d lines; want one that says what and how to mend it:\n%s", len(lines), a.err)
	}
	wantWords(t, "the line", a.err, words...)
}

func TestPortInUse(t *testing.T) {
	for _, c := range []struct{ name, config string }{
		{"syslog over TCP", "listen: {syslog: [{tcp: %q}], agents: {https: \"\"}}\nconsole: {address: \"127.0.0.1:0\"}\n"},
		{"agents", "listen: {syslog: [], agents: {https: %q}}\nconsole: {address: \"127.0.0.1:0\"}\n"},
		{"console", "listen: {syslog: [{tcp: \"127.0.0.1:0\"}], agents: {https: \"\"}}\nconsole: {address: %q}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			needEngine(t)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			config := filepath.Join(t.TempDir(), "yagura.yaml")
			writeFile(t, config, fmt.Sprintf("data: %q\nstore: {address: \"\"}\n"+c.config, filepath.Join(t.TempDir(), "data"), l.Addr().String()))
			a := command(t, "..", "", "up", "-c", config)
			if a.code == 0 {
				t.Error("exit code 0")
			}
			oneLine(t, a, l.Addr().String(), "in use")
		})
	}
}

func TestDataFolderInUse(t *testing.T) {
	e := start(t)
	config := filepath.Join(t.TempDir(), "yagura.yaml")
	writeFile(t, config, fmt.Sprintf("data: %q\nlisten: {syslog: [{tcp: \"127.0.0.1:0\"}], agents: {https: \"\"}}\nconsole: {address: \"127.0.0.1:0\"}\nstore: {address: \"\"}\n", e.dir))
	oneLine(t, command(t, "..", "", "up", "-c", config).wantCode(t, 2), e.dir, "another yagura", "--data")
	e.burst("203.0.113.51", 8) // the first one does not notice
	e.wantStory("203.0.113.51", 8)
}

func TestNoEngineLibrary(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(binary(t), "up", "--data", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "YAGURA_ENGINE_LIB=/no/such/libchdb.so", "YAGURA_CONSOLE_ADDRESS=127.0.0.1:0")
	config := filepath.Join(dir, "yagura.yaml")
	writeFile(t, config, "listen: {syslog: [{tcp: \"127.0.0.1:0\"}], agents: {https: \"\"}}\nconsole: {address: \"127.0.0.1:0\"}\nstore: {address: \"\"}\n")
	cmd.Args = append(cmd.Args, "-c", config)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%v: %s", err, text)
	}
	oneLine(t, outcome{err: string(text), code: exit.ExitCode()}.wantCode(t, 2), "/no/such/libchdb.so", "make engine")
}

// pause2 lets time pass while the load may stand still.
func (e *env) pause2(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// TestStopUnderLoad: SIGTERM drains. A sender that goes on until half a second
// after the signal and then closes loses nothing.
func TestStopUnderLoad(t *testing.T) {
	e := start(t)
	l := e.startLoad(20_000)
	e.pause(l, time.Second)
	if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	e.pause2(300 * time.Millisecond)
	sent := l.end()
	begun := time.Now()
	select {
	case err := <-e.gone:
		if err != nil {
			t.Errorf("exit: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("not drained after 30 s")
	}
	t.Logf("drained in %v", time.Since(begun).Round(10*time.Millisecond))
	e.cmd = nil
	e.up()
	e.settle()
	e.wantLedger(sent, 0)
	e.stop()
}

// TestSecondSignalLeavesAtOnce: nothing that was accepted is lost by it.
func TestSecondSignalLeavesAtOnce(t *testing.T) {
	e := start(t)
	l := e.startLoad(20_000)
	e.pause(l, time.Second)
	for range 2 {
		if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		e.pause2(100 * time.Millisecond)
	}
	begun := time.Now()
	select {
	case <-e.gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the second signal does not end it")
	}
	t.Logf("gone %v after the second signal", time.Since(begun).Round(time.Millisecond))
	if d := time.Since(begun); d > 3*time.Second {
		t.Errorf("it took %v; want at once", d)
	}
	e.cmd = nil
	e.up()
	e.pause(l, 500*time.Millisecond)
	sent := l.end()
	e.settle()
	e.wantLedger(sent, 1)
	e.stop()
}

// TestFigures logs how long a line takes to its row and to its mail at 10,000
// events/s. The times are told, not judged.
func TestFigures(t *testing.T) {
	e := start(t)
	load := exec.Command(binary(t), "send", "--numbers", "--rate", "10000", "--repeat", "1000000", "--to", "tcp:"+e.ready["tcp"])
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = load.Process.Kill(); _ = load.Wait() })
	e.until(30*time.Second, func() bool { return e.sql("SELECT count() > 20000 FROM events") == "1" }, func() string { return "no load" })
	for i := range 5 {
		source := "203.0.114." + strconv.Itoa(i+1)
		sent := time.Now()
		e.burst(source, 8)
		row, mail := time.Duration(0), time.Duration(0)
		e.until(60*time.Second, func() bool {
			if n, err := e.trySQL("SELECT count() FROM events WHERE source_address = '" + source + "'"); row == 0 && err == nil && n == "8" {
				row = time.Since(sent)
			}
			if mail == 0 && e.mailAbout(source) {
				mail = time.Since(sent)
			}
			return row > 0 && mail > 0
		}, func() string { return fmt.Sprintf("row after %v, mail after %v", row, mail) })
		t.Logf("line to row %v, line to mail %v (looked at every 50 ms)", row.Round(time.Millisecond), mail.Round(time.Millisecond))
	}
}

// mailAbout tells whether a mail of the Maildir names the words; it looks at the
// newest files only.
func (e *env) mailAbout(words string) bool {
	files, _ := filepath.Glob(filepath.Join(e.dir, "mail", "new", "*"))
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), words) {
			return true
		}
	}
	return false
}
