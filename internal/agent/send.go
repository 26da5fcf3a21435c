package agent

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Pauses of the sender.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	greetEvery = 5 * time.Minute // the clock is measured, and the certificate looked at
)

// sending is what the sender knows of the server.
type sending struct {
	*Agent
	greeted time.Time // when the server last said what it has; zero: it must be asked
	failing bool
	pause   time.Duration
	batch   Batch
}

// send brings the spool's records to the server until ctx ends.
func (a *Agent) send(ctx context.Context) {
	s := &sending{Agent: a}
	for ctx.Err() == nil {
		idle, err := s.step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.failed(ctx, err)
		case idle:
			s.wait(ctx)
		}
	}
}

// step does the next thing; idle: there is nothing to send.
func (s *sending) step(ctx context.Context) (idle bool, err error) {
	if time.Since(s.greeted) > greetEvery {
		if err := s.greet(ctx); err != nil {
			return false, err
		}
	}
	if err := s.spool.Read(&s.batch); err != nil {
		return false, err
	}
	if s.batch.Count == 0 {
		return true, nil
	}
	base, _ := s.spool.Base()
	a, err := s.client.records(ctx, base, &s.batch)
	if err != nil {
		return false, err
	}
	s.worked()
	last := s.batch.First + uint64(s.batch.Count) - 1
	if a.AcceptedThrough < base+last {
		s.greeted = time.Time{} // it has a part: ask which
		return false, errors.New("yagura took a part of a request only")
	}
	return false, s.spool.Ack(last)
}

// greet asks what the server has of this agent. What it has is not sent again; a
// spool whose numbers the server has seen in another life of the agent gets new ones.
func (s *sending) greet(ctx context.Context) error {
	if err := s.renew(ctx); err != nil {
		s.log.Warn("the certificate was not renewed; trying again", "until", s.client.id.leaf.NotAfter, "err", err)
	}
	base, fixed := s.spool.Base()
	state := s.spool.State()
	a, err := s.client.hello(ctx, base+state.Acked+1)
	if err != nil {
		return err
	}
	s.worked()
	switch {
	case !fixed && a.Highest > base, a.AcceptedThrough > base+state.Written:
		// The folder was lost, or is an older copy: these numbers were used.
		s.log.Warn("the spool's numbers were used before; it goes on above them", "highest", a.Highest)
		base = a.Highest
		fallthrough
	case !fixed:
		if err := s.spool.saveBase(base, true); err != nil {
			return err
		}
	default:
		if a.AcceptedThrough > base {
			if err := s.spool.Ack(a.AcceptedThrough - base); err != nil {
				return err
			}
		}
	}
	s.spool.Rewind()
	s.greeted = time.Now()
	return nil
}

// failed tells of the first failure, and waits.
func (s *sending) failed(ctx context.Context, err error) {
	s.greeted = time.Time{}
	wait := s.pause
	var r *refused
	if errors.As(err, &r) {
		wait = max(wait, r.wait)
	}
	if !s.failing {
		s.failing = true
		s.log.Warn("yagura does not take records; they wait in the spool", "server", s.client.servers[s.client.at], "err", err)
		if r != nil && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden) {
			s.log.Error("this agent is not known to yagura any more, or was revoked; enrol it anew: yagura agents invite NAME", "agent", s.client.id.Name)
		}
	}
	s.pause = min(max(2*s.pause, firstPause), lastPause)
	select {
	case <-time.After(max(wait, firstPause)):
	case <-ctx.Done():
	}
}

func (s *sending) worked() {
	if s.failing {
		s.log.Info("yagura takes records again", "server", s.client.servers[s.client.at])
	}
	s.failing, s.pause = false, 0
}

// wait waits for something to send.
func (s *sending) wait(ctx context.Context) {
	timer := time.NewTimer(greetEvery)
	defer timer.Stop()
	select {
	case <-s.spool.news:
	case <-timer.C:
	case <-ctx.Done():
	}
}
