package sigma

import (
	"strings"
	"unicode/utf8"
)

// TokenKind says what a token of a pattern stands for.
type TokenKind uint8

// The kinds of tokens.
const (
	Literal     TokenKind = iota // Text, byte for byte (folded when the Text is not Cased)
	AnyRun                       // *: any run of characters, the empty one too; line ends included
	AnyOne                       // ?: exactly one character (a byte that is not UTF-8 counts as one)
	Dash                         // windash: exactly one of DashChars
	Placeholder                  // %Text%: only before Resolve
)

// DashChars are the characters that a Dash token stands for: - / en dash, em dash, horizontal bar.
const DashChars = "-/–—―"

// Token is a piece of a pattern. Text is empty except for Literal and Placeholder.
type Token struct {
	Kind TokenKind
	Text string
}

// Pattern is a parsed text value: it matches an element as a whole. Two literals never stand side by side, nor two AnyRun,
// and no literal is empty. The zero Pattern matches the empty text only.
type Pattern struct{ Tokens []Token }

// ParsePattern reads Sigma's wildcards and escapes: * and ? are wildcards; \* \? and \\ stand for the second character;
// a backslash before anything else, or at the end, is itself. It never fails.
func ParsePattern(text string) Pattern { return parsePattern(text, false) }

// parsePattern also cuts out %name% placeholders (escaped as \%) when expand is set.
func parsePattern(text string, expand bool) Pattern {
	var p Pattern
	var lit strings.Builder
	flush := func() {
		p.add(Token{Literal, lit.String()})
		lit.Reset()
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && (strings.IndexByte(`*?\`, text[i+1]) >= 0 || expand && text[i+1] == '%'):
			i++
			lit.WriteByte(text[i])
		case c == '*':
			flush()
			p.add(Token{Kind: AnyRun})
		case c == '?':
			flush()
			p.add(Token{Kind: AnyOne})
		case c == '%' && expand && placeholder(text[i:]) != "":
			flush()
			name := placeholder(text[i:])
			p.add(Token{Placeholder, name})
			i += len(name) + 1
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return p
}

// placeholder returns the name when text begins with %name%, else nothing.
func placeholder(text string) string {
	end := 1
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	if end == 1 || end == len(text) || text[end] != '%' {
		return ""
	}
	return text[1:end]
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// add appends a token and keeps the form that Pattern promises.
func (p *Pattern) add(t Token) {
	last := len(p.Tokens) - 1
	switch {
	case t.Kind == Literal && t.Text == "":
	case last >= 0 && t.Kind == Literal && p.Tokens[last].Kind == Literal:
		p.Tokens[last].Text += t.Text
	case last >= 0 && t.Kind == AnyRun && p.Tokens[last].Kind == AnyRun:
	default:
		p.Tokens = append(p.Tokens, t)
	}
}

// join returns the pattern that matches what the parts match one after the other.
func join(parts ...Pattern) Pattern {
	var out Pattern
	for _, part := range parts {
		for _, t := range part.Tokens {
			out.add(t)
		}
	}
	return out
}

// Whole returns the literal that the pattern consists of; ok is false when it has any other token.
func (p Pattern) Whole() (text string, ok bool) {
	switch {
	case len(p.Tokens) == 0:
		return "", true
	case len(p.Tokens) == 1 && p.Tokens[0].Kind == Literal:
		return p.Tokens[0].Text, true
	}
	return "", false
}

// Literal returns the longest literal: every element that matches contains it (after folding). Empty when there is none.
func (p Pattern) Literal() string {
	best := ""
	for _, t := range p.Tokens {
		if t.Kind == Literal && len(t.Text) > len(best) {
			best = t.Text
		}
	}
	return best
}

// String writes the pattern so that ParsePattern reads the same again, except for Dash, written as \[-] and only meant to
// be read, and Placeholder, written as %name%.
func (p Pattern) String() string {
	var b strings.Builder
	for _, t := range p.Tokens {
		switch t.Kind {
		case AnyRun:
			b.WriteByte('*')
		case AnyOne:
			b.WriteByte('?')
		case Dash:
			b.WriteString(`\[-]`)
		case Placeholder:
			b.WriteString("%" + t.Text + "%")
		default:
			writeEscaped(&b, t.Text)
		}
	}
	return b.String()
}

// writeEscaped doubles every backslash, so that what follows can never change its meaning.
func writeEscaped(b *strings.Builder, text string) {
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(`*?\`, text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
}

// Match is the meaning of a pattern, written to be obviously right: it takes time exponential in the number of wildcards
// in the worst case. The engine's own matching is tested against it. A Placeholder matches nothing.
func (p Pattern) Match(element string, cased bool) bool {
	if !cased {
		p, element = mapLiterals(p, Fold), Fold(element)
	}
	return matchTokens(p.Tokens, element)
}

func matchTokens(tokens []Token, s string) bool {
	if len(tokens) == 0 {
		return s == ""
	}
	t, rest := tokens[0], tokens[1:]
	switch t.Kind {
	case Literal:
		return strings.HasPrefix(s, t.Text) && matchTokens(rest, s[len(t.Text):])
	case AnyRun:
		return matchRun(rest, s)
	case AnyOne, Dash:
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || t.Kind == Dash && !strings.ContainsRune(DashChars, r) {
			return false
		}
		return matchTokens(rest, s[size:])
	}
	return false
}

// matchRun tries every end of a run. A literal may begin at any byte (encoded ones are no UTF-8); ? and a dash may not
// begin inside a character.
func matchRun(rest []Token, s string) bool {
	for {
		if matchTokens(rest, s) {
			return true
		}
		if s == "" {
			return false
		}
		size := 1
		if len(rest) == 0 || rest[0].Kind != Literal {
			_, size = utf8.DecodeRuneInString(s)
		}
		s = s[size:]
	}
}
