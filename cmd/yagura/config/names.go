package config

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"yagura/ingest/parse"
)

// short says whether a single value stands where a list or a section may: the
// section is then its first key, or what is said of the field itself.
func short(n ast.Node, t reflect.Type) bool {
	if _, single := scalarText(n); !single {
		return false
	}
	switch t {
	case reflect.TypeFor[parse.Texts](), reflect.TypeFor[parse.Pattern](), reflect.TypeFor[parse.Constants]():
		return true
	}
	return false
}

func (d *decoder) short(field string, n ast.Node, v reflect.Value) {
	text, _ := scalarText(n)
	switch p := v.Addr().Interface().(type) {
	case *parse.Texts:
		*p = parse.Texts{text}
	case *parse.Pattern:
		p.Pattern = text
	case *parse.Constants:
		*p = parse.Constants{"": {text}}
	}
}

// names decodes a section whose keys are free: a map by name.
func (d *decoder) names(field string, n ast.Node, v reflect.Value) {
	values, ok := pairs(n)
	if !ok {
		d.fail(field, "found "+kindOf(n), "want keys and values")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(values)))
	for _, p := range values {
		key, ok := scalarText(p.Key)
		name := join(field, key)
		d.at(name, p.Key)
		switch {
		case !ok:
			d.fail(name, "found a key that is no single value", "want a text")
			continue
		case v.MapIndex(reflect.ValueOf(key)).IsValid():
			d.fail(name, "the key stands twice", "want it once")
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		d.decode(name, p.Value, value)
		v.SetMapIndex(reflect.ValueOf(key), value)
	}
}
