package test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// needRELP skips where rsyslog's RELP module is missing.
func needRELP(t testing.TB) {
	t.Helper()
	p := needPeer(t, "rsyslogd")
	root := p.root
	if root == "" {
		root = "/"
	}
	if found, _ := filepath.Glob(filepath.Join(root, "usr/lib/*/rsyslog/omrelp.so")); len(found) == 0 {
		t.Skip("rsyslog's omrelp is not here: the package is rsyslog-relp; `make peers` unpacks it where apt-get works")
	}
}

// startRELP runs yagura with a RELP listener beside the others, and rsyslog, which
// follows a file and sends it there.
func startRELP(t *testing.T) (e *env, app string) {
	t.Helper()
	needRELP(t)
	e = start(t)
	e.stop()
	text, err := os.ReadFile(e.config)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(text), "[{udp:", fmt.Sprintf(`[{relp: "127.0.0.1:%d"}, {udp:`, freePort(t)), 1)
	if err := os.WriteFile(e.config, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
	e.up()
	app = filepath.Join(shortDir(t), "app.log")
	appendFile(t, app, "numbered line 1.\n")
	return e, app
}

// sendRELP starts rsyslog against the address.
func sendRELP(t *testing.T, address, app string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(address)
	startRsyslog(t, shortDir(t), fmt.Sprintf(`module(load="imfile")
module(load="omrelp")
input(type="imfile" File=%q Tag="numbered:" Facility="local0")
if $programname == "numbered" then action(type="omrelp" target="127.0.0.1" port=%q
  action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="500000")`, app, port))
}

// wantNumbered wants every line to be stored, and returns how many were stored twice.
func (e *env) wantNumbered(sent int) (doubles int) {
	e.Helper()
	e.want(`SELECT uniqExact(extract(raw, 'numbered line (\\d+)\\.')) FROM events WHERE raw LIKE '%numbered line %'`, fmt.Sprint(sent))
	rows := 0
	if _, err := fmt.Sscan(e.sql("SELECT count() FROM events WHERE raw LIKE '%numbered line %'"), &rows); err != nil {
		e.Fatal(err)
	}
	return rows - sent
}

// TestRELPStopUnderRsyslog stops and starts yagura three times while rsyslog goes on:
// what was taken is answered before the end, so that nothing is lost.
func TestRELPStopUnderRsyslog(t *testing.T) {
	e, app := startRELP(t)
	sendRELP(t, e.ready["relp"], app)
	e.want("SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'", "1")
	n := e.throughStops(app)
	doubles := e.wantNumbered(n)
	t.Logf("%d lines through three stops: 0 lost, %d doubled", n, doubles)
	if doubles > 3*relpWindow {
		t.Errorf("%d doubles; want at most a window a stop", doubles)
	}
	e.stop()
}

// spooled keeps what yagura does not take. Of an action's queue rsyslog by itself keeps
// 1000 messages, whatever its type, and throws one away every two seconds when it is
// full (queue.timeoutEnqueue): its size must be given.
const spooled = `queue.type="Disk" queue.filename="relp" queue.size="1000000" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"`

// assisted is a queue in memory that goes on on disk. What was in the hands of librelp
// when such a queue's worker was stopped is sent again by both: by librelp at once, and
// by rsyslog from the disk when the former has long been answered.
const assisted = `queue.type="LinkedList" queue.filename="relp" queue.size="2000" queue.highWatermark="500" queue.lowWatermark="100" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"`

// TestRELPOutageUnderRsyslog takes yagura away for a while (30 s with YAGURA_FAULTS=all)
// under rsyslog with a queue on disk, in plain text and over TLS with certificates on
// both sides and names that are checked on both: no line is lost and none is doubled,
// but those that rsyslog itself sends again though they were answered (see relpTap).
func TestRELPOutageUnderRsyslog(t *testing.T) {
	for _, c := range []struct{ name, library, queue string }{
		{"plain", "", spooled},
		{"plain, memory first", "", assisted},
		{"TLS by gnutls", "gnutls", spooled},
		{"TLS by openssl", "openssl", spooled},
	} {
		t.Run(c.name, func(t *testing.T) {
			needRELP(t)
			e, ca := start(t), newPKI(t)
			ca.sign("log01")
			ca.sign("sender")
			e.stop()
			keys := ""
			if c.library != "" {
				keys = fmt.Sprintf(", cert: %s, key: %s, client_ca: %s, clients: [sender]", ca.path("log01.pem"), ca.path("log01.key"), ca.path("ca.pem"))
			}
			e.edit("listen: {syslog: [", fmt.Sprintf(`listen: {syslog: [{relp: "127.0.0.1:%d"%s}, `, freePort(t), keys))
			e.up()
			tp := tapRELP(t, e.ready["relp"])
			app := filepath.Join(shortDir(t), "app.log")
			appendFile(t, app, "numbered line 1.\n")
			module, action := ca.omrelp(c.library)
			address := tp.address
			if c.library != "" { // nothing is to be read in between
				address = e.ready["relp"]
			}
			spoolRELP(t, address, app, module, action+" "+c.queue)
			e.want("SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'", "1")
			stop, sent := make(chan struct{}), make(chan int, 1)
			go func() { sent <- writeOn(app, stop) }()
			e.pause2(time.Second)
			tp.shut()
			e.stop()
			e.pause2(outage())
			e.up()
			tp.open()
			e.pause2(time.Second)
			close(stop)
			n := <-sent
			doubles := e.wantNumbered(n)
			again := tp.wantAnswered(e.storedNumbers())
			t.Logf("%d lines through an outage of %v: 0 lost, %d doubled; %d were sent again by rsyslog after their answer", n, outage(), doubles, again)
			if c.queue == spooled && doubles > 0 {
				t.Errorf("%d doubled", doubles)
			}
			if peer := e.sql("SELECT DISTINCT peer FROM events WHERE raw LIKE '%numbered line %'"); c.library != "" && peer != "sender" {
				t.Errorf("the source is %q, not the certificate's name", peer)
			}
			e.stop()
		})
	}
}

