package sigma

import "slices"

// allOf and anyOf join expressions and flatten nested ones of the same kind.
func allOf(of []Expr) Expr {
	var flat []Expr
	for _, e := range of {
		if and, ok := e.(And); ok {
			flat = append(flat, and.Of...)
		} else {
			flat = append(flat, e)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return And{flat}
}

func anyOf(of []Expr) Expr {
	var flat []Expr
	for _, e := range of {
		if or, ok := e.(Or); ok {
			flat = append(flat, or.Of...)
		} else {
			flat = append(flat, e)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return Or{flat}
}

// condition reads a section's condition: a text, or a list of texts of which any may hold. hasNot says whether one of them
// negates.
func (r *reader) condition(section *Node, path string, names []string) (e Expr, hasNot bool) {
	field := path + ".condition"
	n := section.get("condition")
	if n == nil {
		r.fail(section.Pos, field, "no condition", "how the selections are joined, such as selection and not filter")
		return nil, false
	}
	texts := []*Node{n}
	if n.Kind == ListNode {
		texts = n.Items
	}
	var of []Expr
	for _, t := range texts {
		if t.Kind != ScalarNode || t.kind() == nullScalar {
			r.fail(t.Pos, field, t.describe(), "a text, or a list of texts")
			continue
		}
		one, fault := parseCondition(t.Text, names)
		if fault != nil {
			r.fail(r.within(t, fault.at), field, fault.found, fault.want)
			continue
		}
		of, hasNot = append(of, one), hasNot || negates(one)
	}
	if len(of) == 0 {
		if len(texts) == 0 {
			r.fail(n.Pos, field, "an empty list", "at least one condition")
		}
		return nil, false
	}
	return anyOf(of), hasNot
}

// negates says whether an expression holds a not.
func negates(e Expr) bool {
	switch e := e.(type) {
	case Not:
		return true
	case And:
		return slices.ContainsFunc(e.Of, negates)
	case Or:
		return slices.ContainsFunc(e.Of, negates)
	}
	return false
}
