package syslog

import (
	"errors"
	"io"
	"time"
)

// Times of a RELP connection's end.
const (
	lastAnswers = time.Second            // for answers to a sender that has ended its side
	farewell    = 500 * time.Millisecond // for a sender to close after serverclose
)

// errClose ends a connection that the sender has closed in good order.
var errClose = errors.New("closed by the sender")

// answer writes answers as they fall due, as many in one write as there are. It ends
// the connection when the sender does not take them.
func (s *session) answer() {
	var b []byte
	for {
		n := 0
		if b, n = s.window.next(b[:0]); n == 0 {
			break
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.t.l.cfg.FrameTimeout))
		if _, err := s.conn.Write(b); err != nil {
			s.countEnd(slowOr(err))
			s.window.fail()
			_ = s.conn.Close()
			return
		}
		s.window.wrote(n)
	}
	s.pace.drain(time.Now()) // a block was lost, or the reader has ended anyway
}

// finish answers what is on disk in time, says goodbye, and remembers what the sender
// was not told.
func (s *session) finish(why error, answered <-chan struct{}) {
	s.countEnd(why)
	limit, gone := s.t.l.cfg.Drain/2, false
	switch {
	case errors.Is(why, ErrNotRELP):
		s.garbage(why)
	case errors.Is(why, errClose), errors.Is(why, errStop), errors.Is(why, errReplaced), errors.Is(why, errIdle), errors.Is(why, errSlow):
	default: // its side has ended, in good order or not: it may be coming back now
		limit, gone = lastAnswers, true
		s.remember(errors.Is(why, io.EOF)) // not: inside a frame
	}
	s.window.set(&s.window.ended)
	timer := time.AfterFunc(limit, func() {
		s.window.set(&s.window.dead)
		_ = s.conn.SetWriteDeadline(time.Unix(1, 0))
	})
	<-answered
	timer.Stop()
	if gone {
		s.forget()
		return
	}
	s.farewell()
	s.remember(true)
}

// remember keeps what the sender must send again, and, where the connection broke,
// what it may.
func (s *session) remember(inOrder bool) {
	inOrder = inOrder && !unreceived(s.conn)
	t, first := s.window.tail(s.addr)
	if first && !s.overlap.left(t.must) && (t.owes() || !inOrder) {
		t.broken = !inOrder
		s.relp.tails.add(t)
	}
}

// forget drops what was remembered of a sender that had closed its side only, and has
// got all its answers.
func (s *session) forget() {
	if t, _ := s.window.tail(s.addr); t != nil && s.window.owes() == 0 && received(s.conn, lastAnswers) {
		s.relp.tails.claim(t)
	}
}

// farewell tells the sender that we close, and waits for it to do so: a close with
// unread bytes in the kernel would take the last answers along (RST).
func (s *session) farewell() {
	end := time.Now().Add(farewell)
	_ = s.conn.SetDeadline(end)
	if _, err := io.WriteString(s.conn, "0 serverclose 0\n"); err != nil {
		return
	}
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, s.conn, lastBytes) // up to the end or the deadline
}
