package parse

// stamp is a time as written: what is not written is zero.
type stamp struct {
	year, month, day, hour, min, sec, nano int
	offset                                 int  // seconds east of UTC
	zoned                                  bool // the zone was written
	plain                                  bool // a form that applications write and syslog headers rarely do
	dayFirst                               bool // a form that syslog headers never have
}

// readStamp reads a time at the start of b in any form that devices put into
// headers, and says how many bytes it took:
//
//	Nov 20 08:15:42   Nov  2 2026 08:15:42.123 JST   NOV 20 08:15:42 2026
//	Thu, 14 Oct 2021 15:24:12.023984 UTC   Thu Oct 14 15:24:12 JST 2021
//	2026-11-20T08:15:42.000123+09:00   2026-11-20 08:15:42,123   2026/11/20 08:15:42
//	2026 Nov 20 08:15:42   20-Nov-2026 08:15:42.425   20/Nov/2026:08:15:42 +0900
func readStamp(b []byte) (s stamp, n int, ok bool) {
	switch {
	case len(b) < 13:
		return s, 0, false
	case digit(b[0]):
		n = s.numeric(b)
	case letter(b[0]):
		n = s.named(b)
	}
	return s, n, n > 0 && s.valid()
}

// named reads "[Thu[,]] Nov 20 [2026] 08:15:42[.123] [zone] [2026]".
func (s *stamp) named(b []byte) int {
	i := 0
	if s.month = month(b); s.month == 0 {
		if !weekday(b) {
			return 0
		}
		i = 3
		if b[i] == ',' {
			i++
		}
		j := blanks(b[i:])
		if i += j; j == 0 || i >= len(b) {
			return 0
		}
		if digit(b[i]) {
			return s.readDayFirst(b, i)
		}
		if s.month = month(b[i:]); s.month == 0 {
			return 0
		}
	}
	i += 3
	if i >= len(b) || !blank(b[i]) {
		return 0
	}
	i += blanks(b[i:])
	if i = s.dayOf(b, i); i == 0 {
		return 0
	}
	if i < len(b) && b[i] == ',' {
		i++
	}
	j := blanks(b[i:])
	if j == 0 {
		return 0
	}
	i += j
	if digits(b[i:]) == 4 {
		if s.year = atoi(b[i : i+4]); s.year == 0 {
			return 0
		}
		i += 4
		i += blanks(b[i:])
	}
	return s.clockAndZone(b, i)
}

// numeric reads the forms that begin with a digit.
func (s *stamp) numeric(b []byte) int {
	switch digits(b) {
	case 4:
		s.year = atoi(b[:4])
		if b[4] == ' ' && letter(b[5]) { // 2026 Nov 20
			year := s.year
			n := s.named(b[5:])
			if n == 0 {
				return 0
			}
			s.year = year
			return n + 5
		}
		return s.iso(b)
	case 1, 2:
		return s.readDayFirst(b, 0)
	}
	return 0
}

// iso reads what follows the year of 2026-11-20T08:15:42.
func (s *stamp) iso(b []byte) int {
	sep := b[4]
	if sep != '-' && sep != '/' && sep != '.' || len(b) < 18 || s.year == 0 {
		return 0
	}
	if !digit(b[5]) || !digit(b[6]) || b[7] != sep || !digit(b[8]) || !digit(b[9]) {
		return 0
	}
	s.month, s.day = atoi(b[5:7]), atoi(b[8:10])
	if c := b[10]; c != 'T' && c != 't' && c != ' ' {
		return 0
	}
	s.plain = b[10] == ' '
	return s.clockAndZone(b, 11)
}

