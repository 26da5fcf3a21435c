package agent

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"strconv"
	"time"
)

// WinlogConfig is the input of Windows event log channels.
type WinlogConfig struct {
	Channels  []string // as wevtutil el lists them: Security, System, Microsoft-Windows-Sysmon/Operational
	Beginning bool     // at the very first start all that is in the channels is read
}

// Winlog subscribes to channels of the Windows event log. A record is the event's
// XML as the system renders it (EvtRender), without the message text, which is
// localised; the mark of a channel is the EventRecordID of the last event read, from
// which its bookmark is made.
type Winlog struct {
	open     func(channel, bookmark string, beginning bool) (channelReader, error)
	log      *slog.Logger
	channels []*winChannel
}

// channelReader is a subscription.
type channelReader interface {
	// Next returns the XML of the next event, valid until the next call; io.EOF: there
	// is none for now. It does not wait.
	Next() ([]byte, error)
	Close() error
}

// winChannel is one channel and how far it is read.
type winChannel struct {
	name      string
	beginning bool
	reader    channelReader // nil: not open
	last      uint64        // EventRecordID; 0: none was read
	resumed   bool          // the next event is the first one behind an earlier run
	moved     bool
	held      []byte // an event that the sink did not take
	retry     time.Time
	pause     time.Duration
}

// NewWinlog makes the input; nothing is opened. It fails on other systems.
func NewWinlog(cfg WinlogConfig, log *slog.Logger) (*Winlog, error) {
	if err := canSubscribe(); err != nil {
		return nil, err
	}
	return newWinlog(cfg, subscribe, log), nil
}

func newWinlog(cfg WinlogConfig, open func(channel, bookmark string, beginning bool) (channelReader, error), log *slog.Logger) *Winlog {
	w := &Winlog{open: open, log: log}
	for _, name := range cfg.Channels {
		w.channels = append(w.channels, &winChannel{name: name, beginning: cfg.Beginning})
	}
	return w
}

// Name implements Input.
func (w *Winlog) Name() string { return "winlog" }

func (c *winChannel) key() string { return "winlog/" + c.name }

// Restore implements Input.
func (w *Winlog) Restore(marks map[string]string) {
	for _, c := range w.channels {
		c.last, _ = strconv.ParseUint(marks[c.key()], 10, 64) // a damaged mark is none
		c.resumed = c.last > 0
	}
}

// Marks implements Input.
func (w *Winlog) Marks(put func(key, value string)) {
	for _, c := range w.channels {
		if c.moved {
			c.moved = false
			put(c.key(), strconv.FormatUint(c.last, 10))
		}
	}
}

// Lag implements Input: the system does not tell.
func (w *Winlog) Lag() int64 { return -1 }

// Close implements Input.
func (w *Winlog) Close() (err error) {
	for _, c := range w.channels {
		if c.reader != nil {
			if cerr := c.reader.Close(); err == nil {
				err = cerr
			}
			c.reader = nil
		}
	}
	return err
}

// turn is how many events of a channel are read before the next channel has its
// turn: Security is busy, and the others must not wait for it.
const turn = 256

// Poll implements Input.
func (w *Winlog) Poll(_ context.Context, to *Sink) (more bool) {
	for _, c := range w.channels {
		if w.poll(c, to) {
			more = true
		}
	}
	return more
}

func (w *Winlog) poll(c *winChannel, to *Sink) (more bool) {
	now := time.Now()
	if c.reader == nil && !w.start(c, now) {
		return false
	}
	for range turn {
		if c.held == nil {
			event, err := c.reader.Next()
			if err == io.EOF {
				return false
			}
			if err != nil {
				w.lost(c, now, err)
				return false
			}
			c.held = event
		}
		if !to.Put(&Record{Input: "winlog", Path: c.name, Read: now, Raw: c.held}) {
			c.held = bytes.Clone(c.held)
			return true
		}
		w.took(c)
	}
	return true
}

// took moves the mark behind the event held.
func (w *Winlog) took(c *winChannel) {
	id := recordID(c.held)
	c.held, c.pause = nil, 0
	if id == 0 {
		return
	}
	if c.resumed && id > c.last+1 {
		w.log.Warn("winlog: events were overwritten or cleared before they were read; enlarge the channel's log", "channel", c.name, "first", c.last+1, "events", id-c.last-1)
	}
	c.last, c.resumed, c.moved = id, false, true
}

func (w *Winlog) start(c *winChannel, now time.Time) bool {
	if now.Before(c.retry) {
		return false
	}
	reader, err := w.open(c.name, bookmark(c.name, c.last), c.beginning)
	if err != nil {
		w.lost(c, now, err)
		return false
	}
	c.reader = reader
	return true
}

// lost closes the subscription and waits a growing while before the next one, which
// goes on behind the last event taken.
func (w *Winlog) lost(c *winChannel, now time.Time, err error) {
	w.log.Warn("winlog: the channel cannot be read; trying again", "channel", c.name, "err", err)
	if c.reader != nil {
		_ = c.reader.Close()
	}
	c.reader, c.held = nil, nil
	c.resumed = c.last > 0
	c.pause = min(max(2*c.pause, time.Second), time.Minute)
	c.retry = now.Add(c.pause)
}

// bookmark is the XML from which EvtCreateBookmark makes one; "" for no event.
func bookmark(channel string, last uint64) string {
	if last == 0 {
		return ""
	}
	return fmt.Sprintf(`<BookmarkList><Bookmark Channel="%s" RecordId="%d" IsCurrent="true"/></BookmarkList>`, html.EscapeString(channel), last)
}

// recordID is the event's EventRecordID, 0 when it has none. The first one counts:
// what stands in the data of the event comes behind, and is escaped.
func recordID(xml []byte) (id uint64) {
	_, rest, ok := bytes.Cut(xml, []byte("<EventRecordID>"))
	if !ok {
		return 0
	}
	for i, c := range rest {
		if c < '0' || c > '9' || i == 20 {
			break
		}
		id = 10*id + uint64(c-'0')
	}
	return id
}
