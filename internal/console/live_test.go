package console

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// message is what the page gets at once.
type message struct {
	Skipped int `json:"skipped"`
	Events  []struct {
		When  string         `json:"when"`
		Event map[string]any `json:"event"`
	} `json:"events"`
}

func TestLive(t *testing.T) {
	e := newEnv(t)
	server := httptest.NewServer(e.handler)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/tail/events?q=sshd", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream; charset=utf-8" {
		t.Errorf("content type %s", kind)
	}
	e.blocks <- block(t, "sshd one \u202e<b>\r\ndata: x", "cron", "sshd two")
	lines := bufio.NewScanner(res.Body)
	var m message
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "data: ") {
		t.Fatalf("got %q", lines.Text())
	}
	if err := json.Unmarshal([]byte(lines.Text()[6:]), &m); err != nil {
		t.Fatalf("%v: %s", err, lines.Text())
	}
	if len(m.Events) != 2 || m.Skipped != 0 || m.Events[0].Event["event.original"] != "sshd one \u202e<b>\r\ndata: x" || m.Events[1].When == "" {
		t.Errorf("got %+v", m)
	}
	if !lines.Scan() || lines.Text() != "" {
		t.Errorf("the message does not end: %q", lines.Text())
	}
	close(e.blocks)
	if lines.Scan() {
		t.Errorf("after the end: %q", lines.Text())
	}
}

// What nobody could read is counted, and the next message begins anew.
func TestLiveLeavesOut(t *testing.T) {
	raws := slices.Repeat([]string{"a"}, liveShown+7)
	l := &liveBatch{match: func(event.Event) bool { return true }, when: stamp(time.UTC)}
	if l.take() != nil {
		t.Error("a message of nothing")
	}
	for range 2 {
		l.add(block(t, raws...))
		var m message
		text, _ := strings.CutPrefix(string(l.take()), "data: ")
		if err := json.Unmarshal([]byte(text), &m); err != nil || len(m.Events) != liveShown || m.Skipped != 7 {
			t.Errorf("%d events, %d skipped, %v", len(m.Events), m.Skipped, err)
		}
	}
}

// Long lines end a message sooner.
func TestLiveBoundsBytes(t *testing.T) {
	l := &liveBatch{match: func(event.Event) bool { return true }, when: stamp(time.UTC)}
	l.add(block(t, slices.Repeat([]string{strings.Repeat("x", 60<<10)}, 40)...))
	size := len(l.events)
	var m message
	text, _ := strings.CutPrefix(string(l.take()), "data: ")
	if err := json.Unmarshal([]byte(text), &m); err != nil || len(m.Events) == 0 || m.Skipped == 0 || len(m.Events)+m.Skipped != 40 || size > liveBytes+200<<10 {
		t.Errorf("%d events of %d bytes, %d skipped, %v", len(m.Events), size, m.Skipped, err)
	}
}

func TestLivePage(t *testing.T) {
	e := newEnv(t)
	for _, c := range []struct {
		path string
		code int
		has  string
	}{
		{"/tail", 200, `data-from="/tail/events?q="`},
		{"/tail?q=user.name%3A%22a+b%22", 200, `data-from="/tail/events?q=user.name%3A%22a&#43;b%22"`},
		{"/tail?q=bad:", 400, "a value is missing"},
		{"/tail/events?q=bad:", 400, "a value is missing"},
	} {
		if w := e.do("GET", c.path, ""); w.Code != c.code || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	if w := e.do("GET", "/tail/events", "", anonymous); w.Code != http.StatusSeeOther {
		t.Errorf("without log-on: %d", w.Code)
	}
	e.Console.deps.Tail = nil
	if w := e.do("GET", "/tail", ""); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), errAbsent.Error()) {
		t.Errorf("without a tail: %d", w.Code)
	}
}
