package event

import (
	"fmt"

	"github.com/klauspost/compress/s2"
)

// MaxPacked bounds a packed block: the size of one bus message.
const MaxPacked = 8<<20 - 64<<10

// Pack appends nothing and returns wire packed with s2 into dst's memory where
// that suffices.
func Pack(dst, wire []byte) []byte { return s2.Encode(dst[:cap(dst)], wire) }

// Unpack decodes a packed block. The length is checked before anything is
// allocated: at most MaxBlock plus one event's bound and the tables.
func Unpack(packed []byte) (*Block, error) {
	n, err := s2.DecodedLen(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if n > 4*MaxBlock {
		return nil, fmt.Errorf("%w: %d bytes unpacked; at most %d", ErrDamaged, n, 4*MaxBlock)
	}
	wire, err := s2.Decode(make([]byte, 0, n), packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return Decode(wire)
}
