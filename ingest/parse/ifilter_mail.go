package parse

import "yagura/internal/event"

// mfilterColumns cuts the CSV of m-FILTER's mail log.
func mfilterColumns(b []byte) (c ifilterLine, ok bool) {
	if len(b) < 40 || b[19] != ',' || b[10] != ' ' {
		return c, false
	}
	_, _, _, date := dateOf(b)
	if _, _, _, clock := clockOf(b[11:]); !date || !clock {
		return c, false
	}
	for c.n < len(c.column) && len(b) > 0 {
		var col []byte
		if b[0] == '"' {
			if inner, rest, ok := quoted(b); ok {
				col, b = inner, rest
				if len(b) > 0 && b[0] == ',' {
					b = b[1:]
				}
				c.column[c.n] = col
				c.n++
				continue
			}
		}
		col, b, _ = cut(b, ",")
		c.column[c.n] = col
		c.n++
	}
	if c.n < 14 || len(c.column[1]) < 20 || c.column[1][2] != '/' || !contains(c.column[12], "@") && !contains(c.column[13], "@") {
		return c, false
	}
	c.form = ifilterMail
	return c, true
}

// mail: ruleset and rule are columns 9 and 10, the sender 13, the recipients 14 as
// "id,address".
func (c *ifilterLine) mail(l *Line) {
	setClass(l.Draft, "email", "info")
	l.setWritten(c.column[0])
	setText(l, event.RuleRuleset, c.column[8])
	setText(l, event.RuleName, c.column[9])
	setText(l, event.EmailFrom, c.column[12])
	for rest := c.column[13]; len(rest) > 0; {
		var part []byte
		part, rest, _ = cut(rest, ",")
		if contains(part, "@") {
			l.Set(event.EmailTo, part)
		}
	}
}
