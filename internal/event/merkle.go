package event

import (
	"crypto/sha256"
	"encoding/binary"
)

// Leaf is the hash of event e in its block's evidence tree: SHA-256 over 0x00,
// the event's index, arrival (Unix nanoseconds), peer, listener, block identity
// and the raw bytes, each variable part with its length before it. It can be
// computed again from the stored columns at any time.
func Leaf(e Event) [sha256.Size]byte {
	src := e.Source()
	id := e.block.ID
	buf := make([]byte, 0, 256+len(e.Raw()))
	buf = append(buf, 0)
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.index))
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.head.Received))
	buf = binary.BigEndian.AppendUint64(buf, id.Epoch)
	buf = binary.BigEndian.AppendUint64(buf, id.Seq)
	for _, s := range [...]string{src.Peer, src.Listener, id.Tenant, id.Node} {
		buf = appendText(buf, s)
	}
	buf = append(buf, e.Raw()...)
	return sha256.Sum256(buf)
}

// Root is the Merkle tree hash over the block's leaves, as RFC 6962 section 2.1
// builds it (nodes are SHA-256 over 0x01, left, right). An empty block has the
// hash of nothing.
func (b *Block) Root() [sha256.Size]byte {
	if b.Len() == 0 {
		return sha256.Sum256(nil)
	}
	level := make([][sha256.Size]byte, b.Len())
	for i := range level {
		level[i] = Leaf(b.Event(i))
	}
	var node [1 + 2*sha256.Size]byte
	node[0] = 1
	for len(level) > 1 {
		next := level[:0]
		for i := 0; i+1 < len(level); i += 2 {
			copy(node[1:], level[i][:])
			copy(node[1+sha256.Size:], level[i+1][:])
			next = append(next, sha256.Sum256(node[:]))
		}
		if len(level)%2 == 1 {
			next = append(next, level[len(level)-1])
		}
		level = next
	}
	return level[0]
}
