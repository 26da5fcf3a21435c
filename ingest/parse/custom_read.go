package parse

import (
	"fmt"
	"regexp"
	"strings"
	"unsafe"
)

// bytesOf views s as bytes that nobody writes to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// patterns compiles the forms of the text.
func (b *compiler) patterns() {
	if n := len(b.def.Patterns); n > maxPatterns {
		b.fail("patterns", fmt.Sprintf("found %d", n), fmt.Sprintf("want at most %d", maxPatterns))
		return
	}
	for i, d := range b.def.Patterns {
		at := fmt.Sprintf("patterns[%d]", i)
		p := pattern{set: b.constants(at+".set", d.Set, "")}
		switch {
		case (d.Pattern == "") == (d.Regex == ""):
			b.fail(at, "found neither or both of pattern and regex", "want one of them")
		case d.Regex != "":
			b.regex(at, d, &p)
		default:
			r := patternReader{b: b, at: at + ".pattern", text: d.Pattern}
			p.parts = r.read()
		}
		b.parser.patterns = append(b.parser.patterns, p)
	}
}

func (b *compiler) regex(at string, d Pattern, p *pattern) {
	if len(d.Literal) < minLiteral {
		b.fail(at+".literal", fmt.Sprintf("found %q", d.Literal), fmt.Sprintf("want %d bytes or more that stand in every such line: the expression is tried on those only", minLiteral))
	}
	if len(d.Regex) > maxPattern {
		b.fail(at+".regex", fmt.Sprintf("found %d bytes", len(d.Regex)), fmt.Sprintf("want at most %d", maxPattern))
		return
	}
	re, err := regexp.Compile(d.Regex)
	if err != nil {
		b.fail(at+".regex", strings.TrimPrefix(err.Error(), "error parsing regexp: "), "want an expression of RE2: no look-around, no back-references")
		return
	}
	if re.NumSubexp() != len(d.Groups) {
		b.fail(at+".groups", fmt.Sprintf("found %d", len(d.Groups)), fmt.Sprintf("want a field for each of the expression's %d groups; - for those to leave out", re.NumSubexp()))
		return
	}
	p.regex, p.ahead = re, d.Literal
	for i, g := range d.Groups {
		slot := -1
		if g != "" && g != "-" {
			slot, _ = b.slot(fmt.Sprintf("%s.groups[%d]", at, i), g)
		}
		p.groups = append(p.groups, slot)
	}
}

// patternReader reads the text of a pattern:
//
//	login of {user.name} from {source.ip}[ port {source.port}]
//
// A placeholder is {field:type}, {@name}, or {} for what is of no interest; an
// optional part stands in brackets; \ makes the next character a literal one.
type patternReader struct {
	b     *compiler
	at    string
	text  string
	i     int
	depth int
	count int
	bad   bool
}

// maxOptional is how deep optional parts stand in each other.
const maxOptional = 4

// fail tells what is wrong at the character that is read.
func (r *patternReader) fail(found, want string) {
	if !r.bad {
		r.b.fail(r.at, fmt.Sprintf("at character %d: %s", 1+len([]rune(r.text[:min(r.i, len(r.text))])), found), want)
	}
	r.bad = true
}

func (r *patternReader) read() []part {
	if len(r.text) > maxPattern {
		r.fail(fmt.Sprintf("%d bytes", len(r.text)), fmt.Sprintf("want at most %d", maxPattern))
		return nil
	}
	r.text = strings.TrimSpace(r.text)
	parts := r.parts()
	if r.i < len(r.text) {
		r.fail("a ] without its [", `want \] for the character`)
	}
	if r.bad {
		return nil
	}
	firm := false
	for _, p := range parts {
		firm = firm || p.kind == literalPart && len(strings.TrimSpace(p.text)) > 0 || p.kind == valuePart && p.scan >= scanQuoted
	}
	if !firm {
		r.i = 0
		r.fail("nothing that a line must hold", "want a text outside of {} and []")
		return nil
	}
	r.stops(parts, nil, true)
	return parts
}

