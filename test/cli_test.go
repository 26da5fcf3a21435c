package test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// outcome is what a command did.
type outcome struct {
	out, err string
	code     int
}

// command runs yagura in dir.
func command(t testing.TB, dir, stdin string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	return run(t, cmd)
}

// commandIn runs yagura for somebody in a time zone.
func commandIn(t testing.TB, zone string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), "TZ="+zone)
	return run(t, cmd)
}

func run(t testing.TB, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	a := outcome{}
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		a.code = exit.ExitCode()
	}
	a.out, a.err = out.String(), errs.String()
	return a
}

// wantCode checks the exit code and returns the outcome.
func (a outcome) wantCode(t testing.TB, code int) outcome {
	t.Helper()
	if a.code != code {
		t.Errorf("exit code %d; want %d\nstdout: %.600s\nstderr: %.600s", a.code, code, a.out, a.err)
	}
	return a
}

func wantWords(t testing.TB, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %q is not there:\n%.2000s", where, w, text)
		}
	}
}

func wantEmpty(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("the command left %v", entries)
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	dir := t.TempDir()
	top := command(t, dir, "", "-h").wantCode(t, 0)
	names := regexp.MustCompile(`(?m)^  ([a-z]+)(?: ([a-z]+))?(?: |$)`)
	seen := map[string]bool{}
	for _, m := range names.FindAllStringSubmatch(top.out, -1) {
		args := strings.Fields(m[1] + " " + m[2])
		seen[m[1]] = true
		a := command(t, dir, "", append(args, "-h")...).wantCode(t, 0)
		wantWords(t, strings.Join(args, " ")+" -h", a.out, "Usage: yagura "+m[1])
		bad := command(t, dir, "", append(args, "--no-such-flag")...).wantCode(t, 2)
		if bad.out != "" {
			t.Errorf("%v: a wrong flag is told on standard output: %s", args, bad.out)
		}
	}
	for _, name := range []string{"up", "check", "parse", "detect", "rules", "query", "tail", "sources", "books", "incidents", "send", "dashboards", "doctor", "engine"} {
		if !seen[name] {
			t.Errorf("yagura -h does not name %s", name)
		}
	}
	command(t, dir, "").wantCode(t, 0)
	command(t, dir, "", "nonsense").wantCode(t, 2)
	wantEmpty(t, dir)
}

const sshLine = "<38>Nov 24 11:40:%02d web01 sshd[2201]: Failed password for invalid user u%d from 203.0.113.66 port 40110 ssh2"

func sshLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, sshLine+"\n", i, i)
	}
	return b.String()
}

func TestParseOffline(t *testing.T) {
	dir := t.TempDir()
	args := []string{"parse", "--received", "2026-11-24T12:00:00+09:00"}
	rows := jsonLines(t, command(t, dir, sshLines(3), args...).wantCode(t, 0).out)
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for name, want := range map[string]string{
		"@timestamp": "2026-11-24T02:40:01Z", "source.ip": "203.0.113.66", "user.name": "u1", "event.outcome": "failure", "host.name": "web01",
		"event.original": fmt.Sprintf(sshLine, 1, 1),
	} {
		if got := rows[1][name]; got != want {
			t.Errorf("%s: %v; want %v", name, got, want)
		}
	}
	file := filepath.Join(t.TempDir(), "lines.log")
	writeFile(t, file, sshLines(2))
	if n := len(jsonLines(t, command(t, dir, "", append(args, file)...).wantCode(t, 0).out)); n != 2 {
		t.Errorf("%d rows of a file", n)
	}
	two := "<13>1 2026-11-24T11:40:00+09:00 h app - - - one\ntwo"
	counted := fmt.Sprintf("%d %s", len(two), two)
	if rows := jsonLines(t, command(t, dir, counted, append(args, "--framing", "octet")...).wantCode(t, 0).out); len(rows) != 1 || rows[0]["event.original"] != two {
		t.Errorf("octet counting: %v", rows)
	}
	command(t, dir, "", append(args, "--device", "toaster")...).wantCode(t, 2)
	command(t, dir, "", append(args, "--timezone", "Mars/Base")...).wantCode(t, 2)
	command(t, dir, "", append(args, "/no/such/file")...).wantCode(t, 2)
	wantEmpty(t, dir)
}

