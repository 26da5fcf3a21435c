package test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// kills is how often each fault is tried: five times, more with YAGURA_FAULTS=all.
func kills() int {
	if os.Getenv("YAGURA_FAULTS") == "all" {
		return 50
	}
	return 5
}

func TestKillOfTheWholeProcessUnderLoad(t *testing.T) {
	e := start(t)
	load := e.startLoad(20_000)
	for i := range kills() {
		e.pause(load, time.Duration(900+i*370%1100)*time.Millisecond)
		e.kill()
		e.up()
	}
	e.pause(load, time.Second)
	sent := load.end()
	e.settle()
	e.wantLedger(sent, kills())
	e.wantAlertsOnce()
	e.wantMails()
	e.stop()
}

func TestKillOfTheEngineUnderLoad(t *testing.T) {
	e := start(t)
	load := e.startLoad(20_000)
	for i := range kills() {
		e.pause(load, time.Duration(900+i*370%1100)*time.Millisecond)
		pid := e.enginePid()
		if pid == 0 {
			t.Fatal("no engine process")
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		e.until(30*time.Second, func() bool {
			_, err := e.trySQL("SELECT 1")
			return err == nil && e.enginePid() != pid
		}, func() string { return "the engine does not come back" })
	}
	e.pause(load, time.Second)
	sent := load.end()
	e.settle()
	e.wantLedger(sent, 0) // nobody but the engine was killed: nothing may be missing
	e.wantAlertsOnce()
	e.wantMails()
	e.stop()
}

func TestOutageOfTheEngine(t *testing.T) {
	e := start(t, "alert: {level: low}")
	load := e.startLoad(10_000)
	e.pause(load, time.Second)
	pid := e.enginePid()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	before := len(e.mails())
	e.pause(load, time.Minute)
	if after := len(e.mails()); after <= before {
		t.Errorf("no alert mail while the engine was away: %d before, %d after", before, after)
	}
	// yagura kills an engine that hangs for about that long: then it is started anew.
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	sent := load.end()
	e.settle()
	e.wantLedger(sent, 0)
	e.wantAlertsOnce()
	e.wantMails()
	e.stop()
}

// pause lets the load run for a time; it is load, not a wait for a result.
func (e *env) pause(l *load, d time.Duration) {
	e.Helper()
	from := l.next.Load()
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	if l.next.Load() == from {
		e.Fatal("the load stands still")
	}
}

// wantMails waits until every incident's mail is there at least once; copies carry
// the same Message-ID.
func (e *env) wantMails() {
	e.Helper()
	state := ""
	e.until(90*time.Second, func() bool {
		var err error
		state, err = e.trySQL("SELECT count(), countIf(mail = 'sent'), (SELECT uniqExact(rule_id, alert_group) FROM alerts) FROM incidents")
		var incidents, sent, groups int
		_, serr := fmt.Sscan(state, &incidents, &sent, &groups)
		return err == nil && serr == nil && sent == incidents && incidents >= groups
	}, func() string { return "incidents, of these mailed, groups of alerts: " + state })
	for id, copies := range e.mails() {
		if id == "" {
			e.Error("a mail has no Message-ID")
		}
		if len(copies) > 1 {
			e.Logf("%s came %d times", id, len(copies))
		}
	}
}
