package alert

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// told lists who has had which mail: "a I.1".
func toldSoFar(t *testing.T, data string) []string {
	t.Helper()
	var list []string
	for _, m := range mailbox(t, filepath.Join(data, "mail")) {
		number := m.id[strings.IndexByte(m.id, '.')+1 : strings.IndexByte(m.id, '@')]
		list = append(list, m.to[:1]+" "+m.id[:1]+"."+number)
	}
	slices.Sort(list)
	return list
}

func threePeople() OnCall {
	return OnCall{People: []Person{
		{Name: "a", Address: "a@example.jp", EscalateAfter: 10 * time.Minute},
		{Name: "b", Address: "b@example.jp", EscalateAfter: 20 * time.Minute},
		{Name: "c", Address: "c@example.jp"},
	}}
}

func TestEscalation(t *testing.T) {
	for name, c := range map[string]struct {
		level  event.Level
		people func(*OnCall)
		ack    time.Duration // after which a person acknowledges; 0: never
		want   []string      // after 9, 11, 31 and 61 minutes
	}{
		"high goes through the list": {event.High, nil, 0, []string{"a I.1", "a I.1|b I.2", "a I.1|b I.2|c I.3", "a I.1|b I.2|c I.3"}},
		"medium does not":            {event.Medium, nil, 0, []string{"a I.1", "a I.1", "a I.1", "a I.1"}},
		"acknowledged in time":       {event.Critical, nil, 5 * time.Minute, []string{"a I.1", "a I.1", "a I.1", "a I.1"}},
		"acknowledged by the second": {event.Critical, nil, 15 * time.Minute, []string{"a I.1", "a I.1|b I.2", "a I.1|b I.2", "a I.1|b I.2"}},
		"equal orders together": {event.High, func(o *OnCall) { o.People[0].Order, o.People[1].Order, o.People[2].Order = 1, 1, 2 }, 0,
			[]string{"a I.1|b I.2", "a I.1|b I.2|c I.3", "a I.1|b I.2|c I.3", "a I.1|b I.2|c I.3"}},
		"off duty is passed over": {event.High, func(o *OnCall) { o.People[0].Hours, _ = ParseHours("20:00-21:00") }, 0,
			[]string{"b I.1", "b I.1", "b I.1|c I.2", "b I.1|c I.2"}},
		"nobody on duty: the first all the same": {event.Medium, func(o *OnCall) {
			for i := range o.People {
				o.People[i].Hours, _ = ParseHours("20:00-21:00")
			}
		}, 0, []string{"a I.1", "a I.1", "a I.1", "a I.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := Config{Data: t.TempDir(), OnCall: threePeople()}
				if c.people != nil {
					c.people(&cfg.OnCall)
				}
				s := openStage(t, cfg, Deps{})
				defer start(t, s)()
				a := makeAlert(1, "203.0.113.7", noon)
				a.Level = c.level
				take(t, s, a)
				began := time.Now()
				var got []string
				for _, minutes := range []time.Duration{9, 11, 31, 61} {
					if at := minutes * time.Minute; c.ack > 0 && c.ack < at {
						time.Sleep(c.ack - time.Since(began))
						if _, err := s.Ack(context.Background(), "I-"+a.ID[:12], "me", ""); err != nil {
							t.Fatal(err)
						}
						c.ack = 0
					}
					time.Sleep(minutes*time.Minute - time.Since(began))
					synctest.Wait()
					got = append(got, strings.Join(toldSoFar(t, cfg.Data), "|"))
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// A restart in the middle forgets no escalation.
func TestEscalationSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Data: t.TempDir(), OnCall: threePeople()}
		s := openStage(t, cfg, Deps{})
		stop := start(t, s)
		take(t, s, makeAlert(1, "203.0.113.7", noon))
		time.Sleep(5 * time.Minute)
		stop()
		time.Sleep(4 * time.Minute)
		s = openStage(t, cfg, Deps{})
		defer start(t, s)()
		synctest.Wait()
		if d := cmp.Diff([]string{"a I.1"}, toldSoFar(t, cfg.Data)); d != "" {
			t.Error(d)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if d := cmp.Diff([]string{"a I.1", "b I.2"}, toldSoFar(t, cfg.Data)); d != "" {
			t.Error(d)
		}
	})
}

// 10,000 alerts in a minute: the first mails at once, then digests, and every
// incident in some mail.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const alerts = 10_000
		cfg := Config{Data: t.TempDir(), OnCall: OnCall{People: []Person{{Name: "a", Address: "a@example.jp"}}}}
		pub := &publisher{}
		s := openStage(t, cfg, Deps{Publisher: pub})
		defer start(t, s)()
		ids := map[string]bool{}
		var batch []event.Alert
		for i := range alerts {
			a := makeAlert(i, fmt.Sprintf("198.51.%d.%d", i/256, i%256), noon)
			ids["I-"+a.ID[:12]] = true
			if batch = append(batch, a); len(batch) < 10 && i != 50 && i != alerts-1 {
				continue
			}
			if err := s.TakeAll(context.Background(), batch); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute / alerts * time.Duration(len(batch)))
			batch = batch[:0]
			if i == 50 {
				synctest.Wait()
				if n := mailCount(filepath.Join(cfg.Data, "mail")); n != 20 {
					t.Errorf("%d single mails at first", n)
				}
			}
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		mails := mailbox(t, filepath.Join(cfg.Data, "mail"))
		if len(mails) > 20+2*alerts/maxDigest {
			t.Errorf("%d mails", len(mails))
		}
		for _, m := range mails {
			for _, word := range strings.Fields(m.text) {
				delete(ids, strings.Trim(word, "()"))
			}
			if len(m.text) == 0 || len(m.html) == 0 {
				t.Errorf("mail %s lacks a part", m.id)
			}
		}
		if len(ids) != 0 {
			t.Errorf("%d incidents are in no mail", len(ids))
		}
		if st := s.Stats(); st.Due+st.Queued != 0 || st.Unsaid != 0 || len(pub.last) != alerts {
			t.Errorf("%+v, %d published", st, len(pub.last))
		}
		longest := 0
		for _, m := range mails {
			for _, line := range bytes.Split(m.raw, []byte("\n")) {
				longest = max(longest, len(line))
			}
		}
		if longest > 998 {
			t.Errorf("a line of %d bytes", longest)
		}
	})
}

