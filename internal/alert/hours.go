package alert

import (
	"fmt"
	"strings"
	"time"
)

// Hours is when a person is on call, in local time: "mon-fri 08:30-17:15",
// "sat,sun", "22:00-06:00". A span past midnight belongs to the day it begins.
// The zero value is always.
type Hours struct {
	days  [7]bool // by time.Weekday; none means every day
	start int     // minutes of the day
	end   int     // minutes; equal to start means the whole day
	text  string
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseHours reads the form above.
func ParseHours(s string) (Hours, error) {
	h := Hours{text: s}
	parts := strings.Fields(strings.ToLower(s))
	if len(parts) == 0 || len(parts) > 2 {
		return Hours{}, errHours(s)
	}
	if span := parts[len(parts)-1]; strings.ContainsRune(span, ':') {
		if !h.span(span) {
			return Hours{}, errHours(s)
		}
		parts = parts[:len(parts)-1]
	} else if len(parts) == 2 {
		return Hours{}, errHours(s)
	}
	if len(parts) == 1 && !h.setDays(parts[0]) {
		return Hours{}, errHours(s)
	}
	return h, nil
}

func errHours(s string) error {
	return fmt.Errorf(`%q; would be right: days, hours or both, like "mon-fri 08:30-17:15"`, s)
}

func (h *Hours) span(s string) bool {
	from, to, ok := strings.Cut(s, "-")
	start, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", strings.Replace(to, "24:00", "00:00", 1))
	if !ok || err1 != nil || err2 != nil {
		return false
	}
	h.start, h.end = start.Hour()*60+start.Minute(), end.Hour()*60+end.Minute()
	return true
}

func (h *Hours) setDays(s string) bool {
	for item := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(item, "-")
		first, last := dayNumber(from), dayNumber(from)
		if isRange {
			last = dayNumber(to)
		}
		if first < 0 || last < 0 {
			return false
		}
		for d := first; ; d = (d + 1) % 7 {
			if h.days[d] = true; d == last {
				break
			}
		}
	}
	return true
}

func dayNumber(s string) int {
	for i, name := range dayNames {
		if s == name {
			return i
		}
	}
	return -1
}

// Covers reports whether the local time at lies in the hours.
func (h Hours) Covers(at time.Time) bool {
	minute, day := at.Hour()*60+at.Minute(), int(at.Weekday())
	switch {
	case h.start == h.end:
		return h.on(day)
	case h.start < h.end:
		return h.on(day) && h.start <= minute && minute < h.end
	case minute >= h.start:
		return h.on(day)
	default: // after midnight: the day before began it
		return minute < h.end && h.on((day+6)%7)
	}
}

func (h Hours) on(day int) bool { return h.days == [7]bool{} || h.days[day] }

// IsZero reports whether the hours are not restricted.
func (h Hours) IsZero() bool { return h == Hours{} }

// MarshalText writes what ParseHours read.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.text), nil }

// UnmarshalText is ParseHours; "" is always.
func (h *Hours) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*h = Hours{}
		return nil
	}
	*h, err = ParseHours(string(text))
	return err
}
