package run

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/alert"
	"yagura/internal/console"
	"yagura/internal/store/engine"
)

func TestMailsThatWaitSayWhy(t *testing.T) {
	for name, c := range map[string]struct {
		counts alert.Counts
		state  console.Level
		says   []string
	}{
		"well":               {alert.Counts{Sent: 3}, console.OK, nil},
		"a first retry":      {alert.Counts{Due: 1, Unsent: time.Minute, Trouble: "421 busy"}, console.Warning, nil},
		"waiting":            {alert.Counts{Due: 2, Unsent: 10 * time.Minute, Trouble: "421 busy"}, console.Critical, []string{"2 mails wait, the oldest for 10m0s; the latest delivery failed: 421 busy"}},
		"refused, then well": {alert.Counts{Failed: 1}, console.OK, []string{"1 deliveries were refused for good"}},
		"the ledger":         {alert.Counts{Err: "no space left on device"}, console.Critical, []string{"no space left on device"}},
	} {
		h := &checkup{}
		h.alerts(c.counts)
		var says []string
		for _, f := range h.Findings {
			says = append(says, f.What)
		}
		if d := cmp.Diff(c.says, says); d != "" || h.Stages[0].State != c.state {
			t.Errorf("%s: %s, %s", name, h.Stages[0].State, d)
		}
	}
}

// The store is not well while its engine does not answer.
func TestTheStoresState(t *testing.T) {
	dead, err := engine.NewChild(engine.ChildConfig{Engine: engine.Config{
		Data: t.TempDir(), Socket: t.TempDir() + "/e.sock", Accounts: []engine.Account{{Name: "a", PasswordSHA256: engine.Hash("b")}},
	}}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	answered, failing, failed := make(chan struct{}), &storeStage{}, &storeStage{}
	close(answered)
	_ = failing.trouble.note("the insert", errors.New("no"))
	_ = failed.trouble.note("the insert", errors.New("no"))
	failed.trouble.since = failed.trouble.since.Add(-2 * troubleAge)
	for name, c := range map[string]struct {
		main *Main
		want console.Level
	}{
		"well":                 {&Main{store: &storeStage{}, stored: answered}, console.OK},
		"not yet":              {&Main{store: &storeStage{}, stored: make(chan struct{})}, console.Warning},
		"a dead engine":        {&Main{store: &storeStage{}, stored: answered, child: dead}, console.Critical},
		"an insert that fails": {&Main{store: failing, stored: answered}, console.Warning},
		"for long":             {&Main{store: failed, stored: answered}, console.Critical},
	} {
		if got := c.main.storeState(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
