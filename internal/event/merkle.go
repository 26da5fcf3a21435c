package event

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Leaf is the hash of event e in its block's evidence tree: SHA-256 over 0x00,
// the event's index, arrival (Unix nanoseconds), peer, listener, block identity
// and the raw bytes, each variable part with its length before it. It can be
// computed again from the stored columns at any time.
func Leaf(e Event) [sha256.Size]byte {
	return sha256.Sum256(appendLeaf(make([]byte, 0, 256+e.head.RawLen), e))
}

// appendLeaf appends what e's leaf is the hash of.
func appendLeaf(dst []byte, e Event) []byte {
	src, id := &e.block.Sources[e.head.Source], &e.block.ID
	dst = append(dst, 0)
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.index))
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.head.Received))
	dst = binary.BigEndian.AppendUint64(dst, id.Epoch)
	dst = binary.BigEndian.AppendUint64(dst, id.Seq)
	dst = appendText(dst, src.Peer)
	dst = appendText(dst, src.Listener)
	dst = appendText(dst, id.Tenant)
	dst = appendText(dst, id.Node)
	return append(dst, e.Raw()...)
}

// Root is the Merkle tree hash over the block's leaves, as RFC 6962 section 2.1
// builds it (nodes are SHA-256 over 0x01, left, right). An empty block has the
// hash of nothing.
func (b *Block) Root() [sha256.Size]byte {
	if b.Len() == 0 {
		return sha256.Sum256(nil)
	}
	// The roots of the full subtrees so far, largest first: one for each bit
	// that is set in the number of leaves.
	var trees [64][sha256.Size]byte
	n := 0
	buf := make([]byte, 0, 1024)
	for i := range b.events {
		buf = appendLeaf(buf[:0], b.Event(i))
		trees[n] = sha256.Sum256(buf)
		n++
		for range bits.TrailingZeros(uint(i + 1)) {
			n--
			trees[n-1] = node(&trees[n-1], &trees[n])
		}
	}
	for ; n > 1; n-- {
		trees[n-2] = node(&trees[n-2], &trees[n-1])
	}
	return trees[0]
}

// node is the hash of an inner node.
func node(left, right *[sha256.Size]byte) [sha256.Size]byte {
	var buf [1 + 2*sha256.Size]byte
	buf[0] = 1
	copy(buf[1:], left[:])
	copy(buf[1+sha256.Size:], right[:])
	return sha256.Sum256(buf[:])
}
