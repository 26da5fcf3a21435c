package run

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// retried calls try with a growing pause until it succeeds; it returns an error
// only when ctx ends. The first failure and every minute of failing are told.
func retried[T any](ctx context.Context, log *slog.Logger, what string, try func() (T, error)) (T, error) {
	pause, told := 100*time.Millisecond, time.Time{}
	for {
		v, err := try()
		if err == nil {
			if !told.IsZero() {
				log.Info(what + ": goes on")
			}
			return v, nil
		}
		if ctx.Err() != nil {
			return v, errors.Join(err, ctx.Err())
		}
		if time.Since(told) > time.Minute {
			told = time.Now()
			log.Warn(what+": fails; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(pause):
			pause = min(2*pause, 5*time.Second)
		}
	}
}