// Noise takes three quarters of a person's single mails, no more.
func TestFloodLeavesRoomForTheGrave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Data: t.TempDir(), OnCall: OnCall{People: []Person{{Name: "a", Address: "a@example.jp"}}}}
		s := openStage(t, cfg, Deps{})
		defer start(t, s)()
		for i := range 50 {
			a := makeAlert(i, fmt.Sprintf("198.51.100.%d", i), noon)
			a.Level = event.Low
			take(t, s, a)
		}
		grave := makeAlert(99, "203.0.113.9", noon)
		grave.Level = event.Critical
		take(t, s, grave)
		synctest.Wait()
		mails := mailbox(t, filepath.Join(cfg.Data, "mail"))
		if len(mails) != 16 || !slices.ContainsFunc(mails, func(m received) bool { return strings.Contains(m.subject, "緊急") }) {
			t.Errorf("%d mails", len(mails))
		}
	})
}

func TestSetOnCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Data: t.TempDir(), OnCall: threePeople()}
		s := openStage(t, cfg, Deps{})
		defer start(t, s)()
		take(t, s, makeAlert(1, "203.0.113.7", noon))
		if err := s.SetOnCall(OnCall{}); err == nil {
			t.Error("a list of nobody was accepted")
		}
		if err := s.SetOnCall(OnCall{People: []Person{{Name: "x", Address: "x@example.jp"}, {Name: "y", Address: "y@example.jp"}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if d := cmp.Diff([]string{"a I.1", "y I.2"}, toldSoFar(t, cfg.Data)); d != "" {
			t.Error(d)
		}
	})
}

// When nothing can make room the alert stays on the bus; acknowledged and told
// incidents make room.
func TestBoundOfIncidents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Data: t.TempDir(), MaxIncidents: 10}
		s := openStage(t, cfg, Deps{})
		for i := range 10 {
			take(t, s, makeAlert(i, fmt.Sprint(i), noon))
		}
		late := makeAlert(11, "late", noon)
		if err := s.Take(context.Background(), late); err == nil || !strings.Contains(err.Error(), ErrFull.Error()) {
			t.Errorf("past the bound: %v", err)
		}
		defer start(t, s)()
		time.Sleep(time.Second)
		synctest.Wait()
		take(t, s, late)
		if list, _ := s.List(context.Background(), ""); len(list) > 10 || list[0].ID != "I-"+late.ID[:12] {
			t.Errorf("%d incidents", len(list))
		}
	})
}

// The bus is away for an hour and more: the newest version gets there.
func TestPublishGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pub := &publisher{fails: 100}
		s := openStage(t, Config{Data: t.TempDir()}, Deps{Publisher: pub})
		stop := start(t, s)
		a := makeAlert(1, "203.0.113.7", noon)
		take(t, s, a)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		stop()
		want, _ := s.Get(context.Background(), "I-"+a.ID[:12])
		if d := cmp.Diff(want, pub.get(want.ID)); d != "" || want.Mail != stateSent {
			t.Errorf("%s: %s", want.Mail, d)
		}
	})
}

// The ledger is rewritten as it grows and says the same afterwards.
func TestRewriteKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	s := openStage(t, Config{Data: dir}, Deps{})
	for i := range 30 {
		take(t, s, makeAlert(i, fmt.Sprint("host", i%25), noon))
	}
	s.mu.Lock()
	err := s.rewrite()
	s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	before, _ := s.List(context.Background(), "")
	again := openStage(t, Config{Data: dir}, Deps{})
	after, _ := again.List(context.Background(), "")
	if d := cmp.Diff(before, after); d != "" {
		t.Error(d)
	}
	if a, b := s.Stats(), again.Stats(); a.Due != b.Due || a.Queued != b.Queued || a.Queued != 5 {
		t.Errorf("%+v\n%+v", a, b)
	}
	take(t, again, makeAlert(3, "host3", noon))
	if again.Stats().Alerts != 0 {
		t.Error("an alert known before counted again")
	}
}
