package parse

import (
	"time"
	"unsafe"

	"yagura/internal/event"
)

// partial notes where a line broke: the slug names the family and the place.
func partial(d *event.Draft, slug string) {
	d.Flags |= event.FlagPartial
	d.Anomaly(slug)
}

// num2 reads two digits; -1 when they are none.
func num2(b []byte) int {
	if len(b) < 2 || b[0] < '0' || b[0] > '9' || b[1] < '0' || b[1] > '9' {
		return -1
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

// dateOf reads YYYY-MM-DD or YYYY/MM/DD at the start of b.
func dateOf(b []byte) (year int, month time.Month, day int, ok bool) {
	if len(b) < 10 || (b[4] != '-' && b[4] != '/') || b[7] != b[4] {
		return 0, 0, 0, false
	}
	hi, lo, m, dd := num2(b), num2(b[2:]), num2(b[5:]), num2(b[8:])
	if hi < 0 || lo < 0 || m < 1 || m > 12 || dd < 1 || dd > 31 {
		return 0, 0, 0, false
	}
	return hi*100 + lo, time.Month(m), dd, true
}

// clockOf reads HH:MM:SS at the start of b.
func clockOf(b []byte) (h, m, s int, ok bool) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, 0, 0, false
	}
	h, m, s = num2(b), num2(b[3:]), num2(b[6:])
	return h, m, s, h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 61
}

// fractionOf reads ".123" or ",123" at the start of b as nanoseconds and returns
// what follows.
func fractionOf(b []byte) (nano int, rest []byte) {
	if len(b) < 2 || (b[0] != '.' && b[0] != ',') || b[1] < '0' || b[1] > '9' {
		return 0, b
	}
	b = b[1:]
	scale := 100_000_000
	for len(b) > 0 && b[0] >= '0' && b[0] <= '9' {
		nano += int(b[0]-'0') * scale
		scale /= 10
		b = b[1:]
	}
	return nano, b
}

// fromTag returns the text after time and host with what the header parser took
// for a tag: devices begin their messages with words that look like one
// ("LAN2: PORT9 link up").
func (l *Line) fromTag() []byte {
	if l.ietf { // there the tag is a field of the header
		return l.Body
	}
	if b, ok := l.from(l.Tag); ok {
		return b
	}
	return l.Body
}

// from returns the text that begins with part, which must be a part of Whole.
func (l *Line) from(part []byte) ([]byte, bool) {
	if len(part) == 0 || len(l.Whole) == 0 {
		return nil, false
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(l.Whole)))
	if at >= uintptr(len(l.Whole)) {
		return nil, false
	}
	return l.Whole[at:], true
}

// untag takes back tag and process id: they were words of the message.
func (l *Line) untag(body []byte) {
	l.Tag, l.PID, l.Body = nil, nil, body
}
