package sigma

import (
	"fmt"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"strings"
)

const (
	maxRegexp        = 4 << 10
	maxRegexpProgram = 20_000 // instructions
	maxPattern       = 64 << 10
)

// value reads one scalar under a chain of modifiers. keyword: the value is searched in the whole raw line.
func (r *reader) value(n *Node, c chain, keyword bool, path string) (Value, bool) {
	v := Value{Pos: n.Pos, Text: n.Text}
	if n.Kind != ScalarNode {
		r.fail(n.Pos, path, n.describe(), "a text, number, true, false or null")
		return v, false
	}
	alternatives, found, want := c.build(n, keyword)
	if found != "" {
		r.fail(n.Pos, path, found, want)
		return v, false
	}
	v.Any = alternatives
	return v, true
}

// build makes the matchers of a scalar; found is empty when it fits the modifiers.
func (c chain) build(n *Node, keyword bool) (out []Matcher, found, want string) {
	kind := n.kind()
	num, numeric := parseNumber(n.Text)
	if kind == numberScalar && !numeric {
		return nil, "the tag " + n.Tag + " before " + n.describe(), "a number"
	}
	switch c.mode {
	case regexpMode:
		return c.regexp(n)
	case cidrMode:
		return c.network(n)
	case existsMode:
		if kind != boolScalar {
			return nil, n.describe() + " under exists", "true or false, without quotes"
		}
		return one(&Exists{isTrue(n.Text)})
	case fieldrefMode:
		if kind != textScalar || n.Text == "" {
			return nil, n.describe() + " under fieldref", "the name of a field"
		}
		return one(&FieldRef{n.Text, c.shape, c.cased})
	case numberMode:
		// A quoted number is taken as well: what it is compared with is a number in any case.
		if !numeric {
			return nil, n.describe() + " under a comparison of numbers", "a number"
		}
		return one(&Compare{c.op, c.part, num})
	}
	bare := !keyword && !c.shaped && !c.expand && len(c.encoders) == 0
	switch {
	case kind == nullScalar && !bare:
		return nil, "null under a modifier that needs a text, or as a keyword", "a text; '' is the empty text"
	case kind == nullScalar:
		return one(&Null{})
	case kind == boolScalar && bare:
		if !isBool(n.Text) {
			return nil, "the tag !!bool before " + n.describe(), "true or false"
		}
		return one(&Bool{isTrue(n.Text)})
	case numeric && bare && (kind == numberScalar || canonicalForm.MatchString(n.Text)):
		num.Quoted = kind != numberScalar
		return one(&Number{num.Text, num.Float, num.Int, num.IsInt, num.Quoted})
	}
	text := n.Text
	if kind == numberScalar && num.IsInt && !decimalForm.MatchString(text) {
		text = num.Text
	}
	return c.text(text, keyword)
}

func one(m Matcher) ([]Matcher, string, string) { return []Matcher{m}, "", "" }

func isTrue(s string) bool { return strings.EqualFold(s, "true") }
func isBool(s string) bool { return isTrue(s) || strings.EqualFold(s, "false") }

// text builds patterns: wildcards first, then encoders, then contains and its kin.
func (c chain) text(text string, keyword bool) (out []Matcher, found, want string) {
	if len(text) > maxPattern {
		return nil, fmt.Sprintf("a text of %d bytes", len(text)), fmt.Sprintf("at most %d", maxPattern)
	}
	if keyword && text == "" {
		return nil, "an empty keyword", "a text that the raw line shall contain"
	}
	shape := c.shape
	if keyword && !c.shaped {
		shape = Anywhere
	}
	patterns, err := encode(parsePattern(text, c.expand), c.encoders)
	if err != nil {
		return nil, err.Error(), "a plain text of three characters or more; write \\* and \\? for the characters themselves"
	}
	for _, p := range patterns {
		p = p.shaped(shape)
		if l := p.list(); l != nil {
			l.Cased = c.cased
			out = append(out, l)
			continue
		}
		out = append(out, &Text{p, c.cased})
	}
	if c.expand && !strings.Contains(text, "%") {
		return nil, quote(text) + " under expand", "a placeholder such as %name%"
	}
	return out, "", ""
}

// shaped adds the wildcards of contains, startswith and endswith to a parsed pattern.
func (p Pattern) shaped(w Where) Pattern {
	star := Pattern{[]Token{{Kind: AnyRun}}}
	switch w {
	case Anywhere:
		return join(star, p, star)
	case Prefix:
		return join(p, star)
	case Suffix:
		return join(star, p)
	}
	return p
}

// list returns the matcher of a pattern that is one placeholder, with * at its ends or without; else nil.
func (p Pattern) list() *List {
	tokens := p.Tokens
	var start, end bool
	if len(tokens) > 0 && tokens[0].Kind == AnyRun {
		start, tokens = true, tokens[1:]
	}
	if n := len(tokens); n > 0 && tokens[n-1].Kind == AnyRun {
		end, tokens = true, tokens[:n-1]
	}
	if len(tokens) != 1 || tokens[0].Kind != Placeholder {
		return nil
	}
	l := &List{Name: tokens[0].Text}
	switch {
	case start && end:
		l.Where = Anywhere
	case start:
		l.Where = Suffix
	case end:
		l.Where = Prefix
	}
	return l
}

func (c chain) network(n *Node) (out []Matcher, found, want string) {
	const form = "a network such as 192.0.2.0/24 or 2001:db8::/32"
	if c.expand {
		if name := placeholder(n.Text); name != "" && len(n.Text) == len(name)+2 {
			return one(&List{Name: name, Where: InNetwork})
		}
	}
	prefix, err := netip.ParsePrefix(n.Text)
	if err != nil {
		addr, aerr := netip.ParseAddr(n.Text)
		if aerr != nil || addr.Zone() != "" {
			return nil, n.describe() + " under cidr", form
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix.Addr().Is4In6() {
		return nil, n.describe() + " under cidr", "the IPv4 network itself, such as 192.0.2.0/24"
	}
	if prefix != prefix.Masked() {
		return nil, n.describe() + " under cidr has bits beyond its length", prefix.Masked().String()
	}
	return one(&Network{prefix})
}

func (c chain) regexp(n *Node) (out []Matcher, found, want string) {
	switch kind := n.kind(); {
	case kind == nullScalar || n.Text == "":
		return nil, n.describe() + " under re", "a regular expression"
	case len(n.Text) > maxRegexp:
		return nil, fmt.Sprintf("a regular expression of %d bytes", len(n.Text)), fmt.Sprintf("at most %d", maxRegexp)
	}
	text := n.Text
	if c.flags != "" {
		text = "(?" + c.flags + ")" + text
	}
	switch c.shape {
	case Prefix:
		text = `\A(?:` + text + `)`
	case Suffix:
		text = `(?:` + text + `)\z`
	}
	re, err := compileRegexp(text)
	if err != nil {
		return nil, fmt.Sprintf("the regular expression %s: %s", quote(n.Text), err), "RE2 syntax: no look-around, no back-references"
	}
	return one(&Regexp{n.Text, re})
}

// compileRegexp bounds the compiled size before it is built a second time for use.
func compileRegexp(text string) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxRegexpProgram {
		return nil, fmt.Errorf("its program has %d steps, more than %d", len(prog.Inst), maxRegexpProgram)
	}
	return regexp.Compile(text)
}
