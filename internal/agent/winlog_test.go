package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// logOn is a record as EvtRender gives it.
func logOn(id int) string {
	return fmt.Sprintf(`<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID>`+
		`<EventRecordID>%d</EventRecordID><Channel>Security</Channel><Computer>pc0044</Computer></System><EventData><Data Name='TargetUserName'>sato&lt;EventRecordID>9&lt;</Data></EventData></Event>`, id)
}

// system stands in for the event log service: channels with the records that they
// hold, and what subscriptions asked for.
type system struct {
	channels map[string][]string
	opened   []string
	broken   error
}

func (s *system) subscribe(channel, bookmark string, beginning bool) (channelReader, error) {
	s.opened = append(s.opened, fmt.Sprint(channel, " ", bookmark, " ", beginning))
	if _, ok := s.channels[channel]; !ok {
		return nil, errors.New("no such channel")
	}
	r := &systemReader{s, channel, 0}
	if bookmark == "" && !beginning {
		r.at = len(s.channels[channel])
	}
	for bookmark != "" && r.at < len(s.channels[channel]) && recordID([]byte(s.channels[channel][r.at])) <= marked(bookmark) {
		r.at++
	}
	return r, nil
}

func marked(bookmark string) (id uint64) {
	_, rest, _ := strings.Cut(bookmark, `RecordId="`)
	_, _ = fmt.Sscanf(rest, `%d"`, &id)
	return id
}

type systemReader struct {
	*system
	channel string
	at      int
}

func (r *systemReader) Next() ([]byte, error) {
	if r.broken != nil {
		return nil, r.broken
	}
	if r.at == len(r.channels[r.channel]) {
		return nil, io.EOF
	}
	r.at++
	return []byte(r.channels[r.channel][r.at-1]), nil
}

func (r *systemReader) Close() error { return nil }

// Channels are read from now on, or from their beginning; after a kill the agent
// goes on behind the last record that became durable.
func TestChannelsGoOnAtTheirBookmark(t *testing.T) {
	s := &system{channels: map[string][]string{"Security": {logOn(1), logOn(2)}, "System": {logOn(70)}}}
	cfg := WinlogConfig{Channels: []string{"Security", "System"}, Beginning: true}
	h := newHost(t, func(string) Input { return newWinlog(cfg, s.subscribe, quiet()) })
	if d := cmp.Diff([]string{logOn(1), logOn(2), logOn(70)}, h.lines()); d != "" {
		t.Error(d)
	}
	h.restart()
	s.channels["Security"] = append(s.channels["Security"], logOn(3))
	if d := cmp.Diff([]string{logOn(3)}, h.lines()); d != "" {
		t.Error(d)
	}
	want := []string{
		"Security  true", "System  true",
		`Security <BookmarkList><Bookmark Channel="Security" RecordId="2" IsCurrent="true"/></BookmarkList> true`,
		`System <BookmarkList><Bookmark Channel="System" RecordId="70" IsCurrent="true"/></BookmarkList> true`,
	}
	if d := cmp.Diff(want, s.opened); d != "" {
		t.Error(d)
	}
}

// What was not committed before a kill comes again.
func TestEventsThatWereNotCommittedComeAgain(t *testing.T) {
	s := &system{channels: map[string][]string{"Security": {logOn(1)}}}
	h := newHost(t, func(string) Input {
		return newWinlog(WinlogConfig{Channels: []string{"Security"}, Beginning: true}, s.subscribe, quiet())
	})
	h.in.Poll(t.Context(), &Sink{spool: h.spool})
	h.restart()
	if d := cmp.Diff([]string{logOn(1)}, h.lines()); d != "" {
		t.Error(d)
	}
}

// Records that were overwritten while the agent was away are told with their number;
// a channel that is not there, or breaks, does not hold up the others.
func TestWhatAChannelLostIsTold(t *testing.T) {
	s := &system{channels: map[string][]string{"Security": {logOn(5)}}}
	var said bytes.Buffer
	var w *Winlog
	h := newHost(t, func(string) Input {
		w = newWinlog(WinlogConfig{Channels: []string{"Absent", "Security"}, Beginning: true}, s.subscribe, slog.New(slog.NewTextHandler(&said, nil)))
		return w
	})
	h.poll()
	h.commit()
	h.restart()
	s.channels["Security"] = []string{logOn(40), logOn(41)}
	if d := cmp.Diff([]string{logOn(5), logOn(40), logOn(41)}, h.lines()); d != "" {
		t.Error(d)
	}
	for _, words := range []string{"channel=Absent", "no such channel", "first=6 events=34"} {
		if !strings.Contains(said.String(), words) {
			t.Errorf("%q is not told:\n%s", words, &said)
		}
	}
	s.broken = errors.New("the service has stopped")
	h.poll()
	s.broken = nil
	s.channels["Security"] = append(s.channels["Security"], logOn(42))
	for _, c := range w.channels {
		c.retry = time.Time{}
	}
	if d := cmp.Diff([]string{logOn(42)}, h.lines()); d != "" {
		t.Error(d)
	}
}

// A full spool leaves the event where it is.
func TestAFullSpoolTakesNoEvent(t *testing.T) {
	s := &system{channels: map[string][]string{"Security": {logOn(1), logOn(2)}}}
	w := newWinlog(WinlogConfig{Channels: []string{"Security"}, Beginning: true}, s.subscribe, quiet())
	h := newHost(t, func(string) Input { return w })
	if !w.Poll(t.Context(), &Sink{spool: h.spool, rate: &rate{perSecond: 1}}) {
		t.Error("nothing waits")
	}
	if d := cmp.Diff([]string{logOn(1), logOn(2)}, h.lines()); d != "" {
		t.Error(d)
	}
}

func TestRecordID(t *testing.T) {
	for xml, want := range map[string]uint64{
		logOn(77): 77, "": 0, "<EventRecordID>": 0, "<EventRecordID>x": 0, "<EventRecordID>18446744073709551615</EventRecordID>": 1<<64 - 1,
	} {
		if got := recordID([]byte(xml)); got != want {
			t.Errorf("%.40q: %d, want %d", xml, got, want)
		}
	}
}
