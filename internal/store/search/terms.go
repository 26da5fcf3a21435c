package search

import (
	"regexp"
	"strings"
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
