package parse

import (
	"strings"

	"yagura/internal/event"
)

// convert says what a value must be, and how it is set.
type convert uint8

const (
	asText convert = iota
	asIP
	asPort
	asInt
	asNumber
	asMAC
	asTime // RFC 3339 in UTC
	asUser // DOMAIN\name
	asLower
	asUpper
	asBool
	asMessage
	asNothing // temporary: its words or the time use it
)

// give sets the slot's field or what the word means; false: the value is not what
// its type says.
func (s *slot) give(l *Line, v []byte) bool {
	if s.mapped {
		set, known := s.words[str(v)]
		if !known {
			set = s.others
		}
		if set != nil || known {
			giveAll(l, set)
			return true
		}
	}
	switch s.convert {
	case asNothing:
		return true
	case asMessage:
		l.SetMessage(v)
		return true
	}
	f := s.field
	if f == 0 {
		f = l.Local(s.local)
	}
	if l.Has(f) && !f.IsList() {
		return true // the first that was read stays
	}
	return s.set(l, f, v)
}

func (s *slot) set(l *Line, f event.Field, v []byte) bool {
	switch s.convert {
	case asIP:
		return setIP(l, f, v)
	case asPort:
		return setPort(l, f, v)
	case asInt:
		return setWhole(l, f, v)
	case asNumber:
		if !decimal(v) {
			return false
		}
	case asMAC:
		if macLength(v) != len(v) {
			return false
		}
	case asBool:
		return setBool(l, f, v)
	case asTime:
		return l.setMoment(f, v)
	case asUser:
		return setUser(l, f, userDomain(f), v)
	case asLower:
		putLower(l.Draft, f, v)
		return true
	case asUpper:
		putUpper(l, f, v)
		return true
	}
	l.Set(f, v)
	return true
}

// setWhole sets a whole number, with or without a sign or commas between
// thousands.
func setWhole(l *Line, f event.Field, v []byte) bool {
	sign := v
	if v[0] == '-' || v[0] == '+' {
		sign = v[1:]
	}
	if n, ok := number(sign); ok {
		if v[0] == '-' {
			n = -n
		}
		l.SetInt(f, n)
		return true
	}
	n, size := int64(0), 0
	for i, c := range sign { // 1,234,567
		switch {
		case digit(c) && size < 18:
			n, size = n*10+int64(c-'0'), size+1
		case c == ',' && i > 0 && (len(sign)-i)%4 == 0:
		default:
			return false
		}
	}
	if size == 0 || bytesCount(sign, ',') == 0 || len(sign)%4 == 0 {
		return false
	}
	if v[0] == '-' {
		n = -n
	}
	l.SetInt(f, n)
	return true
}

func bytesCount(b []byte, c byte) (n int) {
	for _, x := range b {
		if x == c {
			n++
		}
	}
	return n
}

// decimal says whether all of b is a decimal number.
func decimal(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	n := digits(b)
	if n == len(b) {
		return n > 0 && n <= 40
	}
	return n > 0 && b[n] == '.' && len(b) <= 40 && n+1 < len(b) && digits(b[n+1:]) == len(b)-n-1
}

func setBool(l *Line, f event.Field, v []byte) bool {
	switch {
	case equalFold(v, "true"), equalFold(v, "yes"), string(v) == "1":
		l.SetString(f, "true")
	case equalFold(v, "false"), equalFold(v, "no"), string(v) == "0":
		l.SetString(f, "false")
	default:
		return false
	}
	return true
}

// setMoment sets a date field from a time in any form.
func (l *Line) setMoment(f event.Field, v []byte) bool {
	if t, ok := epoch(v); ok {
		l.setDate(f, t)
		return true
	}
	s, n, ok := readStamp(v)
	if !ok || n != len(v) {
		return false
	}
	l.setDate(f, l.scratch.year.resolve(s, l.Received, l.Zone))
	return true
}

func putUpper(l *Line, f event.Field, v []byte) {
	p := l.scratch
	p.custom.joined = append(p.custom.joined[:0], v...)
	for i, c := range p.custom.joined {
		if c-'a' <= 25 {
			p.custom.joined[i] = c &^ 0x20
		}
	}
	l.Set(f, p.custom.joined)
}

// macLength is the length of a MAC address at the start of b, 0 when there is
// none: 00:00:5e:00:53:01, 00-00-…, 0000.5e00.5301, 00005e005301.
func macLength(b []byte) int {
	hex, i := 0, 0
	for i < len(b) && hex < 12 {
		switch c := b[i]; {
		case isHex(b[i : i+1]):
			hex++
		case (c == ':' || c == '-' || c == '.') && hex > 0 && hex%2 == 0 && isHex(b[i-1:i]):
		default:
			return 0
		}
		i++
	}
	if hex < 12 || i < len(b) && isHex(b[i:i+1]) {
		return 0
	}
	return i
}

// userDomain is the field for the domain of a user name's field; 0: none.
func userDomain(f event.Field) event.Field {
	stem, _ := strings.CutSuffix(f.Name(), ".name")
	domain, _ := event.FieldByName(stem + ".domain")
	return domain
}

// converts are the words for conversions.
var converts = map[string]convert{
	"ip": asIP, "port": asPort, "int": asInt, "number": asNumber, "mac": asMAC, "time": asTime, "user": asUser, "lower": asLower, "upper": asUpper, "bool": asBool,
}

// convertOf is what a field's values are when nothing is said.
func convertOf(name string, f event.Field) convert {
	switch f.Kind() {
	case event.IP:
		return asIP
	case event.Float:
		return asNumber
	case event.Date:
		return asTime
	case event.Bool:
		return asBool
	case event.Long:
		if strings.HasSuffix(name, ".port") {
			return asPort
		}
		return asInt
	}
	if f != 0 && strings.HasSuffix(name, ".mac") {
		return asMAC
	}
	return asText
}

// fit says whether a conversion's values may stand in a field.
func fit(c convert, f event.Field) bool {
	want := convertOf(f.Name(), f)
	switch want {
	case asText, asMAC:
		return true
	case asInt:
		return c == asInt || c == asPort
	case asNumber:
		return c == asNumber || c == asInt || c == asPort
	}
	return c == want
}
