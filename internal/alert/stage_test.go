package alert

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

func TestAnAlertBecomesAnIncidentAndAMail(t *testing.T) {
	dir := t.TempDir()
	pub := &publisher{fails: 2}
	s := openStage(t, Config{Data: dir, RetryFirst: time.Millisecond}, Deps{Publisher: pub})
	stop := start(t, s)
	a := makeAlert(1, "203.0.113.7", noon)
	take(t, s, a, a)
	wait(t, "a mail", func() bool { return mailCount(filepath.Join(dir, "mail")) == 1 })
	id := "I-" + a.ID[:12]
	wait(t, "the publish of the sent mail", func() bool { return pub.get(id).Mail == stateSent })
	inc, err := s.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if inc.Alerts != 1 || inc.Events != 12 || inc.Status != event.StatusOpen || len(inc.Notes) != 1 {
		t.Errorf("incident %+v", inc)
	}
	m := mailbox(t, filepath.Join(dir, "mail"))[0]
	if want := "[櫓 高] SSH パスワード総当り: 203.0.113.7 (" + id + ")"; m.subject != want {
		t.Errorf("subject %q, want %q", m.subject, want)
	}
	if m.id != id+".1@localhost" {
		t.Errorf("Message-ID %s", m.id)
	}
	stop()
	if err := s.Take(context.Background(), makeAlert(2, "203.0.113.8", noon)); !errors.Is(err, errClosed) {
		t.Errorf("take after the end: %v", err)
	}
}

