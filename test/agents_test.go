package test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"
)

// sender is a program that ships to yagura over HTTPS.
type sender struct {
	*env
	token string
	ca    string
	http  *http.Client
}

// sender makes a token and fetches the certificate, as an administrator would.
func (e *env) sender(name string, flags ...string) *sender {
	e.Helper()
	s := &sender{env: e, token: strings.TrimSpace(e.yagura(append([]string{"agents", "token", name}, flags...)...)), ca: e.yagura("agents", "ca")}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.ca)) || !strings.HasPrefix(s.token, "ygr_") {
		e.Fatalf("token %q, CA %q", s.token, s.ca)
	}
	s.http = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	e.Cleanup(s.http.CloseIdleConnections)
	return s
}

// post sends a body and returns the status and the answer; 0: there was none.
func (s *sender) post(path, media, body string) (int, string) {
	s.Helper()
	r, err := http.NewRequest(http.MethodPost, "https://"+s.ready["agents"]+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", media)
	res, err := s.http.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(text)
}

// beat is a document as Filebeat writes it.
func beat(host, path, message string) []byte {
	text, err := json.Marshal(map[string]any{
		"@timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"agent":      map[string]any{"type": "filebeat", "version": "9.2.1", "name": host, "id": "7e5d2c1a-0b4f-4e0c-9d55-3f1a60c2b7aa"},
		"log":        map[string]any{"offset": 4096, "file": map[string]any{"path": path}},
		"host":       map[string]any{"name": host}, "input": map[string]any{"type": "filestream"}, "message": message,
	})
	if err != nil {
		panic(err)
	}
	return text
}

// bulk sends n documents with go-elasticsearch's bulk indexer.
func (s *sender) bulk(client *elasticsearch.Client, n int, document func(i int) []byte) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
	defer cancel()
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: "filebeat", NumWorkers: 2, FlushBytes: 32 << 10})
	if err != nil {
		s.Fatal(err)
	}
	var failed atomic.Value
	for i := range n {
		err := indexer.Add(ctx, esutil.BulkIndexerItem{Action: "create", Body: bytes.NewReader(document(i)),
			OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, res esutil.BulkIndexerResponseItem, err error) {
				failed.Store(fmt.Sprintf("%v %+v", err, res))
			}})
		if err != nil {
			s.Fatal(err)
		}
	}
	if err := indexer.Close(ctx); err != nil {
		s.Fatal(err)
	}
	if st := indexer.Stats(); int(st.NumCreated) != n || st.NumFailed > 0 {
		s.Fatalf("%d documents: %+v: %v", n, st, failed.Load())
	}
}

