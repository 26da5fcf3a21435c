package config

import (
	"encoding"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// decoder walks the YAML tree into a struct and gathers every error with its
// place. It remembers where each key stood, so that Validate can name it.
type decoder struct {
	path  string
	place map[string]position
	errs  []error
}

type position struct{ line, col int }

// Error is one fault of a configuration file.
type Error struct {
	Path        string
	Line, Col   int
	Field       string
	Found, Want string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s: %s; %s", placeText(e.Path, position{e.Line, e.Col}), e.Field, e.Found, e.Want)
}

func placeText(path string, at position) string {
	if at.line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d:%d", path, at.line, at.col)
}

func (d *decoder) fail(field, found, want string) {
	at := d.where(field)
	d.errs = append(d.errs, &Error{d.path, at.line, at.col, field, found, want})
}

// where is the place of a field; of one that is missing, that of what it would
// stand in.
func (d *decoder) where(field string) position {
	for {
		if at, ok := d.place[field]; ok || field == "" {
			return at
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
}

func (d *decoder) at(field string, n ast.Node) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		d.place[field] = position{t.Position.Line, t.Position.Column}
	}
}

func (d *decoder) decode(field string, n ast.Node, v reflect.Value) {
	if _, seen := d.place[field]; !seen {
		d.at(field, n)
	}
	if tag, ok := n.(*ast.TagNode); ok && tag.Value != nil {
		n = tag.Value // the field's own type decides
	}
	if n.Type() == ast.NullType {
		return // "key:" alone keeps the default
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Duration](), v.CanAddr() && canText(v):
		d.scalar(field, n, v)
	case short(n, v.Type()):
		d.short(field, n, v)
	case v.Kind() == reflect.Map:
		d.names(field, n, v)
	case v.Kind() == reflect.Struct:
		d.mapping(field, n, v)
	case v.Kind() == reflect.Slice:
		d.sequence(field, n, v)
	default:
		d.scalar(field, n, v)
	}
}

func canText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

func (d *decoder) mapping(field string, n ast.Node, v reflect.Value) {
	values, ok := pairs(n)
	if !ok && field == "" {
		at := d.where(field)
		d.errs = append(d.errs, &Error{d.path, at.line, at.col, "yaml", "found " + kindOf(n), "want keys and values"})
		return
	}
	if !ok {
		d.fail(field, "found "+kindOf(n), "want keys and values")
		return
	}
	seen := map[string]bool{}
	for _, p := range values {
		key := p.Key.String()
		name := join(field, key)
		d.at(name, p.Key)
		target, names := fieldOf(v, key)
		switch {
		case !target.IsValid():
			d.fail(name, "unknown key", "want "+Suggestion(key, names))
		case seen[key]:
			d.fail(name, "the key stands twice", "want it once")
		default:
			d.decode(name, p.Value, target)
		}
		seen[key] = true
	}
}

func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (d *decoder) sequence(field string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(field, "found "+kindOf(n), "want a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.decode(fmt.Sprintf("%s[%d]", field, i), item, v.Index(i))
	}
}

func (d *decoder) scalar(field string, n ast.Node, v reflect.Value) {
	text, ok := scalarText(n)
	if !ok {
		d.fail(field, "found "+kindOf(n), "want a single value; put it in quotes when it holds a colon")
		return
	}
	if err := setText(v, text); err != nil {
		d.fail(field, fmt.Sprintf("found %q", text), err.Error())
	}
}

func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// setText sets a scalar from its text; the error says what would be right.
func setText(v reflect.Value, text string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		return setDuration(v, text)
	}
	if v.Type() == reflect.TypeFor[netip.Prefix]() {
		return setPrefix(v, text)
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("want a whole number")
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("want true or false")
		}
		v.SetBool(text == "true")
	}
	return nil
}

func setDuration(v reflect.Value, text string) error {
	t, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("want a duration such as 30s, 10m or 24h")
	}
	v.SetInt(int64(t))
	return nil
}

// setPrefix reads a network; a single address is a network of one.
func setPrefix(v reflect.Value, text string) error {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("want an address or a network such as 192.0.2.0/24")
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	v.Set(reflect.ValueOf(p.Masked()))
	return nil
}

// fieldOf finds the struct field for a key and lists the keys there are.
func fieldOf(v reflect.Value, key string) (found reflect.Value, names []string) {
	t := v.Type()
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("yaml")
		if tag == "-" {
			continue
		}
		names = append(names, tag)
		if tag == key {
			found = v.Field(i)
		}
	}
	return found, names
}

func kindOf(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "keys and values"
	case ast.SequenceType:
		return "a list"
	}
	return fmt.Sprintf("%q", strings.TrimSpace(n.String()))
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// Size is a number of bytes, written as 512, 64KiB, 4MiB or 2GiB.
type Size int64

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	units := []struct {
		suffix string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(string(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.factor {
			break
		}
		*s = Size(n * u.factor)
		return nil
	}
	return fmt.Errorf("want a size such as 512, 64KiB, 4MiB or 2GiB")
}
