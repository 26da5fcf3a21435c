package run

import (
	"context"
	"log/slog"
	"time"
)

// saveTime bounds one try to write a cursor or a checkpoint down.
const saveTime = 10 * time.Second

// saver writes down how far a stage is. What cannot be written is tried again the
// next time: the stage's work goes on, and only more of it comes again after a
// crash. The first failure and every minute of failing are told.
type saver struct {
	log  *slog.Logger
	what string
	told time.Time
}

func (s *saver) try(ctx context.Context, save func(context.Context) error) {
	once, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	err := save(once)
	switch {
	case err == nil && !s.told.IsZero():
		s.told = time.Time{}
		s.log.Info(s.what + ": goes on")
	case err != nil && ctx.Err() == nil && time.Since(s.told) > time.Minute:
		s.told = time.Now()
		s.log.Warn(s.what+": fails; trying again", "err", err)
	}
}
