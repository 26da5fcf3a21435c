package engine

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// ratioFree is what a body may inflate to before its ratio counts, bytes.
const ratioFree = 1 << 20

// body returns the request's body, inflated as Content-Encoding and decompress=1
// say, bounded before and after. done frees what the inflating took.
func (s *Server) body(w http.ResponseWriter, r *http.Request) (in io.Reader, done func(), err error) {
	raw := &countingReader{r: http.MaxBytesReader(w, r.Body, s.cfg.MaxBody)}
	slow := &patientReader{r: raw, rc: http.NewResponseController(w), timeout: s.cfg.ClientTimeout}
	plain := io.Reader(slow)
	done = func() {}
	switch enc := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		plain, err = gzip.NewReader(plain)
	case "deflate":
		plain, err = inflate(plain)
	case "lz4":
		plain = lz4.NewReader(plain)
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20)); err == nil {
			plain, done = z, z.Close
		}
	default:
		return nil, done, exception(codeNotImplemented, "Unknown compression method of HTTP body: %q; send gzip, deflate, lz4 or zstd", enc)
	}
	if err != nil {
		return nil, done, exception(codeCannotDecompess, "read compressed body: %v", err)
	}
	if r.URL.Query().Get("decompress") == "1" {
		plain = &blockReader{r: compress.NewReader(plain)}
	}
	return &bombGuard{r: plain, raw: raw, max: s.cfg.MaxBody, ratio: s.cfg.MaxBodyRatio}, done, nil
}

// inflate reads "deflate", which is zlib by RFC 9110 and bare deflate in practice.
func inflate(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(b)
	}
	return flate.NewReader(b), nil
}

// blockReader reads ClickHouse's native compressed blocks. A stream that ends
// between two blocks has ended; one that ends within one is cut off.
type blockReader struct{ r *compress.Reader }

func (b *blockReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return n, io.EOF
	}
	return n, err
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// patientReader gives the client its time again with each read, and lifts the
// deadline at the end of the body: the connection is watched for the client's
// leaving while the statement runs.
type patientReader struct {
	r       io.Reader
	rc      *http.ResponseController
	timeout time.Duration
}

func (p *patientReader) Read(b []byte) (int, error) {
	if err := p.rc.SetReadDeadline(time.Now().Add(p.timeout)); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	if err == io.EOF {
		_ = p.rc.SetReadDeadline(time.Time{}) // fails only on a closed connection
	}
	return n, err
}

// bombGuard bounds what a body inflates to, in bytes and as a ratio. Its end is
// final: the reader of native blocks gives the last block again when it is read
// on after its end, which would store rows twice.
type bombGuard struct {
	r          io.Reader
	raw        *countingReader
	n          int64
	max, ratio int64
	err        error
}

func (g *bombGuard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	g.n += int64(n)
	if g.n > g.max {
		n, err = 0, exception(codeTooLarge, "request body is larger than %d bytes", g.max)
	} else if g.n > ratioFree && g.n > g.ratio*max(g.raw.n, 1) {
		n, err = 0, exception(codeCannotDecompess, "request body inflates more than %d fold", g.ratio)
	}
	g.err = err
	return n, err
}
