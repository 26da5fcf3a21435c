package test

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// load sends numbered lines over TCP for as long as it runs; when the receiver is
// gone it waits and goes on with the next number. It also plays a password-guessing
// burst every burstEvery lines, each from an address of its own.
type load struct {
	e       *env
	next    atomic.Int64 // numbers handed to the kernel so far
	bursts  atomic.Int64
	stop    chan struct{}
	stopped chan struct{}
}

const burstEvery = 2000

func (e *env) startLoad(rate int) *load {
	l := &load{e: e, stop: make(chan struct{}), stopped: make(chan struct{})}
	go l.run(rate)
	return l
}

func (l *load) run(rate int) {
	defer close(l.stopped)
	var conn net.Conn
	start := time.Now()
	for {
		select {
		case <-l.stop:
			if conn != nil {
				_ = conn.(*net.TCPConn).CloseWrite()
				_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				_, _ = conn.Read(make([]byte, 1)) // the receiver has read all when it closes
				_ = conn.Close()
			}
			return
		default:
		}
		if conn == nil {
			var err error
			if conn, err = net.DialTimeout("tcp", l.e.ready["tcp"], time.Second); err != nil {
				conn = nil
				time.Sleep(20 * time.Millisecond)
				continue
			}
		}
		n := l.next.Add(1)
		if _, err := conn.Write(l.batch(n)); err != nil {
			_ = conn.Close()
			conn = nil
		}
		if ahead := time.Duration(n)*time.Second/time.Duration(rate) - time.Since(start); ahead > 2*time.Millisecond {
			time.Sleep(ahead)
		}
	}
}

// batch is one numbered line, and a burst when its turn has come.
func (l *load) batch(n int64) []byte {
	now := time.Now().UTC().Format(time.RFC3339Nano)
	out := framed(nil, fmt.Sprintf("<134>1 %s load01 numbered 1 - - numbered line %d.", now, n))
	if n%burstEvery == 0 {
		b := l.bursts.Add(1)
		for i := range 12 {
			out = framed(out, fmt.Sprintf("<38>1 %s web01 sshd %d - - Failed password for invalid user u%d from 203.0.%d.%d port 4%04d ssh2",
				now, 1000+i, i, 113+b/250, 1+b%250, i))
		}
	}
	return out
}

func framed(dst []byte, message string) []byte {
	return fmt.Appendf(dst, "%d %s", len(message), message)
}

// end stops the load and returns how many numbers were sent.
func (l *load) end() int64 {
	close(l.stop)
	<-l.stopped
	return l.next.Load()
}

// settle waits until nothing is left on the way: the stored rows stay the same and
// the books balance.
func (e *env) settle() {
	e.Helper()
	last, since := "", time.Now()
	e.until(120*time.Second, func() bool {
		now, err := e.trySQL("SELECT (SELECT count() FROM events), (SELECT max(bus_seq) FROM blocks), (SELECT count() FROM alert_log)")
		if err != nil || now != last {
			last, since = now, time.Now()
			return false
		}
		return time.Since(since) > 4*time.Second
	}, func() string { return "rows still come: " + last })
}

// wantLedger checks the numbered lines: none twice, and missing only what a kill
// took from memory: at most one run of numbers a kill.
func (e *env) wantLedger(sent int64, kills int) {
	e.Helper()
	const number = `toUInt64OrZero(extract(raw, 'numbered line (\\d+)\\.'))`
	twice := e.sql("SELECT count() FROM (SELECT " + number + " AS n, count() AS c FROM events WHERE process_name = 'numbered' GROUP BY n HAVING c > 1)")
	if twice != "0" {
		e.Errorf("%s numbered lines are stored more than once", twice)
	}
	gaps := e.sql(fmt.Sprintf(`SELECT count(), max(n - p - 1), sum(n - p - 1) FROM (SELECT n, lagInFrame(n, 1, 0) OVER (ORDER BY n) AS p FROM
		(SELECT DISTINCT %s AS n FROM events WHERE process_name = 'numbered' UNION ALL SELECT %d)) WHERE n > p + 1`, number, sent+1))
	var runs, longest, missing int64
	if _, err := fmt.Sscan(gaps, &runs, &longest, &missing); err != nil {
		e.Fatalf("%q: %v", gaps, err)
	}
	e.Logf("%d lines sent, %d kills: %d not stored, in %d runs, the longest %d", sent, kills, missing, runs, longest)
	if runs > int64(kills) || longest > inFlight {
		e.Errorf("missing numbers in %d runs, the longest %d: more than %d kills with %d lines in flight can take", runs, longest, kills, inFlight)
	}
	e.wantBalance()
}

// inFlight is what a kill may take from memory and the kernel: the blocks being
// packed (six of 8192 at most) and what the sockets hold.
const inFlight = 6*8192 + 40_000

// wantBalance checks accepted = stored + dead + pending with nothing pending, and
// that every block on the bus is stored once.
func (e *env) wantBalance() {
	e.Helper()
	if got := e.sql("SELECT sum(accepted) = sum(stored) + sum(dead), sum(pending) FROM books"); got != "1\t0" {
		e.Errorf("the books do not balance: %s; %s", got, e.sql("SELECT * FROM books FORMAT Vertical"))
	}
	if got := e.sql("SELECT (SELECT sum(events) FROM (SELECT max(events) AS events FROM blocks WHERE state = 'stored' GROUP BY bus_seq)) = (SELECT count() FROM events)"); got != "1" {
		e.Error("blocks and events do not hold the same number of lines")
	}
}

// wantAlertsOnce checks that every burst whose lines are stored raised exactly one
// alert, that alerts are unique, and that each incident has a mail with one
// Message-ID.
func (e *env) wantAlertsOnce() {
	e.Helper()
	bursts := "SELECT source_address FROM events WHERE process_name = 'sshd' GROUP BY source_address HAVING count() = 12"
	query := "SELECT count(), groupArray(5)(a) FROM (" +
		"SELECT b.source_address AS a, countIf(l.alert_id != '') AS n FROM (" + bursts + ") AS b LEFT JOIN " +
		"(SELECT DISTINCT alert_id, source_ip FROM alerts WHERE rule_id = 'ssh_bruteforce') AS l ON l.source_ip = b.source_address GROUP BY a) WHERE n != 1"
	wrong := ""
	e.until(60*time.Second, func() bool { // alerts are copied to the store beside the events, after a pause when it failed
		var err error
		wrong, err = e.trySQL(query)
		return err == nil && strings.HasPrefix(wrong, "0")
	}, func() string { return "bursts without exactly one alert: " + wrong })
	if got := e.sql("SELECT count() - uniqExact(alert_id) FROM alerts"); got != "0" {
		e.Errorf("%s alerts are there twice", got)
	}
	e.Logf("%s bursts stored whole, %s alerts", e.sql("SELECT count() FROM ("+bursts+")"), e.sql("SELECT uniqExact(alert_id) FROM alerts"))
}
