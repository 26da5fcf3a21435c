package run

import (
	"context"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// tailer gives live blocks from the bus: after parsing, before storing.
type tailer struct{ m *Main }

// Subscribe implements console.Tail.
func (t tailer) Subscribe(ctx context.Context) (<-chan *event.Block, error) {
	r, err := t.m.bus.Blocks(ctx, "", bus.Newest)
	if err != nil {
		return nil, err
	}
	out := make(chan *event.Block)
	go func() {
		defer close(out)
		defer r.Close()
		for {
			d, err := r.Next(ctx)
			if err != nil {
				return
			}
			d.Commit()
			select {
			case out <- d.Value:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
