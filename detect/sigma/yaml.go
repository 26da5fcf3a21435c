package sigma

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxFile  = 1 << 20
	maxDepth = 64
	// The library takes time quadratic in the keys of a map, in list entries that are empty and in runs of blank lines.
	maxKeys  = 10_000
	maxEmpty = 1000
	maxBlank = 200
)

// reader collects the faults of one file.
type reader struct {
	path  string
	lines []string // of the file, to place faults inside a text
	errs  Errors
}

func (r *reader) fail(pos Pos, field, found, want string) {
	r.errs = append(r.errs, Error{Path: r.path, Line: pos.Line, Col: pos.Col, Field: field, Found: found, Want: want})
}

// documents reads the YAML of all documents. They are parsed one by one, so that a syntax error hides only its own.
func (r *reader) documents(data []byte) []*Node {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if !r.readable(data) {
		return nil
	}
	r.lines = strings.Split(string(data), "\n")
	if !r.dense() {
		return nil
	}
	var out []*Node
	start := 0
	for i := 1; i <= len(r.lines); i++ {
		if i == len(r.lines) || isDocumentStart(r.lines[i]) {
			if lines := r.lines[start:i]; !isPreamble(lines) {
				out = append(out, r.document(lines, start)...)
			}
			start = i
		}
	}
	return out
}

// dense refuses long runs of blank lines.
func (r *reader) dense() bool {
	blank := 0
	for i, line := range r.lines {
		if blank++; strings.TrimSpace(line) != "" {
			blank = 0
		}
		if blank > maxBlank {
			r.fail(Pos{i + 1, 1}, "", fmt.Sprintf("more than %d blank lines in a row", maxBlank), "fewer")
			return false
		}
	}
	return true
}

// isDocumentStart holds for --- at the start of a line: YAML lets no scalar contain that.
func isDocumentStart(line string) bool {
	rest, ok := strings.CutPrefix(line, "---")
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// isPreamble holds for directives, comments and blank lines, which the library would take for a document of their own.
func isPreamble(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// readable refuses what is too long or is no text.
func (r *reader) readable(data []byte) bool {
	if len(data) > maxFile {
		r.fail(Pos{1, 1}, "", fmt.Sprintf("the file has %d bytes", len(data)), fmt.Sprintf("at most %d", maxFile))
		return false
	}
	pos := Pos{1, 1}
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size == 1:
			r.fail(pos, "", fmt.Sprintf("the byte 0x%02x is not UTF-8", data[0]), "save the file as UTF-8")
			return false
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			r.fail(pos, "", fmt.Sprintf("the control character 0x%02x", c), `write it as an escape in double quotes`)
			return false
		case c == '\n':
			pos = Pos{pos.Line + 1, 0}
		}
		pos.Col++
		data = data[size:]
	}
	return true
}

// document parses the lines of one document, the first of which is line offset+1 of the file.
func (r *reader) document(lines []string, offset int) []*Node {
	y := yamlReader{reader: r, offset: offset}
	tokens := lexer.Tokenize(strings.Join(lines, "\n"))
	if !y.bounded(tokens) {
		return nil
	}
	file, ok := y.parse(tokens)
	if !ok {
		return nil
	}
	var out []*Node
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); doc.Body == nil || directive {
			continue
		}
		if n := y.node(doc.Body, 0); n != nil && !(n.Kind == ScalarNode && n.Style == Plain && n.Text == "") {
			out = append(out, n)
		}
	}
	return out
}

// yamlReader turns goccy's tree into ours.
type yamlReader struct {
	*reader
	offset int
}

func (y *yamlReader) pos(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{y.offset + 1, 1}
	}
	return Pos{t.Position.Line + y.offset, max(t.Position.Column, 1)}
}

// bounded refuses what makes the recursive parser deep, and what a rule must not use, before it is parsed.
func (y *yamlReader) bounded(tokens token.Tokens) bool {
	flow, line, indicators, keys, empty := 0, 0, 0, 0, 0
	last := token.UnknownType // before comments
	var inMap []bool          // of each open bracket
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		if t.Position.Line != line {
			line, indicators = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			y.fail(y.pos(t), "", fmt.Sprintf("the anchor, alias or merge key %q", t.Value), "write the value out; quote a text that begins with & or *")
			return false
		case token.SequenceStartType, token.MappingStartType:
			flow++
			inMap = append(inMap, t.Type == token.MappingStartType)
		case token.SequenceEndType, token.MappingEndType:
			flow--
			inMap = inMap[:max(0, len(inMap)-1)]
		case token.CollectEntryType:
			if len(inMap) > 0 && inMap[len(inMap)-1] {
				keys++
			}
		case token.SequenceEntryType, token.MappingKeyType:
			indicators++
			if last == t.Type {
				empty++
			}
		case token.MappingValueType:
			keys++
		case token.TagType:
			if last == token.TagType {
				y.fail(y.pos(t), "", "two tags in a row", "at most one")
				return false
			}
		}
		if keys > maxKeys || empty > maxEmpty {
			y.fail(y.pos(t), "", fmt.Sprintf("more than %d keys, or %d empty list entries", maxKeys, maxEmpty), "several documents, or a list file with expand")
			return false
		}
		if flow > maxDepth || indicators > maxDepth {
			y.fail(y.pos(t), "", fmt.Sprintf("more than %d levels of nesting", maxDepth), "less")
			return false
		}
		last = t.Type
	}
	return true
}

// parse calls the library, whose panics on odd input are its faults and not the caller's.
func (y *yamlReader) parse(tokens token.Tokens) (file *ast.File, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			y.fail(Pos{y.offset + 1, 1}, "", "the YAML of this document cannot be read", "plain block style, as in other rules")
			file, ok = nil, false
		}
	}()
	file, err := parser.Parse(tokens, 0)
	if err == nil {
		return file, true
	}
	// The library's own Error draws the source, in time quadratic in its length.
	pos, text := Pos{y.offset + 1, 1}, "unreadable"
	var fault yaml.Error
	if errors.As(err, &fault) {
		pos, text = y.pos(fault.GetToken()), fault.GetMessage()
	}
	if _, name, found := strings.Cut(text, "mapping key "); found && strings.Contains(text, "already defined") {
		name, _, _ = strings.Cut(name, " already")
		y.fail(pos, "", "the key "+name+" stands twice", "keep one; a list holds several values")
	} else {
		y.fail(pos, "", "not valid YAML: "+text, "quote texts that hold : # [ { & * ! | > % @ ` or a leading -")
	}
	return nil, false
}

// within places a fault at a byte offset of a scalar's text: exact when the text stands on its line as written, else the
// scalar's own place.
func (r *reader) within(n *Node, offset int) Pos {
	if n.Pos.Line > len(r.lines) || n.Style == Block {
		return n.Pos
	}
	line := []rune(r.lines[n.Pos.Line-1])
	start := n.Pos.Col - 1
	if n.Style == Quoted {
		start++
	}
	if start > len(line) || !strings.HasPrefix(string(line[start:]), n.Text) {
		return n.Pos
	}
	return Pos{n.Pos.Line, start + 1 + utf8.RuneCountInString(n.Text[:offset])}
}
