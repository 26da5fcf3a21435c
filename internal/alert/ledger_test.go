package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackoff(t *testing.T) {
	s := &Stage{config: Config{}.withDefaults()}
	var got []time.Duration
	for fails := range 9 {
		got = append(got, s.backoff(fails)/time.Second)
	}
	if d := cmp.Diff([]time.Duration{5, 10, 20, 40, 80, 160, 300, 300, 300}, got); d != "" {
		t.Error(d)
	}
	if s.backoff(1<<30) != 5*time.Minute {
		t.Error("overflow")
	}
}

func TestSeenSetForgetsTheOldest(t *testing.T) {
	s := newSeenSet(3)
	for _, id := range []string{"a", "b", "a", "c", "d"} {
		s.add(id)
	}
	var got []bool
	for _, id := range []string{"a", "b", "c", "d"} {
		got = append(got, s.has(id))
	}
	if d := cmp.Diff([]bool{false, true, true, true}, got); d != "" {
		t.Error(d)
	}
	again := newSeenSet(3)
	for _, id := range s.list() {
		again.add(id)
	}
	if d := cmp.Diff(s.list(), again.list()); d != "" {
		t.Error(d)
	}
}

// Whatever the file holds: no panic, and what is read is read the same again
// after a rewrite. Lines of the input get a good checksum when they begin with a
// brace, so that the records behind it are reached.
func FuzzLedger(f *testing.F) {
	f.Add([]byte("00000000 {}\n"))
	f.Add([]byte(`{"t":"2026-11-24T03:00:00Z","alert":"x","open":{"incident":{"incident.id":"I-1"},"from":"2026-11-24T03:00:00Z","window":1},"mails":[{"id":"I-1.1","items":["I-1"],"routes":[{"route":"smtp","state":"due"},null]},null]}` + "\n" +
		`{"t":"2026-11-24T03:00:00Z","move":{"mail":"I-1.1","route":"smtp","state":"sent"},"queue":[{"to":{"address":"a"},"id":"I-1"}],"flush":{"address":"a","count":-1}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		var content []byte
		for line := range bytes.Lines(input) {
			if body := bytes.TrimSpace(line); len(body) > 0 && body[0] == '{' && json.Valid(body) {
				line = fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(body, castagnoli), body)
			}
			content = append(content, line...)
		}
		s, _ := replay(content)
		var again []byte
		for _, r := range s.snapshot(time.Time{}) {
			var err error
			if again, err = frame(again, r); err != nil {
				return
			}
		}
		second, found := replay(again)
		if found.Torn > 0 || found.Damaged > 0 || len(second.incidents) != len(s.incidents) || len(second.mails) != len(s.mails) {
			t.Errorf("%+v: %d and %d incidents, %d and %d mails", found, len(s.incidents), len(second.incidents), len(s.mails), len(second.mails))
		}
	})
}
