package detect

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// mapping is what rules/mapping/*.yaml say: which events a log source means, and
// where a rule's field names are found in an event. Immutable.
type mapping struct{ products []productMap }

// productMap is one mapping file. A rule's product, category and service must
// each hold for the event.
type productMap struct {
	Product    string              `yaml:"product"`  // "": categories and services of any product
	Original   []string            `yaml:"original"` // prefixes before a name as the rule writes it; first match wins
	When       []condition         `yaml:"when"`     // one of them holds for the product's events
	Fields     map[string][]string `yaml:"fields"`   // name in rules → further names in events, tried in order
	Services   map[string]partMap  `yaml:"services"`
	Categories map[string]partMap  `yaml:"categories"`
}

type partMap struct {
	When   []condition         `yaml:"when"`
	Fields map[string][]string `yaml:"fields"`
}

// condition maps fields of the event to values: every field has one of its values,
// compared without case. A value "x*" is a prefix, "*" any value. Keys are names as
// rules write them; rekey turns them into the names of events, joined by NUL.
type condition map[string][]string

// loadMapping reads every *.yaml of the folder, all errors at once.
func loadMapping(fsys fs.FS) (*mapping, []error) {
	m := &mapping{}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return m, []error{fmt.Errorf("read mappings: %w", err)}
	}
	var errs []error
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read mapping %s: %w", name, err))
			continue
		}
		var p productMap
		if err := yaml.UnmarshalWithOptions(data, &p, yaml.Strict()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s", path.Join("mapping", name), yaml.FormatError(err, false, false)))
			continue
		}
		p.rekey()
		m.products = append(m.products, p)
	}
	return m, errs
}

// rekey resolves the fields that conditions speak of, as those of rules.
func (p *productMap) rekey() {
	sc := &scope{original: append(slices.Clone(p.Original), ""), fields: []map[string][]string{p.Fields}}
	rekey := func(list []condition) {
		for i, c := range list {
			keyed := condition{}
			for name, values := range c {
				keyed[strings.Join(sc.names(name, false), "\x00")] = values
			}
			list[i] = keyed
		}
	}
	rekey(p.When)
	for _, parts := range [...]map[string]partMap{p.Services, p.Categories} {
		for _, part := range parts {
			rekey(part.When)
		}
	}
}

// scope is what a rule's log source means: a predicate and a way to find fields.
type scope struct {
	source   sigma.Logsource
	needs    [][]condition // every entry must hold; an entry holds when one of its conditions does
	original []string
	fields   []map[string][]string
	why      string // not empty: no event can belong to it, and why
}

// resolve finds the scope of a log source.
func (m *mapping) resolve(s sigma.Logsource) *scope {
	sc := &scope{source: sigma.Logsource{Product: s.Product, Category: s.Category, Service: s.Service}}
	if s.Product != "" {
		when, ok := m.product(s.Product)
		if !ok {
			sc.why = fmt.Sprintf("no log source mapping knows the product %q", s.Product)
		}
		sc.need(when)
	}
	sc.part(m, "category", s.Category, func(p *productMap) map[string]partMap { return p.Categories })
	sc.part(m, "service", s.Service, func(p *productMap) map[string]partMap { return p.Services })
	for i := range m.products {
		if p := &m.products[i]; p.Product != "" && p.Product == s.Product {
			sc.fields = append(sc.fields, p.Fields)
			sc.prefixes(p)
		}
	}
	sc.original = append(sc.original, "")
	return sc
}

func (m *mapping) product(name string) (when []condition, ok bool) {
	for _, p := range m.products {
		if p.Product == name {
			when, ok = append(when, p.When...), true
		}
	}
	return when, ok
}

func (sc *scope) need(when []condition) {
	if len(when) > 0 {
		sc.needs = append(sc.needs, when)
	}
}

