package sigma

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Match compares an element; slow, see Pattern.Match.
func (t *Text) Match(element string) bool { return t.Pattern.Match(element, t.Cased) }

var plainDecimal = regexp.MustCompile(`^[-+]?[0-9]{1,40}(\.[0-9]{1,40})?$`)

// Decimal reads a plain decimal number: a sign, digits, a fraction. Nothing else is a number to a rule; blanks, exponents
// and 0x are not.
func Decimal(element string) (n Number, ok bool) {
	if !plainDecimal.MatchString(element) {
		return Number{}, false
	}
	if !strings.Contains(element, ".") {
		if i, err := strconv.ParseInt(element, 10, 64); err == nil {
			return Number{Text: element, Int: i, Float: float64(i), IsInt: true}, true
		}
	}
	f, err := strconv.ParseFloat(element, 64)
	return Number{Text: element, Float: f}, err == nil
}

// Match compares an element with the number.
func (n *Number) Match(element string) bool {
	if strings.EqualFold(element, n.Text) {
		return true
	}
	e, ok := Decimal(element)
	return ok && n.compare(e) == 0
}

// compare is exact for integers.
func (n *Number) compare(e Number) int {
	switch {
	case n.IsInt && e.IsInt && e.Int < n.Int, !(n.IsInt && e.IsInt) && e.Float < n.Float:
		return -1
	case n.IsInt && e.IsInt && e.Int > n.Int, !(n.IsInt && e.IsInt) && e.Float > n.Float:
		return 1
	}
	return 0
}

// Match compares an element with true or false, in any case.
func (b *Bool) Match(element string) bool {
	return strings.EqualFold(element, strconv.FormatBool(b.Value))
}

// Match searches an element.
func (r *Regexp) Match(element string) bool { return r.Re.MatchString(element) }

// Match says whether an element is an address in the network.
func (n *Network) Match(element string) bool {
	addr, err := netip.ParseAddr(element)
	return err == nil && n.Prefix.Contains(addr.Unmap().WithZone(""))
}

// Match compares an element; zone is where dates without one are at home, and in which hours and days are counted. A nil
// zone is UTC.
func (c *Compare) Match(element string, zone *time.Location) bool {
	e, ok := Decimal(element)
	if c.Part != PartNone {
		if zone == nil {
			zone = time.UTC
		}
		at, isDate := ParseDate(element, zone)
		part := c.Part.Of(at)
		e, ok = Number{Int: int64(part), Float: float64(part), IsInt: true}, isDate
	}
	if !ok {
		return false
	}
	return c.Op.Holds(float64(c.Number.compare(e)), 0)
}

// Of takes the part out of a time, in the time's own zone.
func (p DatePart) Of(t time.Time) int {
	switch p {
	case PartMinute:
		return t.Minute()
	case PartHour:
		return t.Hour()
	case PartDay:
		return t.Day()
	case PartWeek:
		_, week := t.ISOWeek()
		return week
	case PartMonth:
		return int(t.Month())
	case PartYear:
		return t.Year()
	}
	return 0
}

var dateLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006/01/02 15:04:05", "2006-01-02",
}

// ParseDate reads the forms of dates that events carry: RFC 3339, the same without zone (then it is in zone), and Unix
// time in seconds (10 digits) or milliseconds (13 digits). The result is in zone.
func ParseDate(element string, zone *time.Location) (time.Time, bool) {
	if n, err := strconv.ParseInt(element, 10, 64); err == nil && n > 0 {
		switch len(element) {
		case 10:
			return time.Unix(n, 0).In(zone), true
		case 13:
			return time.UnixMilli(n).In(zone), true
		}
		return time.Time{}, false
	}
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, element, zone); err == nil {
			return t.In(zone), true
		}
	}
	return time.Time{}, false
}

// Match compares an element with an element of the other field.
func (f *FieldRef) Match(element, other string) bool {
	return f.Where.match(element, other, f.Cased)
}

// Match compares an element with one entry of the list.
func (l *List) Match(element, entry string) bool {
	if l.Where != InNetwork {
		return l.Where.match(element, entry, l.Cased)
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		addr, aerr := netip.ParseAddr(entry)
		if aerr != nil {
			return false
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	return (&Network{prefix}).Match(element)
}

func (w Where) match(element, part string, cased bool) bool {
	if !cased {
		element, part = Fold(element), Fold(part)
	}
	switch w {
	case Prefix:
		return strings.HasPrefix(element, part)
	case Suffix:
		return strings.HasSuffix(element, part)
	case Anywhere:
		return strings.Contains(element, part)
	}
	return element == part
}
