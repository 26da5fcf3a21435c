package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// maxBackOff bounds the pause between tries of a publish.
const maxBackOff = 2 * time.Second

// PublishBlock stores a packed block and returns its sequence once it is on disk.
// It tries again with the same message id until it succeeds or ctx ends; then the
// block's fate is unknown, and publishing it again later is safe. While there is
// no room it waits: that is the back-pressure. The error wraps ErrFull when that
// was the last reason.
func (b *Bus) PublishBlock(ctx context.Context, id event.ID, packed []byte) (uint64, error) {
	msg := nats.NewMsg("yagura.events." + b.cfg.Tenant)
	msg.Header.Set(jetstream.MsgIDHeader, id.String())
	msg.Data = packed
	seq, err := b.publish(ctx, msg, Events)
	if err != nil {
		return 0, err
	}
	if err := b.mark.advance(Events, seq); err != nil {
		b.log.Error("bus: the high-water mark could not be written", "err", err)
	}
	return seq, nil
}

// PublishVerdict stores the answer to one block.
func (b *Bus) PublishVerdict(ctx context.Context, v event.Verdict) error {
	msg := nats.NewMsg("yagura.verdicts." + b.cfg.Tenant)
	msg.Header.Set(jetstream.MsgIDHeader, "v/"+strconv.FormatUint(v.Seq, 10)+"/"+v.Block)
	return b.publishJSON(ctx, msg, Verdicts, v)
}

// PublishAlert stores an alert once: a second one with the same id is refused by
// the stream, which is success here.
func (b *Bus) PublishAlert(ctx context.Context, a event.Alert) error {
	msg := nats.NewMsg("yagura.alerts." + b.cfg.Tenant + "." + a.ID)
	return b.publishJSON(ctx, msg, Alerts, a)
}

// PublishIncident stores a version of an incident.
func (b *Bus) PublishIncident(ctx context.Context, i event.Incident) error {
	msg := nats.NewMsg("yagura.incidents." + b.cfg.Tenant)
	msg.Header.Set(jetstream.MsgIDHeader, i.ID+"/"+strconv.FormatUint(i.Version, 10))
	return b.publishJSON(ctx, msg, Incidents, i)
}

func (b *Bus) publishJSON(ctx context.Context, msg *nats.Msg, stream string, v any) (err error) {
	if msg.Data, err = json.Marshal(v); err != nil {
		return fmt.Errorf("encode for %s: %w", stream, err)
	}
	_, err = b.publish(ctx, msg, stream)
	return err
}

func (b *Bus) publish(ctx context.Context, msg *nats.Msg, stream string) (uint64, error) {
	return untilTaken(ctx, stream, func() (uint64, error) {
		if err := b.mend.enter(ctx); err != nil {
			return 0, err
		}
		defer b.mend.gate.RUnlock()
		return b.publishOnce(ctx, msg, stream)
	})
}

// untilTaken tries with a growing pause.
func untilTaken(ctx context.Context, stream string, try func() (uint64, error)) (uint64, error) {
	pause := 20 * time.Millisecond
	for {
		seq, err := try()
		if err == nil {
			return seq, nil
		}
		if final(err) {
			return 0, fmt.Errorf("publish to %s: %w", stream, err)
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("publish to %s: %w (%w)", stream, err, ctx.Err())
		case <-time.After(pause):
			pause = min(2*pause, maxBackOff)
		}
	}
}

func (b *Bus) publishOnce(ctx context.Context, msg *nats.Msg, stream string) (uint64, error) {
	if err := b.checkSpace(stream); err != nil {
		return 0, err
	}
	once, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ack, err := b.js.PublishMsg(once, msg, jetstream.WithExpectStream(stream), jetstream.WithRetryAttempts(0))
	var api *jetstream.APIError
	switch {
	case err == nil:
		b.mend.late.Store(0)
		return ack.Sequence, nil
	case once.Err() != nil && ctx.Err() == nil:
		b.mend.late.Add(1)
	case errors.As(err, &api) && api.ErrorCode == codeStoreFailed && strings.Contains(api.Description, "per subject"):
		return 0, nil // the alert is there already
	case errors.As(err, &api) && (api.ErrorCode == codeStoreFailed || api.ErrorCode == codeStorage || api.ErrorCode == codeResources):
		return 0, fmt.Errorf("%w: %s", ErrFull, api.Description)
	}
	return 0, err
}

// NATS JetStream error codes (server/errors.json).
const (
	codeStoreFailed jetstream.ErrorCode = 10077 // maximum bytes, or messages per subject, exceeded: the description tells
	codeResources   jetstream.ErrorCode = 10023
	codeStorage     jetstream.ErrorCode = 10047
)

// final errors do not go away by trying again.
func final(err error) bool {
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining)
}
