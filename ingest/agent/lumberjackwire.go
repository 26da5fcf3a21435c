package agent

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"yagura/internal/event"
)

// Bounds of the lumberjack protocol.
const (
	ljMaxWindow   = 1 << 16  // events of one batch; Beats send 2048 unless told otherwise
	ljMaxFrame    = 16 << 20 // stated bytes of an event or of a value
	ljMaxPairs    = event.MaxFields
	ljMaxKey      = 1 << 10
	ljMaxPacked   = 8 << 20  // stated bytes of a compressed frame
	ljMaxInflated = 64 << 20 // bytes that come out of one; they are never held together
	ljRatio       = 100      // times as many as went in, past ljFree
	ljFree        = 1 << 20
)

// errNotLumberjack is wrapped by the errors that say what is wrong with a stream.
var errNotLumberjack = errors.New("no lumberjack")

func ljError(format string, v ...any) error {
	return fmt.Errorf("%w: %s", errNotLumberjack, fmt.Sprintf(format, v...))
}

// ljFrame is a frame that is not a compressed one: those are opened on the way.
type ljFrame struct {
	version  byte   // '1' or '2': answers carry the same
	kind     byte   // 'W' window size, 'J' an event as JSON, 'D' an event as pairs
	n        uint32 // the window's size, or the event's sequence number
	data     []byte // of J; valid until the next call of next
	original int    // bytes of J before it was cut to event.MaxRaw
	pairs    []ljPair
}

// ljPair is a name and a value of a D frame.
type ljPair struct {
	key, value []byte
	original   int // bytes of the value before it was cut
}

// ljReader cuts a stream of the lumberjack protocol, versions 1 and 2, into frames.
// No length of the stream allocates: a buffer grows with the bytes that have come,
// to event.MaxRaw for JSON and to twice that for all pairs of one event. Nothing
// that is compressed holds anything compressed. Not safe for concurrent use.
type ljReader struct {
	conn   *bufio.Reader
	packed ljPacked    // the compressed frame being read
	zip    *ljInflater // of packed; nil outside of one
	pool   *sync.Pool  // of *ljInflater
	buf    []byte
	pairs  []ljPair
}

func newLJReader(r io.Reader, pool *sync.Pool) *ljReader {
	return &ljReader{conn: bufio.NewReaderSize(r, 8<<10), pool: pool}
}

// rest gives back memory that a quiet connection does not need.
func (r *ljReader) rest() {
	if cap(r.buf) > 16<<10 {
		r.buf = nil
	}
	if cap(r.pairs) > 16 {
		r.pairs = nil
	}
}

// next returns the next frame. io.EOF: the stream ended between two frames.
func (r *ljReader) next() (ljFrame, error) {
	for {
		if r.zip != nil {
			if done, err := r.ended(); err != nil {
				return ljFrame{}, err
			} else if done {
				continue
			}
		}
		var head [6]byte
		if _, err := io.ReadFull(r.source(), head[:]); err != nil {
			return ljFrame{}, err
		}
		f := ljFrame{version: head[0], kind: head[1], n: binary.BigEndian.Uint32(head[2:])}
		if f.version != '1' && f.version != '2' {
			return ljFrame{}, ljError("a frame begins with byte %d; want version 1 or 2", head[0])
		}
		switch f.kind {
		case 'W':
			if r.zip != nil || f.n > ljMaxWindow {
				return ljFrame{}, ljError("a window of %d events; at most %d are taken", f.n, ljMaxWindow)
			}
			return f, nil
		case 'J':
			return f, whole(r.json(&f))
		case 'D':
			return f, whole(r.data(&f))
		case 'C':
			if err := r.open(f.n); err != nil {
				return ljFrame{}, whole(err)
			}
		default:
			return ljFrame{}, ljError("a frame of type %d", f.kind)
		}
	}
}

// whole says that a stream may not end here.
func whole(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *ljReader) source() *bufio.Reader {
	if r.zip != nil {
		return r.zip.in
	}
	return r.conn
}

// json reads the event of a J frame.
func (r *ljReader) json(f *ljFrame) (err error) {
	if f.original, err = r.length("an event", ljMaxFrame); err != nil {
		return err
	}
	r.buf, err = r.keep(r.buf[:0], f.original, event.MaxRaw)
	f.data = r.buf
	return err
}

// data reads the pairs of a D frame.
func (r *ljReader) data(f *ljFrame) error {
	count, err := r.length("pairs", ljMaxPairs)
	if err != nil {
		return err
	}
	r.buf, r.pairs = r.buf[:0], r.pairs[:0]
	var ends [2 * ljMaxPairs]int
	for i := range count {
		size, err := r.length("a name", ljMaxKey)
		if err == nil {
			r.buf, err = r.keep(r.buf, size, ljMaxKey)
		}
		if err != nil {
			return err
		}
		ends[2*i] = len(r.buf)
		if size, err = r.length("a value", ljMaxFrame); err == nil {
			r.buf, err = r.keep(r.buf, size, max(0, min(event.MaxRaw, 2*event.MaxRaw-len(r.buf))))
		}
		if err != nil {
			return err
		}
		ends[2*i+1] = len(r.buf)
		r.pairs = append(r.pairs, ljPair{original: size})
	}
	at := 0
	for i := range r.pairs {
		r.pairs[i].key, r.pairs[i].value = r.buf[at:ends[2*i]], r.buf[ends[2*i]:ends[2*i+1]]
		at = ends[2*i+1]
	}
	f.pairs = r.pairs
	return nil
}

// length reads a length or a count and checks it before anything is done with it.
func (r *ljReader) length(of string, most int) (int, error) {
	var b [4]byte
	if _, err := io.ReadFull(r.source(), b[:]); err != nil {
		return 0, whole(err)
	}
	n := binary.BigEndian.Uint32(b[:])
	if int64(n) > int64(most) {
		return 0, ljError("%s: %d; at most %d are taken", of, n, most)
	}
	return int(n), nil
}

// keep appends size bytes of the stream to b, but throws away what is above most.
func (r *ljReader) keep(b []byte, size, most int) ([]byte, error) {
	const step = 16 << 10
	for kept := min(size, most); kept > 0; {
		n := min(kept, step)
		at := len(b)
		b = append(b, make([]byte, n)...)
		if _, err := io.ReadFull(r.source(), b[at:]); err != nil {
			return b[:at], whole(err)
		}
		kept -= n
	}
	if over := size - most; over > 0 {
		if _, err := r.source().Discard(over); err != nil {
			return b, whole(err)
		}
	}
	return b, nil
}
