package syslog

import (
	"bytes"
	"io"
)

// Bounds of the framer.
const (
	DefaultMaxLine = 64 << 10 // bytes of a line when none are given
	maxFrame       = 16 << 20 // an octet count above this is no count; a line above this is endless
	slack          = 4 << 10  // buffer beyond the longest line
	firstBuffer    = 8 << 10  // a connection's buffer before it proves busy
)

// Framing says how messages are told apart in a stream.
type Framing uint8

// Framings of RFC 6587.
const (
	Auto    Framing = iota // found for each frame anew
	Octet                  // section 3.4.1: decimal length, blank, message
	Newline                // section 3.4.2: LF, CRLF or NUL ends a message
)

// Damage of a frame: anomaly slugs.
const (
	DamagedCount   = "frame_count"        // an octet count that is none, or that did not fit the message before
	DamagedShort   = "frame_short"        // the stream ended inside an octet-counted message
	DamagedEnd     = "frame_unterminated" // the stream ended before the line did
	DamagedEndless = "frame_endless"      // no end within 16 MiB; the rest is thrown away up to the next end
)

// Frame is one message, without its wire frame.
type Frame struct {
	Data     []byte // at most the framer's bound; valid until the next call of Next
	Original int    // bytes that the message had; more than len(Data): it was cut
	Counted  bool   // it was octet-counted
	Damaged  string // one of the Damaged slugs, "" when all is well
}

// Framer cuts a stream into syslog messages (RFC 6587). With Auto, a decimal
// number, a blank and "<" begin an octet-counted frame; after one counted frame
// the "<" is not asked for. Everything else is a line, ended by LF, CRLF or NUL;
// a NUL ends a line only when "<" or "{" (GELF) follows, when one did so before, or
// when the sender then says nothing (ErrQuiet), so that lines filled with NUL stay
// whole. Empty lines are no frames.
//
// A count that does not fit the message (devices that count characters, not bytes)
// damages one frame: what follows the counted part is handed out as a line, up to
// the next count that a PRI follows.
//
// The result does not depend on how the stream is cut into reads. Nothing from
// the stream is allocated by its word: the buffer grows to the longest line and
// 4 KiB, and no further. Not safe for concurrent use.
type Framer struct {
	r       io.Reader
	max     int
	framing Framing

	buf        []byte
	start, end int    // what is read and not yet handed out
	scanned    int    // bytes from start known to hold no end of line
	dropped    int    // bytes of the current frame thrown away, as they are beyond max
	counted    bool   // the frame before was counted
	counts     int    // bytes of that frame, while they lie before start; 0: they do not, or it was cut
	owed       int    // see owes
	owedAt     int    // bytes of the current line that owedEnd has passed
	owedSeen   int    // characters of them
	resync     bool   // the current line is the rest of a wrong count: it ends at the next count
	nul        bool   // NUL ends lines here
	damage     string // of the current frame, once known
	discard    bool   // the current frame was handed out as endless
	full       bool   // the read before filled the buffer
	err        error  // of the reader, once there was one
}

// NewFramer returns a framer of r for messages of up to max bytes; max <= 0 is
// DefaultMaxLine.
func NewFramer(r io.Reader, max int, framing Framing) *Framer {
	if max <= 0 {
		max = DefaultMaxLine
	}
	return &Framer{r: r, max: max, framing: framing, buf: make([]byte, min(firstBuffer, max+slack))}
}

// Pending is the number of bytes read of a frame that is not complete; 0 between
// frames. It is exact after Next has had to read, thus inside the reader's Read.
func (f *Framer) Pending() int { return f.end - f.start + f.dropped }

// Next returns the next message. What the stream holds when it ends or fails is
// handed out first; then the reader's error is returned: io.EOF at a clean end.
func (f *Framer) Next() (Frame, error) {
	for {
		f.skipEmpty()
		if at := f.start; at < f.end {
			frame, ok := f.cut()
			if ok {
				return frame, nil
			}
			if f.start != at { // an empty line was taken
				continue
			}
		}
		if f.err != nil {
			return Frame{}, f.err
		}
		f.fill()
	}
}

// skipEmpty passes ends of lines before a frame.
func (f *Framer) skipEmpty() {
	if f.scanned > 0 || f.dropped > 0 {
		return
	}
	for f.start < f.end && (f.buf[f.start] == '\n' || f.buf[f.start] == 0) {
		f.start++
		f.counts, f.owed = 0, 0 // a line end stands where a wrong count would not
	}
}

