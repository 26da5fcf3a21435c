package search

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bounds of a search.
const (
	MaxLength = 16 << 10 // bytes of text
	MaxDepth  = 32       // nested parentheses
	MaxTerms  = 256      // conditions
	MaxLimit  = 100_000  // rows of a result
)

// Options frame a search.
type Options struct {
	Since, Until time.Time // device time, since inside, until outside; zero is open
	Tenant       string    // "" is every tenant
	Limit        int       // rows; 0 is 1000 events or 10,000 groups
	WholeWords   bool      // words must be whole: lets a bloom index find them
	TimeZone     string    // days and hours of timechart; "" is UTC
}

// Shape says what the rows of a result are.
type Shape string

// Shapes of results.
const (
	Events Shape = "events" // one row an event, newest first
	Table  Shape = "table"  // one row a group, greatest first
	Series Shape = "series" // one row a time and group, oldest first
)

// Column is a column of the result.
type Column struct {
	Name string // as the search named it: source.ip, count, sum(bytes)
	Time bool   // a time
}

// Query is a compiled search.
type Query struct {
	SQL     string
	Params  map[string]string // by name, unescaped
	Columns []Column
	Shape   Shape
}

// Compile compiles a search. The error is an *Error.
func Compile(text string, o Options) (q Query, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(fault)
			if !ok {
				panic(r)
			}
			q, err = Query{}, &Error{text, f.offset, f.message, f.hint}
		}
	}()
	if len(text) > MaxLength {
		fail(MaxLength, "", "the search is %d bytes long; at most %d", len(text), MaxLength)
	}
	c := &compiler{lex: lexer{text: text}, options: o, params: map[string]string{}}
	c.advance()
	where := c.frame()
	if c.token.kind != tokenEnd && c.token.kind != tokenBar {
		if cond := c.or(0); cond != "" {
			where = append(where, cond)
		}
	}
	plan := c.stages()
	if c.token.kind != tokenEnd {
		fail(c.token.offset, "", "%q is not expected here", c.token.text)
	}
	return plan.query(c, where), nil
}

var sqlForm = regexp.MustCompile(`(?is)^[\s(]*(select\s|with\s.*\bas\b.*\bselect\b|explain\s+(ast|syntax|plan|pipeline|estimate|query|indexes|select)\b|` +
	`show\s+(tables|columns|create|databases|indexes)\b|(describe|desc)\s+(table\s+)?\w+\s*;?\s*$)`)

// IsSQL reports whether a text is SQL rather than a search. Put the words in
// quotes to search for them.
func IsSQL(text string) bool { return sqlForm.MatchString(text) }

type compiler struct {
	lex     lexer
	token   token
	options Options
	params  map[string]string
	terms   int
}

func (c *compiler) advance() { c.token = c.lex.next() }

// param binds a value and returns its placeholder.
func (c *compiler) param(value, typ string) string {
	name := "p" + strconv.Itoa(len(c.params))
	c.params[name] = value
	return "{" + name + ":" + typ + "}"
}

func (c *compiler) text(value string) string { return c.param(value, "String") }

// frame is what the options ask for.
func (c *compiler) frame() (where []string) {
	if c.options.Tenant != "" {
		where = append(where, "tenant = "+c.text(c.options.Tenant))
	}
	if !c.options.Since.IsZero() {
		where = append(where, "timestamp >= "+c.moment(c.options.Since))
	}
	if !c.options.Until.IsZero() {
		where = append(where, "timestamp < "+c.moment(c.options.Until))
	}
	return where
}

func (c *compiler) moment(t time.Time) string {
	return "fromUnixTimestamp64Micro(" + c.param(strconv.FormatInt(t.UnixMicro(), 10), "Int64") + ", 'UTC')"
}

// or reads a chain of alternatives.
func (c *compiler) or(depth int) string {
	if depth > MaxDepth {
		fail(c.token.offset, "", "more than %d parentheses inside each other", MaxDepth)
	}
	parts := []string{c.and(depth)}
	for c.isWord("OR") {
		c.advance()
		parts = append(parts, c.and(depth))
	}
	return join(parts, " OR ")
}

func (c *compiler) and(depth int) string {
	parts := []string{c.not(depth)}
	for {
		switch {
		case c.isWord("AND"):
			c.advance()
		case c.isWord("OR"), c.token.kind == tokenEnd, c.token.kind == tokenBar, c.token.kind == tokenClose:
			return join(parts, " AND ")
		}
		parts = append(parts, c.not(depth))
	}
}

func (c *compiler) not(depth int) string {
	if depth > MaxDepth {
		fail(c.token.offset, "", "more than %d NOT inside each other", MaxDepth)
	}
	if c.isWord("NOT") || c.isWord("-") || c.isWord("!") {
		c.advance()
		return "NOT (" + c.not(depth+1) + ")"
	}
	if c.token.kind == tokenWord && len(c.token.text) > 1 && (c.token.text[0] == '-' || c.token.text[0] == '!') {
		c.token.text, c.token.offset = c.token.text[1:], c.token.offset+1
		return "NOT (" + c.not(depth+1) + ")"
	}
	return c.term(depth)
}

func (c *compiler) isWord(w string) bool { return c.token.kind == tokenWord && c.token.text == w }

func (c *compiler) term(depth int) string {
	if c.terms++; c.terms > MaxTerms {
		fail(c.token.offset, "", "more than %d conditions", MaxTerms)
	}
	t := c.token
	switch t.kind {
	case tokenOpen:
		c.advance()
		inner := c.or(depth + 1)
		if c.token.kind != tokenClose {
			fail(t.offset, "put a ) at its end", "the parenthesis is never closed")
		}
		c.advance()
		return "(" + inner + ")"
	case tokenQuote:
		c.advance()
		return c.words(t.text, false)
	case tokenWord:
		if name, ok := strings.CutSuffix(t.text, ":"); ok && name != "" {
			return c.fieldTerm(name, t.offset, depth)
		}
		if t.text == "AND" || t.text == "OR" {
			fail(t.offset, "to search for the word, put it in quotes", "a condition is missing before %s", t.text)
		}
		c.advance()
		return c.words(t.text, true)
	case tokenClose:
		if depth > 0 {
			fail(t.offset, "", "a condition is missing")
		}
		fail(t.offset, "", "a ) without its (")
	case tokenEnd, tokenBar, tokenComma:
		fail(t.offset, "", "a condition is missing")
	}
	return ""
}

// join puts parts together; one part needs no parentheses.
func join(parts []string, word string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, word) + ")"
}

func unknownStage(t token) {
	fail(t.offset, "one of count, sum, avg, min, max, dc, top, rare, timechart, sort, limit, fields",
		"no stage is called %s", fmt.Sprintf("%q", t.text))
}
