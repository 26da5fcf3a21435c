package syslog

import (
	"bytes"
	"time"
)

// heldMessage waits until it is known whether it came before.
type heldMessage struct {
	owed
	frame Frame
	at    time.Time
}

// compare holds a message that may be one that came before, or that comes on another
// connection too; false: it is to be taken.
func (s *session) compare(o owed, f Frame) (held bool, err error) {
	if s.overlap.began.IsZero() {
		s.watch()
	}
	if s.rivals {
		s.note(o.digest)
	}
	var run []taken
	if s.overlap.active() {
		held, run = s.overlap.see(o.digest, s.pace.at)
	} else if y := s.younger.Load(); y != nil {
		held = s.follows(y, o.digest)
	}
	if !held && run == nil {
		return false, s.release()
	}
	s.hold(o, f)
	if run != nil {
		return true, s.again(run)
	}
	if s.weight > maxHeld || s.pace.at.Sub(s.held[0].at) > maxWait {
		return true, s.release()
	}
	return true, nil
}

// quiet decides about what is held: the sender says nothing more.
func (s *session) quiet() error {
	run := s.overlap.settle()
	if run != nil {
		return s.again(run)
	}
	if len(s.overlap.runs) > 0 {
		return nil
	}
	return s.release()
}

func (s *session) hold(o owed, f Frame) {
	f.Data = bytes.Clone(f.Data)
	s.held = append(s.held, heldMessage{o, f, s.pace.at})
	s.waiting.Add(1)
	s.weight += len(f.Data)
}

// again answers the first held messages by the blocks that took them the first time,
// and takes the others.
func (s *session) again(run []taken) error {
	s.t.l.resent.Add(uint64(len(run)))
	for i, t := range run {
		o := s.held[i].owed
		o.block = t.block
		if err := s.push(o); err != nil {
			return err
		}
	}
	s.held = s.held[len(run):]
	return s.release()
}

// release takes the held messages: they are new, or it is not sure.
func (s *session) release() error {
	if len(s.held) > 0 {
		s.overlap.end()
		s.behind = false
		s.younger.Store(nil)
	}
	held := s.held
	s.held, s.weight = nil, 0
	s.waiting.Store(0)
	for _, h := range held {
		s.window.coming.Store(h.digest)
		if err := s.take(h.owed, h.frame, h.at); err != nil {
			return err
		}
	}
	return nil
}
