package engine

import "strings"

// statement is what one connection is asked to run.
type statement struct {
	sql, format string
	params      []param
}

// token is one lexical token of ClickHouse's SQL, without blanks and comments.
type token struct {
	kind       tokenKind
	text       string // identifiers: unquoted; all else: as written
	start, end int    // bytes of the source
	depth      int    // open brackets before it
}

type tokenKind uint8

const (
	bare   tokenKind = iota // identifier, keyword or number
	quoted                  // "x" or `x`
	str                     // 'x' or $tag$x$tag$
	punct
)

func (t token) is(word string) bool { return t.kind == bare && strings.EqualFold(t.text, word) }
func (t token) punct(c string) bool { return t.kind == punct && t.text == c }

// scanner cuts SQL into tokens. It never fails: what is not closed runs to the
// end, and the engine's own parser then says what is wrong.
type scanner struct {
	src   string
	pos   int
	depth int
}

func (s *scanner) next() (token, bool) {
	s.skip()
	if s.pos >= len(s.src) {
		return token{}, false
	}
	t := token{start: s.pos, depth: s.depth}
	switch c := s.src[s.pos]; {
	case c == '\'':
		t.kind, _ = str, s.quote(c)
	case c == '"' || c == '`':
		t.kind = quoted
		t.text = s.quote(c)
	case c == '$' && s.heredoc():
		t.kind = str
	case wordByte(c):
		for s.pos < len(s.src) && wordByte(s.src[s.pos]) {
			s.pos++
		}
	default:
		t.kind = punct
		s.pos++
		if strings.IndexByte("([{", c) >= 0 {
			s.depth++
		} else if strings.IndexByte(")]}", c) >= 0 && s.depth > 0 {
			s.depth--
		}
	}
	t.end = s.pos
	if t.kind != quoted {
		t.text = s.src[t.start:t.end]
	}
	return t, true
}

func wordByte(c byte) bool {
	return c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '$'
}

// skip passes blanks and comments.
func (s *scanner) skip() {
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.pos++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			s.pos += lengthTo(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			s.pos += 2
			s.pos += lengthTo(rest[2:], "*/")
		default:
			return
		}
	}
}

// lengthTo is the length of s up to and with end, or of all of s.
func lengthTo(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// quote passes a quoted token and returns what is inside, escapes undone.
func (s *scanner) quote(q byte) string {
	var b strings.Builder
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\' && s.pos+1 < len(s.src):
			s.pos++
			b.WriteByte(s.src[s.pos])
		case c == q && s.pos+1 < len(s.src) && s.src[s.pos+1] == q:
			s.pos++
			b.WriteByte(q)
		case c == q:
			s.pos++
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// heredoc passes $tag$…$tag$ when one starts here.
func (s *scanner) heredoc() bool {
	rest := s.src[s.pos:]
	n := strings.IndexByte(rest[1:], '$')
	if n < 0 {
		return false
	}
	tag := rest[:n+2]
	for i := 1; i < len(tag)-1; i++ {
		if tag[i] == '$' || !wordByte(tag[i]) {
			return false
		}
	}
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return false
	}
	s.pos += len(tag) + end + len(tag)
	return true
}

// tokens are all tokens of sql.
func tokens(sql string) (all []token) {
	sc := scanner{src: sql}
	for {
		t, ok := sc.next()
		if !ok {
			return all
		}
		all = append(all, t)
	}
}

// tokenAt is the token i, punctuation without text outside.
func tokenAt(all []token, i int) token {
	if i < 0 || i >= len(all) {
		return token{kind: punct}
	}
	return all[i]
}