// parts reads up to the end or an unmatched ].
func (r *patternReader) parts() (parts []part) {
	for r.i < len(r.text) && !r.bad {
		if r.count++; r.count > maxParts {
			r.fail(fmt.Sprintf("more than %d parts", maxParts), "want a shorter pattern")
			return parts
		}
		switch r.text[r.i] {
		case ']':
			return parts
		case '[':
			parts = r.option(parts)
		case '{':
			parts = r.placeholder(parts)
		case '}':
			r.fail("a } without its {", `want \} for the character`)
		default:
			parts = append(parts, part{kind: literalPart, slot: -1, text: r.literal()})
		}
	}
	return parts
}

func (r *patternReader) literal() string {
	var s strings.Builder
	for r.i < len(r.text) && !strings.ContainsRune("[]{}", rune(r.text[r.i])) {
		if r.text[r.i] == '\\' && r.i+1 < len(r.text) {
			r.i++
		}
		s.WriteByte(r.text[r.i])
		r.i++
	}
	return s.String()
}

func (r *patternReader) option(parts []part) []part {
	if r.depth++; r.depth > maxOptional {
		r.fail(fmt.Sprintf("more than %d optional parts in each other", maxOptional), "want fewer")
		return parts
	}
	start := r.i
	r.i++
	inner := r.parts()
	switch {
	case r.bad:
	case r.i == len(r.text):
		r.i = start
		r.fail("a [ without its ]", `want \[ for the character`)
	case len(inner) == 0 || inner[0].kind != literalPart:
		r.i = start + 1
		r.fail("an optional part that begins with no text", "want [text {field}]: the text tells whether the part is there")
	}
	r.i++
	r.depth--
	return append(append(parts, part{kind: optionalPart, slot: -1, size: len(inner)}), inner...)
}

func (r *patternReader) placeholder(parts []part) []part {
	end := strings.IndexByte(r.text[r.i:], '}')
	if end < 0 {
		r.fail("a { without its }", `want \{ for the character`)
		return parts
	}
	text := r.text[r.i+1 : r.i+end]
	p := part{kind: valuePart, slot: -1}
	if s, ok := map[string]bodyForm{":kv": kvForm, ":csv": csvForm, ":json": jsonForm}[text]; ok {
		p.scan, p.size = scanShape, int(s)
		r.have(s, text)
		if r.i+end+1 < len(r.text) {
			r.i += end + 1
			r.fail("something behind {"+text+"}", "want it at the end")
		}
	} else {
		before := len(r.b.faults)
		p.slot, p.scan = r.b.slot(r.at, strings.TrimSpace(text))
		r.bad = r.bad || len(r.b.faults) > before
		p.time = &r.b.parser.time.layout
		if p.scan == scanTime && !strings.HasPrefix(text, "@timestamp") {
			p.time = &layout{}
		}
	}
	if n := len(parts); n > 0 && parts[n-1].kind == valuePart && (parts[n-1].scan <= scanWord) {
		r.fail("two placeholders side by side", "want a text between them, or a type that says where the first ends: ip, int, quoted")
	}
	r.i += end + 1
	return append(parts, p)
}

// have sees that the shape a placeholder names is described.
func (r *patternReader) have(s bodyForm, text string) {
	d := r.b.def
	if s == kvForm && len(d.KV.Fields) == 0 || s == csvForm && len(d.CSV.Columns) == 0 || s == jsonForm && len(d.JSON.Fields) == 0 {
		r.fail("{"+text+"} without a section "+text[1:], "want one beside patterns")
	}
}

// stops tells each placeholder what may end it: the literal behind it and those
// at the head of optional parts between.
func (r *patternReader) stops(parts []part, outer []string, end bool) {
	for i := range parts {
		switch parts[i].kind {
		case valuePart:
			parts[i].stops, parts[i].end = follows(parts[i+1:], outer, end)
		case optionalPart:
			after, ends := follows(parts[i+1+parts[i].size:], outer, end)
			r.stops(parts[i+1:i+1+parts[i].size], after, ends)
		}
	}
}

// follows lists the literals that may come first of parts.
func follows(parts []part, outer []string, end bool) (stops []string, ends bool) {
	for i := 0; i < len(parts); i++ {
		switch parts[i].kind {
		case literalPart:
			return append(stops, parts[i].text), false
		case optionalPart:
			stops = append(stops, parts[i+1].text)
			i += parts[i].size
		default:
			return stops, false // an error, or a type that says where it begins
		}
	}
	return append(stops, outer...), end
}
