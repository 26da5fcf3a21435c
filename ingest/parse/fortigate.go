package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// fortigate parses the key=value lines of FortiOS, from 4.0 ("src", "status",
// "sent") to 7 ("srcip", "action", "sentbyte", "eventtime"), plain or as CSV,
// also behind the header of a relay. Other Fortinet products that write the same
// form are read with it. Source: FortiOS Log Message Reference.
//
// The address of an administrator stands only inside ui="https(192.0.2.1)".
// Keys without an ECS name are kept as fortinet.KEY.
type fortigate struct{}

func (fortigate) name() string { return "fortinet.fortigate" }

var (
	fortiDate  = []byte("date=")
	fortiMarks = [...][]byte{[]byte("devid="), []byte("logid="), []byte("device_id="), []byte("log_id="), []byte("devname=")}
)

func (fortigate) match(l *Line) int {
	at := fortiStart(l.Whole)
	if at < 0 {
		return 0
	}
	head := l.Whole[at:]
	if len(head) > 400 {
		head = head[:400]
	}
	found := 0
	for _, m := range fortiMarks {
		if bytes.Contains(head, m) {
			found++
		}
	}
	switch {
	case found == 0:
		return 0
	case bytes.Contains(head, []byte("type=")):
		return 97
	default:
		return 70
	}
}

// fortiStart is the place of the first "date=2" that begins a word; -1 without.
func fortiStart(b []byte) int {
	for at := 0; at < len(b) && at < 256; {
		i := bytes.Index(b[at:], fortiDate)
		if i < 0 {
			return -1
		}
		i += at
		v := b[i+len(fortiDate):]
		if len(v) > 0 && v[0] == '"' {
			v = v[1:]
		}
		if _, _, _, ok := dateOf(v); ok && (i == 0 || b[i-1] == ' ' || b[i-1] == ':' || b[i-1] == '>' || b[i-1] == '\t') {
			return i
		}
		at = i + 1
	}
	return -1
}

func (fortigate) parse(l *Line) bool {
	at := fortiStart(l.Whole)
	if at < 0 {
		return false
	}
	if bytes.IndexByte(l.Host, '=') >= 0 {
		l.Host = nil
	}
	l.Tag, l.PID, l.Body = nil, nil, l.Whole[at:]
	f := fortiLine{Line: l}
	f.scan(l.Whole[at:])
	if f.pairs < 2 {
		return false
	}
	f.finish()
	return true
}

// fortiLine gathers the values that mean something only together.
type fortiLine struct {
	*Line
	pairs                                              int
	date, clock, tz, epoch                             []byte
	kind, subkind, action, status, result              []byte
	logdesc, ui, remip, remport, locip, locport        []byte
	user, xauth, policy, rule, proto, service, app     []byte
	attack, virus, cfgpath, text, disp, natIP, natPort []byte
	dnatIP, dnatPort                                   []byte
	sent, received                                     int64
	hasSent, hasReceived, hasSource, hasDest           bool
}

// scan walks the pairs. What cannot be read ends it and is noted.
func (f *fortiLine) scan(b []byte) {
	csv := len(b) > 15 && bytes.IndexByte(b[:17], ',') >= 0
	for len(b) > 0 {
		if b[0] == ' ' || b[0] == ',' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n' || b[0] == 0 {
			b = b[1:]
			continue
		}
		size := fortiKey(b)
		if size == 0 {
			b = skipRubbish(b)
			if len(b) == 0 {
				partial(f.Draft, "fortigate:cut")
			}
			continue
		}
		key := b[:size]
		value, rest, ok := fortiValue(b[size+1:], csv)
		if !ok {
			partial(f.Draft, "fortigate:unterminated_quote")
			return
		}
		f.pairs++
		f.take(key, value)
		b = rest
	}
}

// skipRubbish drops a word that is no pair.
func skipRubbish(b []byte) []byte {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[i+1:]
	}
	return nil
}

// fortiKey is the length of the key when b begins with "key=", else 0.
func fortiKey(b []byte) int {
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c == '_', c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c == '-', c == '.':
			if i > 40 {
				return 0
			}
		case c == '=':
			return i
		default:
			return 0
		}
	}
	return 0
}

