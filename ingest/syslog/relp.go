package syslog

import (
	"context"
	"errors"
	"sync"
)

// relp is what the RELP connections of a listener share.
type relp struct {
	sink  Durable
	tails *tails
	stop  context.Context // ends when reading is to end

	mu       sync.Mutex
	durable  uint64 // blocks up to this one are on disk
	sessions map[*session]struct{}
	born     uint64 // sessions so far
}

func newRELP(sink Sink) (*relp, error) {
	d, ok := sink.(Durable)
	if !ok {
		return nil, errors.New("relp: the sink does not tell when lines are on disk")
	}
	return &relp{sink: d, tails: newTails(), sessions: make(map[*session]struct{})}, nil
}

// reach hears of a block. One that is nowhere ends every connection: nothing that
// might lie in it is answered, and the senders send it again.
func (r *relp) reach(block uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.tails.forget()
	} else {
		r.durable = block
	}
	for s := range r.sessions {
		s.window.reach(block, err)
	}
}

// open gives a connection its window.
func (r *relp) open(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.born++
	s.born, s.window = r.born, newWindow(r.durable)
	r.sessions[s] = struct{}{}
}

func (r *relp) close(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, s)
}

// older returns the open connections of the same address that were there before.
func (r *relp) older(s *session) (some []*session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for o := range r.sessions {
		if o.addr == s.addr && o.born < s.born {
			some = append(some, o)
		}
	}
	return some
}

// giveUp ends all answers: the drain's time is over.
func (r *relp) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.sessions {
		s.window.set(&s.window.dead)
	}
}

// unanswered is the number of answers owed on all connections.
func (r *relp) unanswered() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.sessions {
		n += s.window.owes()
	}
	return n
}
