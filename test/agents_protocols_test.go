package test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	bigendian "encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-lumber/client/v2"
	"github.com/klauspost/compress/zlib"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// startProtocols runs yagura with every listener for agents.
func startProtocols(t *testing.T) *env {
	t.Helper()
	e := start(t)
	e.stop()
	text, err := os.ReadFile(e.config)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(text), "agents: {", fmt.Sprintf(`agents: {beats: "127.0.0.1:%d", nats: "127.0.0.1:%d", `, freePort(t), freePort(t)), 1)
	if err := os.WriteFile(e.config, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
	e.up()
	return e
}

// shipper sends lines by one protocol. ship returns nil when they are answered as taken.
type shipper struct {
	name string
	ship func(lines []string) error
}

// shippers are one of each protocol, under tokens of their own.
func (e *env) shippers() []shipper {
	e.Helper()
	splunk, otel, bus := e.sender("splunk1"), e.sender("otel1"), e.sender("bus1")
	// The addresses stay; the map is made anew with each start.
	e = &env{T: e.T, ready: maps.Clone(e.ready)}
	splunk.env, otel.env, bus.env = e, e, e
	return []shipper{
		{"hec", func(lines []string) error { return splunk.hec(lines) }},
		{"otlp", func(lines []string) error { return otel.otlp(lines) }},
		{"beats", func(lines []string) error { return e.beats(lines) }},
		{"nats", func(lines []string) error { return bus.nats("bus1", lines) }},
	}
}

func wantAnswer(status int, text string, want ...string) error {
	for _, w := range want {
		if status == http.StatusOK && strings.TrimSpace(text) == w {
			return nil
		}
	}
	return fmt.Errorf("%d %s", status, text)
}

// hec ships as Splunk's clients do: objects one after the other, without anything between them.
func (s *sender) hec(lines []string) error {
	var b bytes.Buffer
	for _, l := range lines {
		text, err := json.Marshal(map[string]any{"time": fmt.Sprintf("%.3f", float64(time.Now().UnixMilli())/1000), "event": l, "source": "/var/log/hec.log"})
		if err != nil {
			return err
		}
		b.Write(text)
	}
	status, text := s.post("/services/collector/event", "application/json", b.String())
	return wantAnswer(status, text, `{"text":"Success","code":0}`)
}

// otlp ships in OTLP's JSON.
func (s *sender) otlp(lines []string) error {
	var records []any
	for _, l := range lines {
		records = append(records, map[string]any{
			"timeUnixNano": fmt.Sprint(time.Now().UnixNano()), "severityText": "Info", "body": map[string]any{"stringValue": l},
			"attributes": []any{map[string]any{"key": "log.file.path", "value": map[string]any{"stringValue": "/var/log/otel.log"}}},
		})
	}
	text, err := json.Marshal(map[string]any{"resourceLogs": []any{map[string]any{"scopeLogs": []any{map[string]any{"logRecords": records}}}}})
	if err != nil {
		return err
	}
	status, answer := s.post("/v1/logs", "application/json", string(text))
	return wantAnswer(status, answer, `{}`)
}

// beats ships with the library that Filebeat ships with.
func (e *env) beats(lines []string) error {
	c, err := v2.SyncDial(e.ready["beats"], v2.CompressionLevel(3), v2.Timeout(20*time.Second))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	var events []any
	for _, l := range lines {
		events = append(events, json.RawMessage(beat("beat1", "/var/log/beat.log", l)))
	}
	n, err := c.Send(events)
	if err == nil && n != len(lines) {
		err = fmt.Errorf("%d answered of %d", n, len(lines))
	}
	return err
}

// connect opens a connection over NATS with the sender's token.
func (s *sender) connect(o ...nats.Option) (*nats.Conn, error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.ca))
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // what is forbidden is seen by the answer that is missing
	return nats.Connect("nats://"+s.ready["nats"], append(o, quiet, nats.Token(s.token), nats.Secure(&tls.Config{RootCAs: pool}), nats.Timeout(10*time.Second))...)
}

