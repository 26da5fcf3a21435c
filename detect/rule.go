package detect

import (
	"slices"

	"yagura/detect/sigma"
)

// rule is a compiled detection: the condition over atoms, and what wakes it.
type rule struct {
	src   *sigma.Rule
	scope *scope
	cond  node
	sels  []selection
	wake  []uint32 // atoms of which one holds whenever the rule matches; nil: always asked
	gate  int      // of Program.gates
	head  *heading // what an alert of it says
	feeds []feed   // correlations that list it
}

// selection, group and item mirror the rule's, with atoms in place of matchers: a
// match is explained from them.
type selection struct{ groups []group }

type group []item

type item struct {
	src    *sigma.Item
	values [][]uint32 // atoms of each value's alternatives
}

// node is a compiled boolean expression.
type node struct {
	op   op
	atom uint32
	cost int32  // of asking it, roughly: cheap ones are asked first
	scan uint32 // of opOr: the slot whose index answers all kids, or noScan
	any  *atoms // of opOr with a scan: the kids' atoms
	kids []node
}

// atoms is a set of atoms, a bit each from the first on. The values of a list are
// mostly numbered one after the other.
type atoms struct {
	first uint32
	bits  []uint64
}

func newAtoms(kids []node) *atoms {
	s := &atoms{first: kids[0].atom}
	for i := range kids {
		s.first = min(s.first, kids[i].atom)
	}
	for i := range kids {
		at := kids[i].atom - s.first
		for int(at/64) >= len(s.bits) {
			s.bits = append(s.bits, 0)
		}
		s.bits[at/64] |= 1 << (at % 64)
	}
	return s
}

func (s *atoms) has(a uint32) bool {
	at := a - s.first // wraps below the first: then it is beyond the last
	return int(at/64) < len(s.bits) && s.bits[at/64]>>(at%64)&1 != 0
}

type op uint8

const (
	opFalse op = iota
	opTrue
	opAtom
	opNot
	opAnd
	opOr
)

func join(o op, kids []node) node {
	if len(kids) == 1 {
		return kids[0]
	}
	n := node{op: o, kids: kids}
	slices.SortStableFunc(n.kids, func(a, b node) int { return int(a.cost - b.cost) })
	for _, k := range kids {
		n.cost += k.cost
	}
	return n
}

func negate(n node) node { return node{op: opNot, kids: []node{n}, cost: n.cost} }

// compileSelections turns matchers into atoms.
func compileSelections(t *atomTable, r *sigma.Rule, sc *scope) []selection {
	out := make([]selection, len(r.Selections))
	for i, s := range r.Selections {
		for _, g := range s.Any {
			cg := make(group, len(g))
			for k := range g {
				cg[k] = item{src: &g[k]}
				for _, v := range g[k].Values {
					var atoms []uint32
					for _, m := range v.Any {
						atoms = append(atoms, t.of(sc, g[k].Field, m))
					}
					cg[k].values = append(cg[k].values, atoms)
				}
			}
			out[i].groups = append(out[i].groups, cg)
		}
	}
	return out
}

// compiler makes nodes and wake sets once the atoms' costs are known.
type compiler struct {
	atoms []atom
	sels  []selection
}

func (c *compiler) expr(e sigma.Expr) node {
	switch e := e.(type) {
	case sigma.Not:
		return negate(c.expr(e.Of))
	case sigma.And:
		return join(opAnd, c.exprs(e.Of))
	case sigma.Or:
		return join(opOr, c.exprs(e.Of))
	case sigma.Sel:
		var kids []node
		for _, g := range c.sels[e].groups {
			var items []node
			for i := range g {
				items = append(items, c.item(&g[i]))
			}
			kids = append(kids, join(opAnd, items))
		}
		return join(opOr, kids)
	}
	return node{op: opFalse}
}

func (c *compiler) exprs(list []sigma.Expr) []node {
	out := make([]node, len(list))
	for i, e := range list {
		out[i] = c.expr(e)
	}
	return out
}

func (c *compiler) item(it *item) node {
	var kids []node
	for _, alternatives := range it.values {
		var ors []node
		for _, a := range alternatives {
			ors = append(ors, node{op: opAtom, atom: a, cost: int32(c.atoms[a].askCost())})
		}
		kids = append(kids, join(opOr, ors))
	}
	o := opOr
	if it.src.All {
		o = opAnd
	}
	n := join(o, kids)
	if it.src.Neq {
		return negate(n)
	}
	return n
}

// askCost orders the parts of a condition: indexed answers are there already,
// regular expressions come last.
func (a *atom) askCost() int {
	switch a.m.(type) {
	case *sigma.Regexp:
		return 500
	case *sigma.Null, *sigma.Exists:
		return 1
	case *sigma.Text:
		if a.indexed {
			return 2
		}
		return 50
	case *sigma.Number, *sigma.Bool:
		return 1
	}
	return 60
}

// wakeSet is a necessary condition: one of its atoms holds whenever the
// expression does. A nil set with cost 0 means none is known.
type wakeSet struct {
	atoms []uint32
	cost  int
}

// wake finds the cheapest necessary condition.
func (c *compiler) wake(e sigma.Expr) wakeSet {
	switch e := e.(type) {
	case sigma.And:
		var best wakeSet
		for _, of := range e.Of {
			best = cheaper(best, c.wake(of))
		}
		return best
	case sigma.Or:
		sets := make([]wakeSet, len(e.Of))
		for i, of := range e.Of {
			sets[i] = c.wake(of)
		}
		return together(sets)
	case sigma.Sel:
		var sets []wakeSet
		for _, g := range c.sels[e].groups {
			var best wakeSet
			for i := range g {
				best = cheaper(best, c.wakeItem(&g[i]))
			}
			sets = append(sets, best)
		}
		return together(sets)
	}
	return wakeSet{}
}

func (c *compiler) wakeItem(it *item) wakeSet {
	if it.src.Neq {
		return wakeSet{}
	}
	sets := make([]wakeSet, len(it.values))
	for i, alternatives := range it.values {
		w := wakeSet{atoms: slices.Clone(alternatives)}
		for _, a := range alternatives {
			if at := &c.atoms[a]; !at.indexed && !at.needs {
				w = wakeSet{}
				break
			}
			w.cost += c.atoms[a].cost
		}
		sets[i] = w
	}
	if !it.src.All {
		return together(sets)
	}
	var best wakeSet
	for _, s := range sets {
		best = cheaper(best, s)
	}
	return best
}

func cheaper(a, b wakeSet) wakeSet {
	if a.atoms == nil || b.atoms != nil && b.cost < a.cost {
		return b
	}
	return a
}

// together joins alternatives; one without a set spoils all.
func together(sets []wakeSet) wakeSet {
	var out wakeSet
	for _, s := range sets {
		if s.atoms == nil {
			return wakeSet{}
		}
		out.atoms = append(out.atoms, s.atoms...)
		out.cost += s.cost
	}
	return out
}
