package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yagura/internal/event"
)

// words compiles what values mean.
func (b *compiler) words() {
	n := 0
	for _, name := range slices.Sorted(maps.Keys(b.def.Values)) {
		field := "values." + name
		slots := b.slotsOf(name)
		if len(slots) == 0 {
			b.slip(field, name, slices.Sorted(maps.Keys(b.slots)), "want a field or @name that is read of the line")
		}
		words, others := map[string][]constant{}, []constant(nil)
		meanings := b.def.Values[name]
		n += len(meanings)
		for _, word := range slices.Sorted(maps.Keys(meanings)) {
			set := b.constants(field+"."+word, meanings[word], name)
			if word == "*" {
				others = set
			} else {
				words[word] = set
			}
		}
		for _, i := range slots {
			s := &b.parser.slots[i]
			s.words, s.others, s.mapped = words, others, true
		}
	}
	if n > maxWords {
		b.fail("values", fmt.Sprintf("%d words", n), fmt.Sprintf("want at most %d", maxWords))
	}
}

// slotsOf returns the slots of a name, whatever their types.
func (b *compiler) slotsOf(name string) (all []int) {
	for i := range b.parser.slots {
		if b.parser.slots[i].name == name {
			all = append(all, i)
		}
	}
	return all
}

// constants compiles fields and their values, in the order of their names.
func (b *compiler) constants(field string, all Constants, self string) (set []constant) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		at, target := field+"."+name, name
		if name == "" {
			at, target = field, self
		}
		k, ok := b.target(at, target)
		if !ok {
			continue
		}
		for _, text := range all[name] {
			if why := constantFault(k.field, text); why != "" {
				b.slip(at, text, vocabulary[k.field], why)
				continue
			}
			set = append(set, constant{k.field, k.local, text})
		}
	}
	return set
}

// target resolves the name of a field that a definition may set.
func (b *compiler) target(at, name string) (k constant, ok bool) {
	if f, found := event.FieldByName(name); found && (!strings.HasPrefix(name, "yagura.") || f == event.YaguraRepeat) {
		return constant{field: f}, true
	}
	stem, _, _ := strings.Cut(b.def.Name, ".")
	if rest, own := strings.CutPrefix(name, stem+"."); own && stem != "" && stem != "yagura" && fieldLike(rest) {
		return constant{local: name}, true
	}
	b.slip(at, name, settable(), fmt.Sprintf("want an ECS field such as source.ip, or one of the product's own such as %s.%s", stem, "name"))
	return k, false
}

// fieldLike says whether s may be the rest of a field's name.
func fieldLike(s string) bool {
	for _, c := range []byte(s) {
		if !letter(c) && !digit(c) && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// settable lists the names that a definition may set.
func settable() []string {
	return slices.DeleteFunc(event.FieldNames(), func(n string) bool { return strings.HasPrefix(n, "yagura.") })
}
