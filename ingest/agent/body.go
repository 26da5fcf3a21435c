package agent

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Bounds of a body beside those of Config.
const (
	firstBytes = 10 * time.Second // for a body to begin
	bodyTime   = 2 * time.Minute  // for all of it
	maxRatio   = 100              // of inflated to wire bytes
	smallBody  = 1 << 20          // inflated bytes that no ratio is asked of: lines that are much alike pack well
)

// Body is a request's body, inflated. Close gives its memory back.
type Body struct {
	Bytes  []byte
	memory *budget
	held   int
}

// Close gives the memory back; Bytes must not be used any more.
func (b *Body) Close() { b.memory.give(b.held); b.held = 0 }

// more takes n bytes more for what the body leads to; Close gives them back.
func (b *Body) more(n int) error {
	if !b.memory.take(n) {
		return errMemory
	}
	b.held += n
	return nil
}

// body reads the request's body whole and inflates it (gzip, zstd), within every
// bound: bytes on the wire and inflated, their ratio, the memory of all bodies, time.
// The error is for explain.
func (s *Server) body(w http.ResponseWriter, r *http.Request, who Sender) (*Body, error) {
	b := &Body{memory: s.memory}
	err := s.read(b, w, r)
	if err != nil {
		b.Close()
		s.failed.Add(1)
		w.Header().Set("Connection", "close") // the rest is not read
		return nil, err
	}
	return b, nil
}

func (s *Server) read(b *Body, w http.ResponseWriter, r *http.Request) error {
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "zstd":
	default:
		return errEncoding
	}
	if r.ContentLength > int64(s.cfg.MaxBody) {
		return errTooLarge
	}
	p := &pacer{ResponseController: http.NewResponseController(w), from: r.Body, rate: s.cfg.MinRate, first: s.cfg.FirstBytes, began: time.Now()}
	wire, err := b.all(p, s.cfg.MaxBody, max(int(r.ContentLength), 0))
	if err != nil {
		return p.why(err)
	}
	_ = p.SetReadDeadline(time.Time{})
	s.wire.Add(uint64(len(wire)))
	if encoding == "" || encoding == "identity" {
		b.Bytes = wire
	} else if b.Bytes, err = b.inflate(wire, encoding, s.cfg.MaxBody); err != nil {
		return err
	}
	s.counters.bytes.Add(uint64(len(b.Bytes)))
	return nil
}

// all reads everything up to limit, growing within the memory of all bodies.
func (b *Body) all(r io.Reader, limit, expect int) ([]byte, error) {
	size := min(limit, max(expect, 4<<10)) + 1 // one more: the end is seen
	if expect > 64<<10 {
		size = 64 << 10 // what it says is not yet sent
	}
	var buf []byte
	for {
		if !b.memory.take(size - cap(buf)) {
			return nil, errMemory
		}
		b.held += size - cap(buf)
		bigger := make([]byte, len(buf), size)
		copy(bigger, buf)
		buf = bigger
		for len(buf) < cap(buf) {
			n, err := r.Read(buf[len(buf):cap(buf)])
			buf = buf[:len(buf)+n]
			if len(buf) > limit {
				return nil, errTooLarge
			}
			if errors.Is(err, io.EOF) {
				return buf, nil
			}
			if err != nil {
				return nil, err
			}
		}
		size = min(2*cap(buf), limit+1)
	}
}

// inflate inflates the wire's bytes.
func (b *Body) inflate(wire []byte, encoding string, limit int) ([]byte, error) {
	bound := min(limit, max(smallBody, maxRatio*len(wire)))
	var from io.Reader
	if encoding == "zstd" {
		z, err := zstd.NewReader(strings.NewReader(string(wire)), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, errDamaged
		}
		defer z.Close()
		from = z
	} else {
		z, err := gzip.NewReader(strings.NewReader(string(wire)))
		if err != nil {
			return nil, errDamaged
		}
		from = z
	}
	out, err := b.all(from, bound, 4*len(wire))
	switch {
	case errors.Is(err, errTooLarge) && bound < limit:
		return nil, errBomb
	case errors.Is(err, errTooLarge), errors.Is(err, errMemory):
		return nil, err
	case err != nil:
		return nil, errDamaged
	}
	return out, nil
}

// pacer reads a body that must come with a minimum rate.
type pacer struct {
	*http.ResponseController
	from  io.Reader
	rate  int           // bytes a second
	first time.Duration // what it may take whatever it brings
	began time.Time
	n     int
}

// Read implements io.Reader.
func (p *pacer) Read(b []byte) (int, error) {
	limit := min(p.first+time.Duration(p.n)*time.Second/time.Duration(p.rate), bodyTime)
	_ = p.SetReadDeadline(p.began.Add(limit))
	n, err := p.from.Read(b)
	p.n += n
	return n, err
}

// why is the answer to an error of reading.
func (p *pacer) why(err error) error {
	var f *refusal
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	}
	return errCut
}
