package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// maxOrigins bounds the names that are remembered of one life of a stream.
const maxOrigins = 16

// compareOrigins finds streams that were made anew while nobody looked: cursors and
// checkpoints are kept in a bucket of their own and would point into the life
// before. Their stages then begin at the first message; what the events stream had
// given out and not every stage had confirmed is noted as lost. In an embedded bus
// the events' sequences go on instead: see fill.
func (b *Bus) compareOrigins(ctx context.Context) error {
	for _, stream := range []string{Events, Verdicts, Alerts, Incidents, Dead} {
		known, err := b.loadOrigins(ctx, stream)
		if err != nil {
			return err
		}
		now := b.originOf(stream)
		if now == "" || slices.Contains(known, now) {
			continue
		}
		if len(known) > 0 && !(stream == Events && b.embedded()) {
			if err := b.beginAnew(ctx, stream); err != nil {
				return err
			}
			known = nil
		}
		if err := b.keepOrigins(ctx, stream, append(known, now)); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) beginAnew(ctx context.Context, stream string) error {
	b.log.Error("bus: a stream was made anew since the last start; its stages begin at its first message", "stream", stream)
	if stream == Events {
		floor, err := b.floor(ctx, stream)
		if err != nil {
			return err
		}
		highest, err := b.highest(ctx)
		if err == nil && highest > floor {
			err = b.noteLost(ctx, Lost{Events, floor + 1, highest, b.Origin()})
		}
		if err != nil {
			return err
		}
	}
	for _, stage := range stages[stream] {
		if err := b.Confirm(ctx, stream, stage, 0); err != nil {
			return err
		}
	}
	if stream == Events {
		return b.forgetEvents(ctx)
	}
	return nil
}

// forgetEvents sets the mark back, and passes over the verdicts to the earlier
// blocks: nobody has answered to new ones before this node or another has come here.
func (b *Bus) forgetEvents(ctx context.Context) error {
	last, err := b.Last(ctx, Verdicts)
	if err == nil {
		err = b.Confirm(ctx, Verdicts, "store", last)
	}
	if err != nil {
		return err
	}
	return b.mark.set(Events, 0)
}

// compareMarkOrigin looks whether this node's mark is of an earlier life of an
// external events stream, which another node has noticed or nobody: all that it
// knows of is gone.
func (b *Bus) compareMarkOrigin(ctx context.Context) error {
	now, of := b.Origin(), b.mark.originOf()
	if now == "" || of == now {
		return nil
	}
	if last := b.mark.last(Events); of != "" && last > 0 && !b.embedded() && !slices.Contains(b.known(Events), of) {
		b.log.Error("bus: the events stream was made anew since this node's last start", "acknowledged", last)
		if err := b.noteLost(ctx, Lost{Events, 1, last, now}); err != nil {
			return err
		}
		if err := b.mark.set(Events, 0); err != nil {
			return err
		}
	}
	return b.mark.setOrigin(now)
}

// loadOrigins returns the names that the stream has had in this life, as far as
// they were noted.
func (b *Bus) loadOrigins(ctx context.Context, stream string) (known []string, err error) {
	entry, err := b.state.Get(ctx, "origins."+stream)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return nil, nil
	case err == nil:
		err = json.Unmarshal(entry.Value(), &known)
	}
	if err != nil {
		return nil, fmt.Errorf("read the origins of %s: %w", stream, err)
	}
	b.setKnown(stream, known)
	return known, nil
}

func (b *Bus) keepOrigins(ctx context.Context, stream string, known []string) error {
	known = known[max(0, len(known)-maxOrigins):]
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	if _, err := b.state.Put(ctx, "origins."+stream, text); err != nil {
		return fmt.Errorf("note the origin of %s: %w", stream, err)
	}
	b.setKnown(stream, known)
	return nil
}

func (b *Bus) known(stream string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.origins[stream].known
}

func (b *Bus) setKnown(stream string, known []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.origins[stream]
	o.known = known
	b.origins[stream] = o
}

// floor is the sequence that every stage of a stream has confirmed.
func (b *Bus) floor(ctx context.Context, stream string) (uint64, error) {
	floor := ^uint64(0)
	for _, stage := range stages[stream] {
		seq, err := b.Confirmed(ctx, stream, stage)
		if err != nil {
			return 0, err
		}
		floor = min(floor, seq)
	}
	return floor, nil
}
