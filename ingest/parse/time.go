package parse

import (
	"time"

	"yagura/internal/event"
)

// A clock is flagged (event.FlagClock: windows then use the time of receipt)
// when the line's time is more than clockAhead in the future or more than
// clockBehind in the past; a family flags it, too, when the device itself says
// that its clock is not set. Lines that wait in a relay for an hour are late,
// not wrong. Imported history (event.FlagHistory set before Parse) is not
// judged.
const (
	clockAhead  = 5 * 60 // seconds
	clockBehind = 24 * 60 * 60
)

// setStamp sets the event's time from a time as written. Of two times in one
// line the one that names its zone wins, then the later one read: a family calls
// it with the device's own time after the header's was set.
func (l *Line) setStamp(s stamp) {
	if l.Flags&event.FlagTimeZone != 0 && !s.zoned {
		return
	}
	t := l.scratch.year.resolve(s, l.Received, l.Zone)
	if s.zoned {
		l.Flags |= event.FlagTimeZone
	}
	if s.nano == 0 && l.Headers && t.Equal(l.Time.Truncate(time.Second)) {
		return // the header says the same with a fraction
	}
	l.Time = t
}

// setInstant sets an absolute time: an epoch.
func (l *Line) setInstant(t time.Time) {
	l.Time = t
	l.Flags |= event.FlagTimeZone
}

// setWritten reads all of b as a time and sets it; it says whether it could.
func (l *Line) setWritten(b []byte) bool {
	s, n, ok := readStamp(b)
	if !ok || n != len(b) {
		return false
	}
	l.setStamp(s)
	return true
}

// setDate sets a date field as RFC 3339 in UTC.
func (l *Line) setDate(f event.Field, t time.Time) {
	var tmp [40]byte
	l.Set(f, t.UTC().AppendFormat(tmp[:0], time.RFC3339Nano))
}

// judgeClock flags a time that cannot be right.
func (l *Line) judgeClock() {
	if l.Time.IsZero() || l.Received.IsZero() || l.Flags&event.FlagHistory != 0 {
		return
	}
	off := l.Time.Unix() - l.Received.Unix()
	if off <= clockAhead && off >= -clockBehind && l.Flags&event.FlagClock == 0 {
		return
	}
	l.Flags |= event.FlagClock
	l.SetInt(event.YaguraClockOffset, int64(l.Time.Sub(l.Received)/time.Second))
}

// lastYear remembers the year of the latest instant that a time without a year
// may mean, as looking it up in a zone costs as much as reading the time.
type lastYear struct {
	zone     *time.Location
	year     int
	from, to int64 // Unix seconds of that year in the zone
	calm     calm
}

func (y *lastYear) of(limit time.Time, zone *time.Location) int {
	if s := limit.Unix(); y.zone != zone || s < y.from || s >= y.to {
		y.zone, y.year = zone, limit.In(zone).Year()
		y.from = time.Date(y.year, 1, 1, 0, 0, 0, 0, zone).Unix()
		y.to = time.Date(y.year+1, 1, 1, 0, 0, 0, 0, zone).Unix()
	}
	return y.year
}

// resolve is lastYear.resolve without a memory.
func resolve(s stamp, received time.Time, zone *time.Location) time.Time {
	return new(lastYear).resolve(s, received, zone)
}

// resolve makes an instant of a time as written. Without a year it takes the
// latest that puts it no later than a day after receipt (29 February: the latest
// such leap year).
func (y *lastYear) resolve(s stamp, received time.Time, zone *time.Location) time.Time {
	if s.zoned {
		zone = time.UTC
	}
	if s.year != 0 {
		return y.calm.settle(&s, s.year, received, zone)
	}
	if received.IsZero() {
		received = time.Unix(0, 0)
	}
	limit := received.Add(24 * time.Hour)
	for year := y.of(limit, zone); ; year-- {
		if s.day > monthDays(s.month, year) {
			continue
		}
		if t := y.calm.settle(&s, year, received, zone); !t.After(limit) {
			return t
		}
	}
}

func (s *stamp) in(year int, zone *time.Location) time.Time {
	t := time.Date(year, time.Month(s.month), s.day, s.hour, s.min, s.sec, s.nano, zone)
	if s.offset != 0 {
		t = t.Add(-time.Duration(s.offset) * time.Second)
	}
	return t
}

// epoch reads all of b as a Unix time: 10 digits are seconds, 13 milliseconds,
// 16 microseconds, 19 nanoseconds; seconds may have a fraction. Other lengths are
// no time (devices print anonymised or relative numbers, too).
func epoch(b []byte) (time.Time, bool) {
	n := digits(b)
	switch {
	case n == 10 && len(b) > 11 && b[10] == '.' && digits(b[11:]) == len(b)-11:
		return time.Unix(int64(atoi(b[:10])), int64(fraction(b[11:]))), true
	case n != len(b):
		return time.Time{}, false
	case n == 10:
		return time.Unix(int64(atoi(b)), 0), true
	case n == 13:
		return time.UnixMilli(int64(atoi(b))), true
	case n == 16:
		return time.UnixMicro(int64(atoi(b))), true
	case n == 19:
		return time.Unix(int64(atoi(b[:10])), int64(atoi(b[10:]))), true
	}
	return time.Time{}, false
}
