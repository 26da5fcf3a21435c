package parse

import (
	"fmt"
	"time"
)

// layout reads one form of time. Its zero value reads any form that devices
// usually write, and epochs.
type layout struct {
	parts []layoutPart // nil: any form, or what the unit says
	unit  epochUnit
}

type epochUnit uint8

const (
	anyForm epochUnit = iota
	epochAny
	epochSeconds
	epochMillis
	epochMicros
	epochNanos
	fileTime // 100 ns since 1601
)

var epochUnits = map[string]epochUnit{
	"": anyForm, "auto": anyForm, "epoch": epochAny, "epoch_s": epochSeconds, "epoch_ms": epochMillis,
	"epoch_us": epochMicros, "epoch_ns": epochNanos, "filetime": fileTime,
}

// layoutPart is a part of a written time: one of the words of layoutWords, or a
// literal.
type layoutPart struct {
	word string
	text string
}

// layoutWords are the parts of a form of time, longest first. The era is Reiwa,
// whose first year is 2019.
var layoutWords = [...]string{"YYYY", "AMPM", "Mon", "zzz", "YY", "RR", "MM", "DD", "hh", "mm", "ss", "M", "D", "h", "f"}

// newLayout compiles a form such as "YYYY/MM/DD hh:mm:ss".
func newLayout(form string) (layout, error) {
	if u, ok := epochUnits[form]; ok {
		return layout{unit: u}, nil
	}
	l, seen := layout{}, map[string]int{}
	for len(form) > 0 {
		word := ""
		for _, w := range layoutWords {
			if hasPrefix([]byte(form), w) {
				word = w
				break
			}
		}
		if word == "" {
			n := len(l.parts)
			if n == 0 || l.parts[n-1].word != "" {
				l.parts = append(l.parts, layoutPart{})
				n++
			}
			l.parts[n-1].text += form[:1]
			form = form[1:]
			continue
		}
		form = form[len(word):]
		for word == "f" && len(form) > 0 && form[0] == 'f' {
			form = form[1:]
		}
		l.parts = append(l.parts, layoutPart{word: word})
		seen[layoutMeaning(word)]++
	}
	for _, need := range []string{"month", "day", "hour", "minute"} {
		if seen[need] != 1 {
			return l, fmt.Errorf("%d parts for the %s", seen[need], need)
		}
	}
	for what, n := range seen {
		if n > 1 {
			return l, fmt.Errorf("%d parts for the %s", n, what)
		}
	}
	return l, nil
}

func layoutMeaning(word string) string {
	switch word {
	case "YYYY", "YY", "RR":
		return "year"
	case "MM", "M", "Mon":
		return "month"
	case "DD", "D":
		return "day"
	case "hh", "h":
		return "hour"
	case "mm":
		return "minute"
	case "ss":
		return "second"
	}
	return word
}

// length is how many bytes of b are a time of the form; 0: none.
func (l *layout) length(b []byte) int {
	switch {
	case l.parts != nil:
		_, n := l.read(b)
		return n
	case l.unit == anyForm:
		if _, n, ok := readStamp(b); ok {
			return n
		}
	}
	n := digits(b)
	if n > 8 && n+1 < len(b) && b[n] == '.' && digit(b[n+1]) {
		n += 1 + digits(b[n+1:])
	}
	if _, ok := l.instant(b[:n]); !ok {
		return 0
	}
	return n
}

// set sets the event's time from all of b.
func (l *layout) set(line *Line, b []byte) bool {
	if l.parts != nil {
		s, n := l.read(b)
		if n == 0 || n != len(b) {
			return false
		}
		line.setStamp(s)
		return true
	}
	if t, ok := l.instant(b); ok {
		line.setInstant(t)
		return true
	}
	return l.unit == anyForm && line.setWritten(b)
}

// instant reads all of b as a number that counts from an epoch.
func (l *layout) instant(b []byte) (time.Time, bool) {
	if l.unit == anyForm || l.unit == epochAny {
		return epoch(b)
	}
	whole, _, _ := cut(b, ".")
	n, ok := number(whole)
	if d := len(whole); d == 19 && digits(whole) == d {
		n, ok = int64(atoi(whole)), atoi(whole) > 0
	}
	if !ok || n == 0 {
		return time.Time{}, false
	}
	switch l.unit {
	case epochSeconds:
		if len(whole) > 11 {
			return time.Time{}, false
		}
		t := time.Unix(n, 0)
		if f := b[min(len(b), len(whole)+1):]; len(f) > 0 && digits(f) == len(f) {
			t = t.Add(time.Duration(fraction(f)))
		}
		return t, true
	case epochMillis:
		return time.UnixMilli(n), len(whole) <= 14
	case epochMicros:
		return time.UnixMicro(n), len(whole) <= 17
	case epochNanos:
		return time.Unix(n/1e9, n%1e9), true
	}
	const from1601 = 11644473600
	return time.Unix(n/1e7-from1601, n%1e7*100), len(whole) >= 17
}

// read reads a time of the form at the start of b.
func (l *layout) read(b []byte) (s stamp, n int) {
	rest, noon := b, byte(0)
	ok := true
	for i := range l.parts {
		p := &l.parts[i]
		if p.word == "" {
			if rest, ok = cutPrefix(rest, p.text); !ok {
				return s, 0
			}
			continue
		}
		if rest, ok = s.part(p.word, rest, &noon); !ok {
			return s, 0
		}
	}
	switch {
	case noon == 'p' && s.hour < 12:
		s.hour += 12
	case noon == 'a' && s.hour == 12:
		s.hour = 0
	}
	if !s.valid() {
		return s, 0
	}
	return s, len(b) - len(rest)
}

// part reads one part of a written time.
func (s *stamp) part(word string, b []byte, noon *byte) (rest []byte, ok bool) {
	switch word {
	case "Mon":
		if s.month = month(b); s.month == 0 {
			return b, false
		}
		return b[3:], true
	case "AMPM":
		return halfDay(b, noon)
	case "zzz":
		n, bad := s.zone(b)
		return b[n:], n > 0 && !bad
	case "f":
		n := digits(b)
		s.nano = fraction(b[:n])
		return b[n:], n > 0
	case "RR":
		if rest, ok := cutPrefix(b, "元"); ok {
			s.year = 2019
			return rest, true
		}
	}
	low, high := 2, 2
	switch word {
	case "YYYY":
		low, high = 4, 4
	case "M", "D", "h", "RR":
		low = 1
		b = trimLeft(b) // padded with a blank
	}
	n := min(digits(b), high)
	if n < low {
		return b, false
	}
	s.put(word, atoi(b[:n]))
	return b[n:], true
}

func (s *stamp) put(word string, n int) {
	switch word {
	case "YYYY":
		s.year = n
	case "YY":
		s.year = 2000 + n
	case "RR":
		s.year = 2018 + n
	case "MM", "M":
		s.month = n
	case "DD", "D":
		s.day = n
	case "hh", "h":
		s.hour = n
	case "mm":
		s.min = n
	case "ss":
		s.sec = n
	}
}

// halfDay reads AM, PM, 午前 or 午後.
func halfDay(b []byte, noon *byte) (rest []byte, ok bool) {
	for _, w := range [...]struct {
		text string
		half byte
	}{{"AM", 'a'}, {"am", 'a'}, {"午前", 'a'}, {"PM", 'p'}, {"pm", 'p'}, {"午後", 'p'}} {
		if rest, ok := cutPrefix(b, w.text); ok {
			*noon = w.half
			return rest, true
		}
	}
	return b, false
}
