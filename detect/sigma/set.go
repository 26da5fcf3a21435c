package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// Set is everything that is loaded: references resolved, filters applied. It is never written to after NewSet.
type Set struct {
	Rules        []*Rule        // in the order given, filters applied
	Correlations []*Correlation // each after the correlations it refers to
	Filters      []*Filter      // in the order given, for reports
}

// Options of NewSet. The zero value is what a running system uses.
type Options struct {
	LoadDeprecated bool // load rules of status deprecated and unsupported, instead of leaving them out with a warning
}

// NewSet joins the documents of all files, in the order given. It returns what is sound, every error and every warning; a
// caller that finds errors keeps its old set. Warnings are: documents left out for their status, filters that hit no rule
// or contain no not, selections that no condition uses, and top-level keys that look like a misspelt one.
//
// A rule that a correlation lists alerts on its own only when some correlation that lists it says generate: true.
func NewSet(docs []Document, o Options) (set *Set, errs, warnings Errors) {
	b := builder{options: o, named: map[string]Document{}, listed: map[string]bool{}, generated: map[string]bool{}, state: map[*Correlation]int{}}
	b.index(docs)
	b.filterRules()
	for _, c := range b.correlations {
		b.resolve(c)
	}
	b.alerts()
	b.errs.sort()
	b.warnings.sort()
	return &b.set, b.errs, b.warnings
}

type builder struct {
	options        Options
	set            Set
	errs, warnings Errors
	correlations   []*Correlation      // copies, being resolved
	named          map[string]Document // id and name -> document; correlations are the copies
	listed         map[string]bool     // place of a document -> some correlation lists it
	generated      map[string]bool     // place of a document -> listed with generate: true
	state          map[*Correlation]int
}

func (b *builder) fail(m *Meta, pos Pos, field, found, want string) {
	b.errs = append(b.errs, Error{m.Path, pos.Line, pos.Col, field, found, want})
}

func (b *builder) warn(m *Meta, pos Pos, field, found, want string) {
	b.warnings = append(b.warnings, Error{m.Path, pos.Line, pos.Col, field, found, want})
}

// place identifies a document, whichever copy of it.
func place(m *Meta) string { return fmt.Sprintf("%s:%d", m.Path, m.Pos.Line) }

// index copies what will change and collects ids and names.
func (b *builder) index(docs []Document) {
	for _, d := range docs {
		m := d.Head()
		if !b.options.LoadDeprecated && m.Status >= StatusDeprecated {
			b.warn(m, m.Pos, "status", m.Status.String()+": not loaded", "remove the file, or set another status")
			continue
		}
		b.misspelt(m)
		switch d := d.(type) {
		case *Rule:
			rule := *d
			b.set.Rules = append(b.set.Rules, &rule)
			b.unused(d)
			b.name(&rule)
		case *Correlation:
			c := *d
			b.correlations = append(b.correlations, &c)
			b.name(&c)
		case *Filter:
			b.set.Filters = append(b.set.Filters, d)
			b.name(d)
		case *Baseline:
			b.fail(m, d.At, "baseline", "a baseline, which is not supported yet", "a detection or correlation")
		}
	}
}

// name enters a document's id and name.
func (b *builder) name(d Document) {
	m := d.Head()
	for _, key := range []struct{ field, text string }{{"id", m.ID}, {"name", m.Name}} {
		if key.text == "" || key.field == "name" && key.text == m.ID {
			continue
		}
		if other, ok := b.named[key.text]; ok {
			o := other.Head()
			b.fail(m, m.Pos, key.field, fmt.Sprintf("%s is taken by %s:%d", quote(key.text), o.Path, o.Pos.Line), "one of its own")
			continue
		}
		b.named[key.text] = d
	}
}

// misspelt warns about custom keys that are nearly known ones.
func (b *builder) misspelt(m *Meta) {
	for _, c := range m.Custom {
		for _, k := range knownKeys {
			if len(k) > 3 && distance(c.Name, k) == 1 {
				b.warn(m, c.Value.Pos, c.Name, "an unknown key", "did you mean "+k+"?")
			}
		}
	}
}

// unused warns about selections that the condition never names.
func (b *builder) unused(r *Rule) {
	used := make([]bool, len(r.Selections))
	walk(r.Condition, func(s Sel) { used[s] = true })
	for i, s := range r.Selections {
		if !used[i] && !strings.HasPrefix(s.Name, "_") {
			b.warn(&r.Meta, s.Pos, "detection."+s.Name, "the condition does not use this selection", "use it, or remove it")
		}
	}
}

