package syslog

import (
	"sync"
	"sync/atomic"
	"time"
)

// What is told of senders that are turned away: a flood of them must not flood the log.
const (
	sayEvery = time.Minute // the same is told again
	maxSaid  = 64          // different things are kept apart
)

// said remembers what was told in the last minute. The zero value is ready; safe for
// concurrent use.
type said struct {
	mu sync.Mutex
	at map[string]time.Time
}

// first reports whether the text was not told for a minute. With too many different
// texts all further ones count as one.
func (s *said) first(text string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = make(map[string]time.Time)
	}
	for t, at := range s.at {
		if now.Sub(at) >= sayEvery {
			delete(s.at, t)
		}
	}
	if len(s.at) >= maxSaid {
		text = ""
	}
	if _, ok := s.at[text]; ok {
		return false
	}
	s.at[text] = now
	return true
}

// turnedAway counts a connection that is of no use, and tells of it: the same reason
// once a minute at most.
func (l *Listener) turnedAway(count *atomic.Uint64, from any, why string) {
	now := time.Now()
	l.limited.Store(now.Unix())
	n := count.Add(1)
	if l.said.first(why, now) {
		l.log.Warn("a sender was turned away", "listener", l.cfg.Name, "from", from, "why", why, "times", n)
	}
}
