package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

var errWindow = errors.New("it asks for more than 128 MiB of memory")

// unpackXZ looks at the dictionary that the first block asks for: the library takes
// whatever the file says, up to 4 GiB.
func unpackXZ(r *bufio.Reader) (io.ReadCloser, error) {
	head, _ := r.Peek(64)
	if dictionary(head) > maxWindow {
		return nil, errWindow
	}
	d, err := xz.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(d), nil
}

// dictionary is the size in bytes that the first block header names (The .xz File
// Format, 3.1 and 5.3.1); 0 where it names none.
func dictionary(head []byte) int64 {
	const streamHeader, lzma2 = 12, 0x21
	if len(head) < streamHeader+2 || head[streamHeader] == 0 { // an index: no block
		return 0
	}
	flags := head[streamHeader+1]
	rest := head[streamHeader+2:]
	next := func() uint64 {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			rest = nil
			return 0
		}
		rest = rest[n:]
		return v
	}
	for _, present := range []byte{0x40, 0x80} { // compressed, uncompressed size
		if flags&present != 0 {
			next()
		}
	}
	if next() != lzma2 || next() != 1 || len(rest) == 0 {
		return 0
	}
	size, err := lzma.DecodeDictCap(rest[0])
	if err != nil {
		return 0
	}
	return size
}
