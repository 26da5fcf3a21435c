package syslog

import (
	"errors"
	"fmt"
	"io"
)

// Bounds of a RELP frame's header (RELP, "Syntax of RELP frames").
const (
	relpDigits  = 9  // of TXNR and DATALEN
	relpLetters = 32 // of COMMAND
)

// ErrNotRELP is wrapped by the errors of a RELPFramer that say what is wrong.
var ErrNotRELP = errors.New("no RELP")

// RELPFrame is one frame of a sender: TXNR SP COMMAND SP DATALEN [SP DATA] LF.
type RELPFrame struct {
	Frame          // the data
	Txnr    uint32 // 1 to 999999999
	Command []byte // valid until the next call of Next
}

// RELPFramer cuts a stream into RELP frames. Data of up to 16 MiB is taken; of what is
// longer than max the rest is thrown away as it comes, so that a sender does not send
// the same long message for ever. The first byte that cannot be ends the stream: what
// follows has no sure start. Nothing is allocated by the word of the stream: the
// buffer grows to max and 4 KiB. Not safe for concurrent use.
type RELPFramer struct {
	r   io.Reader
	max int

	buf        []byte
	start, end int      // what is read and not yet handed out
	head       relpHead // of the frame at start, once it is there
	dropped    int      // bytes of that frame's data thrown away
	full       bool     // the read before filled the buffer
	err        error    // of the stream, once there was one
}

// NewRELPFramer returns a framer of r for data of up to max bytes; max <= 0 is
// DefaultMaxLine.
func NewRELPFramer(r io.Reader, max int) *RELPFramer {
	if max <= 0 {
		max = DefaultMaxLine
	}
	return &RELPFramer{r: r, max: max, buf: make([]byte, min(firstBuffer, max+slack))}
}

// Pending is the number of bytes read of a frame that is not complete. It is exact
// inside the reader's Read.
func (f *RELPFramer) Pending() int { return f.end - f.start + f.dropped }

// rest is what was read and not handed out.
func (f *RELPFramer) rest() []byte { return f.buf[f.start:f.end] }

// Next returns the next frame. A stream that ends inside a frame ends in
// io.ErrUnexpectedEOF: nobody was told that this frame was taken. After ErrQuiet
// Next may be called again.
func (f *RELPFramer) Next() (RELPFrame, error) {
	for {
		frame, ok, err := f.cut()
		switch {
		case err != nil:
			f.err = err
			return RELPFrame{}, err
		case ok:
			return frame, nil
		case f.err == io.EOF && f.Pending() > 0:
			return RELPFrame{}, io.ErrUnexpectedEOF
		case f.err != nil:
			return RELPFrame{}, f.err
		}
		if quiet := f.fill(); quiet {
			return RELPFrame{}, ErrQuiet
		}
	}
}

// cut takes a frame off the buffer; false: it is not complete.
func (f *RELPFramer) cut() (frame RELPFrame, ok bool, err error) {
	b := f.buf[f.start:f.end]
	if f.head.width == 0 {
		if f.head, err = readRELPHead(b); err != nil || f.head.width == 0 {
			return frame, false, err
		}
	}
	h := f.head
	kept := min(h.size, f.max)
	end, excess := h.width+kept, h.size-kept
	if over := min(len(b)-end, excess-f.dropped); over > 0 {
		f.dropped += over
		f.end -= over
		copy(b[end:], b[end+over:])
		b = b[:len(b)-over]
	}
	if len(b) <= end || f.dropped < excess {
		return frame, false, nil
	}
	if b[end] != '\n' {
		return frame, false, fmt.Errorf("%w: no line feed where the data's length says that the frame ends", ErrNotRELP)
	}
	frame = RELPFrame{Txnr: h.txnr, Command: b[h.name : h.name+h.letters : h.name+h.letters]}
	frame.Data, frame.Original = b[h.width:end:end], h.size
	f.start += end + 1
	f.head, f.dropped = relpHead{}, 0
	return frame, true, nil
}

// fill reads once, after making room; true: the sender is quiet.
func (f *RELPFramer) fill() (quiet bool) {
	if f.start > 0 && (f.start == f.end || len(f.buf)-f.end < len(f.buf)/4) {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) || f.full && len(f.buf) < f.max+slack {
		bigger := make([]byte, min(2*len(f.buf), f.max+slack))
		f.end = copy(bigger, f.buf[f.start:f.end])
		f.start, f.buf = 0, bigger
	}
	for range emptyReads {
		n, err := f.r.Read(f.buf[f.end:])
		f.end += n
		f.full = f.end == len(f.buf)
		if errors.Is(err, ErrQuiet) {
			return true
		}
		f.err = err
		if n > 0 || err != nil {
			return false
		}
	}
	f.err = io.ErrNoProgress
	return false
}

// relpHead is what stands before the data.
type relpHead struct {
	txnr          uint32
	name, letters int // where the command stands
	size          int // bytes of the data
	width         int // bytes before the data; 0: more are needed
}

// readRELPHead reads the header at the start of b. The number of digits is bounded
// before anything is computed.
func readRELPHead(b []byte) (relpHead, error) {
	none := relpHead{}
	txnr, name := relpNumber(b)
	switch {
	case name == len(b) && name <= relpDigits:
		return none, nil
	case name == 0 || b[name] != ' ' || txnr == 0:
		return none, fmt.Errorf("%w: a frame begins without a number of 1 to 999999999", ErrNotRELP)
	}
	name++
	at := name
	for at < len(b) && at-name < relpLetters && 'a' <= b[at]|0x20 && b[at]|0x20 <= 'z' {
		at++
	}
	switch {
	case at == len(b):
		return none, nil
	case at == name || b[at] != ' ':
		return none, fmt.Errorf("%w: no command of 1 to 32 letters behind a frame's number", ErrNotRELP)
	}
	letters := at - name
	size, digits := relpNumber(b[at+1:])
	end := at + 1 + digits
	switch {
	case end == len(b):
		return none, nil
	case digits > 0 && size > maxFrame:
		return none, fmt.Errorf("%w: a frame of %d bytes; at most %d are taken", ErrNotRELP, size, maxFrame)
	case digits > 0 && b[end] == ' ':
		end++
	case digits == 0 || size > 0 || b[end] != '\n': // without data its blank may be missing too
		return none, fmt.Errorf("%w: no length of 1 to 9 digits behind a frame's command", ErrNotRELP)
	}
	return relpHead{txnr: uint32(txnr), name: name, letters: letters, size: size, width: end}, nil
}

// relpNumber reads a number of up to nine digits; digits is how many there were.
func relpNumber(b []byte) (n, digits int) {
	for digits < len(b) && digits < relpDigits && '0' <= b[digits] && b[digits] <= '9' {
		n = 10*n + int(b[digits]-'0')
		digits++
	}
	return n, digits
}
