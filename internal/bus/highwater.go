package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nats.go"
)

// highWater remembers, beside the bus, the highest acknowledged sequence. The bus
// may lose its newest messages without an error (a flipped bit in a block file is
// enough); the mark makes that visible.
type highWater struct {
	mu   sync.Mutex
	file *os.File
	last map[string]uint64
}

func openHighWater(dir string) (*highWater, error) {
	f, err := os.OpenFile(filepath.Join(dir, "highwater"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the high-water mark: %w", err)
	}
	h := &highWater{file: f, last: map[string]uint64{}}
	buf := make([]byte, 4096)
	n, _ := f.ReadAt(buf, 0)
	var rec markRecord
	if json.Unmarshal(trimZero(buf[:n]), &rec) == nil && rec.Sum == rec.sum() {
		h.last = rec.Last
	}
	return h, nil
}

// markRecord is the content of the file: fixed place, checksum inside, so that a
// torn write is seen and counts as no mark.
type markRecord struct {
	Last map[string]uint64 `json:"last"`
	Sum  uint32            `json:"sum"`
}

func (r markRecord) sum() uint32 {
	text, _ := json.Marshal(r.Last) // a map of numbers always marshals; keys are sorted
	return crc32.ChecksumIEEE(text)
}

func (h *highWater) advance(stream string, seq uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq <= h.last[stream] {
		return nil
	}
	h.last[stream] = seq
	rec := markRecord{Last: h.last}
	rec.Sum = rec.sum()
	text, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	buf := make([]byte, 256)
	copy(buf, text)
	if _, err := h.file.WriteAt(buf, 0); err != nil {
		return err
	}
	return h.file.Sync()
}

func (h *highWater) close() { _ = h.file.Close() }

func trimZero(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// gapHeader marks a filler: it stands for sequences that the bus has lost.
const gapHeader = "Yagura-Gap"

// maxFill bounds the fillers of one start.
const maxFill = 1 << 20

// compareMark finds sequences that were acknowledged and are gone, and fills
// them, so that no sequence number is ever given twice.
func (b *Bus) compareMark(ctx context.Context) error {
	if len(b.cfg.Servers) > 0 {
		return nil
	}
	s, err := b.js.Stream(ctx, Events)
	if err != nil {
		return fmt.Errorf("look at %s: %w", Events, err)
	}
	have, want := s.CachedInfo().State.LastSeq, b.mark.last[Events]
	if want <= have {
		return nil
	}
	if want-have > maxFill {
		return fmt.Errorf("the bus ends at sequence %d, but %d had been acknowledged: the store in %s is older than its high-water mark; restore the newer copy", have, want, b.cfg.Dir)
	}
	b.lost = append(b.lost, Lost{Events, have + 1, want})
	for seq := have + 1; seq <= want; seq++ {
		msg := nats.NewMsg("yagura.events." + b.cfg.Tenant)
		msg.Header.Set(gapHeader, "1")
		got, err := b.publish(ctx, msg, Events)
		if err != nil {
			return fmt.Errorf("fill the gap after %d: %w", have, err)
		}
		if got != seq {
			return errors.New("fill the gap: somebody else is writing to the bus")
		}
	}
	return nil
}
