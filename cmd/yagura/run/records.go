package run

import (
	"context"
	"log/slog"
	"time"

	"yagura/internal/bus"
)

// recordBatch bounds the alerts or incidents of one insert.
const recordBatch = 500

// recordStage copies alerts or incidents from the bus into ClickHouse, where
// dashboards and queries find them.
type recordStage[T any] struct {
	what  string
	open  func(context.Context) (*bus.Reader[T], error)
	write func(context.Context, []T) error
	log   *slog.Logger
}

func (s *recordStage[T]) run(ctx context.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	save := saver{log: s.log, what: "bus: save the cursor of " + s.what}
	for ctx.Err() == nil {
		batch, err := s.batch(ctx, r)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			continue
		}
		values := make([]T, len(batch))
		for i, d := range batch {
			values[i] = d.Value
		}
		if _, err := retried(ctx, s.log, "store: insert "+s.what, func() (struct{}, error) { return struct{}{}, s.write(ctx, values) }); err != nil {
			return nil
		}
		for _, d := range batch {
			d.Commit()
		}
		save.try(context.WithoutCancel(ctx), r.Save)
	}
	return nil
}

// batch waits for one record and takes what comes within a quarter of a second.
func (s *recordStage[T]) batch(ctx context.Context, r *bus.Reader[T]) (batch []*bus.Delivery[T], err error) {
	deadline := time.Time{}
	for len(batch) < recordBatch {
		d, err := nextBy(ctx, r, deadline)
		if d == nil {
			return batch, err
		}
		if len(batch) == 0 {
			deadline = time.Now().Add(250 * time.Millisecond)
		}
		batch = append(batch, d)
	}
	return batch, nil
}
