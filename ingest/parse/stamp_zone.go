package parse

// zone reads "Z", "+09:00", "+0900", "-07", a known name, or "GMT+09:00". bad: a number where
// an offset stands that no zone can have.
func (s *stamp) zone(b []byte) (n int, bad bool) {
	if len(b) == 0 {
		return 0, false
	}
	if b[0] == '+' || b[0] == '-' {
		return s.offsetOf(b)
	}
	for n < len(b) && n < 6 && letter(b[n]) {
		n++
	}
	if n == 3 && n < len(b) && (b[n] == '+' || b[n] == '-') && (hasPrefix(b, "GMT") || hasPrefix(b, "UTC")) {
		size, bad := s.offsetOf(b[n:])
		if size == 0 {
			return 0, bad
		}
		return n + size, false
	}
	if n == 0 || n < len(b) && !blank(b[n]) && b[n] != ':' && b[n] != ']' && b[n] != ')' {
		return 0, false
	}
	east, ok := zoneOffset(str(b[:n]))
	if !ok {
		return 0, false
	}
	s.offset, s.zoned = east, true
	return n, false
}

func (s *stamp) offsetOf(b []byte) (n int, bad bool) {
	d := digits(b[1:])
	minutes := 0
	switch {
	case d == 2 && len(b) >= 6 && b[3] == ':' && digits(b[4:]) == 2:
		minutes, n = atoi(b[4:6]), 6
	case d == 4:
		minutes, n = atoi(b[3:5]), 5
	case d == 2:
		n = 3
	default:
		return 0, false
	}
	hours := atoi(b[1:3])
	if hours > 15 || minutes > 59 {
		return 0, true
	}
	s.offset, s.zoned = hours*3600+minutes*60, true
	if b[0] == '-' {
		s.offset = -s.offset
	}
	return n, false
}

// zoneOffset knows the zone names that are not ambiguous in practice.
func zoneOffset(name string) (east int, ok bool) {
	const h = 3600
	switch name {
	case "Z", "z", "UTC", "GMT", "WET":
		return 0, true
	case "JST", "KST":
		return 9 * h, true
	case "BST", "CET", "WEST", "MEZ":
		return h, true
	case "CEST", "EET", "MESZ":
		return 2 * h, true
	case "EEST", "MSK":
		return 3 * h, true
	case "HKT", "SGT", "AWST":
		return 8 * h, true
	case "AEST":
		return 10 * h, true
	case "AEDT":
		return 11 * h, true
	case "NZST":
		return 12 * h, true
	case "NZDT":
		return 13 * h, true
	case "EDT":
		return -4 * h, true
	case "EST", "CDT":
		return -5 * h, true
	case "CST", "MDT":
		return -6 * h, true
	case "MST", "PDT":
		return -7 * h, true
	case "PST":
		return -8 * h, true
	}
	return 0, false
}
