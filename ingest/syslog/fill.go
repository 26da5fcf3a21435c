package syslog

import (
	"errors"
	"io"
)

// ErrQuiet may be returned, wrapped or not, by a Framer's reader: the sender says
// nothing for now. Reading goes on; a NUL at the end of what there is then ends a
// line.
var ErrQuiet = errors.New("the sender is quiet")

// endsInNUL tells that what is read and not handed out ends in a NUL.
func (f *Framer) endsInNUL() bool { return f.end > f.start && f.buf[f.end-1] == 0 }

// emptyReads bounds reads in a row that give neither bytes nor an error.
const emptyReads = 100

// fill reads once, after making room: what is left moves to the front, and a
// buffer that was filled whole doubles, up to the bound.
func (f *Framer) fill() {
	f.owes()
	if f.start > 0 && (f.start == f.end || len(f.buf)-f.end < len(f.buf)/4) {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) || f.full && len(f.buf) < f.max+slack {
		f.grow()
	}
	for range emptyReads {
		n, err := f.r.Read(f.buf[f.end:])
		f.end += n
		f.full = f.end == len(f.buf)
		if errors.Is(err, ErrQuiet) {
			f.nul = f.nul || f.endsInNUL()
			return
		}
		f.err = err
		if n > 0 || err != nil {
			return
		}
	}
	f.err = io.ErrNoProgress
}

// grow doubles the buffer. A frame never needs more than max and slack.
func (f *Framer) grow() {
	bigger := make([]byte, min(2*len(f.buf), f.max+slack))
	f.end = copy(bigger, f.buf[f.start:f.end])
	f.start = 0
	f.buf = bigger
}

// count is what stands at the start of a frame: an octet count, or not.
type count struct {
	size  int  // bytes of the message; 0: there is no count that counts
	width int  // bytes of the count and its blank
	bad   bool // it was meant as a count and is none: 0, 01, -5, above 16 MiB
	open  bool // more bytes are needed to tell
}

// Digits of a count: of one that is used (maxFrame has eight), and those looked
// at before the text is taken for a line.
const (
	countDigits = 8
	digitsSeen  = 24
)

// readCount reads the octet count at the start of b (RFC 6587, MSG-LEN SP).
// Unless sure, "<" must follow, or the number is taken as text. The number of
// digits is checked before anything is computed.
func readCount(b []byte, sure bool) count {
	i := 0
	if b[0] == '-' {
		i = 1
	}
	first := i
	for i < len(b) && i < digitsSeen && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	switch {
	case i == digitsSeen:
		return count{bad: sure}
	case i == len(b):
		return count{open: true}
	case i == first || b[i] != ' ':
		return count{}
	}
	if !sure {
		if i+1 == len(b) {
			return count{open: true}
		}
		if b[i+1] != '<' {
			return count{}
		}
	}
	if b[0] < '1' || b[0] > '9' || i > countDigits {
		return count{bad: true}
	}
	n := 0
	for _, c := range b[:i] {
		n = 10*n + int(c-'0')
	}
	if n > maxFrame {
		return count{bad: true}
	}
	return count{size: n, width: i + 1}
}
