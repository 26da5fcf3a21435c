package test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// needElastic skips where rsyslog's module for Elasticsearch is missing.
func needElastic(t testing.TB) {
	t.Helper()
	root := needPeer(t, "rsyslogd").root
	if root == "" {
		root = "/"
	}
	if found, _ := filepath.Glob(filepath.Join(root, "usr/lib/*/rsyslog/omelasticsearch.so")); len(found) == 0 {
		t.Skip("rsyslog's omelasticsearch is not here: the package is rsyslog-elasticsearch; `make peers` unpacks it where apt-get works")
	}
}

// TestAgentsTakeFromRsyslog: a client of Elasticsearch that knows nothing of yagura
// ships by _bulk over TLS with a name and a password, through a kill.
func TestAgentsTakeFromRsyslog(t *testing.T) {
	needElastic(t)
	e := start(t)
	s := e.sender("rsyslog", "--source", "10.1.9.9")
	dir := shortDir(t)
	app, ca := filepath.Join(dir, "app.log"), filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, []byte(s.ca), 0o600); err != nil {
		t.Fatal(err)
	}
	appendFile(t, app, "numbered line 1.\n")
	_, port, _ := net.SplitHostPort(e.ready["agents"])
	startRsyslog(t, dir, fmt.Sprintf(`module(load="imfile")
module(load="omelasticsearch")
input(type="imfile" File=%q Tag="numbered:" Facility="local0")
template(name="doc" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
if $programname == "numbered" then action(type="omelasticsearch" template="doc" server="https://127.0.0.1" serverport=%q usehttps="on"
  tls.cacert=%q uid="elastic" pwd=%q searchIndex="rsyslog" searchType="" bulkmode="on" action.resumeRetryCount="-1" action.resumeInterval="1")`, app, port, ca, s.token))
	e.want("SELECT uniqExact(raw) FROM events WHERE raw LIKE '%numbered line %'", "1")
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() { sent <- writeOn(app, stop) }()
	e.pause2(700 * time.Millisecond)
	e.kill()
	e.up()
	e.pause2(700 * time.Millisecond)
	close(stop)
	n := <-sent
	doubles := e.wantNumbered(n)
	t.Logf("%d documents through a kill: 0 lost, %d doubled", n, doubles)
	e.want("SELECT uniqExact(peer), any(peer) FROM events WHERE raw LIKE '%numbered line %'", "1\t10.1.9.9")
	e.stop()
}
