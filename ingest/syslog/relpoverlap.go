package syslog

import (
	"slices"
	"time"
)

// maxWait is how long messages are held at most until it is known what became of an
// older connection.
const maxWait = time.Second

// overlap compares the first messages of a connection with what came last on others
// of its address: on those that have ended (tails), and on those still open, as a
// sender that comes back is often faster than the news that its connection broke.
//
// What comes again is a run of messages, in their order, up to the last one that the
// other connection took, and it begins no later than the first that was not answered.
// Equal lines are legitimate: where the sender may have all answers, or may be another
// one of its address, the run must hold two that differ and that came once (pair). A
// sender that sends one and waits is believed by one only where it owes this very one,
// which came once, and where nobody else of its address is there (alone).
type overlap struct {
	self  *session
	runs  []overlapRun // that fit so far
	rest  *overlapRun  // of which the first messages came again: the others are to come
	seen  []uint64     // the messages held, and the one looked at
	began time.Time    // zero: not yet
}

// overlapRun is a place in a tail where what was seen may begin: counted from the
// connection's start, as older messages are forgotten.
type overlapRun struct {
	tail  *tail
	live  *session // whose tail it is, while it is open: more may come; else nil
	first int
}

// active tells that the next message is to be compared.
func (o *overlap) active() bool { return o.began.IsZero() || len(o.runs) > 0 || o.rest != nil }

// end gives up: what was held is new.
func (o *overlap) end() { o.runs, o.rest, o.seen = nil, nil, nil }

// see compares the next message. held tells that some run still fits; run is set when
// one is complete: the first messages held, this one among them, are run's, in order.
func (o *overlap) see(digest uint64, at time.Time) (held bool, run []taken) {
	if o.rest != nil {
		return false, o.more(digest)
	}
	o.seen = append(o.seen, digest)
	if o.began.IsZero() {
		o.began = at
		o.begin()
	} else {
		o.runs = slices.DeleteFunc(o.runs, func(r overlapRun) bool { return !r.next(o.seen) })
	}
	if run = o.complete(); run == nil && at.Sub(o.began) > maxWait {
		run = o.settle()
	}
	return len(o.runs) > 0, run
}

// begin finds where runs may begin, the shortest first: what is in doubt is stored
// twice rather than lost.
func (o *overlap) begin() {
	places := func(t *tail, live *session) {
		for i := min(t.must, len(t.messages)-1); i >= 0; i-- {
			if t.messages[i].digest == o.seen[0] {
				o.runs = append(o.runs, overlapRun{t, live, t.before + i})
			}
		}
	}
	for _, t := range o.self.relp.tails.of(o.self.addr) {
		places(t, nil)
	}
	for _, s := range o.self.relp.older(o.self) {
		if t, live := s.window.peek(s.addr); live {
			places(t, s)
		}
	}
}

// complete ends the comparison when a run has reached the end of a tail.
func (o *overlap) complete() []taken {
	for _, r := range o.runs {
		if r.live != nil || r.left(o.seen) > 0 {
			continue
		}
		if r.proves(o) && o.self.relp.tails.claim(r.tail) {
			o.end()
			return r.tail.messages[r.first-r.tail.before:]
		}
	}
	o.runs = slices.DeleteFunc(o.runs, func(r overlapRun) bool { return r.live == nil && r.left(o.seen) <= 0 })
	return nil
}

// settle decides what open connections are: one that has sent nothing since this one
// began, and waits for answers, is no more. It ends the comparison, unless such a one
// was held up by the sink: that is waited for, and then there may be more to know.
func (o *overlap) settle() []taken {
	for i := range o.runs {
		if r := &o.runs[i]; r.live != nil && r.live.silent(o.began) && r.live.stuck() {
			return nil
		}
	}
	for i := range o.runs {
		if r := &o.runs[i]; r.live != nil {
			r.decide(o)
		}
	}
	o.runs = slices.DeleteFunc(o.runs, func(r overlapRun) bool {
		return r.live != nil || r.tail == nil || !r.tail.has(r.first, o.seen)
	})
	run := o.complete()
	if run == nil {
		run = o.part()
	}
	if o.runs = nil; o.rest == nil {
		o.end()
	}
	return run
}

// decide closes an open connection where it is sure that its sender has come back.
func (r *overlapRun) decide(o *overlap) {
	t, live := r.live.window.peek(r.tail.from)
	back := func() bool {
		return t.has(r.first, o.seen) && t.pair(r.first, o.seen) && r.live.silent(o.began) && (t.owes() || unreceived(r.live.conn))
	}
	if live && back() {
		t, live = r.live.replace(), false
	}
	if r.tail = t; !live {
		r.live = nil
	}
}

// part takes what has come of a run, where the sender says nothing more before it has
// answers.
func (o *overlap) part() []taken {
	for _, r := range o.runs {
		if (len(o.seen) > 1 || r.one(o)) && r.tail.owes() && o.self.relp.tails.claim(r.tail) {
			o.rest = &r
			at := r.first - r.tail.before
			return r.tail.messages[at : at+len(o.seen)]
		}
	}
	return nil
}

// more returns the next message of a run in part; nil: it is another one.
func (o *overlap) more(digest uint64) []taken {
	o.seen = append(o.seen, digest)
	at, r := o.rest.first-o.rest.tail.before+len(o.seen)-1, o.rest
	if r.tail.messages[at].digest != digest {
		o.end()
		return nil
	}
	if r.left(o.seen) == 0 {
		o.end()
	}
	return r.tail.messages[at : at+1]
}

// left gives back the tail of which only a part came again, with how many of it were
// answered.
func (o *overlap) left(answered int) bool {
	if o.rest == nil {
		return false
	}
	t := o.rest.tail
	t.must = max(t.must, o.rest.first-t.before+answered)
	o.self.relp.tails.add(t)
	return true
}

// next compares the last message seen. Where an open connection has taken no more so
// far nothing is known; when it has ended its tail is.
func (r *overlapRun) next(seen []uint64) bool {
	if r.live != nil {
		if t, live := r.live.window.over(); !live {
			r.tail, r.live = t, nil
			return t != nil && t.has(r.first, seen)
		}
	}
	i := r.first - r.tail.before + len(seen) - 1
	return i >= len(r.tail.messages) || r.tail.messages[i].digest == seen[len(seen)-1]
}

// left is how many messages of the tail are still to come.
func (r *overlapRun) left(seen []uint64) int {
	return r.tail.before + len(r.tail.messages) - r.first - len(seen)
}

// proves tells that a run up to the tail's end came again.
func (r *overlapRun) proves(o *overlap) bool {
	n := len(r.tail.messages) - (r.first - r.tail.before)
	switch {
	case !r.tail.owes():
		return r.tail.pair(r.first, o.seen[:n])
	case n > 1:
		return true
	}
	return r.one(o)
}

// one tells that a single message came again.
func (r *overlapRun) one(o *overlap) bool {
	at := r.first - r.tail.before
	return (at == r.tail.must || r.tail.broken) && r.tail.owes() && r.tail.once(o.seen[0]) && o.alone()
}

// alone tells that nobody else of the address is there.
func (o *overlap) alone() bool {
	for _, s := range o.self.relp.older(o.self) {
		if _, live := s.window.over(); live {
			return false
		}
	}
	return o.self.relp.tails.owed(o.self.addr) == 1
}