func TestDetectOffline(t *testing.T) {
	dir := t.TempDir()
	first := command(t, dir, sshLines(8), "detect").wantCode(t, 0)
	rows := jsonLines(t, first.out)
	if len(rows) != 1 || rows[0]["rule.id"] != "ssh_bruteforce" || rows[0]["alert.id"] == "" || rows[0]["alert.group"].(map[string]any)["source.ip"] != "203.0.113.66" {
		t.Fatalf("alerts: %s", first.out)
	}
	file := filepath.Join(t.TempDir(), "lines.log")
	writeFile(t, file, sshLines(8))
	once := command(t, dir, "", "detect", file).wantCode(t, 0)
	for range 3 {
		if again := command(t, dir, "", "detect", file).wantCode(t, 0); again.out != once.out {
			t.Errorf("not the same bytes:\n%s\n%s", once.out, again.out)
		}
	}
	rule := filepath.Join(t.TempDir(), "one.yml")
	writeFile(t, rule, "title: A word\nid: word\nlogsource: {product: linux}\nlevel: high\ndetection:\n  selection:\n    message|contains: invalid user u3\n  condition: selection\n")
	if rows := jsonLines(t, command(t, dir, sshLines(8), "detect", "--rules", rule).wantCode(t, 0).out); len(rows) != 1 || rows[0]["rule.id"] != "word" || rows[0]["rule.level"] != "high" {
		t.Errorf("own rule: %v", rows)
	}
	command(t, dir, "", "detect", "--rules", "/no/such/rules").wantCode(t, 2)
	writeFile(t, rule, "title: W\nid: w\nlogsource: {service: sshd}\nlevel: low\ndetection:\n  s: {event.outcome: failure}\n  condition: s\n---\n"+
		"title: Few\nid: few\nlevel: high\ncorrelation: {type: event_count, rules: [w], group-by: [source.ip], timespan: 1h, condition: {lt: 100}}\n")
	if rows := jsonLines(t, command(t, dir, sshLines(8), "detect", "--rules", rule).wantCode(t, 0).out); len(rows) != 1 || rows[0]["rule.id"] != "few" {
		t.Errorf("a window that is open at the end of the file: %v", rows)
	}
	wantEmpty(t, dir)
}

func TestRulesCommands(t *testing.T) {
	dir := t.TempDir()
	list := jsonLines(t, command(t, dir, "", "rules", "list", "--format", "json").wantCode(t, 0).out)
	if len(list) < 30 {
		t.Errorf("%d rules; want 30 or more", len(list))
	}
	wantWords(t, "rules list", command(t, dir, "", "rules", "list").wantCode(t, 0).out, "ssh_bruteforce", "unauthorized_access")
	wantWords(t, "rules check", command(t, dir, "", "rules", "check").wantCode(t, 0).err, " 0 errors")
	wantWords(t, "rules test", command(t, dir, "", "rules", "test").wantCode(t, 0).err, " 0 failed")
	wantWords(t, "rules show", command(t, dir, "", "rules", "show", "ssh_bruteforce").wantCode(t, 0).out, "SSH password guessing")
	command(t, dir, "", "rules", "show", "no_such_rule").wantCode(t, 2)
	covered := map[string]float64{}
	for _, row := range jsonLines(t, command(t, dir, "", "rules", "coverage", "--format", "json").wantCode(t, 0).out) {
		covered[row["clause"].(string)], _ = row["rules"].(float64)
	}
	for _, clause := range []string{"3-1", "3-2", "6-3-1", "6-3-2", "6-6"} {
		if covered[clause] == 0 {
			t.Errorf("no rule for clause %s", clause)
		}
	}
	wantEmpty(t, dir)
}

