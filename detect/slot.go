package detect

import (
	"strings"

	"yagura/internal/event"
)

// slots numbers the places where rules look: a slot is a list of event names of
// which the first that is present counts. Slot 0 is the whole line.
type slots struct {
	byKey map[string]uint32
	list  []slotNames
}

type slotNames struct {
	names  []string
	pseudo pseudo // what fills it when no field of the block does
}

func newSlots() *slots {
	return &slots{byKey: map[string]uint32{}, list: []slotNames{{pseudo: pseudoLine}}}
}

// of returns the slot of a list of names, the same for equal lists.
func (s *slots) of(names []string) uint32 {
	key := strings.Join(names, "\x00")
	if i, ok := s.byKey[key]; ok {
		return i
	}
	n := slotNames{names: names}
	for _, name := range names {
		if p := pseudoOf(name); p != notPseudo {
			n.pseudo = p
			break
		}
	}
	i := uint32(len(s.list))
	s.byKey[key] = i
	s.list = append(s.list, n)
	return i
}

// place says that a field fills a slot; a lower rank is a name further ahead.
type place struct {
	slot uint32
	rank uint32
}

// placement tells for each field of a block which slots it fills.
type placement struct {
	byName map[string][]place // names that are local to blocks
	fixed  [event.FirstLocal][]place
	names  []string  // of the block that local was made for
	local  [][]place // of field FirstLocal+i
}

func newPlacement(s *slots) *placement {
	p := &placement{byName: map[string][]place{}}
	for i, slot := range s.list {
		for rank, name := range slot.names {
			at := place{uint32(i), uint32(rank)}
			if f, ok := event.FieldByName(name); ok {
				p.fixed[f] = append(p.fixed[f], at)
			} else if pseudoOf(name) == notPseudo {
				p.byName[name] = append(p.byName[name], at)
			}
		}
	}
	return p
}

// use resolves a block's local names; the same table as before costs a comparison.
func (p *placement) use(names []string) {
	if len(names) == len(p.names) && equalNames(names, p.names) {
		return
	}
	p.names = append(p.names[:0], names...)
	p.local = p.local[:0]
	for _, n := range names {
		p.local = append(p.local, p.byName[n])
	}
}

func equalNames(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// of returns the slots that a field fills.
func (p *placement) of(f event.Field) []place {
	if f < event.FirstLocal {
		return p.fixed[f]
	}
	return p.local[f-event.FirstLocal]
}
