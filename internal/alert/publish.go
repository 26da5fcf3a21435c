package alert

import (
	"context"
	"errors"
	"slices"
	"time"

	"yagura/internal/event"
)

// maxPublish is the number of incidents published between two looks at the state.
const maxPublish = 256

// publishing hands every new version to the publisher until ctx ends.
// Versions made meanwhile are skipped: the newest says all.
func (t *Stage) publishing(ctx, work context.Context) {
	wait := time.Duration(0)
	for {
		err := t.publishAll(work)
		switch {
		case err != nil:
			wait = min(max(2*wait, t.config.RetryFirst), time.Minute)
			t.log.Warn("incident was not published", "again_in", wait, "error", err)
		default:
			wait = 0
		}
		if ctx.Err() != nil {
			return
		}
		var timer <-chan time.Time
		news := t.news
		if wait > 0 {
			timer, news = t.clock.After(wait), nil
		}
		select {
		case <-news:
		case <-timer:
		case <-ctx.Done():
		}
	}
}

// publishAll publishes until nothing is left or something fails. One incident
// that the publisher refuses stops no other; three failures mean the bus.
func (t *Stage) publishAll(ctx context.Context) error {
	for {
		list := t.unpublished()
		if len(list) == 0 {
			return nil
		}
		var done []published
		var failures []error
		for _, inc := range list {
			if err := t.hand(ctx, inc); err != nil {
				if failures = append(failures, err); len(failures) == 3 {
					break
				}
				continue
			}
			done = append(done, published{inc.ID, inc.Version})
		}
		if err := errors.Join(append(failures, t.markPublished(done))...); err != nil {
			return err
		}
	}
}

func (t *Stage) hand(ctx context.Context, inc event.Incident) error {
	if t.publisher == nil {
		return nil
	}
	return t.publisher.PublishIncident(ctx, inc)
}

// unpublished returns up to maxPublish incidents, oldest change first.
func (t *Stage) unpublished() []event.Incident {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]event.Incident, 0, min(len(t.state.dirty), maxPublish))
	for id := range t.state.dirty {
		inc := t.state.incidents[id]
		if inc == nil {
			delete(t.state.dirty, id)
			continue
		}
		if list = append(list, inc.copy()); len(list) == maxPublish {
			break
		}
	}
	slices.SortFunc(list, func(a, b event.Incident) int { return a.Updated.Compare(b.Updated) })
	return list
}

// markPublished writes down what the publisher took. It waits for no fsync: after
// a crash the versions are published again.
func (t *Stage) markPublished(done []published) error {
	if len(done) == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.commit(&record{Time: t.clock.Now(), Pub: done})
	return err
}
