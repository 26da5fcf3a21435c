package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// The streams. Their names and subjects are part of the contract with other
// yagura instances on the same cluster.
const (
	Events    = "YAGURA_EVENTS"    // yagura.events.<tenant>: packed blocks
	Verdicts  = "YAGURA_VERDICTS"  // yagura.verdicts.<tenant>: one a block
	Alerts    = "YAGURA_ALERTS"    // yagura.alerts.<tenant>.<alert id>: one message a subject, for ever
	Incidents = "YAGURA_INCIDENTS" // yagura.incidents.<tenant>: versions of incidents
	Dead      = "YAGURA_DEAD"      // yagura.dead.<tenant>: what no stage could handle, with the reason
	stateKV   = "YAGURA_STATE"     // cursors and checkpoints
)

// duplicates is how long the server remembers Nats-Msg-Ids: longer than any
// retry of ours. Behind it the store's own deduplication stands.
const duplicates = 30 * time.Minute

// sumSmall is the room for every stream but events and verdicts.
const sumSmall = 3 << 30

// stages names who must confirm a stream's messages before they may be trimmed.
var stages = map[string][]string{
	Events:    {"detect", "store"},
	Verdicts:  {"store"},
	Alerts:    {"alert", "store"},
	Incidents: {"store"},
	Dead:      {"tell"},
}

func (b *Bus) createStreams(ctx context.Context) error {
	base := func(name, subject string, bytes int64) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{subject},
			Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
			Storage: jetstream.FileStorage, MaxBytes: bytes, Replicas: b.cfg.Replicas,
			Duplicates: duplicates, DenyDelete: true,
			Metadata: map[string]string{"yagura.format": "1"},
		}
	}
	events := base(Events, "yagura.events.*", b.cfg.MaxBytes)
	events.MaxMsgSize = event.MaxPacked + 4<<10
	alerts := base(Alerts, "yagura.alerts.*.*", 1<<30)
	alerts.MaxMsgsPerSubject, alerts.DiscardNewPerSubject = 1, true
	for _, cfg := range []jetstream.StreamConfig{
		events, base(Verdicts, "yagura.verdicts.*", b.cfg.MaxBytes/4), alerts,
		base(Incidents, "yagura.incidents.*", 512<<20), base(Dead, "yagura.dead.*", 512<<20),
	} {
		if err := b.incarnate(ctx, cfg); err != nil {
			return fmt.Errorf("create the stream %s: %w", cfg.Name, err)
		}
	}
	kv, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: stateKV, History: 1, Storage: jetstream.FileStorage, Replicas: b.cfg.Replicas, MaxBytes: 512 << 20,
	})
	if err != nil {
		return fmt.Errorf("create the bucket %s: %w", stateKV, err)
	}
	if b.state == nil {
		b.state = kv
	}
	return nil
}

// StreamState is what a stream holds and how far its stages are.
type StreamState struct {
	Name        string            `json:"name"`
	First, Last uint64            // sequences held
	Messages    uint64            `json:"messages"`
	Bytes       uint64            `json:"bytes"`
	MaxBytes    int64             `json:"max_bytes"`
	Confirmed   map[string]uint64 `json:"confirmed"` // stage → highest sequence up to which all is confirmed
}

// States reports on every stream, for metrics and doctor.
func (b *Bus) States(ctx context.Context) ([]StreamState, error) {
	var all []StreamState
	for _, name := range []string{Events, Verdicts, Alerts, Incidents, Dead} {
		s, err := b.js.Stream(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", name, err)
		}
		info := s.CachedInfo()
		st := StreamState{
			Name: name, First: info.State.FirstSeq, Last: info.State.LastSeq, Messages: info.State.Msgs,
			Bytes: info.State.Bytes, MaxBytes: info.Config.MaxBytes, Confirmed: map[string]uint64{},
		}
		for _, stage := range stages[name] {
			if st.Confirmed[stage], err = b.Confirmed(ctx, name, stage); err != nil {
				return nil, err
			}
		}
		all = append(all, st)
	}
	return all, nil
}

// Last is the newest sequence of a stream; 0 when nothing was ever published.
func (b *Bus) Last(ctx context.Context, stream string) (uint64, error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", stream, err)
	}
	return s.CachedInfo().State.LastSeq, nil
}