// Suppression: which alerts join, which open. A line is time, address, the
// incident it must belong to; "close N" closes.
func TestSuppression(t *testing.T) {
	type step struct {
		after time.Duration
		addr  string
		close int // number of the incident to close first
		in    int // number of the incident it must be in
		secs  int
	}
	for name, steps := range map[string][]step{
		"joins within the hour":    {{0, "a", 0, 1, 0}, {59 * time.Minute, "a", 0, 1, 0}},
		"new after the hour":       {{0, "a", 0, 1, 0}, {time.Hour, "a", 0, 2, 0}, {time.Hour + time.Minute, "a", 0, 2, 0}},
		"another group":            {{0, "a", 0, 1, 0}, {0, "b", 0, 2, 0}, {0, "a", 0, 1, 0}},
		"new after close":          {{0, "a", 0, 1, 0}, {time.Minute, "a", 1, 2, 0}, {2 * time.Minute, "a", 0, 2, 0}},
		"the rule's own window":    {{0, "a", 0, 1, 60}, {59 * time.Second, "a", 0, 1, 60}, {time.Minute, "a", 0, 2, 60}},
		"late alerts join as well": {{0, "a", 0, 1, 0}, {-30 * time.Minute, "a", 0, 1, 0}, {-2 * time.Hour, "a", 0, 2, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			s := openStage(t, Config{Data: t.TempDir()}, Deps{})
			var ids []string
			want, got := map[string]int{}, map[string]int{}
			for i, st := range steps {
				if st.close > 0 {
					if _, err := s.Close(context.Background(), ids[st.close-1], "me", ""); err != nil {
						t.Fatal(err)
					}
				}
				a := makeAlert(i, st.addr, noon.Add(st.after))
				a.Suppress = st.secs
				if st.in > len(ids) {
					ids = append(ids, "I-"+a.ID[:12])
				}
				want[ids[st.in-1]]++
				take(t, s, a)
			}
			list, err := s.List(context.Background(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, inc := range list {
				got[inc.ID] = inc.Alerts
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if n := len(s.state.mails); n != len(ids) {
				t.Errorf("%d mails for %d incidents", n, len(ids))
			}
		})
	}
}

func TestResponseRecord(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := openStage(t, Config{Data: dir}, Deps{})
	a := makeAlert(1, "203.0.113.7", noon)
	take(t, s, a)
	id := "I-" + a.ID[:12]
	calls := []struct {
		do        func(context.Context, string, string, string) (event.Incident, error)
		who, text string
		err       error
	}{
		{s.AddNote, "yamada", "", ErrInput},
		{s.AddNote, "", "x", ErrInput},
		{s.AddNote, "yamada", strings.Repeat("x", maxText+1), ErrInput},
		{s.AddNote, "yamada", "\xff", ErrInput},
		{s.AddNote, "yamada\r\nx", "x", ErrInput},
		{s.Assign, "yamada", "sato\x1b[2J", ErrInput},
		{s.AddNote, "yamada", "looking", nil},
		{s.Ack, "yamada", "", nil},
		{s.Assign, "yamada", "sato", nil},
		{s.Close, "sato", "blocked at the FortiGate", nil},
		{s.Close, "sato", "", ErrClosed},
		{s.Ack, "sato", "", ErrClosed},
		{s.AddNote, "sato", "report written", nil},
	}
	for i, c := range calls {
		if _, err := c.do(ctx, id, c.who, c.text); !errors.Is(err, c.err) {
			t.Errorf("call %d: %v, want %v", i, err, c.err)
		}
	}
	if _, err := s.Ack(ctx, "I-nothing", "me", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	want := []string{"yamada looking", "yamada acknowledged", "yamada assigned: sato", "sato closed: blocked at the FortiGate", "sato report written"}
	check := func(s *Stage) {
		t.Helper()
		inc, err := s.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range inc.Notes {
			got = append(got, n.Who+" "+n.What)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if inc.Status != event.StatusClosed || inc.Assignee != "sato" || inc.Version < 6 {
			t.Errorf("incident %+v", inc)
		}
	}
	check(s)
	check(openStage(t, Config{Data: dir}, Deps{}))
}

// A kill may leave any prefix of the ledger, also in the middle of a line. Every
// prefix, with the alerts that were not committed delivered again, must give each
// incident once and its mail at least once.
func TestEveryPrefixOfTheLedger(t *testing.T) {
	dir := t.TempDir()
	alerts := []event.Alert{
		makeAlert(1, "203.0.113.7", noon), makeAlert(2, "203.0.113.8", noon), makeAlert(3, "203.0.113.7", noon.Add(time.Minute)),
	}
	people := OnCall{People: []Person{{Name: "a", Address: "a@example.jp"}, {Name: "b", Address: "b@example.jp"}}}
	cfg := Config{Data: dir, OnCall: people}
	s := openStage(t, cfg, Deps{Publisher: &publisher{}})
	stop := start(t, s)
	take(t, s, alerts...)
	wait(t, "both mails", func() bool { return s.Stats().Sent == 2 })
	stop()
	whole, err := os.ReadFile(ledgerPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	if len(lines) < 8 {
		t.Fatalf("only %d records", len(lines))
	}
	var prefixes [][]byte
	for i := range lines {
		prefix := bytes.Join(lines[:i], nil)
		prefixes = append(prefixes, prefix, append(bytes.Clone(prefix), lines[i][:len(lines[i])/2]...))
	}
	for i, prefix := range prefixes {
		checkPrefix(t, i, prefix, cfg, alerts)
	}
}

func checkPrefix(t *testing.T, number int, prefix []byte, cfg Config, alerts []event.Alert) {
	t.Helper()
	before := cfg.Data
	cfg.Data = t.TempDir()
	if err := os.MkdirAll(filepath.Dir(ledgerPath(cfg.Data)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ledgerPath(cfg.Data), prefix, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStage(t, cfg, Deps{})
	if torn := len(prefix) > 0 && prefix[len(prefix)-1] != '\n'; torn != (s.Recovered().Torn > 0) || s.Recovered().Damaged > 0 {
		t.Errorf("prefix %d: %+v", number, s.Recovered())
	}
	sentBefore := map[string]bool{} // by the first run, as this ledger says
	for _, inc := range s.state.incidents {
		if inc.Incident.Mail == stateSent {
			sentBefore[inc.Incident.ID+".1@localhost"] = true
		}
	}
	stop := start(t, s)
	take(t, s, alerts...)
	wait(t, "all mails", func() bool { return s.Stats().Due == 0 })
	stop()
	list, _ := s.List(context.Background(), "")
	total := 0
	for _, inc := range list {
		total += inc.Alerts
	}
	if len(list) != 2 || total != 3 {
		t.Errorf("prefix %d: %d incidents of %d alerts", number, len(list), total)
	}
	first := mailbox(t, filepath.Join(before, "mail"))
	second := map[string]received{}
	for _, m := range mailbox(t, filepath.Join(cfg.Data, "mail")) {
		second[m.id] = m
	}
	for _, m := range first {
		if _, again := second[m.id]; !again && !sentBefore[m.id] {
			t.Errorf("prefix %d: mail %s lost", number, m.id)
		}
	}
	for id := range second {
		if id != first[0].id && id != first[1].id {
			t.Errorf("prefix %d: a mail with a new id %s", number, id)
		}
	}
}

func TestCopiesAreTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	s := openStage(t, Config{Data: dir}, Deps{})
	a := makeAlert(1, "203.0.113.7", noon)
	take(t, s, a)
	compose := func(s *Stage) []byte {
		raw, err := s.compose(s.state.mails["I-"+a.ID[:12]+".1"])
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	first := compose(s)
	take(t, s, makeAlert(2, "203.0.113.7", noon)) // joins
	again := compose(openStage(t, Config{Data: dir}, Deps{}))
	if d := cmp.Diff(string(first), string(again)); d != "" {
		t.Error(d)
	}
}

func TestDamageInTheMiddleIsSkippedKeptAndReported(t *testing.T) {
	dir := t.TempDir()
	s := openStage(t, Config{Data: dir}, Deps{})
	take(t, s, makeAlert(1, "203.0.113.1", noon), makeAlert(2, "203.0.113.2", noon), makeAlert(3, "203.0.113.3", noon))
	content, err := os.ReadFile(ledgerPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.IndexByte(content, '\n') + 1
	content[second+100] ^= 1
	if err := os.WriteFile(ledgerPath(dir), content, 0o600); err != nil {
		t.Fatal(err)
	}
	s = openStage(t, Config{Data: dir}, Deps{})
	got := s.Recovered()
	want := Recovery{Records: 2, Damaged: 1, At: int64(second), Kept: ledgerPath(dir) + ".damaged"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if kept, err := os.ReadFile(got.Kept); err != nil || !bytes.Equal(kept, content) {
		t.Errorf("the damaged ledger was not kept: %v", err)
	}
	if list, _ := s.List(context.Background(), ""); len(list) != 2 {
		t.Errorf("%d incidents", len(list))
	}
}

func TestNoSpace(t *testing.T) {
	dir := t.TempDir()
	s := openStage(t, Config{Data: dir}, Deps{})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full: ", err)
	}
	folder := filepath.Dir(ledgerPath(dir))
	_ = s.journal.file.Close()
	s.journal.file = full
	if err := os.Rename(folder, folder+"-away"); err != nil {
		t.Fatal(err)
	}
	a := makeAlert(1, "203.0.113.1", noon)
	for range 2 { // the second time it is known already, and still not on disk
		if err := s.Take(context.Background(), a); err == nil {
			t.Error("accepted without room")
		}
	}
	start(t, s) // a mail goes out though its record cannot be written
	wait(t, "the mail", func() bool { return mailCount(filepath.Join(dir, "mail")) == 1 })
	if s.Stats().Err == "" {
		t.Error("stats do not say so")
	}
	if err := os.Rename(folder+"-away", folder); err != nil {
		t.Fatal(err)
	}
	wait(t, "room", func() bool { return s.Take(context.Background(), a) == nil })
	if list, _ := openStage(t, Config{Data: dir}, Deps{}).List(context.Background(), ""); len(list) != 1 || list[0].Alerts != 1 {
		t.Errorf("after room came back: %+v", list)
	}
}

func TestManyTakersShareSyncs(t *testing.T) {
	dir := t.TempDir()
	s := openStage(t, Config{Data: dir}, Deps{})
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if err := s.Take(context.Background(), makeAlert(i, "203.0.113.7", noon)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, _ := openStage(t, Config{Data: dir}, Deps{}).List(context.Background(), "")
	if len(list) != 1 || list[0].Alerts != 200 {
		t.Errorf("%d incidents, first %d alerts", len(list), list[0].Alerts)
	}
}

// A stage that never runs keeps what it has taken and leaves nothing open.
func TestReleaseWithoutRun(t *testing.T) {
	cfg := Config{Data: t.TempDir()}
	s := openStage(t, cfg, Deps{})
	take(t, s, makeAlert(1, "203.0.113.7", noon))
	for range 2 {
		if err := s.Release(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Take(context.Background(), makeAlert(2, "203.0.113.8", noon)); err == nil {
		t.Error("a released stage took an alert")
	}
	if n := openFiles(t, ledgerPath(cfg.Data)); n != 0 {
		t.Errorf("the ledger is open %d times", n)
	}
	if got, err := openStage(t, cfg, Deps{}).List(context.Background(), ""); err != nil || len(got) != 1 {
		t.Errorf("%d incidents, %v", len(got), err)
	}
}

// openFiles counts this process's descriptors of a file.
func openFiles(t *testing.T, path string) (n int) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == path {
			n++
		}
	}
	return n
}
