package sigma

import "time"

// Event is what Naive asks about an event.
type Event interface {
	// Field returns the elements of a field, and whether the event has its key at all. A field that is null has one null
	// element; an empty array has none.
	Field(name string) (elements []Element, present bool)
	// Line is the whole raw line, for keywords.
	Line() string
}

// Element is one value of a field as text; true, false and numbers in their usual spelling.
type Element struct {
	Text string
	Null bool
}

// Naive decides whether rules match, written to be obviously right and not to be quick: the engine is tested against
// it. The zero value knows no lists and takes dates as UTC.
type Naive struct {
	Lists Lists
	Zone  *time.Location
}

// Match says whether the rule's condition holds for the event; its log source is not looked at.
func (f Naive) Match(r *Rule, e Event) bool {
	return f.expr(r.Condition, r.Selections, e)
}

func (f Naive) expr(x Expr, selections []Selection, e Event) bool {
	switch x := x.(type) {
	case Not:
		return !f.expr(x.Of, selections, e)
	case And:
		for _, of := range x.Of {
			if !f.expr(of, selections, e) {
				return false
			}
		}
		return true
	case Or:
		for _, of := range x.Of {
			if f.expr(of, selections, e) {
				return true
			}
		}
		return false
	case Sel:
		for _, g := range selections[x].Any {
			if f.group(g, e) {
				return true
			}
		}
	}
	return false
}

func (f Naive) group(g Group, e Event) bool {
	for _, item := range g {
		if !f.Item(item, e) {
			return false
		}
	}
	return true
}

// Item says whether one item holds.
func (f Naive) Item(item Item, e Event) bool {
	elements, present := []Element{{Text: e.Line()}}, true
	if item.Field != "" {
		elements, present = e.Field(item.Field)
	}
	matched := 0
	for _, v := range item.Values {
		for _, m := range v.Any {
			if f.field(m, elements, present, e) {
				matched++
				break
			}
		}
	}
	holds := matched > 0
	if item.All {
		holds = matched == len(item.Values)
	}
	return holds != item.Neq
}

// field asks all elements of a field.
func (f Naive) field(m Matcher, elements []Element, present bool, e Event) bool {
	switch m := m.(type) {
	case *Exists:
		return present == m.Want
	case *Null:
		null := !present || len(elements) == 0
		for _, el := range elements {
			null = null || el.Null
		}
		return null
	}
	for _, el := range elements {
		if present && !el.Null && f.element(m, el.Text, e) {
			return true
		}
	}
	return false
}

func (f Naive) element(m Matcher, text string, e Event) bool {
	switch m := m.(type) {
	case *Text:
		return m.Match(text)
	case *Number:
		return m.Match(text)
	case *Bool:
		return m.Match(text)
	case *Regexp:
		return m.Match(text)
	case *Network:
		return m.Match(text)
	case *Compare:
		return m.Match(text, f.Zone)
	case *FieldRef:
		others, _ := e.Field(m.Field)
		for _, other := range others {
			if !other.Null && m.Match(text, other.Text) {
				return true
			}
		}
	case *List:
		if f.Lists == nil {
			return false
		}
		if entries, ok := f.Lists.List(m.Name); ok {
			for entry := range entries {
				if m.Match(text, entry) {
					return true
				}
			}
		}
	}
	return false
}
