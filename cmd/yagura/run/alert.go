package run

import (
	"context"
	"log/slog"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// taker is the alert stage's door: Take returns once the alert is durable there.
type taker interface {
	Take(ctx context.Context, a event.Alert) error
}

// saveEvery is how often a stage's cursor is written down.
const saveEvery = time.Second

// alertFeed hands alerts from the bus to the alert stage.
type alertFeed struct {
	bus  *bus.Bus
	take taker
	log  *slog.Logger
}

func (s *alertFeed) run(ctx context.Context) error {
	r, err := s.bus.AlertsFrom(ctx, "alert", 0)
	if err != nil {
		return err
	}
	defer r.Close()
	return eachSaved(ctx, r, func(d *bus.Delivery[event.Alert]) {
		if err := s.take.Take(ctx, d.Value); err != nil {
			if ctx.Err() == nil {
				s.log.Error("alert: an alert could not be written down and waits", "alert", d.Value.ID, "err", err)
			}
			d.Failed(err)
			return
		}
		d.Commit()
	})
}

// eachSaved calls handle for each delivery until ctx ends and saves the cursor
// every second and at the end.
func eachSaved[T any](ctx context.Context, r *bus.Reader[T], handle func(*bus.Delivery[T])) error {
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = r.Save(end) // the cursor may lag: messages come again
	}()
	next := time.Now().Add(saveEvery)
	for {
		d, err := nextBy(ctx, r, next)
		switch {
		case d != nil:
			handle(d)
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if now := time.Now(); now.After(next) {
			next = now.Add(saveEvery)
			if err := r.Save(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}