// storedNumbers counts the rows of each numbered line.
func (e *env) storedNumbers() map[int]int {
	e.Helper()
	rows := map[int]int{}
	for _, word := range strings.Fields(e.sql(`SELECT toUInt32(extract(raw, 'numbered line (\\d+)\\.')) FROM events WHERE raw LIKE '%numbered line %'`)) {
		n, err := strconv.Atoi(word)
		if err != nil {
			e.Fatal(err)
		}
		rows[n]++
	}
	return rows
}

func outage() time.Duration {
	if os.Getenv("YAGURA_FAULTS") == "all" {
		return 30 * time.Second
	}
	return 3 * time.Second
}

// omrelp says with which library and certificates rsyslog speaks TLS; "" is none.
func (p *pki) omrelp(library string) (module, action string) {
	if library == "" {
		return "", ""
	}
	return fmt.Sprintf("tls.tlslib=%q", library), fmt.Sprintf(`tls="on" tls.caCert=%q tls.myCert=%q tls.myPrivKey=%q tls.authMode="name" tls.permittedPeer=["log01"]`,
		p.path("ca.pem"), p.path("sender.pem"), p.path("sender.key"))
}

// spoolRELP starts rsyslog with a queue on disk.
func spoolRELP(t *testing.T, address, app, module, action string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(address)
	startRsyslog(t, shortDir(t), fmt.Sprintf(`module(load="imfile")
module(load="omrelp" %s)
input(type="imfile" File=%q Tag="numbered:" Facility="local0")
if $programname == "numbered" then action(type="omrelp" target="127.0.0.1" port=%q
  action.resumeRetryCount="-1" action.resumeInterval="1" %s)`, module, app, port, action))
}

// relpWindow is how many messages librelp sends ahead of their answers, and what
// rsyslog itself may repeat of a batch.
const relpWindow = 128 + 1024

// TestRELPKillUnderRsyslog kills yagura under load: no line is lost; doubled is at
// most what was on disk and not yet answered.
func TestRELPKillUnderRsyslog(t *testing.T) {
	e, app := startRELP(t)
	sendRELP(t, e.ready["relp"], app)
	e.want("SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'", "1")
	e.killUnder("lines", relpWindow, func(stop <-chan struct{}) int { return writeOn(app, stop) })
}

// TestRELPBrokenConnections cuts rsyslog's connection under load: what it sends
// again is recognised.
func TestRELPBrokenConnections(t *testing.T) {
	e, app := startRELP(t)
	tp := &tap{port: "0"}
	e.ready["tcp"] = e.ready["relp"]
	tp.openDuplex(e)
	t.Cleanup(tp.close)
	sendRELP(t, "127.0.0.1:"+tp.port, app)
	e.want("SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'", "1")
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() { sent <- writeOn(app, stop) }()
	for range 5 {
		e.pause2(700 * time.Millisecond)
		tp.cut()
	}
	e.pause2(2 * time.Second)
	close(stop)
	n := <-sent
	doubles := e.wantNumbered(n)
	t.Logf("%d lines through five cuts: 0 lost, %d doubled", n, doubles)
	if doubles > 0 {
		t.Errorf("%d doubles; want none", doubles)
	}
	e.stop()
}

// openDuplex listens and relays both ways.
func (tp *tap) openDuplex(e *env) {
	e.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		e.Fatal(err)
	}
	tp.listener = l
	_, tp.port, _ = net.SplitHostPort(l.Addr().String())
	to := e.ready["relp"]
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			tp.mu.Lock()
			tp.conns = append(tp.conns, in, out)
			tp.mu.Unlock()
			go pump(in, out)
			go pump(out, in)
		}
	}()
}

func pump(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}

// cut ends the open connections; new ones are relayed.
func (tp *tap) cut() {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	for _, c := range tp.conns {
		_ = c.Close()
	}
	tp.conns = nil
}
