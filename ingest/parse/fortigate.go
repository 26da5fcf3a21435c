package parse

import (
	"bytes"
	"sync"
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
type fortigate struct{ records *sync.Pool }

func newFortigate() fortigate {
	return fortigate{records: &sync.Pool{New: func() any { return new(fortiLine) }}}
}

func (fortigate) name() string { return "fortinet.fortigate" }

func (fortigate) match(l *Line) int {
	at := fortiStart(l.Whole)
	if at < 0 {
		if isFortiCEF(l) {
			return 96
		}
		return 0
	}
	head := l.Whole[at:min(len(l.Whole), at+400)]
	for _, mark := range [...]string{" devname=", ",devname=", "devid=", "logid=", "device_id=", "log_id="} {
		i := index(head, mark)
		switch {
		case i < 0:
			continue
		case mark[0] != ' ' && index(head, "log_type=") >= 0: // another vendor with the same first keys
			return 0
		case index(head[i:], "type=") >= 0, index(head, "type=") >= 0:
			return 97
		}
		return 70
	}
	return 0
}

// fortiStart is the place of the first "date=2" that begins a word; -1 without.
func fortiStart(b []byte) int {
	b = b[:min(len(b), 300)]
	for at := 0; at < len(b); {
		i := index(b[at:], "date=")
		if i < 0 {
			return -1
		}
		i += at
		v := b[i+len("date="):]
		if len(v) > 0 && v[0] == '"' {
			v = v[1:]
		}
		if _, _, _, ok := dateOf(v); ok && (i == 0 || b[i-1] == ' ' || b[i-1] == ':' || b[i-1] == '>' || b[i-1] == '\t' || b[i-1] == 0xbf) {
			return i
		}
		at = i + 1
	}
	return -1
}

func (g fortigate) parse(l *Line) bool {
	f := g.records.Get().(*fortiLine)
	defer g.records.Put(f)
	f.Line, f.fortiValues = l, fortiValues{}
	at := fortiStart(l.Whole)
	if at < 0 {
		return isFortiCEF(l) && f.cef()
	}
	if bytes.IndexByte(l.Host, '=') >= 0 {
		l.Host = nil
	}
	l.Tag, l.PID, l.Body = nil, nil, l.Whole[at:]
	return f.read(l.Whole[at:])
}

// fortiLine is one line while it is read.
type fortiLine struct {
	*Line
	fortiValues
	locals [len(fortiKeys)]event.Field // where local found a name last
}

// fortiValues are the values that mean something only together.
type fortiValues struct {
	date, clock, tz, epoch                             []byte
	kind, subkind, action, status, result              []byte
	logdesc, ui, remip, remport, locip, locport        []byte
	user, xauth, policy, rule, proto, service, app     []byte
	attack, virus, cfgpath, text, disp, natIP, natPort []byte
	dnatIP, dnatPort, hostname, mac, clientIP          []byte
	sent, received                                     int64
	hasSent, hasReceived, hasSource, hasDest           bool
	escaped                                            bool // values may hold backslashes
}

// read takes the pairs of b. What cannot be read ends it and is noted. False: b
// holds no pairs.
func (f *fortiLine) read(b []byte) bool {
	p := fortiPairs{rest: b, csv: len(b) > 15 && bytes.IndexByte(b[:min(len(b), 17)], ',') >= 0}
	f.escaped = bytes.IndexByte(b, '\\') >= 0
	n := 0
	for ; p.next(); n++ {
		if p.last && (len(p.value) == 0 || fortiEarly(p.key)) {
			p.broken = "fortigate:cut"
			break
		}
		f.take(p.key, p.value, p.index)
	}
	if p.broken != "" {
		partial(f.Draft, p.broken)
	}
	if n > 1 {
		f.finish()
	}
	f.Line = nil
	return n > 1
}

// fortiEarly says whether a key stands at the start of lines: where the line ends with
// its bare value, that may be a part of itself.
func fortiEarly(key []byte) bool {
	switch string(key) {
	case "date", "time", "devname", "devid", "device_id", "logid", "log_id", "type", "subtype", "eventtype", "level", "pri", "vd", "tz", "eventtime":
		return true
	}
	return false
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