// nats publishes each line and wants the answer to each.
func (s *sender) nats(name string, lines []string) error {
	c, err := s.connect(nats.NoReconnect())
	if err != nil {
		return err
	}
	defer c.Close()
	inbox := nats.NewInbox()
	answers, err := c.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := c.PublishRequest("yagura.in."+name, inbox, []byte(l)); err != nil {
			return err
		}
	}
	for range lines {
		m, err := answers.NextMsg(10 * time.Second)
		if err != nil {
			return err
		}
		if string(m.Data) != "+ACK" {
			return errors.New(string(m.Data))
		}
	}
	return nil
}

// TestProtocolsShip has one line of sshd come by every protocol: it is parsed as that,
// with what the envelope says beside it.
func TestProtocolsShip(t *testing.T) {
	e := startProtocols(t)
	now := time.Now().In(time.FixedZone("", 9*60*60)).Format(time.Stamp)
	for i, s := range e.shippers() {
		line := fmt.Sprintf("%s gyomu-%s sshd[%d]: Failed password for invalid user %s from 203.0.113.%d port 40022 ssh2", now, s.name, 4000+i, s.name, 60+i)
		if err := s.ship([]string{line}); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	e.want("SELECT user_name, source_ip, host_name, peer FROM events WHERE parser = 'openssh.sshd' ORDER BY source_ip",
		"hec\t::ffff:203.0.113.60\tgyomu-hec\tsplunk1\notlp\t::ffff:203.0.113.61\tgyomu-otlp\totel1\nbeats\t::ffff:203.0.113.62\tgyomu-beats\t127.0.0.1\nnats\t::ffff:203.0.113.63\tgyomu-nats\tbus1")
	e.want("SELECT user_name, fields['log.file.path'] FROM events WHERE parser = 'openssh.sshd' AND fields['log.file.path'] != '' ORDER BY source_ip",
		"hec\t/var/log/hec.log\notlp\t/var/log/otel.log\nbeats\t/var/log/beat.log")
	e.want("SELECT count() FROM events WHERE parser = 'openssh.sshd' AND startsWith(raw, '{')", "1") // Beats' documents are kept whole

	hec, bus := e.sender("hec2"), e.sender("bus2")
	gone := make(chan struct{})
	c, err := bus.connect(nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(gone) }))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(hec.hec([]string{"before"}), bus.nats("bus2", []string{"before"})); err != nil {
		t.Fatal(err)
	}
	if err := bus.nats("bus1", []string{"under another's name"}); err == nil {
		t.Error("published under another's name")
	}
	e.wantNkey()
	e.yagura("agents", "revoke", "hec2")
	e.yagura("agents", "revoke", "bus2")
	e.until(10*time.Second, func() bool {
		status, text := hec.post("/services/collector/event", "application/json", `{"event":"after"}`)
		return status == http.StatusForbidden && strings.Contains(text, `"code":4`)
	}, func() string { return "a revoked token is taken by HEC" })
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("a revoked token stays connected over NATS")
	}
	if err := bus.nats("bus2", []string{"after"}); err == nil {
		t.Error("a revoked token is taken over NATS")
	}
	e.stop()
}

// wantNkey lets a sender in by its key.
func (e *env) wantNkey() {
	e.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		e.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		e.Fatal(err)
	}
	if got := e.yagura("agents", "nkey", "fw-core", public, "--source", "10.9.9.9"); got != "yagura.in.fw-core\n" {
		e.Errorf("nkey prints %q", got)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(e.yagura("agents", "ca")))
	e.until(10*time.Second, func() bool {
		c, err := nats.Connect("nats://"+e.ready["nats"], nats.Nkey(public, key.Sign), nats.Secure(&tls.Config{RootCAs: pool}))
		if err != nil {
			return false
		}
		defer c.Close()
		m, err := c.Request("yagura.in.fw-core", []byte("signed for"), 10*time.Second)
		return err == nil && string(m.Data) == "+ACK"
	}, func() string { return "an nkey is not let in" })
	e.want("SELECT peer FROM events WHERE raw = 'signed for'", "10.9.9.9")
}