// TestAgentsShip is what an administrator does for a shipper: a token, the CA, an
// address; and that it ends when the token is revoked.
func TestAgentsShip(t *testing.T) {
	e := start(t)
	s := e.sender("gyomu-web3")
	address := "https://" + e.ready["agents"]
	client := func(cfg elasticsearch.Config) *elasticsearch.Client {
		cfg.Addresses, cfg.CACert, cfg.DisableRetry = []string{address}, []byte(s.ca), true
		c, err := elasticsearch.NewClient(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	now := time.Now().In(time.FixedZone("", 9*60*60))
	withKey := client(elasticsearch.Config{APIKey: base64.StdEncoding.EncodeToString([]byte("gyomu-web3:" + s.token)), CompressRequestBody: true})
	s.bulk(withKey, 500, func(i int) []byte {
		return beat("gyomu-web3", "/var/log/auth.log", fmt.Sprintf("%s gyomu-web3 sshd[%d]: Failed password for invalid user u%d from 203.0.113.88 port %d ssh2", now.Format(time.Stamp), 4000+i, i, 40000+i))
	})
	s.bulk(client(elasticsearch.Config{Username: "elastic", Password: s.token}), 50, func(i int) []byte {
		return beat("gyomu-web3", "/var/log/nginx/access.log", fmt.Sprintf(`203.0.113.89 - - [%s] "GET /shinsei/%d HTTP/1.1" 404 162 "-" "curl/8.5.0"`, now.Format("02/Jan/2006:15:04:05 -0700"), i))
	})
	e.want("SELECT count(), uniqExact(source_port), any(peer) FROM events WHERE parser = 'openssh.sshd' AND source_ip = '203.0.113.88'", "500\t500\tgyomu-web3")
	e.want("SELECT count() FROM events WHERE parser = 'web.access' AND host_name = 'gyomu-web3' AND fields['log.file.path'] = '/var/log/nginx/access.log'", "50")

	for media, body := range map[string]string{
		"application/x-ndjson": "{\"message\":\"ndjson one\",\"host\":{\"name\":\"gyomu-db1\"}}\n{\"message\":\"ndjson two\"}\n",
		"application/json":     `[{"message":"array one"}, {"message":"array two"}]`,
		"text/plain":           "<13>Nov 24 10:00:00 gyomu-db1 app[7]: plain one\n<13>Nov 24 10:00:01 gyomu-db1 app[7]: plain two\n",
	} {
		if status, text := s.post("/v1/events", media, body); status != 200 || !strings.Contains(text, `"accepted":2`) {
			t.Errorf("%s: %d %s", media, status, text)
		}
	}
	e.want("SELECT count() FROM events WHERE match(message, '(ndjson|array|plain) (one|two)')", "6")

	// What an agent kept for a day has the time it was read, and its clock is not blamed.
	yesterday := now.Add(-24 * time.Hour)
	late := fmt.Sprintf(`{"@timestamp":%q,"message":"%s gyomu-db1 sshd[9]: Accepted publickey for late from 10.1.4.4 port 50123 ssh2","host":{"name":"gyomu-db1"}}`,
		yesterday.Format(time.RFC3339), yesterday.Add(-time.Second).Format(time.Stamp))
	if status, text := s.post("/v1/events", "application/x-ndjson", late); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	e.want("SELECT abs(toUnixTimestamp(timestamp) - "+fmt.Sprint(yesterday.Unix())+") <= 1, fields['yagura.clock_offset'] = '' FROM events WHERE user_name = 'late'", "1\t1")

	if list := e.yagura("agents", "list"); !strings.Contains(list, "gyomu-web3") || strings.Contains(list, s.token) {
		t.Errorf("agents list:\n%s", list)
	}
	e.yagura("agents", "revoke", "gyomu-web3")
	e.until(2*time.Second, func() bool { status, _ := s.post("/v1/events", "text/plain", "late\n"); return status == 401 }, func() string { return "the token is good after it was revoked" })
	e.until(10*time.Second, func() bool {
		return strings.Contains(e.yagura("books", "--format", "csv"), "denied")
	}, func() string { return e.yagura("books") })
	e.stop()
}

// TestAgentsKill kills yagura under bulk requests: what was answered is stored.
func TestAgentsKill(t *testing.T) {
	e := start(t)
	s := e.sender("shipper")
	e.killUnder("documents", shipped, s.shipOn)
}

// killUnder kills yagura while write sends what is numbered, until stop: nothing is
// lost, and at most window of it doubled by each kill.
func (e *env) killUnder(what string, window int, write func(stop <-chan struct{}) int) {
	e.Helper()
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() { sent <- write(stop) }()
	for i := range kills() {
		e.pause2(time.Duration(900+i*370%1100) * time.Millisecond)
		e.kill()
		e.up()
	}
	close(stop)
	n := <-sent
	doubles := e.wantNumbered(n)
	e.Logf("%d %s through %d kills: 0 lost, %d doubled", n, what, kills(), doubles)
	if doubles > kills()*window {
		e.Errorf("%d doubles; want at most %d a kill", doubles, window)
	}
	e.stop()
}

// shipped is how many documents a request holds.
const shipped = 50

// shipOn sends numbered documents until stop, each request until it is answered.
func (s *sender) shipOn(stop <-chan struct{}) (n int) {
	for {
		var body strings.Builder
		for i := range shipped {
			fmt.Fprintf(&body, "{\"create\":{\"_index\":\"n\"}}\n{\"message\":\"numbered line %d.\"}\n", n+i+1)
		}
		for {
			status, _ := s.post("/_bulk", "application/x-ndjson", body.String())
			if status == 200 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		n += shipped
		select {
		case <-stop:
			return n
		default:
		}
	}
}
