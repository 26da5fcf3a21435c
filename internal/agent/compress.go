package agent

import (
	"github.com/klauspost/compress/zstd"
)

// maxRatio is how much smaller than the body a request may be: the server takes what
// inflates to more than a hundred times its size for a bomb.
const maxRatio = 64

// compressor packs requests, with one buffer.
type compressor struct {
	zip  *zstd.Encoder
	body []byte
	out  []byte
}

// pack makes the body of a request. The bytes are good until the next call.
func (c *compressor) pack(h *header, records []byte) (body []byte, encoding string, err error) {
	if c.zip == nil {
		c.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(512<<10), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			return nil, "", err
		}
	}
	c.body = append(h.appendTo(c.body[:0]), records...)
	c.out = c.zip.EncodeAll(c.body, c.out[:0])
	if len(c.body) > maxRatio*len(c.out) {
		return c.body, "", nil
	}
	return c.out, "zstd", nil
}