// readDayFirst reads "20-Nov-2026 08:15:42" from i.
func (s *stamp) readDayFirst(b []byte, i int) int {
	if i = s.dayOf(b, i); i == 0 || i+9 >= len(b) {
		return 0
	}
	sep := b[i]
	if sep != '-' && sep != '/' && sep != ' ' {
		return 0
	}
	if s.month = month(b[i+1:]); s.month == 0 || b[i+4] != sep || digits(b[i+5:]) != 4 {
		return 0
	}
	if s.year = atoi(b[i+5 : i+9]); s.year == 0 {
		return 0
	}
	if i += 9; i >= len(b) || b[i] != ' ' && b[i] != ':' {
		return 0
	}
	s.plain, s.dayFirst = sep != ' ', sep != ' '
	return s.clockAndZone(b, i+1)
}

func (s *stamp) dayOf(b []byte, i int) int {
	n := digits(b[i:])
	if n < 1 || n > 2 {
		return 0
	}
	s.day = atoi(b[i : i+n])
	return i + n
}

func (s *stamp) clockAndZone(b []byte, i int) int {
	n := s.clock(b[i:])
	if n == 0 {
		return 0
	}
	i += n
	if i == len(b) {
		return i
	}
	i = s.yearAfter(b, i)
	j := i
	if b = b[:len(b):len(b)]; i < len(b) && b[i] == ' ' {
		j++
	}
	n, bad := s.zone(b[j:])
	if bad {
		return 0
	}
	if n > 0 {
		i = s.yearAfter(b, j+n)
	}
	return i
}

// yearAfter reads " 2026" from i when no year was read before.
func (s *stamp) yearAfter(b []byte, i int) int {
	if s.year != 0 || i+5 > len(b) || b[i] != ' ' || digits(b[i+1:]) != 4 {
		return i
	}
	y := atoi(b[i+1 : i+5])
	if y < 1970 || y > 2199 || i+5 < len(b) && !blank(b[i+5]) && b[i+5] != ':' {
		return i
	}
	if i+6 < len(b) && b[i+5] == ':' && !blank(b[i+6]) { // 2001:db8::1 is a host
		return i
	}
	s.year = y
	return i + 5
}

// clock reads "8:15:42", "08:15:42.123456" or "08:15:42,123".
func (s *stamp) clock(b []byte) int {
	i := digits(b)
	if i < 1 || i > 2 || len(b) < i+6 {
		return 0
	}
	if b[i] != ':' || b[i+3] != ':' || !digit(b[i+1]) || !digit(b[i+2]) || !digit(b[i+4]) || !digit(b[i+5]) {
		return 0
	}
	s.hour, s.min, s.sec = atoi(b[:i]), atoi(b[i+1:i+3]), atoi(b[i+4:i+6])
	i += 6
	if i < len(b) && digit(b[i]) {
		return 0
	}
	if i+1 < len(b) && (b[i] == '.' || b[i] == ',') && digit(b[i+1]) {
		n := digits(b[i+1:])
		s.nano = fraction(b[i+1 : i+1+n])
		i += 1 + n
	}
	return i
}

func (s *stamp) valid() bool {
	return s.month >= 1 && s.month <= 12 && s.day >= 1 && s.day <= monthDays(s.month, s.year) &&
		s.hour < 24 && s.min < 60 && s.sec <= 60
}

// monthDays is the length of a month; in no year (0) February has 29 days.
func monthDays(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// month reads the first three letters of an English month name in any case.
func month(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	switch uint32(b[0]|0x20)<<16 | uint32(b[1]|0x20)<<8 | uint32(b[2]|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

func weekday(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	switch string(b[:3]) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// atoi reads digits that were checked to be digits.
func atoi(b []byte) (n int) {
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n
}

// fraction reads the digits after a decimal point as nanoseconds; more than nine
// are cut.
func fraction(b []byte) (n int) {
	for i := range 9 {
		n *= 10
		if i < len(b) {
			n += int(b[i] - '0')
		}
	}
	return n
}

func blanks(b []byte) int {
	n := 0
	for n < len(b) && blank(b[n]) {
		n++
	}
	return n
}
