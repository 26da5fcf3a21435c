package bus

import (
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"yagura/internal/event"
)

// recentBlocks is how many unpacked blocks are shared between readers: detect and
// store read the same ones at about the same time, and a block is immutable.
const recentBlocks = 8

// recent holds the newest unpacked blocks by sequence. The zero value is empty.
type recent struct {
	mu     sync.Mutex
	seqs   [recentBlocks]uint64
	blocks [recentBlocks]*event.Block
}

// unpack returns the message's block, unpacking it unless another reader has.
func (r *recent) unpack(m jetstream.Msg) (*event.Block, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	seq := meta.Sequence.Stream
	place := seq % recentBlocks
	r.mu.Lock()
	if r.seqs[place] == seq && r.blocks[place] != nil {
		defer r.mu.Unlock()
		return r.blocks[place], nil
	}
	r.mu.Unlock()
	b, err := event.Unpack(m.Data())
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seqs[place], r.blocks[place] = seq, b
	return b, nil
}
