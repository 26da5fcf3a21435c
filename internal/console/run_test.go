package console

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A running tail does not hold up the end, and its client is told.
func TestDrain(t *testing.T) {
	for _, proto := range []string{"http/1.1", "h2"} {
		dir := t.TempDir()
		writePair(t, dir+"/c.pem", dir+"/k.pem")
		e := newEnv(t)
		c, err := New(Config{Address: "127.0.0.1:0", Cert: dir + "/c.pem", Key: dir + "/k.pem", TokenHash: HashToken(testToken)}, e.deps(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Listen(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: proto == "h2"}}
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+c.Addr()+"/api/v1/tail", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+testToken)
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(res.Body)
		e.blocks <- block(t, "one")
		if !lines.Scan() || !strings.Contains(lines.Text(), `"one"`) {
			t.Fatalf("%s: got %q", proto, lines.Text())
		}
		begun := time.Now()
		cancel()
		if !lines.Scan() || !strings.Contains(lines.Text(), errDraining.Error()) {
			t.Errorf("%s: last line %q, %v", proto, lines.Text(), lines.Err())
		}
		res.Body.Close()
		client.CloseIdleConnections()
		if err := <-done; err != nil || time.Since(begun) > drainTime/2 {
			t.Errorf("%s: Run: %v after %s", proto, err, time.Since(begun))
		}
	}
}

// Beyond the bound callers wait; a slot that comes free lets the next one in.
func TestGate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(l)
	defer g.Close()
	for range maxConnections - 1 {
		g.slots <- struct{}{}
	}
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := g.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	for range 2 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Fatal("one more than the bound")
	case <-time.After(50 * time.Millisecond): // nothing to wait for: it must not happen
	}
	first.Close()
	first.Close() // a second time frees nothing
	second := <-accepted
	if len(g.slots) != maxConnections {
		t.Errorf("%d slots are taken", len(g.slots))
	}
	second.Close()
	g.Close()
	if _, open := <-accepted; open {
		t.Error("accepts after Close")
	}
}

func TestSlowHealthHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked int
		delay := time.Duration(0)
		h := &healthCache{ask: func(ctx context.Context) Report {
			asked++
			select {
			case <-time.After(delay):
			case <-ctx.Done():
			}
			return Report{Findings: []Finding{{Level: Level(rune('0' + asked))}}}
		}}
		get := func() (string, time.Duration) {
			begun := time.Now()
			return string(h.get(t.Context()).Findings[0].Level), time.Since(begun)
		}
		for _, step := range []struct {
			pass, delay, took time.Duration
			want              string
		}{
			{0, 0, 0, "1"},
			{time.Second, 0, 0, "1"}, // fresh
			{2 * time.Second, 0, 0, "2"},
			{3 * time.Second, time.Minute, healthPatience, "2"}, // slow: the one before
			{0, time.Minute, healthPatience, "2"},               // and asked once only
			{healthTime - time.Second, 0, 0, "3"},               // it gave up at its time
		} {
			time.Sleep(step.pass)
			synctest.Wait()
			delay = step.delay
			if got, took := get(); got != step.want || took != step.took {
				t.Errorf("%+v: got report %s after %s", step, got, took)
			}
		}
		synctest.Wait()
	})
}

func TestLinkFromAnotherSiteAsksAgain(t *testing.T) {
	e := newEnv(t)
	cross := func(r *http.Request) { anonymous(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }
	w := e.do("GET", "/incidents/I-1?a=b", "", cross)
	if want := `<meta http-equiv="refresh" content="0;url=/incidents/I-1?a=b">`; w.Code != 200 || !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	w = e.do("GET", "//evil.example/x", "", cross)
	if strings.Contains(w.Body.String(), "url=//") || strings.Contains(w.Header().Get("Location"), "//evil") {
		t.Errorf("leads elsewhere: %v %s", w.Header(), w.Body)
	}
}
