package search

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

func operator(s string) (op, rest string) {
	for _, op := range []string{">=", "<=", ">", "<"} {
		if strings.HasPrefix(s, op) {
			return op, s[len(op):]
		}
	}
	return "", s
}

func interval(s string) (low, high string, ok bool) {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return "", "", false
	}
	low, high, ok = strings.Cut(s[1:len(s)-1], " TO ")
	return strings.TrimSpace(low), strings.TrimSpace(high), ok
}

func (c *compiler) ordered(col column, op string, v token) string {
	switch col.kind {
	case kindNumber, kindCode:
		return col.sql + " " + op + " " + c.integer(v)
	case kindTime:
		return col.sql + " " + op + " " + c.time(v)
	case kindMap:
		n, ok := quantity(v.text)
		if !ok {
			fail(v.offset, "a number, as in 1000 or 10M", "%q is no number", v.text)
		}
		return "toFloat64OrNull(fields[" + c.text(col.key) + "]) " + op + " " + c.param(strconv.FormatFloat(n, 'g', -1, 64), "Float64")
	case kindAddress:
		return col.sql + " " + op + " toIPv6(" + c.text(c.oneAddress(v)) + ")"
	}
	fail(v.offset, "", "%s holds text: %s does not fit", col.name, op)
	return ""
}

var quantityUnits = map[byte]float64{'k': 1e3, 'K': 1e3, 'm': 1e6, 'M': 1e6, 'g': 1e9, 'G': 1e9}

// quantity reads 1000, 1.5k, 10M, 10MB.
func quantity(s string) (float64, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "B"), "b")
	unit := 1.0
	if n := len(s); n > 1 {
		if u, ok := quantityUnits[s[n-1]]; ok {
			unit, s = u, s[:n-1]
		}
	}
	if s == "" || strings.Trim(s, "0123456789.-") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v * unit, err == nil
}

func (c *compiler) integer(v token) string {
	n, ok := quantity(v.text)
	if !ok || n < -(1<<62) || n > 1<<62 || n != float64(int64(n)) {
		fail(v.offset, "a whole number, as in 443, >1000 or >10M", "%q is no whole number", v.text)
	}
	return c.param(strconv.FormatInt(int64(n), 10), "Int64")
}

func (c *compiler) boolean(col column, v token) string {
	switch strings.ToLower(v.text) {
	case "true", "1", "yes":
		return col.sql
	case "false", "0", "no":
		return "NOT " + col.sql
	}
	fail(v.offset, "true or false", "%s is not %q", col.name, v.text)
	return ""
}

var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

func (c *compiler) time(v token) string {
	zone, err := time.LoadLocation(c.options.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, v.text, zone); err == nil {
			return c.moment(t)
		}
	}
	fail(v.offset, `as in 2026-11-24T18:00:00+09:00 or 2026-11-24`, "%q is no time", v.text)
	return ""
}

func (c *compiler) oneAddress(v token) string {
	a, err := netip.ParseAddr(v.text)
	if err != nil || a.Zone() != "" {
		fail(v.offset, "as in 203.0.113.7, 203.0.113.0/24 or 2001:db8::1", "%q is no address", v.text)
	}
	return a.String()
}

// address compares with one address, a network, or 203.0.113.*.
func (c *compiler) address(sql string, v token) string {
	text := v.text
	if stem, ok := strings.CutSuffix(text, ".*"); ok {
		for bits := 8; bits <= 24; bits += 8 {
			if strings.Count(stem, ".") == bits/8-1 {
				text = stem + strings.Repeat(".0", 4-bits/8) + "/" + strconv.Itoa(bits)
			}
		}
	}
	if !strings.Contains(text, "/") {
		return sql + " = toIPv6(" + c.text(c.oneAddress(v)) + ")"
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		fail(v.offset, "as in 203.0.113.0/24 or 2001:db8::/32", "%q is no network", v.text)
	}
	return "(" + sql + " >= toIPv6(" + c.text(p.Masked().Addr().String()) + ") AND " + sql + " <= toIPv6(" + c.text(last(p).String()) + "))"
}

// last is the highest address of a network.
func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// identity finds the event by the parts of its id; any other text is a device's
// own event.id.
func (c *compiler) identity(v token) string {
	parts := strings.Split(v.text, "/")
	if len(parts) == 5 {
		epoch, err1 := strconv.ParseUint(parts[2], 16, 64)
		seq, err2 := strconv.ParseUint(parts[3], 10, 64)
		idx, err3 := strconv.ParseUint(parts[4], 10, 16)
		if err1 == nil && err2 == nil && err3 == nil {
			u := func(n uint64) string { return c.param(strconv.FormatUint(n, 10), "UInt64") }
			return "(tenant = " + c.text(parts[0]) + " AND node = " + c.text(parts[1]) + " AND epoch = " + u(epoch) +
				" AND block_seq = " + u(seq) + " AND idx = " + u(idx) + ")"
		}
	}
	return c.equal(column{"event.id", "", kindMap, "event.id"}, v)
}
