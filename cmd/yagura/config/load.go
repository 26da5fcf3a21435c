package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Load reads the file over the defaults, applies the environment and validates.
// An empty path gives the defaults. The error joins every fault found. Paths in
// the file are relative to the file's folder; data is relative to the working
// directory.
func Load(path string, environ []string) (Config, error) {
	cfg := Default()
	d := &decoder{path: path, place: map[string]position{}}
	if path != "" {
		if err := d.file(path, reflect.ValueOf(&cfg).Elem()); err != nil {
			return cfg, err
		}
	}
	d.environment(environ, &cfg)
	d.parsers(&cfg, path)
	d.validate(&cfg)
	if len(d.errs) > 0 {
		slices.SortStableFunc(d.errs, byPlace)
		return cfg, errors.Join(d.errs...)
	}
	cfg.resolve(path)
	cfg.place = d.where
	return cfg, nil
}

// byPlace orders faults as the file has them; those of the environment come first.
func byPlace(a, b error) int {
	var x, y *Error
	if !errors.As(a, &x) || !errors.As(b, &y) {
		return 0
	}
	return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Col, y.Col))
}

// file decodes a file of one document; what is wrong inside it is gathered in d.
func (d *decoder) file(path string, v reflect.Value) error {
	text, err := readText(path)
	if err != nil {
		return err
	}
	tree, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey()) // decode tells of them
	if err != nil {
		return d.syntax(err)
	}
	read := false
	for _, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.GetToken() == nil {
			continue
		}
		if at := doc.Body.GetToken().Position; read {
			return &Error{path, at.Line, at.Column, "yaml", "a second document", "want one: remove the line ---"}
		}
		read = true
		if n := aliasIn(doc.Body); n != nil {
			at := n.GetToken().Position
			return &Error{path, at.Line, at.Column, "yaml", "found an anchor or alias", "write the value out"}
		}
		d.decode("", doc.Body, v)
	}
	return nil
}

func (d *decoder) syntax(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		at, found := y.GetToken().Position, y.GetMessage()
		if strings.Contains(found, "'\t'") {
			return &Error{d.path, at.Line, at.Column, "yaml", "found a tab", "want blanks: YAML is not indented with tabs"}
		}
		if strings.Contains(found, "unknown escape character") {
			return &Error{d.path, at.Line, at.Column, "yaml", found + ` behind \ in double quotes`, `want single quotes around what holds a backslash: 'C:\logs\*.log'`}
		}
		return &Error{d.path, at.Line, at.Column, "yaml", found, "mend the YAML here or on the line above"}
	}
	return fmt.Errorf("%s: %w", d.path, err)
}

type aliasFinder struct{ found ast.Node }

func (a *aliasFinder) Visit(n ast.Node) ast.Visitor {
	if a.found != nil {
		return nil
	}
	if t := n.Type(); t == ast.AliasType || t == ast.AnchorType || t == ast.MergeKeyType {
		a.found = n
		return nil
	}
	return a
}

func aliasIn(n ast.Node) ast.Node {
	var a aliasFinder
	ast.Walk(&a, n)
	return a.found
}

// environment applies YAGURA_… variables: YAGURA_CONSOLE_ADDRESS is
// console.address. Only single values can be set so.
func (d *decoder) environment(environ []string, cfg *Config) {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ok := strings.CutPrefix(name, "YAGURA_")
		if !ok {
			continue
		}
		v := lookup(reflect.ValueOf(cfg).Elem(), strings.ToLower(rest))
		if !v.IsValid() {
			if w := misnamed(strings.ToLower(rest)); w != "" {
				cfg.Warnings = append(cfg.Warnings, fmt.Sprintf("environment: %s: %s", name, w))
			}
			continue
		}
		if err := setText(v, value); err != nil {
			d.errs = append(d.errs, &Error{"environment", 0, 0, name, fmt.Sprintf("found %q", value), err.Error()})
		}
	}
}

// misnamed says what is wrong with a variable that names no single value; "" for
// those that are none of ours: YAGURA_TOKEN and the like are read elsewhere.
func misnamed(name string) string {
	names := scalars(reflect.TypeFor[Config](), "")
	for _, n := range names {
		if edits(name, n) <= 2 {
			return "names no key and is ignored; want YAGURA_" + strings.ToUpper(n)
		}
	}
	section, _, _ := strings.Cut(name, "_")
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		switch kind := t.Field(i).Type.Kind(); {
		case t.Field(i).Tag.Get("yaml") != section:
		case kind == reflect.Slice:
			return "a list cannot be set so, and it is ignored; write it in the file"
		case kind == reflect.Struct:
			return "names no key with a single value and is ignored; want " + Suggestion(name, scalars(t.Field(i).Type, section+"_"))
		}
	}
	return ""
}

// scalars lists the keys with a single value, joined by _.
func scalars(t reflect.Type, prefix string) (names []string) {
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("yaml")
		switch {
		case tag == "-", t.Field(i).Type.Kind() == reflect.Slice:
		case t.Field(i).Type.Kind() == reflect.Struct:
			names = append(names, scalars(t.Field(i).Type, prefix+tag+"_")...)
		default:
			names = append(names, prefix+tag)
		}
	}
	return names
}

func lookup(v reflect.Value, name string) reflect.Value {
	t := v.Type()
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("yaml")
		if tag == "-" {
			continue
		}
		if tag == name && v.Field(i).Kind() != reflect.Slice && v.Field(i).Kind() != reflect.Struct {
			return v.Field(i)
		}
		if rest, ok := strings.CutPrefix(name, tag+"_"); ok && v.Field(i).Kind() == reflect.Struct {
			if found := lookup(v.Field(i), rest); found.IsValid() {
				return found
			}
		}
	}
	return reflect.Value{}
}

// resolve makes the paths of a file relative to its folder.
func (c *Config) resolve(path string) {
	c.Path = path
	if c.Alert.Maildir == "" {
		c.Alert.Maildir = filepath.Join(c.Data, "mail")
	}
	if path == "" {
		return
	}
	dir := filepath.Dir(path)
	for _, p := range []*string{
		&c.Assets, &c.Alert.OnCall, &c.Alert.SMTP.PasswordFile, &c.Alert.SMTP.CA,
		&c.Bus.Credentials, &c.Bus.CA, &c.Store.PasswordFile, &c.Store.ReaderFile, &c.Store.CA, &c.Store.Engine, &c.Console.Cert, &c.Console.Key,
		&c.Listen.Agents.Cert, &c.Listen.Agents.Key, &c.Listen.Agents.ClientCA,
	} {
		*p = relative(dir, *p)
	}
	for i := range c.Listen.Syslog {
		l := &c.Listen.Syslog[i]
		for _, p := range []*string{&l.Unix, &l.Cert, &l.Key, &l.ClientCA, &l.CRL} {
			*p = relative(dir, *p)
		}
	}
	for i := range c.Rules {
		if c.Rules[i] != "builtin" {
			c.Rules[i] = relative(dir, c.Rules[i])
		}
	}
}

func relative(dir, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}
