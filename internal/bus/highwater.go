package bus

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// highWater remembers, beside the bus, the highest acknowledged sequence. The bus
// may lose its newest messages without an error (a flipped bit in a block file is
// enough); the mark makes that visible. It is written to two places in turn, so
// that a torn write leaves the one before.
type highWater struct {
	mu   sync.Mutex
	file *os.File
	rec  markRecord
}

// Layout of the file: two places, each in a sector of its own.
const (
	markSize  = 512
	markPlace = 4096
)

func openHighWater(dir string, log *slog.Logger) (*highWater, error) {
	f, err := os.OpenFile(filepath.Join(dir, "highwater"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the high-water mark: %w", err)
	}
	h := &highWater{file: f, rec: markRecord{Last: map[string]uint64{}}}
	damaged, found := false, false
	for place := range int64(2) {
		buf := make([]byte, markSize)
		n, _ := f.ReadAt(buf, place*markPlace)
		text := trimZero(buf[:n])
		if len(text) == 0 {
			continue
		}
		var rec markRecord
		if json.Unmarshal(text, &rec) != nil || rec.Sum != rec.sum() || rec.Last == nil {
			damaged = true
			continue
		}
		if found = true; rec.Gen >= h.rec.Gen {
			h.rec = rec
		}
	}
	if damaged && !found {
		log.Error("bus: the high-water mark is damaged and counts as none: what the bus has lost before this start cannot be told", "file", f.Name())
	}
	return h, nil
}

// markRecord is the content of a place: the checksum shows a torn write.
type markRecord struct {
	Gen    uint64            `json:"gen"`
	Last   map[string]uint64 `json:"last"`
	Origin string            `json:"origin,omitempty"` // of the events stream that Last counts in; "" is not known
	Sum    uint32            `json:"sum"`
}

func (r markRecord) sum() uint32 {
	r.Sum = 0
	text, _ := json.Marshal(r) // numbers always marshal; keys are sorted
	return crc32.ChecksumIEEE(text)
}

func (h *highWater) last(stream string) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rec.Last[stream]
}

func (h *highWater) advance(stream string, seq uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq <= h.rec.Last[stream] {
		return nil
	}
	return h.write(stream, seq)
}

// set moves the mark, back too.
func (h *highWater) set(stream string, seq uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.write(stream, seq)
}

func (h *highWater) originOf() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rec.Origin
}

func (h *highWater) setOrigin(origin string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rec.Origin = origin
	return h.write(Events, h.rec.Last[Events])
}

func (h *highWater) write(stream string, seq uint64) error {
	h.rec.Last[stream] = seq
	h.rec.Gen++
	h.rec.Sum = h.rec.sum()
	text, err := json.Marshal(h.rec)
	if err != nil {
		return err
	}
	if len(text) > markSize {
		return fmt.Errorf("%d bytes; at most %d", len(text), markSize)
	}
	buf := make([]byte, markSize)
	copy(buf, text)
	if _, err := h.file.WriteAt(buf, int64(h.rec.Gen%2)*markPlace); err != nil {
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