func TestSendListAndDashboards(t *testing.T) {
	dir := t.TempDir()
	wantWords(t, "send --list", command(t, dir, "", "send", "--list").wantCode(t, 0).out, "ssh_bruteforce", "mynumber_crossing")
	command(t, dir, "", "send", "--story", "no_such_story", "--to", "udp:127.0.0.1:9").wantCode(t, 2)
	command(t, dir, "", "send", "--to", "pigeon:127.0.0.1:9").wantCode(t, 2)
	wantEmpty(t, dir)
	command(t, dir, "", "dashboards", "--out", "boards").wantCode(t, 0)
	boards, _ := filepath.Glob(filepath.Join(dir, "boards", "dashboards", "*.json"))
	if len(boards) < 5 {
		t.Errorf("%d dashboards: %v", len(boards), boards)
	}
	for _, b := range boards {
		text, err := os.ReadFile(b)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Errorf("%s is no JSON", b)
		}
	}
}

// TestCommandsOfARunningInstance plays a story and asks about it as an operator
// would.
func TestCommandsOfARunningInstance(t *testing.T) {
	e := start(t)
	e.needConsole()
	dir := t.TempDir()
	ask := func(args ...string) outcome {
		t.Helper()
		return command(t, dir, "", append(args, "--data", e.dir)...)
	}

	live := e.tailing()
	command(t, dir, "", "send", "--story", "ssh_bruteforce", "--to", "tcp:"+e.ready["tcp"]).wantCode(t, 0)
	live.wantLine("203.0.113.66")
	e.want("SELECT count() FROM events WHERE source_address = '203.0.113.66'", "21")
	e.want("SELECT countIf(mail = 'sent') > 0 FROM incidents WHERE rule_id = 'ssh_bruteforce'", "1")

	t.Run("query", func(t *testing.T) {
		rows := jsonLines(t, ask("query", "source.ip:203.0.113.66 event.outcome:failure", "--format", "json").wantCode(t, 0).out)
		if len(rows) != 20 {
			t.Errorf("%d rows of a search; want 20", len(rows))
		}
		rows = jsonLines(t, ask("query", "event.outcome:failure | count by source.ip", "--format", "json").wantCode(t, 0).out)
		if len(rows) != 1 {
			t.Errorf("count by: %v", rows)
		}
		sql := ask("query", "SELECT user_name, count() AS n FROM events WHERE event_outcome = 'failure' GROUP BY user_name ORDER BY n DESC LIMIT 1", "--format", "csv").wantCode(t, 0)
		if table, err := csv.NewReader(strings.NewReader(sql.out)).ReadAll(); err != nil || len(table) != 2 || table[0][0] != "user_name" || table[1][0] != "root" || table[1][1] != "8" {
			t.Errorf("csv: %v %v", table, err)
		}
		wantWords(t, "table", ask("query", "source.ip:203.0.113.66", "--limit", "2").wantCode(t, 0).out, "web01")
		wantWords(t, "--explain", ask("query", "user.name:root", "--explain").wantCode(t, 0).err, "SELECT", "root")
		bad := ask("query", "source.ip:203.0.113.66 AND (user.name:root").wantCode(t, 2)
		wantWords(t, "a broken search", bad.err, "yagura: ")
		if !regexp.MustCompile(`\d`).MatchString(bad.err) {
			t.Errorf("a broken search names no position: %s", bad.err)
		}
		ask("query", "SELECT 1; DROP TABLE events").refused(t)
		ask("query", "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')").refused(t)
		ask("query", "SELECT no_such_column FROM events").refused(t)
		ask("query", "user.name:root", "--since", "yesterday-ish").wantCode(t, 2)
	})
	t.Run("sources and books", func(t *testing.T) {
		wantWords(t, "sources", ask("sources").wantCode(t, 0).out, "127.0.0.1")
		rows := jsonLines(t, ask("books", "--format", "json").wantCode(t, 0).out)
		if len(rows) == 0 {
			t.Error("no books")
		}
	})
	t.Run("incidents", func(t *testing.T) {
		var id string
		for _, row := range jsonLines(t, ask("incidents", "list", "--format", "json").wantCode(t, 0).out) {
			text, _ := json.Marshal(row)
			if bytes.Contains(text, []byte("ssh_bruteforce")) {
				id = regexp.MustCompile(`I-[0-9a-f]{8,}`).FindString(string(text))
			}
		}
		if id == "" {
			t.Fatalf("no incident of ssh_bruteforce: %s", ask("incidents").out)
		}
		wantWords(t, "incidents", ask("incidents").wantCode(t, 0).out, id, "open")
		wantWords(t, "show", ask("incidents", "show", id).wantCode(t, 0).out, "203.0.113.66", "ssh_bruteforce")
		wantWords(t, "ack", ask("incidents", "ack", id, "--who", "Sato", "looking").wantCode(t, 0).err, "acknowledged")
		wantWords(t, "list --status", ask("incidents", "list", "--status", "acknowledged").wantCode(t, 0).out, id)
		ask("incidents", "note", id, "--who", "Sato", "the", "address", "is", "blocked").wantCode(t, 0)
		wantWords(t, "close", ask("incidents", "close", id, "--who", "Sato", "guessing", "without", "success").wantCode(t, 0).err, "closed")
		wantWords(t, "show", ask("incidents", "show", id).wantCode(t, 0).out, "Sato", "the address is blocked", "guessing without success")
		e.want("SELECT status FROM incidents WHERE incident_id = '"+id+"'", "closed")
		ask("incidents", "show", "I-000000000000").wantCode(t, 2)
	})
	t.Run("doctor", func(t *testing.T) {
		a := ask("doctor")
		if a.code > 1 {
			a.wantCode(t, 0)
		}
		if strings.Contains(a.err, "reach the yagura") {
			t.Error(a.err)
		}
		t.Logf("doctor, exit code %d:\n%s%s", a.code, a.out, a.err)
	})
	t.Run("coverage of what is received", func(t *testing.T) {
		for _, row := range jsonLines(t, ask("rules", "coverage", "--format", "json").wantCode(t, 0).out) {
			if n, _ := row["receiving"].(float64); row["clause"] == "3-1" && n == 0 {
				t.Errorf("clause 3-1: no rule receives anything: %v", row)
			}
		}
	})
	wantEmpty(t, dir)
	e.stop()
	gone := command(t, dir, "", "sources", "--data", e.dir).wantCode(t, 1)
	wantWords(t, "a stopped instance", gone.err, "yagura up")
	command(t, dir, "", "sources", "--data", filepath.Join(dir, "nowhere")).wantCode(t, 1)
	wantEmpty(t, dir)
}

