package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yagura/internal/event"
)

// Bounds of the live page. A person reads it: what comes faster is counted.
const (
	liveEvery = 500 * time.Millisecond // between two messages
	liveShown = 200                    // events a message
	liveBytes = 1 << 20                // of a message; the event that passes it is the last
	liveLife  = 10 * time.Minute       // then the browser connects again, if it is still logged on
	liveAlive = 15 * time.Second       // an empty message after so long: a dead connection shows
)

// liveView is the page of live events.
type liveView struct {
	Q      string
	Fault  *faultView
	Stream string // where the events come from; "" when the search is wrong
}

// livePage shows events as they are parsed, before they are stored.
func (c *Console) livePage(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	v := liveView{Q: strings.TrimSpace(r.URL.Query().Get("q"))}
	status := http.StatusOK
	if err := c.matchable(v.Q); err != nil {
		v.Fault, status = p.fault(err, v.Q), c.status(err)
	} else {
		v.Stream = "/tail/events?" + url.Values{"q": {v.Q}}.Encode()
	}
	c.draw(w, r, p, status, frame{Page: "tail", Title: p.say("tail"), Content: v})
}

func (c *Console) matchable(search string) error {
	if c.deps.Tail == nil {
		return errAbsent
	}
	if len(search) > maxQuery {
		return badRequest("q: %d bytes; would be right: at most %d", len(search), maxQuery)
	}
	_, err := c.deps.Tail.Match(search)
	return err
}

// live sends events to the page as server-sent events: objects with the events of
// the last moment and the number of those left out.
func (c *Console) live(w http.ResponseWriter, r *http.Request) {
	blocks, match, done, err := c.subscribe(r)
	if err != nil {
		c.refuse(w, err)
		return
	}
	defer done()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	out := newLines(w)
	if out.flush() != nil {
		return
	}
	c.relay(r.Context(), out, &liveBatch{match: match, when: stamp(c.config.Zone)}, blocks)
}

// relay writes batches until the reader leaves, the subscription breaks, the
// console stops or liveLife is over. The browser then connects again by itself.
func (c *Console) relay(ctx context.Context, out *lines, batch *liveBatch, blocks <-chan *event.Block) {
	tick, end := time.NewTicker(liveEvery), time.NewTimer(liveLife)
	defer tick.Stop()
	defer end.Stop()
	said := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.stopping:
			return
		case <-end.C:
			return
		case b, ok := <-blocks:
			if !ok {
				return
			}
			batch.add(b)
		case now := <-tick.C:
			message := batch.take()
			if message == nil && now.Sub(said) >= liveAlive {
				message = []byte(":\n")
			}
			if message == nil {
				continue
			}
			said = now
			_, _ = out.buf.Write(append(message, '\n')) // the error stays in the buffer
			if out.flush() != nil {
				return
			}
		}
	}
}

// liveBatch gathers what the next message holds.
type liveBatch struct {
	match   func(event.Event) bool
	when    func(time.Time) string
	events  []byte // objects, parted by commas
	count   int
	skipped int
}

func (l *liveBatch) add(b *event.Block) {
	for i := range b.Len() {
		e := b.Event(i)
		if !l.match(e) {
			continue
		}
		if l.count == liveShown || len(l.events) >= liveBytes {
			l.skipped++
			continue
		}
		if l.count++; l.count > 1 {
			l.events = append(l.events, ',')
		}
		l.events = appendText(append(l.events, `{"when":`...), l.when(e.Time()))
		l.events = append(e.AppendJSON(append(l.events, `,"event":`...)), '}')
	}
}

// take returns the message of what was gathered, nil when there is nothing.
func (l *liveBatch) take() []byte {
	if l.count == 0 {
		return nil
	}
	message := strconv.AppendInt([]byte(`data: {"skipped":`), int64(l.skipped), 10)
	message = append(append(append(message, `,"events":[`...), l.events...), "]}\n"...)
	l.events, l.count, l.skipped = l.events[:0], 0, 0
	return message
}
