package syslog

import (
	"bytes"
	"unicode/utf8"
)

// resyncEnd finds the end of what a wrong count has left over: the line feed at
// limit (len(b): there is none yet), or before it the next count that a PRI follows.
func (f *Framer) resyncEnd(b []byte, limit int) (int, bool) {
	for at := f.scanned; at < limit; at++ {
		i := bytes.IndexByte(b[at:limit], '<')
		if i < 0 {
			break
		}
		at += i
		first := f.countBefore(b, at)
		pri, open := priAt(b[at:])
		if first > 0 && open && f.err == nil { // what follows decides
			f.scanned = at
			return 0, false
		}
		if first > 0 && pri {
			return first, true
		}
	}
	f.scanned = limit
	return limit, limit < len(b)
}

// countBefore returns where the octet count begins whose blank stands before at; 0:
// there is none. The text before may end in digits too: where the count before was
// one of characters, they tell its end; else the longest number that is no more than
// a line may have counts, so that a guess never swallows much.
func (f *Framer) countBefore(b []byte, at int) (first int) {
	i := at - 1
	if i < 0 || b[i] != ' ' {
		return 0
	}
	owed := -1
	if f.dropped == 0 {
		owed = f.owedEnd(b[:at])
	}
	n, unit := 0, 1
	for ; i > 0 && at-i <= countDigits && '0' <= b[i-1] && b[i-1] <= '9'; i-- {
		digit := int(b[i-1] - '0')
		n += unit * digit
		unit *= 10
		if n > f.max {
			break
		}
		if digit > 0 {
			first = i - 1
		}
		if digit > 0 && first == owed {
			break
		}
	}
	return first
}

// owes notes how many characters of the last counted frame would be left if its
// count were one of characters. It must be called before the buffer moves.
func (f *Framer) owes() {
	if n := f.counts; n > 0 {
		f.owed = n - utf8.RuneCount(f.buf[f.start-n:f.start])
		if tail := partRune(f.buf[f.start-n : f.start]); tail > 0 {
			f.owed += tail - 1 // its bytes were counted one by one
		}
		f.counts = 0
	}
}

// partRune is the number of bytes of a character that b ends within.
func partRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// owedEnd is the place in b behind the characters owed, and behind the rest of one
// that began before b; -1: it is not in b, which ends with a whole character. It goes
// on where it was for the same line: each byte is looked at once.
func (f *Framer) owedEnd(b []byte) int {
	for f.owedAt < min(len(b), utf8.UTFMax-1) && f.owedSeen == 0 && !utf8.RuneStart(b[f.owedAt]) {
		f.owedAt++
	}
	for ; f.owedSeen < f.owed && f.owedAt < len(b); f.owedSeen++ {
		_, size := utf8.DecodeRune(b[f.owedAt:])
		f.owedAt += size
	}
	if f.owedSeen < f.owed {
		return -1
	}
	return f.owedAt
}

// priAt tells whether b, which begins with "<", begins with a PRI (RFC 5424, 6.2.1);
// open: more bytes are needed to tell.
func priAt(b []byte) (pri, open bool) {
	n := 0
	for i, c := range b[1:] {
		switch {
		case c == '>':
			return i > 0 && n < 192, false
		case c < '0' || c > '9' || i == 3:
			return false, false
		}
		n = 10*n + int(c-'0')
	}
	return false, len(b) <= 4
}