// fortiValue cuts the value that b begins with. Quoted: up to a quote that ends the
// line or stands before the next pair, as texts hold quotes of their own, escaped or
// not. Unquoted: up to a blank before the next pair ("time=10: 13:03").
func fortiValue(b []byte, csv bool) (value, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		return fortiQuoted(b[1:])
	}
	stop := byte(' ')
	if csv {
		stop = ','
	}
	first := bytes.IndexByte(b, stop)
	if first < 0 {
		return bytes.TrimRight(b, " \r\n\x00"), nil, true
	}
	if fortiKey(trimLeft(b[first+1:])) > 0 || csv {
		return b[:first], b[first+1:], true
	}
	for i := first + 1; i < len(b) && i < first+256; i++ {
		if b[i] == stop && fortiKey(b[i+1:]) > 0 {
			return bytes.TrimRight(b[:i], " "), b[i+1:], true
		}
	}
	return b[:first], b[first+1:], true
}

func fortiQuoted(b []byte) (value, rest []byte, ok bool) {
	last := -1
	for i := 0; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		tail := bytes.TrimLeft(b[i+1:], " ,\r\n\x00\t")
		if len(tail) == 0 {
			last = i
			break
		}
		if len(tail) < len(b)-i-1 && fortiKey(tail) > 0 {
			return b[:i], tail, true
		}
	}
	if last < 0 {
		return nil, nil, false
	}
	return b[:last], nil, true
}

// putQuoted sets f to v without the backslashes before quotes.
func putQuoted(d *event.Draft, f event.Field, v []byte) {
	if !bytes.Contains(v, []byte(`\"`)) {
		d.Set(f, v)
		return
	}
	var tmp [256]byte
	out := tmp[:0]
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) && v[i+1] == '"' {
			i++
		}
		out = append(out, v[i])
	}
	d.Set(f, out)
}

// time sets the event time: eventtime is absolute, in seconds to nanoseconds by
// its number of digits; else date and time in tz or the source's zone.
func (f *fortiLine) time() {
	local, ok := f.localTime()
	if at, sure := epochTime(f.epoch); sure {
		// An anonymised or damaged epoch is further off than any zone.
		if gap := at.Sub(local); !ok || (gap < 26*time.Hour && gap > -26*time.Hour) {
			f.Time = at
			f.Flags |= event.FlagTimeZone
			return
		}
	}
	if ok {
		f.Time = local
	}
}

func (f *fortiLine) localTime() (time.Time, bool) {
	y, mo, day, ok := dateOf(f.date)
	if !ok {
		return time.Time{}, false
	}
	clock := f.clock
	if bytes.IndexByte(clock, ' ') >= 0 {
		clock = bytes.ReplaceAll(clock, []byte(" "), nil)
	}
	h, m, s, ok := clockOf(clock)
	if !ok {
		return time.Time{}, false
	}
	zone := f.Zone
	if off, ok := offsetOf(f.tz); ok {
		f.Flags |= event.FlagTimeZone
		return time.Date(y, mo, day, h, m, s, 0, time.UTC).Add(-off), true
	}
	return time.Date(y, mo, day, h, m, s, 0, zone), true
}

// offsetOf reads "+0900", "+09:00", "-0700" or "Z".
func offsetOf(b []byte) (time.Duration, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != 5 && len(b) != 6 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, m := num2(b[1:]), num2(b[len(b)-2:])
	if h < 0 || h > 15 || m < 0 || m > 59 || (len(b) == 6 && b[3] != ':') {
		return 0, false
	}
	off := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if b[0] == '-' {
		off = -off
	}
	return off, true
}

// epochTime reads a count since 1970 in seconds, milli-, micro- or nanoseconds by
// its length. A count that is none of these is not guessed at.
func epochTime(b []byte) (time.Time, bool) {
	if len(b) == 19 {
		hi, ok := number(b[:10])
		lo, ok2 := number(b[10:])
		return time.Unix(hi, lo).UTC(), ok && ok2 && hi > 946684800
	}
	n, ok := number(b)
	if !ok {
		return time.Time{}, false
	}
	switch len(b) {
	case 10:
		return time.Unix(n, 0).UTC(), n > 946684800 && n < 4102444800
	case 13:
		return time.UnixMilli(n).UTC(), n > 946684800000
	case 16:
		return time.UnixMicro(n).UTC(), n > 946684800000000
	}
	return time.Time{}, false
}
