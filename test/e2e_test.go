package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// guesses are the messages of a password-guessing burst, as sshd writes them.
func guesses(source string, n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("Failed password for invalid user u%d from %s port 4%04d ssh2", i, source, i))
	}
	return lines
}

// wantStory checks that a burst from source was stored field by field, raised one
// alert, and that its mail has come.
func (e *env) wantStory(source string, n int) {
	e.Helper()
	where := "source_address = '" + source + "' AND process_name = 'sshd'"
	e.want("SELECT count() FROM events WHERE "+where, fmt.Sprint(n))
	e.is("SELECT uniqExact(user_name), groupUniqArray(event_outcome), groupUniqArray(source_zone), max(unparsed), max(clock_wrong) FROM events WHERE "+where,
		fmt.Sprintf("%d\t['failure']\t['outside']\tfalse\tfalse", n))
	e.want("SELECT count(), any(rule_level), any(has(rule_policy, '3-1')) FROM alerts WHERE rule_id = 'ssh_bruteforce' AND source_ip = '"+source+"'", "1\tmedium\t1")
	e.want("SELECT any(mail) FROM incidents WHERE rule_id = 'ssh_bruteforce' AND has(group_values, '"+source+"')", "sent")
	id := e.sql("SELECT incident_id FROM incidents WHERE rule_id = 'ssh_bruteforce' AND has(group_values, '" + source + "')")
	if mails := e.mails(); !hasMail(mails, id) {
		e.Errorf("%s: no mail about incident %s", source, id)
	}
}

func hasMail(mails map[string][]string, incident string) bool {
	for _, copies := range mails {
		if strings.Contains(copies[0], "X-Yagura-Incident: "+incident) {
			return true
		}
	}
	return false
}

// TestLogger sends with util-linux's logger in each of its transports.
func TestLogger(t *testing.T) {
	logger := needPeer(t, "logger")
	e := start(t)
	for i, c := range []struct {
		name, network, framing string
		args                   []string
	}{
		{"UDP, RFC 3164", "udp", "datagram", []string{"--udp", "--rfc3164"}},
		{"UDP, RFC 5424", "udp", "datagram", []string{"--udp", "--rfc5424"}},
		{"TCP, RFC 3164, lines", "tcp", "newline", []string{"--tcp", "--rfc3164"}},
		{"TCP, RFC 5424, octet-counted", "tcp", "octet", []string{"--tcp", "--rfc5424", "--octet-count"}},
		{"TCP, RFC 3164, octet-counted", "tcp", "octet", []string{"--tcp", "--rfc3164", "--octet-count"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := e.on(t)
			source := fmt.Sprintf("203.0.113.%d", 10+i)
			tp := e.tap(c.network)
			args := append([]string{"--server", "127.0.0.1", "--port", tp.port, "--priority", "auth.info", "--tag", "sshd", "--id=4242"}, c.args...)
			logger.run(t, strings.Join(guesses(source, 8), "\n"), args...)
			e.wantStory(source, 8)
			e.wantRaw(tp, c.framing, "source_address = '"+source+"'")
		})
	}
	e.want("SELECT sum(accepted) = sum(stored), sum(refused), sum(pending) FROM books", "1\t0\t0")
}

