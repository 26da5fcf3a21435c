package detect

import (
	"slices"

	"yagura/detect/sigma"
)

// correlation is a compiled correlation.
type correlation struct {
	src    *sigma.Correlation
	head   *heading
	inputs []input  // by the index of src.Rules
	names  []string // of the group, as alerts show them
	span   int64    // nanoseconds
	atEnd  bool     // known only when the window has ended (lt, lte, eq, neq, mean, percentile)
	once   bool     // an event that several listed rules match counts once
	keep   int      // entries a group keeps
	need   int      // entries it must be able to keep, to reach its limit at all
	feeds  []feed   // outer correlations that list it
}

// input is one listed rule: where its group and value fields are found.
type input struct {
	rule   int   // of Program.rules, or -1
	inner  int   // of Program.correlations, or -1
	group  []int // slots of a rule's event; of an inner result the index in its group
	values []int // likewise, for value_*; -1: an inner result has no such field
}

// feed says that a match is an input of a correlation.
type feed struct{ correlation, input int }

// Bounds of what a group keeps, beside EngineConfig.MaxEntries.
const (
	minKeep      = 64
	keepFactor   = 4
	keepPerInput = 64
	maxThreshold = 1 << 20 // of a correlation's condition
)

// correlate compiles a correlation; its inputs are compiled before it.
func (p *Program) correlate(c *sigma.Correlation, rules, inner map[sigma.Document]int) sigma.Errors {
	h, errs := newHeading(&c.Meta, nil, p.slots)
	out := correlation{src: c, head: h, span: int64(c.Timespan), keep: minKeep}
	switch c.Type {
	case sigma.Temporal, sigma.TemporalOrdered, sigma.ValueCount:
	default:
		out.once = true
	}
	var hashes []string
	for i, d := range c.Inputs {
		in, ok := p.input(c, i, d, rules, inner)
		if !ok {
			// The listed rule has been refused with an error of its own.
			return append(errs, sigma.Error{Path: c.Path, Line: c.Rules[i].Pos.Line, Col: c.Rules[i].Pos.Col, Field: "correlation.rules",
				Found: "the rule " + c.Rules[i].Text + " did not load", Want: "a rule without errors"})
		}
		out.inputs = append(out.inputs, in)
		hashes = append(hashes, p.headOf(in).hash)
	}
	if len(errs) > 0 {
		return errs
	}
	h.hash = hashCorrelation(c, hashes)
	out.names = p.groupNames(c, out.inputs)
	out.bounds()
	at := len(p.correlations)
	inner[c] = at
	p.correlations = append(p.correlations, out)
	for i, in := range out.inputs {
		f := feed{at, i}
		if in.rule >= 0 {
			p.rules[in.rule].feeds = append(p.rules[in.rule].feeds, f)
		} else {
			p.correlations[in.inner].feeds = append(p.correlations[in.inner].feeds, f)
		}
	}
	return nil
}

func (p *Program) input(c *sigma.Correlation, i int, d sigma.Document, rules, inner map[sigma.Document]int) (input, bool) {
	if r, ok := rules[d]; ok {
		in := input{rule: r, inner: -1}
		sc := p.rules[r].scope
		for _, f := range c.GroupFields(i) {
			in.group = append(in.group, int(p.slots.of(sc.names(f, true))))
		}
		for _, f := range c.Fields {
			in.values = append(in.values, int(p.slots.of(sc.names(f, true))))
		}
		return in, true
	}
	n, ok := inner[d]
	if !ok {
		return input{}, false
	}
	in := input{rule: -1, inner: n}
	groupBy := p.correlations[n].src.GroupBy
	for _, f := range c.GroupFields(i) {
		in.group = append(in.group, slices.Index(groupBy, f))
	}
	for _, f := range c.Fields {
		in.values = append(in.values, slices.Index(groupBy, f))
	}
	return in, true
}

// groupNames are ECS names where the first listed rule's fields have one; an
// alias keeps its own.
func (p *Program) groupNames(c *sigma.Correlation, inputs []input) []string {
	out := slices.Clone(c.GroupBy)
	for i, name := range out {
		if slices.ContainsFunc(c.Aliases, func(a sigma.Alias) bool { return a.Name == name }) {
			continue
		}
		if in := inputs[0]; in.rule >= 0 {
			out[i] = p.rules[in.rule].scope.groupName(name)
		} else {
			out[i] = p.correlations[in.inner].names[in.group[i]]
		}
	}
	return out
}

// bounds decides when the condition is known and how much a group must keep.
func (c *correlation) bounds() {
	most := 0.0
	for _, b := range c.src.Bounds {
		most = max(most, b.Number)
		if b.Op != sigma.Gt && b.Op != sigma.Gte {
			c.atEnd = true
		}
	}
	need := int(min(most, maxThreshold)) + 1
	switch c.src.Type {
	case sigma.EventCount:
		c.keep = max(minKeep, keepFactor*need)
	case sigma.ValueCount:
		c.keep = max(2*minKeep, 2*keepFactor*need)
		c.need = need
	case sigma.Temporal, sigma.TemporalOrdered:
		c.keep = keepPerInput * len(c.inputs)
		if c.src.Condition != nil && hasNot(c.src.Condition) {
			c.atEnd = true
		}
	case sigma.ValueSum:
		c.keep = 0
	default:
		c.keep, c.atEnd = 0, true
	}
}

// hasNot tells whether a condition may turn false by a further event.
func hasNot(e sigma.Expr) bool {
	switch e := e.(type) {
	case sigma.Not:
		return true
	case sigma.And:
		return slices.ContainsFunc(e.Of, hasNot)
	case sigma.Or:
		return slices.ContainsFunc(e.Of, hasNot)
	}
	return false
}
