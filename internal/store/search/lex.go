package search

import "strings"

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokenEnd   tokenKind = iota
	tokenWord            // bare text up to a blank, parenthesis or bar
	tokenQuote           // "text", unescaped
	tokenOpen            // (
	tokenClose           // )
	tokenBar             // |
	tokenComma           // , in stages only
)

type token struct {
	kind   tokenKind
	text   string
	offset int
	spaced bool // a blank stood before it
}

// lexer cuts a search into tokens. A colon ends a word and stays with it
// ("source.ip:"), so that a value is the token after it.
type lexer struct {
	text    string
	at      int
	stage   bool // after a bar: commas separate
	noColon bool // in a value: colons are text (IPv6, times)
}

func (l *lexer) next() token {
	start := l.at
	for l.at < len(l.text) && isBlank(l.text[l.at]) {
		l.at++
	}
	t := token{offset: l.at, spaced: l.at > start || start == 0}
	if l.at == len(l.text) {
		return t
	}
	switch c := l.text[l.at]; {
	case c == '(':
		t.kind, t.text = tokenOpen, "("
	case c == ')':
		t.kind, t.text = tokenClose, ")"
	case c == '|':
		t.kind, t.text = tokenBar, "|"
	case c == ',' && l.stage:
		t.kind, t.text = tokenComma, ","
	case c == '"':
		return l.quoted(t)
	case strings.HasPrefix(l.text[l.at:], "fields['"):
		return l.mapName(t)
	case l.noColon && c == '/':
		return l.regexp(t)
	case l.noColon && c == '[':
		return l.interval(t)
	default:
		return l.word(t)
	}
	l.at++
	return t
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (l *lexer) quoted(t token) token {
	var b strings.Builder
	for i := l.at + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '"':
			l.at = i + 1
			t.kind, t.text = tokenQuote, b.String()
			return t
		case c == '\\' && i+1 < len(l.text) && (l.text[i+1] == '"' || l.text[i+1] == '\\'):
			i++
			b.WriteByte(l.text[i])
		default:
			b.WriteByte(c)
		}
	}
	fail(l.at, `put a " at its end`, "the quote is never closed")
	return t
}

// mapName reads fields['name'] and a colon after it.
func (l *lexer) mapName(t token) token {
	rest := l.text[l.at+len("fields['"):]
	end := strings.Index(rest, "']")
	if end <= 0 {
		fail(l.at, "write fields['name']", "fields[' is never closed")
	}
	l.at += len("fields['") + end + len("']")
	t.kind, t.text = tokenWord, "fields['"+rest[:end]+"']"
	if !l.stage && l.at < len(l.text) && l.text[l.at] == ':' {
		l.at++
		t.text += ":"
	}
	return t
}

func (l *lexer) regexp(t token) token {
	for i := l.at + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case '/':
			t.kind, t.text = tokenWord, l.text[l.at:i+1]
			l.at = i + 1
			return t
		}
	}
	fail(l.at, "put a / at its end, or the text in quotes", "the regular expression is never closed")
	return t
}

func (l *lexer) interval(t token) token {
	end := strings.IndexByte(l.text[l.at:], ']')
	if end < 0 {
		return l.word(t)
	}
	t.kind, t.text = tokenWord, l.text[l.at:l.at+end+1]
	l.at += end + 1
	return t
}

func (l *lexer) word(t token) token {
	start := l.at
	for l.at < len(l.text) {
		c := l.text[l.at]
		if isBlank(c) || c == '(' && !l.stage || c == ')' || c == '|' || c == '"' || c == ',' && l.stage || c == '(' {
			break
		}
		l.at++
		if c == ':' && !l.noColon && !l.stage {
			break
		}
	}
	t.kind, t.text = tokenWord, l.text[start:l.at]
	return t
}
