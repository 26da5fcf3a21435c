package alert

import (
	"context"
	"errors"
	"time"
)

// maxSenders bounds the deliveries in flight of one route: a slow server holds
// only its own.
const maxSenders = 8

type laneKey struct{ route, address string }

// lane is what waits for one recipient on one route: one delivery at a time, in
// order. After a failure the lane waits and the mail goes to the end, so a mail
// that a server keeps putting off stops no other.
type lane struct {
	mails []string
	busy  bool
	fails int
	next  time.Time
}

// line puts a mail into its lanes. The lock must be held.
func (t *Stage) line(m *mail) {
	for _, d := range m.Routes {
		if d.final() {
			continue
		}
		key := laneKey{d.Route, m.To.Address}
		ln := t.lanes[key]
		if ln == nil {
			ln = &lane{}
			t.lanes[key] = ln
		}
		ln.mails = append(ln.mails, m.ID)
	}
}

// job is one delivery about to start.
type job struct {
	key   laneKey
	lane  *lane
	route route
	mail  *mail
}

// jobs takes the deliveries that may start now; next is when to look again.
func (t *Stage) jobs(now time.Time) (list []job, next time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, ln := range t.lanes {
		if ln.busy || t.flying[key.route] >= maxSenders {
			continue
		}
		if ln.next.Sub(now) > 0 {
			if next.IsZero() || ln.next.Before(next) {
				next = ln.next
			}
			continue
		}
		if j, ok := t.job(key, ln); ok {
			list = append(list, j)
		}
	}
	return list, next
}

// job takes the lane's first mail, or removes a lane that has none.
func (t *Stage) job(key laneKey, ln *lane) (job, bool) {
	for len(ln.mails) > 0 {
		m := t.state.mails[ln.mails[0]]
		ln.mails = ln.mails[1:]
		if m == nil {
			continue
		}
		if d := m.route(key.route); d == nil || d.final() {
			continue
		}
		ln.busy = true
		t.flying[key.route]++
		return job{key: key, lane: ln, route: t.route(key.route), mail: m}, true
	}
	delete(t.lanes, key)
	return job{}, false
}

// work carries one job to its end.
func (t *Stage) work(ctx context.Context, j job) {
	body, err := t.compose(j.mail)
	if err == nil {
		l := letter{id: j.mail.ID, to: j.mail.To.Address, bytes: body}
		err = j.route.deliver(ctx, l, func() error { return t.sending(j) })
	}
	if err := t.settle(j, err); err != nil {
		t.log.Error("mail state is not in the ledger; it may be sent again", "mail", j.mail.ID, "error", err)
	}
	signal(t.wake)
}

// sending notes that the mail may arrive from here on. A ledger that cannot be
// written does not hold a mail back: twice is better than never.
func (t *Stage) sending(j job) error {
	t.mu.Lock()
	number, err := t.commit(&record{Time: t.clock.Now(), Move: &move{Mail: j.mail.ID, Route: j.key.route, State: stateSending}})
	t.mu.Unlock()
	if err == nil {
		err = t.durable(number)
	}
	if err != nil && !errors.Is(err, errClosed) {
		t.log.Error("mail goes out without its record", "mail", j.mail.ID, "error", err)
	}
	return nil
}

// settle records how a delivery ended and frees its lane.
func (t *Stage) settle(j job, failure error) error {
	t.mu.Lock()
	now := t.clock.Now()
	r := &record{Time: now, Move: &move{Mail: j.mail.ID, Route: j.key.route, State: stateSent}}
	j.lane.busy = false
	if t.trouble = ""; failure != nil {
		t.trouble = cut(escape(failure.Error()), 200)
	}
	t.flying[j.key.route]--
	switch {
	case failure == nil:
		j.lane.fails, j.lane.next = 0, time.Time{}
	case errors.Is(failure, errRefused):
		r.Move.State, r.Move.Why = stateFailed, t.trouble
		if j.key.route == j.mail.Primary {
			t.instead(r, j.mail, now)
		}
	default:
		r.Move.State = stateDue
		j.lane.mails = append(j.lane.mails, j.mail.ID)
		j.lane.next = now.Add(t.backoff(j.lane.fails))
		j.lane.fails++
	}
	number, err := t.commit(r)
	why := t.trouble
	t.mu.Unlock()
	if failure != nil {
		t.log.Warn("mail was not delivered", "mail", j.mail.ID, "route", j.key.route, "final", errors.Is(failure, errRefused), "error", why)
	}
	if err != nil {
		return err
	}
	return t.durable(number)
}

// backoff doubles from RetryFirst up to RetryMax.
func (t *Stage) backoff(fails int) time.Duration {
	wait := t.config.RetryFirst
	for range min(fails, 32) {
		if wait *= 2; wait >= t.config.RetryMax {
			break
		}
	}
	return min(wait, t.config.RetryMax)
}
