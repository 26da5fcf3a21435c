package alert

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"yagura/internal/event"
)

// query is a command line, ready to copy, that shows the events of the incident.
// A value that a shell, the search language or a mail reader would act upon gets
// wildcards in place of those characters; when nothing remains to search for, the
// command shows the incident.
func query(inc *event.Incident, at time.Time, masked bool) string {
	var terms []string
	for _, p := range inc.Group {
		if term := searchTerm(p); term != "" {
			terms = append(terms, term)
		}
	}
	if masked || len(terms) == 0 {
		return "yagura incidents show " + inc.ID
	}
	return fmt.Sprintf("yagura query '%s' --since %s", strings.Join(terms, " "), since(at.Sub(inc.First.First)))
}

// since is the age of the first event and a day for the mail to be read.
func since(age time.Duration) string {
	if age < time.Hour {
		return "24h"
	}
	return fmt.Sprintf("%dd", int((age+24*time.Hour-1)/(24*time.Hour))+1)
}

func searchTerm(p event.Pair) string {
	if p.Value == "" || len(p.Value) > shownValue || !plainName(p.Name) {
		return ""
	}
	value := p.Value
	if defang(value) != value || strings.IndexFunc(value, unsafe) >= 0 {
		value = wildcards(value)
	}
	if strings.Trim(value, "*") == "" {
		return ""
	}
	if strings.IndexFunc(value, func(r rune) bool { return r == ':' || r == ' ' || r == '\u3000' || r == '/' || r > 0x7f }) >= 0 {
		value = `"` + value + `"`
	}
	return p.Name + ":" + value
}

// plainName guards against a name that is not one; names come from rules.
func plainName(s string) bool {
	return s != "" && len(s) <= shownName && strings.IndexFunc(s, func(r rune) bool {
		return r >= 0x80 || (!unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' && r != '-')
	}) < 0
}

// unsafe says which characters may not stand inside '…"…"…' of a command line.
func unsafe(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" \u3000.:/_-@", r)
}

// wildcards keeps letters, digits, hyphens and underscores.
func wildcards(s string) string {
	var b strings.Builder
	star := false
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' {
			b.WriteRune(r)
			star = false
		} else if !star {
			b.WriteByte('*')
			star = true
		}
	}
	return b.String()
}
