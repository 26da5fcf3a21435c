package search

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"yagura/internal/event"
)

// words is the condition for free text. ASCII text is a part of the raw line
// whatever its encoding; other text may also stand decoded in message_text.
func (c *compiler) words(text string, wild bool) string {
	if text == "" {
		return "1"
	}
	low := strings.ToLower(text)
	pattern := c.text("%" + like(low, wild) + "%")
	cond := "lower(raw) LIKE " + pattern
	if !isASCII(text) {
		return "(" + cond + " OR lower(message_text) LIKE " + pattern + ")"
	}
	if !c.options.WholeWords || wild && strings.ContainsAny(text, "*?") {
		return cond
	}
	parts := []string{cond}
	for _, w := range strings.FieldsFunc(low, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		parts = append(parts, "hasToken(lower(raw), "+c.text(w)+")")
	}
	return join(parts, " AND ")
}

// like escapes text for LIKE; wild turns * and ? into its wildcards.
func like(text string, wild bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '%' || r == '_' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case wild && r == '*':
			b.WriteByte('%')
		case wild && r == '?':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// fieldTerm reads the value after "name:" and compares.
func (c *compiler) fieldTerm(name string, offset, depth int) string {
	exists := name == "_exists_"
	var col column
	if !exists {
		col = field(name, offset)
	}
	c.lex.noColon = true
	defer func() { c.lex.noColon = false }()
	c.advance()
	v := c.token
	if v.kind == tokenEnd || v.kind == tokenBar || v.kind == tokenClose || v.spaced {
		fail(v.offset, name+":value, without a blank; "+name+":* asks whether it is there", "%s: has no value", name)
	}
	if exists {
		c.valueRead()
		return c.exists(field(v.text, v.offset))
	}
	if v.kind == tokenOpen {
		return c.choice(col, v.offset, depth)
	}
	cond := c.compare(col, v)
	c.valueRead()
	return cond
}

// valueRead goes on behind a value, where colons end names again.
func (c *compiler) valueRead() { c.lex.noColon = false; c.advance() }

// choice reads field:(a OR b "c d").
func (c *compiler) choice(col column, offset, depth int) string {
	if depth > MaxDepth {
		fail(offset, "", "more than %d parentheses inside each other", MaxDepth)
	}
	var parts []string
	word := " OR "
	for c.advance(); c.token.kind != tokenClose; c.advance() {
		switch {
		case c.isWord("OR"):
		case c.isWord("AND"):
			word = " AND "
		case c.token.kind == tokenWord || c.token.kind == tokenQuote:
			if c.terms++; c.terms > MaxTerms {
				fail(c.token.offset, "", "more than %d conditions", MaxTerms)
			}
			parts = append(parts, c.compare(col, c.token))
		case c.token.kind == tokenOpen:
			fail(c.token.offset, "list the values: field:(a OR b)", "a parenthesis inside a list of values")
		default:
			fail(offset, "put a ) at its end", "the list of values is never closed")
		}
	}
	if len(parts) == 0 {
		fail(offset, "field:(a OR b)", "the list of values is empty")
	}
	c.valueRead()
	return join(parts, word)
}

// compare is the condition of one field and one value.
func (c *compiler) compare(col column, v token) string {
	if v.kind == tokenWord && v.text == "*" {
		return c.exists(col)
	}
	if v.kind == tokenWord {
		if op, rest := operator(v.text); op != "" {
			return c.ordered(col, op, token{tokenWord, rest, v.offset + len(op), false})
		}
		if low, high, ok := interval(v.text); ok {
			return "(" + c.ordered(col, ">=", token{tokenWord, low, v.offset, false}) + " AND " +
				c.ordered(col, "<=", token{tokenWord, high, v.offset, false}) + ")"
		}
		if len(v.text) > 1 && v.text[0] == '/' && strings.HasSuffix(v.text, "/") {
			return c.matches(col, v)
		}
	}
	switch col.kind {
	case kindNumber, kindCode:
		return col.sql + " = " + c.integer(v)
	case kindBool:
		return c.boolean(col, v)
	case kindAddress:
		return c.address(col.sql, v)
	case kindEnds:
		return "(" + c.address("source_ip", v) + " OR " + c.address("destination_ip", v) + ")"
	case kindTime:
		return col.sql + " = " + c.time(v)
	case kindID:
		return c.identity(v)
	case kindMap:
		if f, ok := event.FieldByName(col.key); ok && f.Kind() == event.IP && strings.Contains(v.text, "/") {
			return c.address("toIPv6OrNull(fields["+c.text(col.key)+"])", v)
		}
	}
	return c.equal(col, v)
}

// equal compares text: quoted exactly, bare in any case and with wildcards.
func (c *compiler) equal(col column, v token) string {
	exact := v.kind == tokenQuote
	wild := !exact && strings.ContainsAny(v.text, "*?")
	var value, test string
	switch {
	case exact:
		value, test = c.text(v.text), "x = %"
	case wild:
		value, test = c.text(like(strings.ToLower(v.text), true)), "lower(x) LIKE %"
	default:
		value, test = c.text(strings.ToLower(v.text)), "lower(x) = %"
	}
	return c.each(col, strings.Replace(test, "%", value, 1))
}

// each applies a test of x to the column's value, or to any of its values.
func (c *compiler) each(col column, test string) string {
	switch col.kind {
	case kindList:
		return "arrayExists(x -> " + test + ", " + col.sql + ")"
	case kindMap:
		key := c.text(col.key)
		// The map holds several values joined; the first test keeps the common row cheap.
		return "(mapContains(fields, " + key + ") AND arrayExists(x -> " + test + ", splitByChar('\\x1f', fields[" + key + "])))"
	}
	return strings.ReplaceAll(strings.ReplaceAll(test, "(x)", "("+col.sql+")"), "x = ", col.sql+" = ")
}

// matches is field:/regexp/.
func (c *compiler) matches(col column, v token) string {
	expr := strings.ReplaceAll(v.text[1:len(v.text)-1], `\/`, "/")
	if _, err := regexp.Compile(expr); err != nil {
		fail(v.offset, "RE2's syntax", "no regular expression: %v", err)
	}
	pattern := c.text("(?i)" + expr)
	switch col.kind {
	case kindWord, kindText:
		return "match(" + col.sql + ", " + pattern + ")"
	case kindList, kindMap:
		return c.each(col, "match(x, "+pattern+")")
	}
	fail(v.offset, "", "%s holds no text: a regular expression does not fit", col.name)
	return ""
}

func (c *compiler) exists(col column) string {
	switch col.kind {
	case kindWord, kindText:
		return col.sql + " != ''"
	case kindList:
		return "notEmpty(" + col.sql + ")"
	case kindNumber:
		return col.sql + " != 0"
	case kindCode:
		return col.sql + " >= 0"
	case kindAddress:
		return col.sql + " != toIPv6('::')"
	case kindEnds:
		return "(source_ip != toIPv6('::') OR destination_ip != toIPv6('::'))"
	case kindMap:
		return "mapContains(fields, " + c.text(col.key) + ")"
	}
	return "1"
}

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
