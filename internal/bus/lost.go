package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Lost is a range of sequences that the bus had acknowledged and no longer holds.
type Lost struct {
	Stream   string
	From, To uint64
	Origin   string // of the stream
}

// lostKey keeps the ranges that nobody has been told of.
const lostKey = "lost"

// Lost returns what was found missing and nobody has been told of yet: those
// lines were accepted. Tell the operator, then call LostTold.
func (b *Bus) Lost() []Lost {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lost)
}

// LostTold says that what Lost returns has been told; the next start is silent
// about it.
func (b *Bus) LostTold(ctx context.Context) error {
	if len(b.Lost()) == 0 {
		return nil
	}
	if err := b.state.Delete(ctx, lostKey); err != nil {
		return fmt.Errorf("note that a loss was told: %w", err)
	}
	return nil
}

// gapHeader marks a filler: it stands for sequences that the bus has lost.
const gapHeader = "Yagura-Gap"

// maxFill bounds the fillers of one start.
const maxFill = 1 << 20

// compareMark finds sequences that were acknowledged and are gone. The loss is
// written down before anything else, so that a kill cannot hide it. In a stream
// that is ours alone the gap is filled, so that no sequence number is ever given
// twice.
func (b *Bus) compareMark(ctx context.Context) error {
	if err := b.loadLost(ctx); err != nil {
		return err
	}
	if err := b.compareOrigins(ctx); err != nil {
		return err
	}
	if err := b.compareMarkOrigin(ctx); err != nil {
		return err
	}
	have, err := b.Last(ctx, Events)
	if err != nil {
		return err
	}
	want, err := b.highest(ctx)
	if err != nil || want <= have {
		return err
	}
	if want-have > maxFill {
		return fmt.Errorf("the bus ends at sequence %d, but %d had been acknowledged: the store in %s is older than its high-water mark; restore the newer copy", have, want, b.cfg.Dir)
	}
	if err := b.noteLost(ctx, Lost{Events, have + 1, want, b.Origin()}); err != nil {
		return err
	}
	if len(b.cfg.Servers) > 0 {
		return b.stepBack(ctx, have) // others write there too
	}
	return b.fill(ctx, have+1, want)
}

// stepBack begins to count anew from the stream's end.
func (b *Bus) stepBack(ctx context.Context, to uint64) error {
	for _, stage := range stages[Events] {
		seq, err := b.Confirmed(ctx, Events, stage)
		if err == nil && seq > to {
			err = b.Confirm(ctx, Events, stage, to)
		}
		if err != nil {
			return err
		}
	}
	return b.mark.set(Events, to)
}

// highest is the highest sequence of the events that is known to have been.
func (b *Bus) highest(ctx context.Context) (uint64, error) {
	highest := b.mark.last(Events)
	for _, stage := range stages[Events] {
		seq, err := b.Confirmed(ctx, Events, stage)
		if err != nil {
			return 0, err
		}
		highest = max(highest, seq)
	}
	return highest, nil
}

func (b *Bus) loadLost(ctx context.Context) error {
	entry, err := b.state.Get(ctx, lostKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	var lost []Lost
	if err == nil {
		err = json.Unmarshal(entry.Value(), &lost)
	}
	if err != nil {
		return fmt.Errorf("read what the bus has lost: %w", err)
	}
	b.setLost(lost)
	return nil
}

func (b *Bus) setLost(lost []Lost) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = lost
}

// noteLost adds a range, unless an earlier start has noted it and was killed
// while it filled the gap.
func (b *Bus) noteLost(ctx context.Context, l Lost) error {
	lost := b.Lost()
	for _, known := range lost {
		if known.Stream == l.Stream && known.Origin == l.Origin && known.From <= l.From && l.To <= known.To {
			return nil
		}
	}
	lost = append(lost, l)
	text, err := json.Marshal(lost)
	if err != nil {
		return err
	}
	if _, err := b.state.Put(ctx, lostKey, text); err != nil {
		return fmt.Errorf("note what the bus has lost: %w", err)
	}
	b.setLost(lost)
	return nil
}

func (b *Bus) fill(ctx context.Context, from, to uint64) error {
	for seq := from; seq <= to; seq++ {
		msg := nats.NewMsg("yagura.events." + b.cfg.Tenant)
		msg.Header.Set(gapHeader, "1")
		got, err := untilTaken(ctx, Events, func() (uint64, error) { return b.publishOnce(ctx, msg, Events) })
		if err != nil {
			return fmt.Errorf("fill the gap from %d: %w", from, err)
		}
		if got != seq {
			return errors.New("fill the gap: somebody else is writing to the bus")
		}
	}
	return nil
}
