package bus

import (
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// recentBlocks is how many unpacked blocks are shared between readers: detect and
// store read the same ones at about the same time, and a block is immutable.
const recentBlocks = 8

// recent holds the newest unpacked blocks, each in the place of its sequence. The
// zero value is empty.
type recent [recentBlocks]struct {
	mu    sync.Mutex
	seq   uint64
	block *event.Block
}

// unpack returns the message's block. Readers get a message at the same moment: the
// second waits while the first unpacks.
func (r *recent) unpack(m jetstream.Msg) (*event.Block, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	seq := meta.Sequence.Stream
	place := &r[seq%recentBlocks]
	place.mu.Lock()
	defer place.mu.Unlock()
	if place.seq == seq && place.block != nil {
		return place.block, nil
	}
	b, err := event.Unpack(m.Data())
	if err != nil {
		return nil, err
	}
	place.seq, place.block = seq, b
	return b, nil
}
