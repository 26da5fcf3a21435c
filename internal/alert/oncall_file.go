package alert

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// LoadOnCall reads oncall.yaml:
//
//	people:
//	  - name: 山田 太郎
//	    address: yamada@example.lg.jp
//	    language: ja               # or en
//	    order: 1                   # equal orders are told together; default the place in the list
//	    escalate_after: 15m        # 1m to 24h
//	    hours: mon-fri 08:30-17:15 # default always
//
// The error holds every fault, one a line: path:line:col: field: what was found;
// what would be right.
func LoadOnCall(path string) (OnCall, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return OnCall{}, fmt.Errorf("read on-call list: %w", err)
	}
	return ParseOnCall(filepath.ToSlash(path), content)
}

// ParseOnCall is LoadOnCall for content that is in memory; path names it in
// errors.
func ParseOnCall(path string, content []byte) (OnCall, error) {
	r := &listReader{path: path}
	if len(content) > maxList {
		return OnCall{}, fmt.Errorf("%s:1:1: file: %d bytes; would be right: at most %d", path, len(content), maxList)
	}
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return OnCall{}, r.syntax(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return OnCall{}, fmt.Errorf("%s:1:1: people: nothing; would be right: a list of people", path)
	}
	list := r.document(file.Docs[0].Body)
	return list, errors.Join(r.errs...)
}

// listReader walks the tree and gathers every fault.
type listReader struct {
	path string
	errs []error
}

func (r *listReader) bad(n ast.Node, format string, args ...any) {
	at := token.Position{Line: 1, Column: 1}
	switch pairs := n.(type) { // a mapping's own token is its first colon
	case *ast.MappingNode:
		if len(pairs.Values) > 0 && !pairs.IsFlowStyle {
			n = pairs.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = pairs.Key
	}
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		at = *n.GetToken().Position
	}
	r.errs = append(r.errs, fmt.Errorf("%s:%d:%d: %s", r.path, at.Line, at.Column, fmt.Sprintf(format, args...)))
}

func (r *listReader) syntax(err error) error {
	line, col, message := 1, 1, err.Error()
	var fault yaml.Error
	if errors.As(err, &fault) {
		message = fault.GetMessage()
		if tk := fault.GetToken(); tk != nil && tk.Position != nil {
			line, col = tk.Position.Line, tk.Position.Column
		}
	}
	return fmt.Errorf("%s:%d:%d: syntax: %s; would be right: YAML", r.path, line, col, message)
}

func (r *listReader) document(body ast.Node) (list OnCall) {
	var people ast.Node
	pairs, _ := r.mapping(body, "file")
	for _, pair := range pairs {
		if key := pair.Key.String(); key != "people" {
			r.bad(pair.Key, "%s: unknown; would be right: people", escape(cut(key, 40)))
			continue
		}
		people = pair.Value
	}
	sequence, ok := people.(*ast.SequenceNode)
	switch {
	case !ok:
		r.bad(firstNode(people, body), "people: no list; would be right: a list of people")
		return list
	case len(sequence.Values) == 0 || len(sequence.Values) > maxPeople:
		r.bad(sequence, "people: %d entries; would be right: 1 to %d", len(sequence.Values), maxPeople)
		return list
	}
	seen := map[string]bool{}
	for i, node := range sequence.Values {
		p := r.person(node, fmt.Sprintf("people[%d]", i))
		if key := strings.ToLower(p.Address); seen[key] && key != "" {
			r.bad(node, "people[%d].address: %s is there twice; would be right: each person once", i, p.Address)
		} else {
			seen[key] = true
		}
		list.People = append(list.People, p)
	}
	return list
}

func firstNode(nodes ...ast.Node) ast.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// mapping returns the pairs of a mapping; anchors and aliases are refused where
// they stand for one.
func (r *listReader) mapping(n ast.Node, field string) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	default:
		r.bad(n, "%s: %s; would be right: keys and values", field, kindName(n))
		return nil, false
	}
}

func kindName(n ast.Node) string {
	if n == nil {
		return "nothing"
	}
	return strings.ToLower(n.Type().String())
}

func (r *listReader) person(n ast.Node, field string) (p Person) {
	known := map[string]func(ast.Node, string, string){
		"name":           func(n ast.Node, f, v string) { p.Name = r.name(n, f, v) },
		"address":        func(n ast.Node, f, v string) { p.Address = r.address(n, f, v) },
		"language":       func(n ast.Node, f, v string) { p.Language = r.language(n, f, v) },
		"order":          func(n ast.Node, f, v string) { p.Order = r.order(n, f, v) },
		"escalate_after": func(n ast.Node, f, v string) { p.EscalateAfter = r.after(n, f, v) },
		"hours":          func(n ast.Node, f, v string) { p.Hours = r.hours(n, f, v) },
	}
	has := map[string]bool{}
	pairs, ok := r.mapping(n, field)
	if !ok {
		return p
	}
	for _, pair := range pairs {
		key := pair.Key.String()
		set := known[key]
		if set == nil {
			r.bad(pair.Key, "%s.%s: unknown; would be right: name, address, language, order, escalate_after or hours", field, escape(cut(key, 40)))
			continue
		}
		has[key] = true
		if value, ok := r.scalar(pair.Value, field+"."+key); ok {
			set(pair.Value, field+"."+key, value)
		}
	}
	for _, key := range []string{"name", "address"} {
		if !has[key] {
			r.bad(n, "%s.%s: missing; would be right: %s", field, key, map[string]string{"name": "a name", "address": "a mail address"}[key])
		}
	}
	return p
}

func (r *listReader) scalar(n ast.Node, field string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.GetToken().Value, true
	default:
		r.bad(n, "%s: %s; would be right: one value", field, kindName(n))
		return "", false
	}
}

func (r *listReader) name(n ast.Node, field, v string) string {
	if v == "" || len(v) > 200 || strings.IndexFunc(v, unicode.IsControl) >= 0 {
		r.bad(n, "%s: %q; would be right: a name without control characters", field, cut(v, 40))
	}
	return v
}

func (r *listReader) address(n ast.Node, field, v string) string {
	a, err := netmail.ParseAddress(v)
	if err != nil || a.Name != "" || a.Address != v || !isASCII(v) {
		r.bad(n, "%s: %q; would be right: an address like yamada@example.lg.jp", field, cut(v, 60))
		return ""
	}
	return v
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func (r *listReader) language(n ast.Node, field, v string) string {
	if v != "ja" && v != "en" {
		r.bad(n, "%s: %q; would be right: ja or en", field, cut(v, 40))
	}
	return v
}

func (r *listReader) order(n ast.Node, field, v string) int {
	order, err := strconv.Atoi(v)
	if err != nil || order < 1 || order > 1000 {
		r.bad(n, "%s: %q; would be right: 1 to 1000", field, cut(v, 40))
	}
	return order
}

func (r *listReader) after(n ast.Node, field, v string) time.Duration {
	d, err := time.ParseDuration(v)
	if err != nil || d < time.Minute || d > 24*time.Hour {
		r.bad(n, "%s: %q; would be right: 1m to 24h", field, cut(v, 40))
	}
	return d
}

func (r *listReader) hours(n ast.Node, field, v string) Hours {
	h, err := ParseHours(v)
	if err != nil {
		r.bad(n, "%s: %v", field, err)
	}
	return h
}
