package syslog

import (
	"errors"
	"slices"
	"time"
)

// errReplaced ends a connection whose sender has come back on another one.
var errReplaced = errors.New("its sender has come back on another connection")

// maxHead is how many of a connection's first messages are kept for older ones of
// its address that may bring them too.
const maxHead = 64

// silent tells that nothing was read since.
func (s *session) silent(since time.Time) bool { return s.heard.Load() < since.UnixNano() }

// stuck waits while a message is brought to the sink; false: none was.
func (s *session) stuck() bool {
	if s.window.coming.Load() == 0 {
		return false
	}
	s.taking.Lock()
	defer s.taking.Unlock()
	return true
}

// replace ends an open connection whose sender has come back: it takes no message
// any more, and what it did not answer its sender sends again. It returns what was
// taken last; nil: nobody knows.
func (s *session) replace() *tail {
	s.leave(errReplaced)
	s.window.set(&s.window.dead)
	s.pace.drain(time.Now())
	s.taking.Lock()
	defer s.taking.Unlock()
	s.replaced = true
	t, first := s.window.tail(s.addr)
	if first {
		s.relp.tails.add(t)
	}
	return t
}

// watch makes this connection's first messages known to the older ones.
func (s *session) watch() {
	for _, o := range s.relp.older(s) {
		s.rivals = true
		o.younger.Store(s)
	}
}

// note keeps the first messages.
func (s *session) note(digest uint64) {
	s.headLock.Lock()
	defer s.headLock.Unlock()
	if len(s.head) < maxHead {
		s.head = append(s.head, digest)
	}
}

func (s *session) first() []uint64 {
	s.headLock.Lock()
	defer s.headLock.Unlock()
	return slices.Clip(s.head)
}

// follows tells that what comes here is what a younger connection of the same address
// has begun with: it lay unread here when the sender came back. Such messages are held
// for a moment: when the stream then ends, as it does where the sender has closed it,
// they are not taken. Nothing can be lost by that: they were not answered.
func (s *session) follows(y *session, digest uint64) bool {
	if s.behind {
		return true
	}
	head, here := y.first(), []uint64{s.before}
	for _, h := range s.held {
		here = append(here, h.digest)
	}
	here = append(here, digest)
	same := 0
	for _, from := range []int{1, 0} { // 0: the younger one's first message was taken here
		n := 0
		for n < len(here)-from && n < len(head) && here[from+n] == head[n] {
			n++
		}
		if n == len(here)-from || n == len(head) {
			same = max(same, n)
		}
	}
	s.behind = same > 1 && slices.ContainsFunc(head[:same], func(d uint64) bool { return d != head[0] })
	return same > 0
}
