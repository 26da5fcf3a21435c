package bus

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// Confirm writes down that a stage has finished a stream up to seq.
func (b *Bus) Confirm(ctx context.Context, stream, stage string, seq uint64) error {
	if _, err := b.state.Put(ctx, cursorKey(stream, stage), binary.BigEndian.AppendUint64(nil, seq)); err != nil {
		return fmt.Errorf("save the cursor of %s: %w", stage, err)
	}
	return nil
}

// Confirmed returns how far a stage has confirmed a stream; 0 before its first
// time.
func (b *Bus) Confirmed(ctx context.Context, stream, stage string) (uint64, error) {
	entry, err := b.state.Get(ctx, cursorKey(stream, stage))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cursor of %s: %w", stage, err)
	}
	if len(entry.Value()) != 8 {
		return 0, fmt.Errorf("read the cursor of %s: %d bytes, not 8", stage, len(entry.Value()))
	}
	return binary.BigEndian.Uint64(entry.Value()), nil
}

func cursorKey(stream, stage string) string { return "cursor." + stream + "." + stage }

// chunk is how much of a checkpoint one KV entry holds.
const chunk = 4 << 20

// checkpoint is the manifest: it is written after the chunks, so that a crash
// leaves the previous checkpoint whole.
type checkpoint struct {
	Seq    uint64 `json:"seq"`
	Gen    uint64 `json:"gen"`
	Chunks int    `json:"chunks"`
	Size   int    `json:"size"`
	Sum    uint32 `json:"sum"`
	Origin string `json:"origin,omitempty"` // of the events stream that Seq counts in
}

// maxCheckpoint bounds a stage's state: two of them fit in the bucket.
const maxCheckpoint = 200 << 20

// ErrTooLarge is returned, wrapped, for a state beyond 200 MiB.
var ErrTooLarge = errors.New("the state is too large for a checkpoint")

// ErrDamaged is returned, wrapped, for a checkpoint that is there and not whole.
var ErrDamaged = errors.New("the checkpoint is damaged")

// SaveCheckpoint stores a stage's state together with the sequence it covers.
func (b *Bus) SaveCheckpoint(ctx context.Context, stage string, seq uint64, state []byte) error {
	if len(state) > maxCheckpoint {
		return fmt.Errorf("save the checkpoint of %s: %w: %d bytes", stage, ErrTooLarge, len(state))
	}
	old, _, err := b.manifest(ctx, stage)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	m := checkpoint{Seq: seq, Gen: old.Gen + 1, Size: len(state), Sum: crc32.ChecksumIEEE(state), Origin: b.Origin()}
	for rest := state; len(rest) > 0; m.Chunks++ {
		part := rest[:min(chunk, len(rest))]
		rest = rest[len(part):]
		if _, err := b.state.Put(ctx, chunkKey(stage, m.Gen, m.Chunks), part); err != nil {
			return fmt.Errorf("save the checkpoint of %s: %w", stage, err)
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := b.state.Put(ctx, "state."+stage, text); err != nil {
		return fmt.Errorf("save the checkpoint of %s: %w", stage, err)
	}
	return nil
}

// LoadCheckpoint returns a stage's newest state and the sequence it covers; nil
// and 0 when there is none, and 0 with the state when the events stream was made
// anew since: its first block is the next one then. The error wraps ErrDamaged when trying again is of no
// use.
func (b *Bus) LoadCheckpoint(ctx context.Context, stage string) ([]byte, uint64, error) {
	m, found, err := b.manifest(ctx, stage)
	if err != nil || !found {
		return nil, 0, err
	}
	state := make([]byte, 0, min(max(m.Size, 0), maxCheckpoint))
	for i := range m.Chunks {
		entry, err := b.state.Get(ctx, chunkKey(stage, m.Gen, i))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil, 0, fmt.Errorf("read the checkpoint of %s: %w: part %d is missing", stage, ErrDamaged, i)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read the checkpoint of %s: %w", stage, err)
		}
		state = append(state, entry.Value()...)
	}
	if crc32.ChecksumIEEE(state) != m.Sum {
		return nil, 0, fmt.Errorf("read the checkpoint of %s: %w: the checksum does not fit", stage, ErrDamaged)
	}
	if m.Origin != "" && m.Origin != b.Origin() && !slices.Contains(b.known(Events), m.Origin) {
		return state, 0, nil
	}
	return state, m.Seq, nil
}

func (b *Bus) manifest(ctx context.Context, stage string) (m checkpoint, found bool, err error) {
	entry, err := b.state.Get(ctx, "state."+stage)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read the checkpoint of %s: %w", stage, err)
	}
	if err := json.Unmarshal(entry.Value(), &m); err != nil {
		return m, false, fmt.Errorf("read the checkpoint of %s: %w: %w", stage, ErrDamaged, err)
	}
	return m, true, nil
}

// chunkKey alternates between two places: the newest checkpoint and the one
// being written.
func chunkKey(stage string, gen uint64, i int) string {
	return "state." + stage + "." + strconv.FormatUint(gen%2, 10) + "." + strconv.Itoa(i)
}
