package detect

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"yagura/detect/sigma"
)

// glob is a compiled pattern: segments that an AnyRun separates. The first one is
// anchored at the start unless open, the last one at the end unless tail.
type glob struct {
	segments   []segment
	open, tail bool // the pattern begins, ends with *
}

// segment is a run of literals and single characters.
type segment struct {
	lead   []byte // a leading literal, to search for; may be empty
	tokens []sigma.Token
}

func newGlob(p sigma.Pattern, cased bool) *glob {
	g := &glob{}
	var cur segment
	n := len(p.Tokens)
	for i, t := range p.Tokens {
		if t.Kind == sigma.AnyRun {
			g.open = g.open || i == 0
			g.tail = g.tail || i == n-1
			if len(cur.tokens) > 0 {
				g.segments = append(g.segments, cur)
			}
			cur = segment{}
			continue
		}
		if t.Kind == sigma.Literal && !cased {
			t.Text = sigma.Fold(t.Text)
		}
		if t.Kind == sigma.Literal && len(cur.tokens) == 0 {
			cur.lead = []byte(t.Text)
		}
		cur.tokens = append(cur.tokens, t)
	}
	if len(cur.tokens) > 0 {
		g.segments = append(g.segments, cur)
	}
	return g
}

// match tells whether the whole text, already folded unless the pattern is cased,
// meets the pattern. Time is at most quadratic.
func (g *glob) match(text []byte) bool {
	segments, anchored := g.segments, !g.open
	for len(segments) > 0 {
		s := &segments[0]
		last := len(segments) == 1 && !g.tail
		segments = segments[1:]
		if anchored {
			rest, ok := s.at(text)
			if !ok || last && len(rest) > 0 {
				return false
			}
			text, anchored = rest, false
			if last {
				return true
			}
			continue
		}
		rest, ok := s.find(text, last)
		if !ok {
			return false
		}
		text = rest
	}
	return !anchored || len(text) == 0
}

// find looks for the leftmost place, or with last for one that ends the text.
func (s *segment) find(text []byte, last bool) (rest []byte, ok bool) {
	if last && len(s.tokens) == 1 && len(s.lead) > 0 {
		return nil, bytes.HasSuffix(text, s.lead)
	}
	for {
		if len(s.lead) > 0 {
			i := bytes.Index(text, s.lead)
			if i < 0 {
				return nil, false
			}
			text = text[i:]
		}
		if rest, ok = s.at(text); ok && (!last || len(rest) == 0) {
			return rest, true
		}
		if len(text) == 0 {
			return nil, false
		}
		text = text[1:]
	}
}

// at matches the segment at the start of the text.
func (s *segment) at(text []byte) (rest []byte, ok bool) {
	for _, t := range s.tokens {
		if t.Kind == sigma.Literal {
			if len(text) < len(t.Text) || string(text[:len(t.Text)]) != t.Text {
				return nil, false
			}
			text = text[len(t.Text):]
			continue
		}
		r, size := utf8.DecodeRune(text)
		if size == 0 || t.Kind == sigma.Dash && !strings.ContainsRune(sigma.DashChars, r) {
			return nil, false
		}
		text = text[size:]
	}
	return text, true
}
