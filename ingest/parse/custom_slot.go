package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yagura/internal/event"
)

// slot returns the place of a placeholder's text, "field:type:type", and how far
// it reaches in a pattern. On a fault it returns -1.
func (b *compiler) slot(at, text string) (place int, reach scan) {
	words := strings.Split(text, ":")
	name := words[0]
	s := slot{name: name, convert: asNothing}
	if name != "" && name[0] != '@' && name != "message" {
		k, ok := b.target(at, name)
		if !ok {
			return -1, 0
		}
		s.field, s.local = k.field, k.local
		s.convert = convertOf(name, k.field)
	}
	if name == "message" {
		s.convert = asMessage
	}
	reach, typed := reachOf(s.convert), false
	for _, w := range words[1:] {
		if c, ok := converts[w]; ok {
			if s.field != 0 && !fit(c, s.field) {
				b.fail(at, fmt.Sprintf("%s cannot hold what is of type %s", name, w), "want another type or field")
				return -1, 0
			}
			if s.convert != asMessage && s.convert != asNothing {
				s.convert = c
			}
			if !typed {
				reach = reachOf(c)
			}
			continue
		}
		r, ok := scans[w]
		if !ok {
			b.slip(at, w, append(slices.Sorted(maps.Keys(scans)), slices.Sorted(maps.Keys(converts))...), "want a type such as ip, int, word, text, quoted or rest")
			return -1, 0
		}
		reach, typed = r, true
	}
	if name == "@timestamp" && !typed {
		reach = scanTime
	}
	if name == "" {
		return -1, reach
	}
	if name[0] == '@' && !fieldLike(name[1:]) {
		b.fail(at, fmt.Sprintf("found %q", name), "want letters and digits behind the @")
		return -1, 0
	}
	return b.place(at, s), reach
}

// place keeps each slot once: the same field with another conversion is another.
func (b *compiler) place(at string, s slot) int {
	key := s.name
	if s.name[0] != '@' {
		key = fmt.Sprintf("%s:%d", s.name, s.convert)
	}
	if i, ok := b.slots[key]; ok {
		return i
	}
	if len(b.parser.slots) == maxSlots {
		b.fail(at, fmt.Sprintf("more than %d different fields", maxSlots), "want fewer; split the parser in two")
		return -1
	}
	b.parser.slots = append(b.parser.slots, s)
	b.slots[key] = len(b.parser.slots) - 1
	return b.slots[key]
}

// scans are the words that say how far a placeholder reaches.
var scans = map[string]scan{"text": scanText, "last": scanLast, "rest": scanRest, "word": scanWord, "quoted": scanQuoted}

// reachOf is how far a placeholder of a conversion reaches when nothing is said.
func reachOf(c convert) scan {
	switch c {
	case asIP:
		return scanIP
	case asPort, asInt:
		return scanInt
	case asNumber:
		return scanNumber
	case asMAC:
		return scanMAC
	case asTime:
		return scanTime
	}
	return scanText
}

// vocabulary is what ECS allows in fields that rules and pages count on.
var vocabulary = map[event.Field][]string{
	event.EventKind: {"alert", "asset", "enrichment", "event", "metric", "state", "signal"},
	event.EventCategory: {"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam", "intrusion_detection",
		"library", "malware", "network", "package", "process", "registry", "session", "threat", "vulnerability", "web"},
	event.EventType: {"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error",
		"group", "indicator", "info", "installation", "protocol", "start", "user"},
	event.EventOutcome: {"failure", "success", "unknown"},
}

// constantFault says what would be right when text cannot be a value of f; "" when
// it can.
func constantFault(f event.Field, text string) string {
	if words := vocabulary[f]; words != nil && !slices.Contains(words, text) {
		return "want one of " + strings.Join(words, ", ")
	}
	if len(text) > event.MaxValue {
		return "want a shorter text"
	}
	b, want := []byte(text), f.Kind()
	_, whole := number(b)
	_, addr := address(b)
	switch {
	case want == event.IP && !addr:
		return "want an address"
	case want == event.Long && !whole:
		return "want a whole number"
	case want == event.Float && !decimal(b):
		return "want a number"
	case want == event.Bool && text != "true" && text != "false":
		return "want true or false"
	}
	return ""
}
