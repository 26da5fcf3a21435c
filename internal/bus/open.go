package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// Blocks reads events for a stage from sequence from on; from 0 is the stage's
// cursor. An empty stage reads without a cursor, for onlookers.
func (b *Bus) Blocks(ctx context.Context, stage string, from uint64) (*Reader[*event.Block], error) {
	return newReader(ctx, b, Events, stage, from, b.recent.unpack)
}

// VerdictsFrom reads verdicts.
func (b *Bus) VerdictsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Verdict], error) {
	return newReader(ctx, b, Verdicts, stage, from, decodeJSON[event.Verdict])
}

// AlertsFrom reads alerts.
func (b *Bus) AlertsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Alert], error) {
	return newReader(ctx, b, Alerts, stage, from, decodeJSON[event.Alert])
}

// IncidentsFrom reads versions of incidents.
func (b *Bus) IncidentsFrom(ctx context.Context, stage string, from uint64) (*Reader[event.Incident], error) {
	return newReader(ctx, b, Incidents, stage, from, decodeJSON[event.Incident])
}

func decodeJSON[T any](m jetstream.Msg) (v T, err error) {
	err = json.Unmarshal(m.Data(), &v)
	return v, err
}

// readAhead bounds the messages that a reader holds before Next, in bytes.
const readAhead = 32 << 20

// Newest as the start of an onlooker: only what comes from now on.
const Newest = ^uint64(0)

func newReader[T any](ctx context.Context, b *Bus, stream, stage string, from uint64, decode func(jetstream.Msg) (T, error)) (*Reader[T], error) {
	from, err := b.startOf(ctx, stream, stage, from)
	if err != nil {
		return nil, err
	}
	cfg := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from}
	if from == Newest {
		cfg = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy}
	}
	cfg.InactiveThreshold = 5 * time.Minute
	c, err := b.js.OrderedConsumer(ctx, stream, cfg)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream, err)
	}
	msgs, err := c.Messages(jetstream.PullMaxBytes(readAhead))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream, err)
	}
	r := &Reader[T]{
		bus: b, stream: stream, stage: stage, decode: decode, msgs: msgs,
		in: make(chan arrival), again: make(chan struct{}, 1), stop: make(chan struct{}), pumped: make(chan struct{}),
	}
	if from != Newest {
		r.marks = marks{last: from - 1, floor: from - 1}
		r.saved = from - 1
	}
	go r.pump()
	return r, nil
}

// startOf returns where to begin. A cursor beyond the stream's end would wait for
// ever, and pass over what comes in between: the stream has lost messages then.
func (b *Bus) startOf(ctx context.Context, stream, stage string, from uint64) (uint64, error) {
	if from == Newest {
		return from, nil
	}
	if from == 0 && stage != "" {
		floor, err := b.Confirmed(ctx, stream, stage)
		if err != nil {
			return 0, err
		}
		from = floor + 1
	}
	from = max(from, 1)
	last, err := b.Last(ctx, stream)
	if err != nil {
		return 0, err
	}
	if from > last+1 {
		b.log.Error("bus: a stage has been further than the stream is now; messages were lost", "stream", stream, "stage", stage, "at", from-1, "end", last)
		return last + 1, nil
	}
	return from, nil
}
