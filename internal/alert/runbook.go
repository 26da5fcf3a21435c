package alert

import (
	"regexp"

	"yagura/internal/event"
)

// blank is a place in a runbook's command that waits for a value: source.ip:<who>.
var blank = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.]*):<[^<>]{1,60}>`)

// runbook is the rule's runbook with the incident's own values in the blanks of
// its commands, ready to copy. A field without exactly one value keeps its blank,
// and so does every field where addresses are masked.
func (w writer) runbook(inc *event.Incident, s speech) string {
	text := s.pick(inc.First.RunbookJa, inc.First.RunbookEn)
	if w.masked {
		return text
	}
	return blank.ReplaceAllStringFunc(text, func(m string) string {
		name := blank.FindStringSubmatch(m)[1]
		if term := searchTerm(event.Pair{Name: name, Value: onlyValue(inc, name)}); term != "" {
			return term
		}
		return m
	})
}

// onlyValue is the value of a field in the group, or the one value that all events
// shown agree on; "" is none.
func onlyValue(inc *event.Incident, field string) string {
	for _, p := range inc.Group {
		if p.Name == field {
			return p.Value
		}
	}
	if values := fieldValues(inc.First.Events, field); len(values) == 1 && inc.First.Count <= len(inc.First.Events) {
		return values[0]
	}
	return ""
}
