package parse

import (
	"maps"
	"slices"
	"sync/atomic"
)

// certain ends the search: a match of this value or more is taken at once.
const certain = 95

// likely is the lowest match that is taken.
const likely = 30

// margin is how much surer than all others a family must be that is not certain: of
// two that are nearly equally sure neither is believed, and generic reads the line.
const margin = 5

// tagged is a family that is known by the program's name: the tag alone finds it
// when its match is then certain. Names are compared as written up to the first
// slash ("postfix/smtpd" is "postfix").
type tagged interface{ tags() []string }

// aliased is a family with further names for Settings.Device ("fortigate").
type aliased interface{ aliases() []string }

// objects is a family that reads JSON objects. Others are not asked about one: words
// of theirs may stand inside, in a message that an agent carries.
type objects interface{ objects() }

// families finds the family of a line. Immutable but for its count.
type families struct {
	all   []family // devices, then hosts
	tags  map[string]family
	names map[string]family

	json, tagged, bare []family // of all those that are asked about objects, lines with a tag, others

	custom [orders][]*Custom // by order

	ambiguous *atomic.Uint64 // lines that two families were nearly equally sure of
}

func newFamilies() *families {
	f := &families{tags: map[string]family{}, names: map[string]family{}, ambiguous: new(atomic.Uint64)}
	f.all = append(f.all, deviceFamilies...)
	f.all = append(f.all, hostFamilies...)
	for _, fam := range f.all {
		f.names[fam.name()] = fam
		if a, ok := fam.(aliased); ok {
			for _, n := range a.aliases() {
				f.names[n] = fam
			}
		}
		if t, ok := fam.(tagged); ok {
			for _, n := range t.tags() {
				f.tags[n] = fam
			}
		}
	}
	f.arrange()
	return f
}

// add makes a parser by configuration one of the families.
func (f *families) add(c *Custom) {
	f.names[c.title] = c
	place := c.order
	if place == orderNormal && len(c.recognise.Tag) > 0 {
		place = orderTagged
	}
	f.custom[place] = append(f.custom[place], c)
}

// find returns the family that reads the line, nil when none is likely; not is left
// out. Parsers by configuration have the place that their order gives them.
func (f *families) find(l *Line, not family) family {
	if fam := f.customOf(orderFirst, l, not); fam != nil {
		return fam
	}
	if len(l.Tag) > 0 {
		if fam := f.tags[string(program(l.Tag))]; fam != nil && fam != not && fam.match(l) >= certain {
			return fam
		}
		if fam := f.customOf(orderTagged, l, not); fam != nil {
			return fam
		}
	}
	best, sure := f.surest(l, not)
	if sure < certain {
		if fam := f.customOf(orderNormal, l, not); fam != nil {
			return fam
		}
	}
	if best == nil {
		return f.customOf(orderLast, l, not)
	}
	return best
}

// customOf returns the first parser by configuration that has the place and
// recognises the line.
func (f *families) customOf(place order, l *Line, not family) family {
	for _, c := range f.custom[place] {
		if family(c) != not && !l.refused(c) && c.recognises(l) {
			return c
		}
	}
	return nil
}

// surest returns the built-in family that is surest of the content by a margin, and
// how sure it is.
func (f *families) surest(l *Line, not family) (best family, sure int) {
	sure, second := likely-1, 0
	for _, fam := range f.asked(l) {
		if fam == not {
			continue
		}
		switch m := fam.match(l); {
		case m >= certain:
			return fam, m
		case m > sure:
			best, sure, second = fam, m, sure
		case m > second:
			second = m
		}
	}
	if best != nil && second >= likely && sure-second < margin {
		f.ambiguous.Add(1)
		return nil, 0
	}
	return best, sure
}

// program is the tag up to the first slash; of a path it is the last part.
func program(tag []byte) []byte {
	if tag[0] == '/' {
		if _, base, ok := cutLast(tag, "/"); ok {
			return base
		}
	}
	for i, c := range tag {
		if c == '/' {
			return tag[:i]
		}
	}
	return tag
}

// Devices returns the names of the built-in families that Settings.Device takes,
// sorted.
func Devices() []string { return NewSet().Devices() }

// Devices returns the names that Settings.Device takes, sorted.
func (s *Set) Devices() []string { return slices.Sorted(maps.Keys(s.families.names)) }
