package console

import (
	"fmt"
	"strconv"
	"time"
)

// stamp writes a time in the console's zone; "–" is none.
func stamp(zone *time.Location) func(time.Time) string {
	return func(t time.Time) string {
		if t.IsZero() || t.Unix() <= 0 {
			return "–"
		}
		return t.In(zone).Format("2006-01-02 15:04:05")
	}
}

func inZone(zone *time.Location, layout string) func(time.Time) string {
	return func(t time.Time) string { return t.In(zone).Format(layout) }
}

// ago says an age in one unit.
func (s speech) ago(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 2*time.Minute:
		return s.count("ago_seconds", int64(d/time.Second))
	case d < 2*time.Hour:
		return s.count("ago_minutes", int64(d/time.Minute))
	case d < 48*time.Hour:
		return s.count("ago_hours", int64(d/time.Hour))
	}
	return s.count("ago_days", int64(d/(24*time.Hour)))
}

func (s speech) count(key string, n int64) string { return fmt.Sprintf(s.say(key), number(n)) }

// number groups digits by three.
func number(v any) string {
	text := fmt.Sprint(v)
	if f, ok := v.(float64); ok {
		text = strconv.FormatFloat(f, 'f', 1, 64)
		if f == float64(int64(f)) {
			text = strconv.FormatInt(int64(f), 10)
		}
	}
	sign := ""
	if len(text) > 0 && text[0] == '-' {
		sign, text = "-", text[1:]
	}
	whole := len(text)
	for i, c := range text {
		if c == '.' {
			whole = i
			break
		}
		if c < '0' || c > '9' {
			return sign + text
		}
	}
	for i := whole - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// whole reads a number of a row; text is how a driver writes what exceeds 2^53.
func whole(v any) int64 {
	switch x := v.(type) {
	case int64:
		return x
	case uint64:
		return int64(min(x, 1<<63-1))
	case float64:
		return int64(x)
	case string:
		n, _ := strconv.ParseInt(x, 10, 64) // no number counts as none
		return n
	}
	return 0
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func rowTime(v any) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, text(v)) // no time is the zero time
	return t
}