// part joins what the files say about a category or service: alternatives, each
// together with the product that it belongs to.
func (sc *scope) part(m *mapping, kind, name string, of func(*productMap) map[string]partMap) {
	if name == "" {
		return
	}
	var when []condition
	found, always := false, false
	for i := range m.products {
		p := &m.products[i]
		if sc.source.Product != "" && p.Product != "" && p.Product != sc.source.Product {
			continue
		}
		part, ok := of(p)[name]
		if !ok {
			continue
		}
		found = true
		joined := product(part.When, p.When)
		always = always || len(joined) == 0
		when = append(when, joined...)
		sc.fields = append(sc.fields, part.Fields)
		if p.Product != sc.source.Product || p.Product == "" {
			sc.fields = append(sc.fields, p.Fields)
			sc.prefixes(p)
		}
	}
	if !found && sc.why == "" {
		sc.why = fmt.Sprintf("no log source mapping knows the %s %q", kind, name)
		if sc.source.Product != "" {
			sc.why += fmt.Sprintf(" of the product %q", sc.source.Product)
		}
	}
	if !always {
		sc.need(when)
	}
}

// product joins two lists of alternatives: one of each must hold. An empty list
// always holds.
func product(a, b []condition) []condition {
	if len(a) == 0 || len(b) == 0 {
		return append(slices.Clone(a), b...)
	}
	var out []condition
	for _, x := range a {
		for _, y := range b {
			both := condition{}
			for _, c := range [...]condition{y, x} { // a part's own word about a field replaces the product's
				for k, v := range c {
					both[k] = v
				}
			}
			out = append(out, both)
		}
	}
	return out
}

func (sc *scope) prefixes(p *productMap) {
	for _, o := range p.Original {
		if o != "" && !slices.Contains(sc.original, o) {
			sc.original = append(sc.original, o)
		}
	}
}

// names returns where a rule's field is looked for in an event: the first that is
// present counts. Original names come first, as the mapping to ECS loses data; for
// group keys ECS names do, so that one entity has one spelling.
func (sc *scope) names(field string, forGroup bool) []string {
	if isEventName(field) {
		return []string{field}
	}
	var own, ecs []string
	add := func(name string) {
		if isEventName(name) {
			if !slices.Contains(ecs, name) {
				ecs = append(ecs, name)
			}
			return
		}
		for _, o := range sc.original {
			full := o + name
			if strings.HasPrefix(name, o) {
				full = name
			}
			if !slices.Contains(own, full) {
				own = append(own, full)
			}
		}
		for _, o := range sc.original {
			if rest, ok := strings.CutPrefix(name, o); ok && o != "" && !slices.Contains(own, rest) {
				own = append(own, rest)
			}
		}
	}
	add(field)
	for _, f := range sc.fields {
		for _, name := range f[field] {
			add(name)
		}
	}
	if forGroup {
		return append(ecs, own...)
	}
	return append(own, ecs...)
}

// maps tells whether the mapping says where a field is found.
func (sc *scope) maps(field string) bool {
	return slices.ContainsFunc(sc.fields, func(f map[string][]string) bool { return f[field] != nil })
}

// groupName is the name that an alert shows for a rule's field: ECS where it has one.
func (sc *scope) groupName(field string) string {
	if names := sc.names(field, true); isEventName(names[0]) {
		return names[0]
	}
	return field
}

func isEventName(name string) bool {
	if _, ok := event.FieldByName(name); ok {
		return true
	}
	return pseudoOf(name) != notPseudo
}

// pseudo is a value of an event that is no field of its block.
type pseudo uint8

const (
	notPseudo pseudo = iota
	pseudoLine
	pseudoMessage
	pseudoRaw
	pseudoTime
	pseudoReceived
	pseudoPeer
	pseudoListener
	pseudoTenant
)

func pseudoOf(name string) pseudo {
	switch name {
	case "message":
		return pseudoMessage
	case "event.original":
		return pseudoRaw
	case "@timestamp":
		return pseudoTime
	case "event.ingested":
		return pseudoReceived
	case "yagura.peer":
		return pseudoPeer
	case "yagura.listener":
		return pseudoListener
	case "yagura.tenant":
		return pseudoTenant
	}
	return notPseudo
}
