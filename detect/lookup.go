package detect

import (
	"iter"
	"net/netip"

	"yagura/detect/sigma"
)

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
	return l.any.finds(element)
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
