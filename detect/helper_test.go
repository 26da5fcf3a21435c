package detect

import (
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"yagura/internal/event"
)

// base is when the events of these tests begin.
var base = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// mustLoad compiles rules given as one YAML text.
func mustLoad(t testing.TB, rules string) *Program {
	t.Helper()
	p, report := loadText(rules)
	for _, err := range report.Errors {
		t.Errorf("load: %v", err)
	}
	if t.Failed() {
		t.FailNow()
	}
	return p
}

func loadText(rules string) (*Program, Report) {
	files := fstest.MapFS{"unauthorized_access/rules.yml": {Data: []byte(rules)}}
	return Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, Source{Name: "rules", FS: files})
}

// ev is an event of a test: at a number of seconds after base.
type ev struct {
	at     float64
	fields map[string]any
}

// sshd is a failed log-on as the parser of sshd gives it.
func sshd(at float64, ip, user string) ev {
	return ev{at, map[string]any{
		"yagura.parser": "openssh.sshd", "process.name": "sshd", "host.name": "bastion", "event.outcome": "failure",
		"source.ip": ip, "user.name": user, "message": "Failed password for " + user + " from " + ip + " port 4022 ssh2",
	}}
}

func accepted(at float64, ip, user string) ev {
	e := sshd(at, ip, user)
	e.fields["event.outcome"] = "success"
	e.fields["message"] = "Accepted password for " + user + " from " + ip + " port 4022 ssh2"
	return e
}

func draftOf(e ev) *event.Draft {
	d := &event.Draft{}
	fillDraft(d, e.fields)
	d.Received = base.Add(time.Duration(e.at * float64(time.Second)))
	d.Time = d.Received
	d.Source = event.Source{Peer: "192.0.2.250", Listener: "udp"}
	return d
}

// blocksOf packs events into blocks of at most size.
func blocksOf(t testing.TB, size int, events ...ev) []*event.Block {
	t.Helper()
	var out []*event.Block
	for len(events) > 0 {
		n := min(size, len(events))
		var b event.Builder
		for _, e := range events[:n] {
			b.Append(draftOf(e))
		}
		block, err := b.Block(event.ID{Tenant: "demo", Node: "n1", Epoch: 7, Seq: uint64(len(out) + 1)}, base)
		if err != nil {
			t.Fatal(err)
		}
		out, events = append(out, block), events[n:]
	}
	return out
}

// run gives the alerts of all blocks, a line each.
func run(e *Engine, blocks []*event.Block) []string {
	var out []string
	for i, b := range blocks {
		_, alerts := e.Block(b, uint64(i+1))
		for _, a := range alerts {
			out = append(out, line(a))
		}
	}
	return out
}

// line renders an alert: time since base, rule, level, group, count.
func line(a event.Alert) string {
	return fmt.Sprintf("%gs %s %s [%s] n=%d", a.Time.Sub(base).Seconds(), a.RuleID, a.Level, event.GroupKey(a.Group), a.Count)
}
