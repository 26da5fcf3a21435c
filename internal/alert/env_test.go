package alert

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	netmail "github.com/emersion/go-message/mail"

	"yagura/internal/event"
)

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// makeAlert is the i-th alert of a rule about one address.
func makeAlert(i int, address string, at time.Time) event.Alert {
	group := []event.Pair{{Name: "source.ip", Value: address}}
	first := fmt.Sprintf("demo/n1/7/%d/0", i)
	return event.Alert{
		ID: event.AlertID("ssh/brute_force", group, first), Tenant: "demo", Time: at, First: at.Add(-2 * time.Minute),
		RuleID: "ssh/brute_force", RuleName: "SSH password brute force", RuleJa: "SSH パスワード総当り",
		Level: event.High, Class: event.ClassUnauthorizedAccess, Author: "yagura", Policy: []string{"3-1", "6-6"},
		Tags:   []string{"attack.credential_access", "attack.t1110"},
		Reason: "12 failed log-ins from " + address + " within 2 minutes", ReasonJa: address + " から 2 分間に 12 回のログイン失敗",
		Group: group, Count: 12,
		Matches: []event.Match{{Selection: "failed", Field: "event.action", Value: "ssh_login_failed", Pattern: "ssh_login_*"}},
		Events: []event.AlertEvent{{
			ID: first, Time: at, Source: "192.0.2.10", Message: "Failed password for invalid user admin from " + address + " port 40022 ssh2",
			Fields: []event.Pair{{Name: "source.ip", Value: address}, {Name: "user.name", Value: "admin"}, {Name: "host.name", Value: "web01"}, {Name: "yagura.zone", Value: "internet"}},
		}},
		RunbookJa: "1. 送信元を FortiGate で遮断する。\n2. 成功したログインがないか確認する。", RunbookEn: "1. Block the source at the FortiGate.\n2. Look for a successful log-in.",
		False: []string{"A script with an old password"},
	}
}

// publisher keeps what it was handed and refuses the first fails calls.
type publisher struct {
	mu    sync.Mutex
	fails int
	calls int
	last  map[string]event.Incident
}

func (p *publisher) PublishIncident(_ context.Context, inc event.Incident) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls++; p.calls <= p.fails {
		return fmt.Errorf("bus is away")
	}
	if p.last == nil {
		p.last = map[string]event.Incident{}
	}
	if old := p.last[inc.ID]; old.Version <= inc.Version {
		p.last[inc.ID] = inc
	}
	return nil
}

func (p *publisher) get(id string) event.Incident {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[id]
}

func openStage(t testing.TB, cfg Config, deps Deps) *Stage {
	t.Helper()
	s, err := New(cfg, deps, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs the stage and returns what stops it.
func start(t testing.TB, s *Stage) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func take(t testing.TB, s *Stage, alerts ...event.Alert) {
	t.Helper()
	for _, a := range alerts {
		if err := s.Take(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
}

// wait polls a condition of the real world: a file, a socket.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// received is a mail as its reader sees it.
type received struct {
	id, subject, to, reply string
	text, html             string
	raw                    []byte
	header                 netmail.Header
}

func read(t testing.TB, raw []byte) received {
	t.Helper()
	r, err := netmail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	got := received{raw: raw, header: r.Header, reply: r.Header.Get("In-Reply-To")}
	got.id, _ = r.Header.MessageID()
	if got.subject, err = r.Header.Subject(); err != nil {
		t.Fatal(err)
	}
	if to, err := r.Header.AddressList("To"); err == nil && len(to) == 1 {
		got.to = to[0].Address
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := part.Header.(*netmail.InlineHeader).ContentType()
		switch kind {
		case "text/plain":
			got.text = string(body)
		case "text/html":
			got.html = string(body)
		default:
			t.Errorf("part %s", kind)
		}
	}
}

// mailbox reads a Maildir, by Message-ID.
func mailbox(t testing.TB, path string) []received {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(path, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var list []received
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, read(t, raw))
	}
	slices.SortFunc(list, func(a, b received) int { return strings.Compare(a.id, b.id) })
	return list
}

func mailCount(path string) int {
	names, _ := filepath.Glob(filepath.Join(path, "new", "*"))
	return len(names)
}

// killAlert is the i-th alert of TestKill.
func killAlert(i int) event.Alert {
	return makeAlert(i, fmt.Sprintf("198.51.100.%d", i%killSources), noon)
}
