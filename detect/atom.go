package detect

import (
	"iter"
	"net/netip"

	"yagura/detect/sigma"
)

// atom is a question about a slot that rules share. Indexed atoms are answered by
// the slot's index in one pass for all; the others are asked when needed.
type atom struct {
	slot    uint32
	indexed bool
	cost    int // of waking rules by it: how often it will hold, roughly; 0 cannot wake
	m       sigma.Matcher
	glob    *glob // of a *sigma.Text
	cased   bool
	other   uint32  // slot of a *sigma.FieldRef
	list    *lookup // of a *sigma.List
	field   string  // as a rule writes it, for messages
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

// lookup is a compiled list: a set, or networks by length.
type lookup struct {
	where    sigma.Where
	set      map[string]struct{}
	lengths  []int // of the set's entries, for prefixes and suffixes
	any      *automaton
	networks map[int]map[netip.Prefix]struct{} // by length; IPv4 as /n + 128
}

func newLookup(m *sigma.List, entries iter.Seq[string]) *lookup {
	l := &lookup{where: m.Where, set: map[string]struct{}{}, networks: map[int]map[netip.Prefix]struct{}{}}
	if entries == nil {
		return l
	}
	seen := map[int]bool{}
	var literals []string
	for e := range entries {
		if m.Where == sigma.InNetwork {
			l.addNetwork(e)
			continue
		}
		if !m.Cased {
			e = sigma.Fold(e)
		}
		if _, ok := l.set[e]; ok {
			continue
		}
		l.set[e] = struct{}{}
		if !seen[len(e)] {
			seen[len(e)] = true
			l.lengths = append(l.lengths, len(e))
		}
		if m.Where == sigma.Anywhere && e != "" {
			literals = append(literals, sigma.Fold(e))
		}
	}
	if len(literals) > 0 {
		l.any = newAutomaton(distinct(literals))
	}
	return l
}

func (l *lookup) addNetwork(entry string) {
	p, err := netip.ParsePrefix(entry)
	if err != nil {
		a, aerr := netip.ParseAddr(entry)
		if aerr != nil {
			return
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	key := prefixKey(p)
	if l.networks[key] == nil {
		l.networks[key] = map[netip.Prefix]struct{}{}
	}
	l.networks[key][p.Masked()] = struct{}{}
}

func prefixKey(p netip.Prefix) int {
	if p.Addr().Is4() {
		return p.Bits() + 129
	}
	return p.Bits()
}

// match asks about one element, folded unless the list is cased; raw is the
// element as it is.
func (l *lookup) match(element, raw []byte, cased bool) bool {
	switch l.where {
	case sigma.InNetwork:
		return l.inNetwork(raw)
	case sigma.Prefix:
		for _, n := range l.lengths {
			if n <= len(element) && l.has(element[:n]) {
				return true
			}
		}
		return false
	case sigma.Suffix:
		for _, n := range l.lengths {
			if n <= len(element) && l.has(element[len(element)-n:]) {
				return true
			}
		}
		return false
	case sigma.Anywhere:
		return l.anywhere(element, cased)
	}
	return l.has(element)
}

func (l *lookup) has(v []byte) bool { _, ok := l.set[string(v)]; return ok }

func (l *lookup) anywhere(element []byte, cased bool) bool {
	if l.has(nil) {
		return true
	}
	if l.any == nil {
		return false
	}
	if cased { // rare: ask every length at every place
		for at := range element {
			for _, n := range l.lengths {
				if at+n <= len(element) && l.has(element[at:at+n]) {
					return true
				}
			}
		}
		return false
	}
	hit := false
	l.any.scan(element, func(uint32, int) { hit = true })
	return hit
}

func (l *lookup) inNetwork(element []byte) bool {
	addr, err := netip.ParseAddr(string(element))
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	for key, set := range l.networks {
		bits := key
		if key > 128 {
			bits = key - 129
		}
		if (key > 128) != addr.Is4() {
			continue
		}
		p, err := addr.Prefix(bits)
		if err != nil {
			continue
		}
		if _, ok := set[p]; ok {
			return true
		}
	}
	return false
}

func distinct(texts []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range texts {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
