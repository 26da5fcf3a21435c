package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStopUnderRsyslogAndSyslogNG stops and starts yagura three times while real
// senders go on: they are told of the stop (a half-close), keep what comes
// meanwhile, and no line is lost or doubled.
func TestStopUnderRsyslogAndSyslogNG(t *testing.T) {
	for _, c := range []struct {
		name, program string
		run           func(t *testing.T, e *env, app string)
	}{
		{"rsyslog, lines", "rsyslogd", rsyslogFile("traditional")},
		{"rsyslog, octet-counted", "rsyslogd", rsyslogFile("octet-counted")},
		{"syslog-ng, network()", "syslog-ng", syslogNGFile("network")},
		{"syslog-ng, syslog()", "syslog-ng", syslogNGFile("syslog")},
	} {
		t.Run(c.name, func(t *testing.T) {
			needPeer(t, c.program)
			e := start(t)
			app := filepath.Join(shortDir(t), "app.log")
			appendFile(t, app, "numbered line 1.\n")
			c.run(t, e, app)
			distinct := "SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'"
			e.want(distinct, "1")
			sent := e.throughStops(app)
			e.want(`SELECT uniqExact(extract(raw, 'numbered line (\\d+)\\.')), count() FROM events WHERE raw LIKE '%numbered line %'`, fmt.Sprintf("%d\t%[1]d", sent))
			e.stop()
		})
	}
}

// throughStops writes numbered lines to the file that a peer follows while yagura is
// stopped and started three times, and returns the number of the last.
func (e *env) throughStops(app string) int {
	e.Helper()
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() { sent <- writeOn(app, stop) }()
	for range 3 {
		e.pause2(700 * time.Millisecond)
		e.stop()
		e.pause2(300 * time.Millisecond)
		e.up()
	}
	close(stop)
	return <-sent
}

// writeOn appends numbered lines from 2 on, about 5000 a second, until stop.
func writeOn(app string, stop <-chan struct{}) (n int) {
	f, err := os.OpenFile(app, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0
	}
	defer f.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n = 1; ; {
		var b strings.Builder
		for range 50 {
			n++
			fmt.Fprintf(&b, "numbered line %d.\n", n)
		}
		if _, err := f.WriteString(b.String()); err != nil {
			return 0
		}
		select {
		case <-stop:
			return n
		case <-tick.C:
		}
	}
}

func rsyslogFile(framing string) func(*testing.T, *env, string) {
	return func(t *testing.T, e *env, app string) {
		_, port, _ := strings.Cut(e.ready["tcp"], ":")
		startRsyslog(t, shortDir(t), fmt.Sprintf(`module(load="imfile")
input(type="imfile" File=%q Tag="numbered:" Facility="local0")
if $programname == "numbered" then action(type="omfwd" Target="127.0.0.1" Port=%q Protocol="tcp" TCP_Framing=%q
  action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="200000")`, app, port, framing))
	}
}

func syslogNGFile(driver string) func(*testing.T, *env, string) {
	return func(t *testing.T, e *env, app string) {
		_, port, _ := strings.Cut(e.ready["tcp"], ":")
		startSyslogNG(t, fmt.Sprintf(`%s("127.0.0.1" transport("tcp") port(%s) log-fifo-size(200000) time-reopen(1)); };
source app { file(%q follow-freq(0.1) flags(no-parse)); };
log { source(app); destination(yagura); };
destination unused { file("/dev/null"); `, driver, port, app))
	}
}
