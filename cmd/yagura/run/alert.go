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
	bus   *bus.Bus
	take  taker
	level event.Level // lowest that opens an incident and is mailed; the others are only recorded
	log   *slog.Logger
}

func (s *alertFeed) run(ctx context.Context) error {
	r, err := s.bus.AlertsFrom(ctx, "alert", 0)
	if err != nil {
		return err
	}
	defer r.Close()
	return eachSaved(ctx, r, s.log, func(d *bus.Delivery[event.Alert]) {
		if d.Value.Level < s.level {
			d.Commit()
			return
		}
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
// every second and at the end. A cursor that cannot be saved only lags: after a
// crash messages come again.
func eachSaved[T any](ctx context.Context, r *bus.Reader[T], log *slog.Logger, handle func(*bus.Delivery[T])) error {
	save := saver{log: log, what: "bus: save a cursor"}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		save.try(end, r.Save)
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
			save.try(ctx, r.Save)
		}
	}
}