// refused wants a failure that is told in words.
func (a outcome) refused(t testing.TB) {
	t.Helper()
	if a.code == 0 || !strings.HasPrefix(a.err, "yagura: ") {
		t.Errorf("exit code %d, %q; want a refusal", a.code, a.err)
	}
}

func (e *env) needConsole() {
	e.Helper()
	if e.ready["console"] == "" {
		e.Skip("this build has no console yet")
	}
}

// tailed is a running `yagura tail`.
type tailed struct {
	e     *env
	lines chan string
}

// tailing starts `yagura tail` and makes sure that it hears what comes next.
func (e *env) tailing() *tailed {
	e.Helper()
	cmd := exec.Command(binary(e), "tail", "--data", e.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		e.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		e.Fatal(err)
	}
	l := &tailed{e, make(chan string, 10_000)}
	go func() {
		sc := bufio.NewScanner(out)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			l.lines <- sc.Text()
		}
		close(l.lines)
	}()
	e.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
	for i := range 100 { // knock until it hears
		e.send(fmt.Sprintf("<13>1 - - knock - - - knock %d", i))
		select {
		case text, ok := <-l.lines:
			if !ok {
				e.Fatal("tail ended")
			}
			if strings.Contains(text, "knock") {
				return l
			}
		case <-time.After(200 * time.Millisecond):
		}
	}
	e.Fatal("tail hears nothing")
	return nil
}

func (l *tailed) wantLine(words string) {
	l.e.Helper()
	timer := time.NewTimer(30 * time.Second)
	defer timer.Stop()
	for {
		select {
		case text := <-l.lines:
			if strings.Contains(text, words) {
				if !json.Valid([]byte(text)) {
					l.e.Errorf("tail: no JSON: %s", text)
				}
				return
			}
		case <-timer.C:
			l.e.Fatalf("tail does not show %q", words)
		}
	}
}
