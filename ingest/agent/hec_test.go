package agent

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// ask sends a request and tells its answer: "200 {…}".
func (b *bench) ask(method, path, body string, headers ...string) string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.url(path), strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("%d %s", res.StatusCode, bytes.TrimSpace(text))
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

const aChannel = "0AECE7A5-E7D8-4BAA-A8A1-2C2E5B5C3E01"

func TestHECAnswers(t *testing.T) {
	b := serve(t, nil)
	good := "Splunk " + b.token
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		want                     string
	}{
		{"events", "POST", "/services/collector/event", `{"event":"ev 1"}{"event":{"n":2}}`, []string{"Authorization", good}, `200 {"text":"Success","code":0}`},
		{"the short path", "POST", "/services/collector", `{"event":"ev 3"}`, []string{"Authorization", good}, `200 {"text":"Success","code":0}`},
		{"the version", "POST", "/services/collector/event/1.0", `{"event":"ev 4"}`, []string{"Authorization", good}, `200 {"text":"Success","code":0}`},
		{"gzip", "POST", "/services/collector/event", gzipped(`{"event":"ev 5"}`), []string{"Authorization", good, "Content-Encoding", "gzip"}, `200 {"text":"Success","code":0}`},
		{"basic", "POST", "/services/collector/event", `{"event":"ev 6"}`, []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+b.token))}, `200 {"text":"Success","code":0}`},
		{"lines", "POST", "/services/collector/raw?host=sw1", "ev 7\r\nev 8\n\n", []string{"Authorization", good}, `200 {"text":"Success","code":0}`},
		{"a channel", "POST", "/services/collector/event", `{"event":"ev 9"}`, []string{"Authorization", good, "X-Splunk-Request-Channel", aChannel}, `200 {"text":"Success","code":0,"ackId":0}`},
		{"the channel in the query", "POST", "/services/collector/raw?channel=" + strings.ToLower(aChannel), "ev 10", []string{"Authorization", good}, `200 {"text":"Success","code":0,"ackId":1}`},
		{"acknowledgements", "POST", "/services/collector/ack?channel=" + aChannel, `{"acks":[0,1,2]}`, []string{"Authorization", good}, `200 {"acks":{"0":true,"1":true,"2":false}}`},
		{"of a channel that nobody used", "POST", "/services/collector/ack?channel=" + strings.ReplaceAll(aChannel, "01", "02"), `{"acks":[0]}`, []string{"Authorization", good}, `200 {"acks":{"0":false}}`},
		{"of no channel", "POST", "/services/collector/ack", `{"acks":[0]}`, []string{"Authorization", good}, `400 {"text":"Data channel is missing","code":10}`},
		{"no numbers", "POST", "/services/collector/ack?channel=" + aChannel, `{"acks":"all"}`, []string{"Authorization", good}, `400 {"text":"Invalid data format","code":6}`},
		{"a bad channel", "POST", "/services/collector/event?channel=mine", `{"event":"no"}`, []string{"Authorization", good}, `400 {"text":"Invalid data channel","code":11}`},
		{"no token", "POST", "/services/collector/event", `{"event":"no"}`, nil, `401 {"text":"Token is required","code":2}`},
		{"no scheme", "POST", "/services/collector/event", `{"event":"no"}`, []string{"Authorization", b.token}, `401 {"text":"Invalid authorization","code":3}`},
		{"a wrong token", "POST", "/services/collector/event", `{"event":"no"}`, []string{"Authorization", good + "x"}, `403 {"text":"Invalid token","code":4}`},
		{"the token in the query", "POST", "/services/collector/event?token=" + b.token, `{"event":"no"}`, nil, `400 {"text":"Query string authorization is not enabled","code":16}`},
		{"nothing", "POST", "/services/collector/event", ``, []string{"Authorization", good}, `400 {"text":"No data","code":5}`},
		{"no lines", "POST", "/services/collector/raw", "\n\n", []string{"Authorization", good}, `400 {"text":"No data","code":5}`},
		{"the third is wrong", "POST", "/services/collector/event", `{"event":"no"}{"event":"no"}{"event":""}`, []string{"Authorization", good}, `400 {"text":"Event field cannot be blank","code":13,"invalid-event-number":2}`},
		{"no JSON", "POST", "/services/collector/event", `no`, []string{"Authorization", good}, `400 {"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"no gzip", "POST", "/services/collector/event", `{"event":"no"}`, []string{"Authorization", good, "Content-Encoding", "gzip"}, `400 {"text":"Invalid data format","code":6}`},
		{"a bomb", "POST", "/services/collector/event", gzipped(`{"event":"` + strings.Repeat("a", 4<<20) + `"}`), []string{"Authorization", good, "Content-Encoding", "gzip"}, `413 {"text":"Request entity too large","code":27}`},
		{"health", "GET", "/services/collector/health", "", nil, `200 {"text":"HEC is healthy","code":17}`},
		{"health of a version", "GET", "/services/collector/health/1.0", "", nil, `200 {"text":"HEC is healthy","code":17}`},
		{"Docker's question", "OPTIONS", "/services/collector/event/1.0", "", nil, `200 `},
		{"another path", "POST", "/services/collector/s2s", "", nil, `404 {"text":"The requested URL was not found on this server.","code":404}`},
	} {
		if got := b.ask(c.method, c.path, c.body, c.headers...); got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
	want := []string{"ev 1", `{"n":2}`, "ev 3", "ev 4", "ev 5", "ev 6", "ev 7", "ev 8", "ev 9", "ev 10"}
	if got := b.disk.got(); !slices.Equal(got, want) {
		t.Errorf("taken: %q; want %q", got, want)
	}
}

// TestHECAnswersWhenItIsOnDisk holds the disk back: there is no answer before, and
// busy when it takes too long or the block is lost.
func TestHECAnswersWhenItIsOnDisk(t *testing.T) {
	b := serve(t, func(c *Config) { c.Patience = 300 * time.Millisecond })
	auth := []string{"Authorization", "Splunk " + b.token, "X-Splunk-Request-Channel", aChannel}
	busy := `503 {"text":"Server is busy","code":9}`
	b.disk.setHeld(true)
	lost := make(chan string)
	go func() { lost <- b.ask("POST", "/services/collector/event", `{"event":"lost"}`, auth...) }()
	b.until("it waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.desk.waiting) == 1 })
	b.disk.reach(errDisk)
	if got := <-lost; got != busy {
		t.Errorf("lost: %s", got)
	}
	if got := b.ask("GET", "/services/collector/health", ""); got != `503 {"text":"HEC is unhealthy, queues are full","code":18}` {
		t.Errorf("health: %s", got)
	}
	b.disk.setHeld(false)
	b.disk.setFull(true)
	if got := b.ask("POST", "/services/collector/event", `{"event":"no room"}`, auth...); got != busy {
		t.Errorf("full: %s", got)
	}
	b.disk.setFull(false)
	if got := b.ask("POST", "/services/collector/ack", `{"acks":[0]}`, auth...); got != `200 {"acks":{"0":false}}` {
		t.Errorf("acknowledged what was not: %s", got)
	}
	if got := b.ask("POST", "/services/collector/event", `{"event":"fine"}`, auth...); got != `200 {"text":"Success","code":0,"ackId":0}` {
		t.Errorf("again: %s", got)
	}
	if got := b.ask("GET", "/services/collector/health", ""); !strings.HasPrefix(got, "200") {
		t.Errorf("health: %s", got)
	}
}

func TestHECChannelsAreBounded(t *testing.T) {
	c := newHECChannels()
	for i := range 3 * maxChannels {
		c.next("a", fmt.Sprint(i))
	}
	if n := len(c.senders["a"]); n != maxChannels {
		t.Errorf("%d channels; want %d", n, maxChannels)
	}
	if last := fmt.Sprint(3*maxChannels - 1); c.given("a", last) != 1 || c.given("b", last) != 0 {
		t.Error("the last channel is forgotten, or another sender's")
	}
	for i := range 2 * maxChannelSenders {
		c.next(fmt.Sprint("sender", i), "x")
	}
	if n := len(c.senders); n > maxChannelSenders {
		t.Errorf("%d senders", n)
	}
}

// TestProtocolsGoOnWithoutPatience is the seam's: a request that ends takes its wait
// along, and is known when it comes again.
func TestProtocolsGoOnWithoutPatience(t *testing.T) {
	b := serve(t, nil)
	b.disk.setHeld(true)
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "POST", b.url("/services/collector/raw"), strings.NewReader("a line"))
	r.Header.Set("Authorization", "Splunk "+b.token)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if res, err := b.client.Do(r); err == nil {
			_ = res.Body.Close()
			t.Error("answered")
		}
	}()
	b.until("it waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.desk.waiting) == 1 })
	cancel()
	<-gone
	b.until("nobody waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.desk.waiting) == 0 })
	b.disk.setHeld(false)
	for range 2 { // the first is the same again, the second a new one
		if got := b.ask("POST", "/services/collector/raw", "a line", "Authorization", "Splunk "+b.token); got != `200 {"text":"Success","code":0}` {
			t.Error(got)
		}
	}
	if got := b.disk.got(); len(got) != 2 {
		t.Errorf("taken %q; what was sent again counts once", got)
	}
}
