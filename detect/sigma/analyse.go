package sigma

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Atom is a question about a field that many rules share. Field is empty for the raw line.
type Atom struct {
	Field   string
	Matcher Matcher
}

// Key is equal for atoms that hold for the same events.
func (a Atom) Key() string { return a.Field + "\x00" + a.Matcher.String() }

// Atoms lists the distinct questions of a rule in the order of its selections.
func (r *Rule) Atoms() []Atom {
	var out []Atom
	seen := map[string]bool{}
	for _, s := range r.Selections {
		for _, g := range s.Any {
			for _, item := range g {
				for _, a := range item.atoms() {
					if key := a.Key(); !seen[key] {
						seen[key] = true
						out = append(out, a)
					}
				}
			}
		}
	}
	return out
}

func (i Item) atoms() []Atom {
	var out []Atom
	for _, v := range i.Values {
		out = append(out, v.atoms(i.Field)...)
	}
	return out
}

func (v Value) atoms(field string) []Atom {
	out := make([]Atom, len(v.Any))
	for i, m := range v.Any {
		out[i] = Atom{field, m}
	}
	return out
}

// Required returns atoms of which at least one holds whenever the rule matches, chosen to be rare ones: the rule need not
// be looked at before. Nil means that nothing is known and the rule must always be evaluated. Every atom has a Strength
// above 0.
func (r *Rule) Required() []Atom { return r.require(r.Condition) }

func (r *Rule) require(e Expr) []Atom {
	switch e := e.(type) {
	case And:
		var best []Atom
		for _, of := range e.Of {
			best = stronger(best, r.require(of))
		}
		return best
	case Or:
		parts := make([][]Atom, len(e.Of))
		for i, of := range e.Of {
			parts[i] = r.require(of)
		}
		return union(parts)
	case Sel:
		parts := make([][]Atom, len(r.Selections[e].Any))
		for i, g := range r.Selections[e].Any {
			for _, item := range g {
				parts[i] = stronger(parts[i], item.require())
			}
		}
		return union(parts)
	}
	return nil
}

func (i Item) require() []Atom {
	if i.Neq {
		return nil
	}
	parts := make([][]Atom, len(i.Values))
	for n, v := range i.Values {
		parts[n] = usable(v.atoms(i.Field))
	}
	if !i.All {
		return union(parts)
	}
	var best []Atom
	for _, p := range parts {
		best = stronger(best, p)
	}
	return best
}

// usable returns the atoms, or nil when one of them excludes nothing.
func usable(atoms []Atom) []Atom {
	for _, a := range atoms {
		if a.Strength() == 0 {
			return nil
		}
	}
	return atoms
}

// union joins alternatives; one that requires nothing spoils all.
func union(parts [][]Atom) []Atom {
	var out []Atom
	seen := map[string]bool{}
	for _, p := range parts {
		if p == nil {
			return nil
		}
		for _, a := range p {
			if key := a.Key(); !seen[key] {
				seen[key] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// stronger chooses between two conditions: that whose weakest atom is stronger, then that with fewer.
func stronger(a, b []Atom) []Atom {
	switch wa, wb := weakest(a), weakest(b); {
	case wb > wa, wb == wa && len(b) < len(a):
		return b
	}
	return a
}

func weakest(atoms []Atom) int {
	least := 0
	for i, a := range atoms {
		if s := a.Strength(); i == 0 || s < least {
			least = s
		}
	}
	return least
}

// Strength guesses how rarely the atom holds, by the length of the text it needs; 0: too often, or also without the field.
func (a Atom) Strength() int {
	const most = 16
	switch m := a.Matcher.(type) {
	case *Text:
		if whole, ok := m.Pattern.Whole(); ok {
			return min(4+len(whole), most)
		}
		return min(len(m.Pattern.Literal()), most)
	case *Number:
		return min(4+len(m.Text), most)
	case *Regexp:
		least := 0
		for i, s := range m.Literals() {
			if i == 0 || len(s) < least {
				least = len(s)
			}
		}
		return min(least, most)
	case *Network, *List:
		return 5
	case *Bool, *Compare:
		return 1
	}
	return 0
}

// Literals returns texts, folded, of which at least one stands in Fold of every element that the expression matches. Nil
// means that nothing is known.
func (r *Regexp) Literals() []string {
	tree, err := syntax.Parse(r.Re.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	return literals(tree)
}

// maxLiterals bounds what an alternation gives.
const maxLiterals = 64

func literals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		// A byte that is not UTF-8 is U+FFFD to the expression, but itself to Fold.
		if text := string(re.Rune); !strings.ContainsRune(text, utf8.RuneError) {
			return []string{Fold(text)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if one := literals(sub); one != nil && (best == nil || shortest(one) > shortest(best)) {
				best = one
			}
		}
		return best
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			one := literals(sub)
			if one == nil || len(out)+len(one) > maxLiterals {
				return nil
			}
			out = append(out, one...)
		}
		return out
	}
	return nil
}

func shortest(texts []string) int {
	least := len(texts[0])
	for _, s := range texts {
		least = min(least, len(s))
	}
	return least
}