func walk(e Expr, leaf func(Sel)) {
	switch e := e.(type) {
	case Sel:
		leaf(e)
	case Not:
		walk(e.Of, leaf)
	case And:
		for _, one := range e.Of {
			walk(one, leaf)
		}
	case Or:
		for _, one := range e.Of {
			walk(one, leaf)
		}
	}
}

// filterRules applies every filter to the rules it names whose log source lies within its own.
func (b *builder) filterRules() {
	for _, f := range b.set.Filters {
		if !f.HasNot {
			b.warn(&f.Meta, f.At, "filter.condition", "a filter without not: the rules will match only what it selects", "not selection")
		}
		for _, ref := range f.Rules {
			switch b.named[ref.Text].(type) {
			case *Rule:
			case *Correlation:
				b.warn(&f.Meta, ref.Pos, "filter.rules", quote(ref.Text)+" is a correlation", "filters apply to rules: name the rules that it lists")
			default:
				b.warn(&f.Meta, ref.Pos, "filter.rules", "no rule "+quote(ref.Text), suggest(ref.Text, b.keys()))
			}
		}
		hits := 0
		for _, r := range b.set.Rules {
			if f.names(r) && f.Source.Fits(r.Source) {
				*r = *applyFilter(r, f)
				hits++
			}
		}
		if hits == 0 {
			b.warn(&f.Meta, f.Pos, "filter", "a filter that hits no rule", "rules and a log source that lies within the filter's")
		}
	}
}

// names says whether the filter is meant for a rule.
func (f *Filter) names(r *Rule) bool {
	return f.Any || slices.ContainsFunc(f.Rules, func(ref Reference) bool { return ref.Text == r.ID || ref.Text == r.Name })
}

// keys lists names and ids for suggestions.
func (b *builder) keys() []string {
	var out []string
	for k := range b.named {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

const (
	resolving = 1
	sound     = 2
	broken    = 3
)

// resolve fills Inputs depth first, so that inner correlations come before outer ones.
func (b *builder) resolve(c *Correlation) {
	if b.state[c] != 0 {
		return
	}
	b.state[c] = resolving
	for i, ref := range c.Rules {
		if d, ok := b.input(c, i, ref); ok {
			c.Inputs = append(c.Inputs, d)
			b.list(d, c.Generate)
		}
	}
	if b.state[c] = broken; len(c.Inputs) == len(c.Rules) {
		b.state[c] = sound
		b.set.Correlations = append(b.set.Correlations, c)
	}
}

// list notes that a correlation refers to a document.
func (b *builder) list(d Document, generate bool) {
	at := place(d.Head())
	b.listed[at] = true
	b.generated[at] = b.generated[at] || generate
}

// input finds what the reference of that index means; a fault is reported where it lies.
func (b *builder) input(c *Correlation, i int, ref Reference) (Document, bool) {
	const field = "correlation.rules"
	switch d := b.named[ref.Text].(type) {
	case *Rule:
		return d, true
	case *Correlation:
		if b.state[d] == resolving {
			b.fail(&c.Meta, ref.Pos, field, quote(ref.Text)+" refers back to this correlation", "no cycle")
			return nil, false
		}
		b.resolve(d)
		return d, b.state[d] == sound && b.innerGroup(c, d, i)
	case *Filter:
		b.fail(&c.Meta, ref.Pos, field, quote(ref.Text)+" is a filter", "a rule or a correlation")
	default:
		b.fail(&c.Meta, ref.Pos, field, "no rule "+quote(ref.Text), suggest(ref.Text, b.keys()))
	}
	return nil, false
}

// innerGroup checks that an inner correlation has the fields that the outer one groups by: a result carries no others.
func (b *builder) innerGroup(outer, inner *Correlation, i int) bool {
	good := true
	for _, field := range outer.GroupFields(i) {
		if !slices.Contains(inner.GroupBy, field) {
			ref := outer.Rules[i]
			b.fail(&outer.Meta, ref.Pos, "correlation.group-by", fmt.Sprintf("%s is not in the group-by of %s", quote(field), quote(ref.Text)),
				"a field of its group-by, or an alias for one")
			good = false
		}
	}
	return good
}

// alerts decides which documents alert on their own.
func (b *builder) alerts() {
	decide := func(m *Meta) {
		at := place(m)
		m.Alerts = m.Level > LevelInformational && (!b.listed[at] || b.generated[at])
	}
	for _, r := range b.set.Rules {
		decide(&r.Meta)
	}
	for _, c := range b.set.Correlations {
		decide(&c.Meta)
	}
}
