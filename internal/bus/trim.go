package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Trim removes what every stage has confirmed, oldest first, while a stream is
// more than half full: the other half is the reserve from which a gap after a
// crash can be refilled. Dead letters are not removed but moved, see DeadFolder.
// Call it every few seconds.
func (b *Bus) Trim(ctx context.Context) error {
	for name := range stages {
		if name == Dead {
			continue
		}
		if err := b.trim(ctx, name); err != nil {
			return err
		}
	}
	return b.trimDead(ctx)
}

func (b *Bus) trim(ctx context.Context, name string) error {
	s, err := b.js.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("trim %s: %w", name, err)
	}
	info := s.CachedInfo()
	floor, err := b.floor(ctx, name)
	if err != nil {
		return err
	}
	to := purgeTo(info, floor)
	if to == 0 {
		return nil
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(to)); err != nil {
		return fmt.Errorf("trim %s: %w", name, err)
	}
	b.log.Debug("bus: trimmed", "stream", name, "before", to)
	return nil
}

// purgeTo returns the first sequence to keep, 0 to keep all. It assumes messages
// of about equal size: what it misses, the next call takes.
func purgeTo(info *jetstream.StreamInfo, floor uint64) uint64 {
	st := info.State
	keep := uint64(info.Config.MaxBytes) / 2
	if st.Bytes <= keep || st.Msgs == 0 || floor < st.FirstSeq {
		return 0
	}
	excess := st.Bytes - keep
	span := st.LastSeq - st.FirstSeq + 1
	n := uint64(float64(span) * float64(excess) / float64(st.Bytes))
	return min(st.FirstSeq+n, floor+1)
}
