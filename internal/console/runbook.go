package console

import (
	"net/url"
	"regexp"
	"strings"

	"yagura/internal/event"
)

var (
	// command is a search in a runbook, as one would type it.
	command = regexp.MustCompile(`yagura query '([^']*)'(?: --since (\d{1,4}[smhd]))?`)
	// blank is a place in it that waits for a value: source.ip:<who>.
	blank = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.]*):<[^<>]{1,60}>`)
)

// runbookPart is a piece of a runbook; Link runs it as a search.
type runbookPart struct{ Text, Link string }

// runbook cuts a runbook at its searches. The incident's own values fill their
// blanks; a search in which one stays open has no link.
func runbook(i event.Incident, text string) (parts []runbookPart) {
	done := 0
	for _, at := range command.FindAllStringSubmatchIndex(text, -1) {
		q := fillIn(i, text[at[2]:at[3]])
		p := runbookPart{Text: text[at[0]:at[2]] + q + text[at[3]:at[1]]}
		if !blank.MatchString(q) {
			since := "24h"
			if at[4] >= 0 {
				since = text[at[4]:at[5]]
			}
			p.Link = "/search?" + url.Values{"q": {q}, "since": {since}}.Encode()
		}
		parts = append(parts, runbookPart{Text: text[done:at[0]]}, p)
		done = at[1]
	}
	return append(parts, runbookPart{Text: text[done:]})
}

func fillIn(i event.Incident, search string) string {
	return blank.ReplaceAllStringFunc(search, func(m string) string {
		name := blank.FindStringSubmatch(m)[1]
		value := onlyValue(i, name)
		// What is shown may be copied into a shell.
		if strings.ContainsFunc(value, func(r rune) bool { return r == '\'' || treacherous(r) }) {
			return m
		}
		if term := filterTerm(name, value); term != "" {
			return term
		}
		return m
	})
}

// onlyValue is the value of a field in the group, or the one that every event of
// the first alert has; "" is none.
func onlyValue(i event.Incident, field string) string {
	for _, p := range i.Group {
		if p.Name == field {
			return p.Value
		}
	}
	if i.First.Count > len(i.First.Events) {
		return ""
	}
	only := ""
	for _, e := range i.First.Events {
		for _, p := range e.Fields {
			switch {
			case p.Name != field || p.Value == only:
			case only != "":
				return ""
			default:
				only = p.Value
			}
		}
	}
	return only
}
