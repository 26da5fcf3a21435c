package bus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// originKey is where a stream keeps its origin.
const originKey = "yagura.origin"

// origins are the names of one life of a stream.
type origins struct {
	now   string   // in its metadata
	known []string // noted in the bucket: now, and those it had before NewOrigin
}

// Origin names this life of the events stream. Sequences mean something only
// together with it: a stream that was made anew counts from 1 again. It is "" for
// streams made before origins were kept.
func (b *Bus) Origin() string { return b.originOf(Events) }

func (b *Bus) originOf(stream string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.origins[stream].now
}

// NewOrigin gives the events stream another origin: for a stream that is older
// than what has been stored from it, because its folder was restored from a copy.
func (b *Bus) NewOrigin(ctx context.Context) error {
	s, err := b.js.Stream(ctx, Events)
	if err != nil {
		return fmt.Errorf("renew the origin: %w", err)
	}
	cfg := s.CachedInfo().Config
	cfg.Metadata = maps.Clone(cfg.Metadata)
	renewed := newOrigin()
	cfg.Metadata[originKey] = renewed
	// Noted before: a kill between the two must not look like another stream.
	if err := b.keepOrigins(ctx, Events, append(slices.Clone(b.known(Events)), renewed)); err != nil {
		return err
	}
	if _, err := b.js.UpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("renew the origin: %w", err)
	}
	b.setOrigin(Events, renewed)
	return b.mark.setOrigin(renewed)
}

func (b *Bus) setOrigin(stream, origin string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.origins[stream]
	o.now = origin
	b.origins[stream] = o
}

// incarnate creates a stream or brings its configuration up to date, keeping its
// origin. Events without one keep none: the store knows them by that.
func (b *Bus) incarnate(ctx context.Context, cfg jetstream.StreamConfig) error {
	for {
		s, err := b.js.Stream(ctx, cfg.Name)
		cfg.Metadata = maps.Clone(cfg.Metadata)
		switch {
		case err == nil:
			cfg.Metadata[originKey] = s.CachedInfo().Config.Metadata[originKey]
			if cfg.Metadata[originKey] == "" && cfg.Name != Events {
				cfg.Metadata[originKey] = newOrigin()
			}
			_, err = b.js.UpdateStream(ctx, cfg)
		case errors.Is(err, jetstream.ErrStreamNotFound):
			cfg.Metadata[originKey] = newOrigin()
			_, err = b.js.CreateStream(ctx, cfg)
			if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
				continue // another instance was faster
			}
		}
		if err == nil {
			b.setOrigin(cfg.Name, cfg.Metadata[originKey])
		}
		return err
	}
}

func newOrigin() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return time.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random)
}