// TestRsyslog forwards with rsyslog's omfwd as its documentation shows it.
func TestRsyslog(t *testing.T) {
	logger := needPeer(t, "logger")
	needPeer(t, "rsyslogd")
	e := start(t)
	for i, c := range []struct{ name, network, framing, action string }{
		{"UDP", "udp", "datagram", `Protocol="udp"`},
		{"TCP, lines", "tcp", "newline", `Protocol="tcp"`},
		{"TCP, octet-counted", "tcp", "octet", `Protocol="tcp" TCP_Framing="octet-counted"`},
		{"TCP, octet-counted, RFC 5424", "tcp", "octet", `Protocol="tcp" TCP_Framing="octet-counted" Template="RSYSLOG_SyslogProtocol23Format"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := e.on(t)
			source := fmt.Sprintf("203.0.113.%d", 20+i)
			tp := e.tap(c.network)
			_, socket := startRsyslog(t, shortDir(t), fmt.Sprintf(`if $programname == "sshd" then action(type="omfwd" Target="127.0.0.1" Port=%q %s)`, tp.port, c.action))
			logger.run(t, strings.Join(guesses(source, 8), "\n"), "--socket", socket, "-d", "--priority", "auth.info", "--tag", "sshd", "--id=4242")
			e.wantStory(source, 8)
			e.wantRaw(tp, c.framing, "source_address = '"+source+"'")
			e.is("SELECT groupUniqArray(host_name) FROM events WHERE source_address = '"+source+"'", "['web01']")
		})
	}
}

// TestSyslogNG forwards with both of syslog-ng's drivers.
func TestSyslogNG(t *testing.T) {
	logger := needPeer(t, "logger")
	needPeer(t, "syslog-ng")
	e := start(t)
	for i, c := range []struct{ name, network, framing, driver string }{
		{"network(), UDP", "udp", "datagram", `network("127.0.0.1" transport("udp") port(%s));`},
		{"network(), TCP", "tcp", "newline", `network("127.0.0.1" transport("tcp") port(%s));`},
		{"syslog(), TCP", "tcp", "octet", `syslog("127.0.0.1" transport("tcp") port(%s));`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := e.on(t)
			source := fmt.Sprintf("203.0.113.%d", 30+i)
			tp := e.tap(c.network)
			_, socket := startSyslogNG(t, fmt.Sprintf(c.driver, tp.port))
			logger.run(t, strings.Join(guesses(source, 8), "\n"), "--socket", socket, "-d", "--priority", "auth.info", "--tag", "sshd", "--id=4242")
			e.wantStory(source, 8)
			e.wantRaw(tp, c.framing, "source_address = '"+source+"'")
		})
	}
}

// TestRsyslogQueue stops yagura cleanly, lets rsyslog fill its disk queue and starts
// yagura again: no line is lost, and each is stored as often as rsyslog sent it.
// (rsyslog itself may repeat the message at which its action was suspended.)
func TestRsyslogQueue(t *testing.T) {
	needPeer(t, "rsyslogd")
	for _, framing := range []string{"traditional", "octet-counted"} {
		t.Run(framing, func(t *testing.T) {
			e, dir := start(t), shortDir(t)
			tp := e.tap("tcp")
			app := filepath.Join(dir, "app.log")
			n := 0
			write := func(count int) {
				var b strings.Builder
				for range count {
					n++
					fmt.Fprintf(&b, "numbered line %d.\n", n)
				}
				appendFile(t, app, b.String())
			}
			distinct := "SELECT uniqExact(raw) FROM events WHERE process_name = 'numbered'"
			write(500)
			startRsyslog(t, dir, fmt.Sprintf(`module(load="imfile")
input(type="imfile" File=%q Tag="numbered:" Facility="local0")
if $programname == "numbered" then action(type="omfwd" Target="127.0.0.1" Port=%q Protocol="tcp" TCP_Framing=%q
  action.resumeRetryCount="-1" action.resumeInterval="1"
  queue.type="LinkedList" queue.filename="forward" queue.size="200" queue.highWatermark="150" queue.lowWatermark="50" queue.saveOnShutdown="on")`,
				app, tp.port, framing))
			e.want(distinct, "500")
			tp.close()
			e.stop()
			write(5500)
			e.until(60*time.Second, func() bool { return queued(dir) }, func() string { return "rsyslog does not write its queue to disk" })
			e.up()
			tp.open(e)
			e.want(distinct, "6000")
			write(500)
			e.want(distinct, "6500")
			e.wantSentIsStored(tp)
		})
	}
}

// wantSentIsStored compares how often each numbered line passed the tap with how
// often it is stored.
func (e *env) wantSentIsStored(tp *tap) {
	e.Helper()
	number := regexp.MustCompile(`numbered line (\d+)\.`)
	sent, repeats := map[string]int{}, 0
	for _, m := range number.FindAllStringSubmatch(tp.String(), -1) {
		if sent[m[1]]++; sent[m[1]] > 1 {
			repeats++
		}
	}
	stored := map[string]int{}
	for _, m := range number.FindAllStringSubmatch(e.sql("SELECT raw FROM events WHERE process_name = 'numbered'"), -1) {
		stored[m[1]]++
	}
	e.Logf("%d different lines sent, %d of them repeated by the sender", len(sent), repeats)
	if diff := cmp.Diff(sent, stored); diff != "" {
		e.Errorf("stored is not what was sent (-sent +stored):\n%s", diff)
	}
}

func queued(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "forward.0*"))
	return len(files) > 0
}

func appendFile(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// on is the same instance in a subtest.
func (e *env) on(t *testing.T) *env {
	sub := *e
	sub.T = t
	return &sub
}

// is wants the query's answer at once.
func (e *env) is(query, want string) {
	e.Helper()
	if got := e.sql(query); got != want {
		e.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}
