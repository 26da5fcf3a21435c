package sigma

import (
	"fmt"
	"iter"
)

// Lists are the named lists that %placeholders% speak of. Entries are plain texts, without wildcards.
type Lists interface {
	// List returns the entries of a list; ok is false when there is no such list. The sequence may be long: it is only
	// read for placeholders inside a longer text.
	List(name string) (entries iter.Seq[string], ok bool)
}

// Resolve checks every placeholder of a set against the lists and returns a set without Placeholder tokens: a placeholder
// inside a longer text becomes alternatives of its value, a List matcher stays as it is. Rules that name an unknown list
// are errors and left out, as are correlations that need them. lists may be nil: then every placeholder is unknown.
func (s *Set) Resolve(lists Lists) (*Set, Errors) {
	v := resolver{lists: lists}
	out := &Set{Filters: s.Filters}
	fresh := map[Document]Document{}
	for _, r := range s.Rules {
		before := len(v.errs)
		if made := v.rule(r); len(v.errs) == before {
			out.Rules, fresh[r] = append(out.Rules, made), made
		}
	}
	for _, c := range s.Correlations {
		made := *c
		made.Inputs = nil
		for _, in := range c.Inputs {
			if d, ok := fresh[in]; ok {
				made.Inputs = append(made.Inputs, d)
			}
		}
		if len(made.Inputs) == len(c.Inputs) {
			out.Correlations, fresh[c] = append(out.Correlations, &made), &made
		}
	}
	v.errs.sort()
	return out, v.errs
}

type resolver struct {
	lists Lists
	rule0 *Rule
	errs  Errors
}

func (v *resolver) fail(val Value, item Item, found, want string) {
	v.errs = append(v.errs, Error{v.rule0.Path, val.Pos.Line, val.Pos.Col, item.Field, found, want})
}

// rule copies what changes on the way down to a value.
func (v *resolver) rule(r *Rule) *Rule {
	v.rule0 = r
	out := *r
	out.Selections = make([]Selection, len(r.Selections))
	for i, s := range r.Selections {
		any := make([]Group, len(s.Any))
		for j, g := range s.Any {
			any[j] = make(Group, len(g))
			for k, item := range g {
				any[j][k] = v.item(item)
			}
		}
		s.Any = any
		out.Selections[i] = s
	}
	return &out
}

func (v *resolver) item(item Item) Item {
	values := make([]Value, len(item.Values))
	for i, val := range item.Values {
		values[i] = v.value(val, item)
	}
	item.Values = values
	return item
}

func (v *resolver) value(val Value, item Item) Value {
	var out []Matcher
	for _, m := range val.Any {
		switch m := m.(type) {
		case *List:
			v.entries(m.Name, val, item)
			out = append(out, m)
		case *Text:
			for _, p := range v.expand(m.Pattern, val, item) {
				out = append(out, &Text{p, m.Cased})
			}
		default:
			out = append(out, m)
		}
	}
	val.Any = out
	return val
}

func (v *resolver) entries(name string, val Value, item Item) iter.Seq[string] {
	if v.lists != nil {
		if entries, ok := v.lists.List(name); ok {
			return entries
		}
	}
	v.fail(val, item, "the unknown list %"+name+"%", "a list of that name")
	return func(func(string) bool) {}
}

// expand writes a pattern out for every entry of its placeholders.
func (v *resolver) expand(p Pattern, val Value, item Item) []Pattern {
	out := []Pattern{{}}
	for _, t := range p.Tokens {
		var next []Pattern
		if t.Kind != Placeholder {
			for _, one := range out {
				next = append(next, join(one, Pattern{[]Token{t}}))
			}
			out = next
			continue
		}
		before := len(v.errs)
		for entry := range v.entries(t.Text, val, item) {
			for _, one := range out {
				next = append(next, join(one, Pattern{[]Token{{Literal, entry}}}))
			}
			if len(next) > maxAlternatives {
				v.fail(val, item, fmt.Sprintf("a text that expands to more than %d values", maxAlternatives), "a value that is one placeholder and nothing else")
				return nil
			}
		}
		if len(next) == 0 && len(v.errs) == before {
			v.fail(val, item, "the empty list %"+t.Text+"% inside a longer text", "at least one entry")
		}
		out = next
	}
	return out
}
