package detect

import (
	"iter"

	"yagura/detect/sigma"
)

// atom is a question about a slot that rules share. Indexed atoms are answered by
// the slot's index in one pass for all; the others are asked when needed. Those that
// hold for no event without the slot can wake rules by its mere presence.
type atom struct {
	slot    uint32
	indexed bool
	needs   bool // not indexed, and holds only where the slot has an element
	quick   bool // of these: asked as soon as the slot is looked at, for waking
	cost    int  // of waking rules by it: how often it will hold, roughly; 0 cannot wake
	m       sigma.Matcher
	glob    *glob // of a *sigma.Text
	cased   bool
	other   uint32  // slot of a *sigma.FieldRef
	list    *lookup // of a *sigma.List
	field   string  // as a rule writes it, for messages
	must    string  // of a *sigma.Regexp: one of these bytes is in whatever it matches; "": not known
}

// Answers kept for the length of one event. A possible atom had a literal found
// and is to be verified.
const (
	unknown uint8 = iota
	possible
	no
	yes
)

// atomTable numbers atoms, each once.
type atomTable struct {
	slots *slots
	lists sigma.Lists
	cache map[string]*lookup
	byKey map[string]uint32
	list  []atom
}

func newAtomTable(s *slots, lists sigma.Lists) *atomTable {
	return &atomTable{slots: s, lists: lists, byKey: map[string]uint32{}, cache: map[string]*lookup{}}
}

// of returns the number of the atom that asks matcher m about a rule's field.
func (t *atomTable) of(sc *scope, field string, m sigma.Matcher) uint32 {
	a := atom{m: m, field: field}
	if field != "" {
		a.slot = t.slots.of(sc.names(field, false))
	}
	key := string([]byte{byte(a.slot), byte(a.slot >> 8), byte(a.slot >> 16)}) + m.String()
	switch m := m.(type) {
	case *sigma.Text:
		a.cased = m.Cased
		a.glob = newGlob(m.Pattern, m.Cased)
	case *sigma.FieldRef:
		a.other = t.slots.of(sc.names(m.Field, false))
		key += "\x00" + string([]byte{byte(a.other), byte(a.other >> 8), byte(a.other >> 16)})
	case *sigma.List:
		a.list = t.listOf(m)
	}
	if i, ok := t.byKey[key]; ok {
		return i
	}
	i := uint32(len(t.list))
	t.byKey[key] = i
	t.list = append(t.list, a)
	return i
}

func (t *atomTable) listOf(m *sigma.List) *lookup {
	key := m.String()
	if l, ok := t.cache[key]; ok {
		return l
	}
	var entries iter.Seq[string]
	if t.lists != nil {
		entries, _ = t.lists.List(m.Name)
	}
	l := newLookup(m, entries)
	t.cache[key] = l
	return l
}