// cut takes a frame off the buffer; false: it is not complete, or was empty.
func (f *Framer) cut() (Frame, bool) {
	if f.framing == Newline || f.scanned > 0 { // known to be a line
		return f.cutLine()
	}
	b := f.buf[f.start:f.end]
	head := readCount(b, f.counted || f.framing == Octet)
	switch {
	case head.open && f.err == nil:
		return Frame{}, false
	case head.size > 0:
		return f.cutCounted(head)
	case head.bad || f.framing == Octet || f.counted && b[0] != '<':
		f.damage, f.resync = DamagedCount, f.framing == Octet || f.counted
		f.owes()
	}
	return f.cutLine()
}

// cutCounted takes a frame of the length that its count says.
func (f *Framer) cutCounted(head count) (Frame, bool) {
	b := f.buf[f.start:f.end]
	keep := min(head.size, f.max) + head.width
	if over := min(len(b)-keep, head.size+head.width-keep-f.dropped); over > 0 {
		copy(b[keep:], b[keep+over:])
		f.end -= over
		f.dropped += over
		b = b[:len(b)-over]
	}
	frame := Frame{Counted: true, Original: head.size}
	switch {
	case len(b) >= keep && keep+f.dropped == head.size+head.width:
		frame.Data = b[head.width:keep:keep]
	case f.err == nil:
		return Frame{}, false
	case len(b) <= head.width: // a count and nothing else
		f.damage = DamagedShort
		return f.cutLine()
	default:
		keep = min(keep, len(b))
		frame.Data, frame.Damaged = b[head.width:keep:keep], DamagedShort
		frame.Original = len(b) - head.width + f.dropped
	}
	f.counted, f.owed = true, 0
	f.take(keep)
	if f.counts = 0; frame.Original == len(frame.Data) {
		f.counts = len(frame.Data)
	}
	return frame, true
}

// lineTail is what is kept of a line's end while its bytes beyond max are thrown
// away: it may be the CR or the NUL of the end, or the next frame's count.
const lineTail = 16

// cutLine takes a line. The bytes beyond max are thrown away as they come, but
// for the last ones.
func (f *Framer) cutLine() (Frame, bool) {
	b := f.buf[f.start:f.end]
	size, ok := f.lineEnd(b)
	took := size + 1
	switch {
	case !ok && f.err == nil:
		return f.holdLine()
	case !ok:
		size, took = len(b), len(b)
		if f.damage == "" {
			f.damage = DamagedEnd
		}
	case f.resync && b[size] != '\n':
		took = size // the count belongs to the next frame
	case b[size] == '\n':
		f.nul = false
		if size > 0 && b[size-1] == '\r' {
			size--
		}
	}
	keep := min(size, f.max)
	frame := Frame{Data: b[:keep:keep], Original: size + f.dropped, Damaged: f.damage}
	silent := size == 0 || f.discard
	if size > 0 {
		f.counted = false
	}
	f.take(took)
	return frame, !silent
}

// holdLine keeps an incomplete line within its bound.
func (f *Framer) holdLine() (Frame, bool) {
	b := f.buf[f.start:f.end]
	over := len(b) - f.max - lineTail
	if over <= 0 {
		return Frame{}, false
	}
	copy(b[f.max:], b[len(b)-lineTail:])
	f.end -= over
	f.dropped += over
	f.scanned = min(f.scanned, len(b)) - over
	if f.dropped < maxFrame || f.discard {
		return Frame{}, false
	}
	f.discard = true
	return Frame{Data: b[:f.max:f.max], Original: f.max + f.dropped, Damaged: DamagedEndless}, true
}

// lineEnd finds the byte that ends the line.
func (f *Framer) lineEnd(b []byte) (int, bool) {
	from := f.scanned
	limit := len(b)
	end := bytes.IndexByte(b[from:], '\n')
	if end >= 0 {
		limit = from + end
	}
	if f.resync {
		return f.resyncEnd(b, limit)
	}
	for from < limit {
		i := bytes.IndexByte(b[from:limit], 0)
		if i < 0 {
			break
		}
		from += i
		switch {
		case f.nul || from+1 == len(b) && f.err != nil:
			return from, true
		case from+1 == len(b): // what follows decides
			f.scanned = from
			return 0, false
		case b[from+1] == '<' || b[from+1] == '{':
			f.nul = true
			return from, true
		}
		from++
	}
	if end >= 0 {
		return limit, true
	}
	f.scanned = len(b)
	return 0, false
}

// take passes n bytes: the frame is done.
func (f *Framer) take(n int) {
	f.start += n
	f.scanned, f.dropped, f.damage, f.discard, f.resync = 0, 0, "", false, false
	f.owedAt, f.owedSeen = 0, 0
}
