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

	mu      sync.Mutex
	durable uint64 // blocks up to this one are on disk
	windows map[*window]struct{}
}

func newRELP(sink Sink) (*relp, error) {
	d, ok := sink.(Durable)
	if !ok {
		return nil, errors.New("relp: the sink does not tell when lines are on disk")
	}
	return &relp{sink: d, tails: newTails(), windows: make(map[*window]struct{})}, nil
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
	for w := range r.windows {
		w.reach(block, err)
	}
}

// open makes a connection's window.
func (r *relp) open() *window {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := newWindow(r.durable)
	r.windows[w] = struct{}{}
	return w
}

func (r *relp) close(w *window) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.windows, w)
}

// giveUp ends all answers: the drain's time is over.
func (r *relp) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for w := range r.windows {
		w.set(&w.dead)
	}
}

// unanswered is the number of answers owed on all connections.
func (r *relp) unanswered() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for w := range r.windows {
		n += w.owes()
	}
	return n
}
