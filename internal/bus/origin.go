package bus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// originKey is where the events stream keeps its origin.
const originKey = "yagura.origin"

// Origin names this life of the events stream. Sequences mean something only
// together with it: a stream that was made anew counts from 1 again. It is "" for
// streams made before origins were kept.
func (b *Bus) Origin() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.origin
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
	cfg.Metadata[originKey] = newOrigin()
	if _, err := b.js.UpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("renew the origin: %w", err)
	}
	b.setOrigin(cfg.Metadata[originKey])
	return nil
}

func (b *Bus) setOrigin(origin string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.origin = origin
}

// incarnate creates the events stream or brings its configuration up to date,
// keeping its origin.
func (b *Bus) incarnate(ctx context.Context, cfg jetstream.StreamConfig) error {
	for {
		s, err := b.js.Stream(ctx, cfg.Name)
		cfg.Metadata = maps.Clone(cfg.Metadata)
		switch {
		case err == nil:
			cfg.Metadata[originKey] = s.CachedInfo().Config.Metadata[originKey]
			_, err = b.js.UpdateStream(ctx, cfg)
		case errors.Is(err, jetstream.ErrStreamNotFound):
			cfg.Metadata[originKey] = newOrigin()
			_, err = b.js.CreateStream(ctx, cfg)
			if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
				continue // another instance was faster
			}
		}
		if err == nil {
			b.setOrigin(cfg.Metadata[originKey])
		}
		return err
	}
}

func newOrigin() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return time.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random)
}
