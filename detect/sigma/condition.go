package sigma

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxCondition      = 16 << 10
	maxConditionDepth = 64
)

// ParseCondition reads a condition over selection names; leaves of the result are indexes into names. A fault is an Error
// without path, its Col the place in text from 1.
//
// Grammar, loosest first: or, and, not, then a name, a group in parentheses, or (1|any|all) of (them | name pattern with *).
// Words may be in any case, names are case-sensitive. them is every name that does not begin with _.
func ParseCondition(text string, names []string) (Expr, error) {
	e, fault := parseCondition(text, names)
	if fault != nil {
		return nil, Error{Line: 1, Col: fault.at + 1, Field: "condition", Found: fault.found, Want: fault.want}
	}
	return e, nil
}

// conditionFault is a fault at a byte offset.
type conditionFault struct {
	at          int
	found, want string
}

type word struct {
	text string // empty at the end
	at   int
}

// is compares with a word of the grammar, in any case; names are compared as they are.
func (w word) is(keyword string) bool { return strings.EqualFold(w.text, keyword) }

// conditionParser descends over the words; after the first fault it reads nothing more.
type conditionParser struct {
	words []word // the last is the end
	names []string
	depth int
	fault *conditionFault
}

func parseCondition(text string, names []string) (Expr, *conditionFault) {
	if len(text) > maxCondition {
		return nil, &conditionFault{0, fmt.Sprintf("a condition of %d bytes", len(text)), fmt.Sprintf("at most %d", maxCondition)}
	}
	words, fault := lexCondition(text)
	if fault != nil {
		return nil, fault
	}
	p := conditionParser{words: words, names: names}
	e := p.or()
	if w := p.words[0]; p.fault == nil && w.text != "" {
		p.fail(w, "unexpected "+quote(w.text), trailing(w.text))
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return e, nil
}

// trailing guesses what a word that cannot stand there was meant to be.
func trailing(text string) string {
	if text == ")" {
		return "as many ( before it"
	}
	if like := closest(text, grammarWords[:2]); like != "" {
		return "did you mean " + like + "?"
	}
	return "and, or, or the end of the condition"
}

var grammarWords = []string{"and", "or", "not", "of", "them", "any", "all"}

// isNameRune says what names and patterns consist of; anything above ASCII is welcome.
func isNameRune(c rune) bool {
	return c == '_' || c == '-' || c == '.' || c == '*' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c > 0x7f
}

// isIdentifier says whether a selection may have that name. One with other characters than names have (SigmaHQ has
// "sel|endswith") is only reached by them and by patterns.
func isIdentifier(s string) bool {
	return s != "" && !strings.ContainsAny(s, " \t\n()*") && !slices.ContainsFunc(grammarWords, word{text: s}.is)
}

func lexCondition(text string) ([]word, *conditionFault) {
	var out []word
	for i := 0; i < len(text); {
		rest := text[i:]
		end := strings.IndexFunc(rest, func(c rune) bool { return !isNameRune(c) })
		switch {
		case end < 0:
			end = len(rest)
		case end > 0:
		case strings.IndexByte(" \t\n\r", rest[0]) >= 0:
			i++
			continue
		case rest[0] == '(' || rest[0] == ')':
			end = 1
		case rest[0] == '|':
			return nil, &conditionFault{i, "the old aggregation after |", "a correlation document; the condition ends before the |"}
		default:
			return nil, &conditionFault{i, "the character " + quote(string([]rune(rest)[0])), "names, and, or, not, of, parentheses"}
		}
		out = append(out, word{rest[:end], i})
		i += end
	}
	return append(out, word{"", len(text)}), nil
}

func (p *conditionParser) fail(w word, found, want string) Expr {
	if p.fault == nil {
		p.fault = &conditionFault{w.at, found, want}
	}
	return nil
}

func (p *conditionParser) next() word {
	w := p.words[0]
	if w.text != "" {
		p.words = p.words[1:]
	}
	return w
}

func (p *conditionParser) or() Expr {
	of := []Expr{p.and()}
	for p.fault == nil && p.words[0].is("or") {
		p.next()
		of = append(of, p.and())
	}
	return anyOf(of)
}

func (p *conditionParser) and() Expr {
	of := []Expr{p.not()}
	for p.fault == nil && p.words[0].is("and") {
		p.next()
		of = append(of, p.not())
	}
	return allOf(of)
}

func (p *conditionParser) not() Expr {
	if !p.words[0].is("not") {
		return p.operand()
	}
	w := p.next()
	if !p.enter(w) {
		return nil
	}
	e := p.not()
	p.depth--
	return Not{e}
}

func (p *conditionParser) enter(w word) bool {
	if p.depth++; p.depth > maxConditionDepth {
		p.fail(w, fmt.Sprintf("more than %d levels", maxConditionDepth), "fewer parentheses and nots")
		return false
	}
	return true
}

func (p *conditionParser) operand() Expr {
	w := p.next()
	switch {
	case w.text == "":
		return p.fail(w, "the condition ends too early", "a selection name")
	case w.text == "(":
		if !p.enter(w) {
			return nil
		}
		e := p.or()
		p.depth--
		if end := p.next(); p.fault == nil && end.text != ")" {
			if end.text != "" {
				return p.fail(end, "unexpected "+quote(end.text), trailing(end.text))
			}
			return p.fail(w, "a ( that is never closed", "a ) for it")
		}
		return e
	case p.words[0].is("of"):
		return p.of(w)
	case w.text == ")" || w.is("and") || w.is("or") || w.is("of"):
		return p.fail(w, "unexpected "+quote(w.text), "a selection name before it")
	}
	at := slices.Index(p.names, w.text)
	switch {
	case at >= 0:
		return Sel(at)
	case strings.Contains(w.text, "*"):
		return p.fail(w, "a pattern without 1 of or all of", "1 of "+w.text)
	case w.is("them") || w.is("all") || w.is("any"):
		return p.fail(w, "the word "+w.text+" alone", "1 of them, or all of them")
	}
	return p.fail(w, "the unknown selection "+quote(w.text), suggest(w.text, p.names))
}

// of reads what follows a quantifier and writes it out.
func (p *conditionParser) of(quantifier word) Expr {
	p.next()
	pattern := p.next()
	all := quantifier.is("all")
	switch {
	case !all && !quantifier.is("any") && quantifier.text != "1":
		return p.fail(quantifier, quote(quantifier.text)+" before of", "1 of, any of or all of")
	case pattern.text == "" || pattern.text == "(" || pattern.text == ")":
		return p.fail(pattern, "nothing to choose from after of", "them, a name, or a pattern such as sel*")
	}
	var of []Expr
	for i, name := range p.names {
		if pattern.is("them") && !strings.HasPrefix(name, "_") || !pattern.is("them") && glob(pattern.text, name) {
			of = append(of, Sel(i))
		}
	}
	switch {
	case len(of) == 0:
		return p.fail(pattern, quote(pattern.text)+" matches no selection", suggest(pattern.text, p.names))
	case all:
		return allOf(of)
	}
	return anyOf(of)
}

// glob matches a name with a pattern whose only wildcard is *.
func glob(pattern, name string) bool {
	pieces := strings.Split(pattern, "*")
	name, ok := strings.CutPrefix(name, pieces[0])
	if !ok || len(pieces) == 1 {
		return ok && name == ""
	}
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		at := strings.Index(name, piece)
		if at < 0 {
			return false
		}
		name = name[at+len(piece):]
	}
	return strings.HasSuffix(name, pieces[last])
}