// TestProtocolsKill kills yagura under load of every protocol: what was answered is
// stored, and what was not is sent again until it is.
func TestProtocolsKill(t *testing.T) {
	e := startProtocols(t)
	var stopped sync.WaitGroup
	stop := make(chan struct{})
	all := e.shippers()
	sent, again := make([]int, len(all)), make([]int, len(all))
	for i, s := range all {
		stopped.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				lines := make([]string, 40)
				for k := range lines {
					lines[k] = fmt.Sprintf("%s numbered line %d.", s.name, sent[i]+k)
				}
				for s.ship(lines) != nil { // as a sender would: the same again
					again[i]++
					time.Sleep(20 * time.Millisecond)
				}
				sent[i] += len(lines)
			}
		})
	}
	for i := range kills() {
		e.pause2(time.Duration(700+i*370%1100) * time.Millisecond)
		e.kill()
		e.up()
	}
	e.pause2(time.Second)
	close(stop)
	stopped.Wait()
	for i, s := range all {
		e.want(fmt.Sprintf(`SELECT uniqExact(extract(raw, 'numbered line (\\d+)\\.')) FROM events WHERE raw LIKE '%%%s numbered line %%'`, s.name), fmt.Sprint(sent[i]))
		rows := e.sql(fmt.Sprintf("SELECT count() FROM events WHERE raw LIKE '%%%s numbered line %%'", s.name))
		t.Logf("%s: %d answered through %d kills, %d tries without an answer, %s rows", s.name, sent[i], kills(), again[i], rows)
		if sent[i] == 0 {
			t.Errorf("%s: nothing was answered", s.name)
		}
	}
	e.stop()
}

// lumberjackBomb is a compressed frame of a few hundred kilobytes that holds a gigabyte.
func lumberjackBomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("2W\x00\x00\xff\xff2C\x00\x00\x00\x00")
	z := zlib.NewWriter(&b)
	event := append([]byte("2J\x00\x00\x00\x01\x00\x10\x00\x00"), make([]byte, 1<<20)...)
	for range 256 {
		if _, err := z.Write(event); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bigendian.BigEndian.PutUint32(b.Bytes()[8:], uint32(b.Len()-12))
	return b.Bytes()
}

// TestProtocolsBadSenders sends bombs, lies and a crowd that never comes to an end: the
// process stays small, and others are served.
func TestProtocolsBadSenders(t *testing.T) {
	e := startProtocols(t)
	s := e.sender("bomber")
	before := e.memory()
	var crowd []net.Conn
	for range 300 {
		c, err := net.Dial("tcp", e.ready["beats"])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_, _ = c.Write([]byte("2W\x00\x00\x00\x022J\x00\x00\x00\x01\x00\x10\x00\x00{"))
		crowd = append(crowd, c)
	}
	closed := 0
	for _, c := range crowd {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			closed++
		}
	}
	if closed < 200 {
		t.Errorf("%d of 300 connections of one address were closed at once; want most", closed)
	}
	for _, c := range crowd {
		_ = c.Close()
	}
	for range 20 {
		var c net.Conn
		e.until(20*time.Second, func() (ok bool) {
			var err error
			c, err = net.Dial("tcp", e.ready["beats"])
			return err == nil
		}, func() string { return "Beats' port does not answer" })
		_, _ = c.Write(lumberjackBomb(t))
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.Copy(io.Discard, c) // to its end
		_ = c.Close()
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.Copy(z, io.LimitReader(zeros{}, 64<<20))
	_ = z.Close()
	for _, path := range []string{"/services/collector/event", "/services/collector/raw", "/v1/logs"} {
		r, err := http.NewRequest(http.MethodPost, "https://"+e.ready["agents"]+path, bytes.NewReader(zipped.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Content-Encoding": {"gzip"}, "Content-Type": {"application/json"}}
		res, err := s.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: a bomb is answered %d", path, res.StatusCode)
		}
	}
	for _, sh := range e.shippers()[1:] {
		if err := sh.ship([]string{"after the bombs by " + sh.name}); err != nil {
			t.Errorf("%s: %v", sh.name, err)
		}
	}
	e.want("SELECT count() FROM events WHERE raw LIKE '%after the bombs by %'", "3")
	if after := e.memory(); after > before+256<<20 {
		t.Errorf("memory went from %d to %d MiB", before>>20, after>>20)
	}
	e.stop()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// memory is the most that the process has held so far.
func (e *env) memory() (bytes int) {
	e.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
	if err != nil {
		e.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil {
		e.Fatal(err)
	}
	return bytes << 10
}
