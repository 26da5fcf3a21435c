package detect

import (
	"fmt"
	"slices"
	"strings"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// maxDispatch bounds the slots that log source conditions look at.
const maxDispatch = 16

// dispatch names an event's class by the values of a few slots. Values are looked
// up in dictionaries of what conditions and rules speak of; any other value is
// "other", so that there are few classes however events vary.
type dispatch struct {
	slots    []uint32
	dict     []map[string]uint32 // folded value → number from firstKnown
	prefixes [][]string          // folded; a bit each
	longest  []int               // of the dictionary and prefixes
}

// signature is all that matters of a dispatch slot's value: its number in the
// dictionary and the prefixes that it has.
type signature struct {
	id       uint32
	prefixes [maxPrefixes / 64]uint64
}

// signatures are those of all dispatch slots; classKey holds their numbers.
type (
	signatures [maxDispatch]signature
	classKey   [maxDispatch]uint32
)

const (
	absent      = 0 // no value
	other       = 1 // a value that nobody speaks of
	undecided   = 2 // several values, or one written so that exact comparison does not decide
	firstKnown  = 3
	maxPrefixes = 128
)

// gate is a compiled log source: every need must hold, a need holds when one of
// its alternatives does, an alternative when all its terms do.
type gate struct{ needs [][][]term }

type term struct {
	slot   int // of dispatch
	ids    []uint32
	prefix [maxPrefixes / 64]uint64 // bits
	any    bool
}

// newDispatch compiles the conditions of the scopes in use.
func newDispatch(s *slots, scopes []*scope) (*dispatch, []gate, error) {
	d := &dispatch{}
	at := map[uint32]int{}
	d.terms(s, at, condition{event.YaguraParser.Name(): {AnySource}})
	gates := make([]gate, len(scopes))
	for i, sc := range scopes {
		for _, alternatives := range sc.needs {
			var need [][]term
			for _, c := range alternatives {
				need = append(need, d.terms(s, at, c))
			}
			gates[i].needs = append(gates[i].needs, need)
		}
		if sc.maps("EventID") && sc.why == "" { // most Windows rules ask for a code: let it decide early
			d.terms(s, at, condition{strings.Join(sc.names("EventID", false), "\x00"): nil})
		}
	}
	if len(d.slots) > maxDispatch {
		return nil, nil, fmt.Errorf("mapping: when: %d different fields; at most %d", len(d.slots), maxDispatch)
	}
	for _, p := range d.prefixes {
		if len(p) > maxPrefixes {
			return nil, nil, fmt.Errorf("mapping: when: %d prefixes of one field; at most %d", len(p), maxPrefixes)
		}
	}
	return d, gates, nil
}

func (d *dispatch) terms(s *slots, at map[uint32]int, c condition) []term {
	var out []term
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		slot := s.of(strings.Split(k, "\x00"))
		i, ok := at[slot]
		if !ok {
			i = len(d.slots)
			at[slot] = i
			d.slots = append(d.slots, slot)
			d.dict = append(d.dict, map[string]uint32{})
			d.prefixes = append(d.prefixes, nil)
			d.longest = append(d.longest, 0)
		}
		out = append(out, d.term(i, c[k]))
	}
	return out
}

func (d *dispatch) term(i int, values []string) term {
	t := term{slot: i}
	for _, v := range values {
		v = sigma.Fold(v)
		prefix, isPrefix := strings.CutSuffix(v, "*")
		switch {
		case v == "*":
			t.any = true
		case isPrefix:
			n := slices.Index(d.prefixes[i], prefix)
			if n < 0 {
				n = len(d.prefixes[i])
				d.prefixes[i] = append(d.prefixes[i], prefix)
			}
			n %= maxPrefixes // more are refused
			t.prefix[n/64] |= 1 << (n % 64)
			d.longest[i] = max(d.longest[i], len(prefix))
		default:
			t.ids = append(t.ids, d.know(i, v))
		}
	}
	return t
}

// know enters a folded value into a slot's dictionary.
func (d *dispatch) know(i int, folded string) uint32 {
	id, ok := d.dict[i][folded]
	if !ok {
		id = firstKnown + uint32(len(d.dict[i]))
		d.dict[i][folded] = id
		d.longest[i] = max(d.longest[i], len(folded))
	}
	return id
}

// learn enters the exact values that rules compare dispatch slots with.
func (d *dispatch) learn(indexes []index) {
	for i, slot := range d.slots {
		for v := range indexes[slot].exact {
			d.know(i, v)
		}
	}
}

func (g *gate) holds(key *signatures) bool {
	for _, need := range g.needs {
		if !slices.ContainsFunc(need, func(terms []term) bool { return allHold(terms, key) }) {
			return false
		}
	}
	return true
}

func allHold(terms []term, key *signatures) bool {
	for i := range terms {
		if !terms[i].holds(&key[terms[i].slot]) {
			return false
		}
	}
	return true
}

func (t *term) holds(v *signature) bool {
	if t.any && v.id != absent || slices.Contains(t.ids, v.id) {
		return true
	}
	for i, bits := range t.prefix {
		if bits&v.prefixes[i] != 0 {
			return true
		}
	}
	return false
}
