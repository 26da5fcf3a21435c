package agent

import (
	"sync"
	"time"
)

// clock is how far the host's clock is from the server's. Safe for concurrent use.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
	known  bool
}

// exchange is one question and answer: when it was sent and the answer came, by the
// host's clock, and when it came and was answered, by the server's.
type exchange struct {
	sent, back         time.Time
	received, answered time.Time
}

// take measures: the host is ahead by the offset, but for half of what the two ways
// differ.
func (c *clock) take(e exchange) {
	if e.received.IsZero() || e.answered.IsZero() {
		return
	}
	there, back := e.received.Sub(e.sent.Round(0)), e.answered.Sub(e.back.Round(0))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.known = -(there+back)/2, true
}

func (c *clock) now() (offset time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset, c.known
}
