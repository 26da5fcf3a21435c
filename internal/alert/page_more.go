package alert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"yagura/internal/event"
)

func policy(ids []string, s speech) []row {
	var rows []row
	for _, id := range ids {
		rows = append(rows, row{own(id), s.clause(id)})
	}
	return rows
}

func rule(a *event.Alert, s speech) []row {
	rows := []row{{"ID", own(a.RuleID)}, {s.rule, own(a.RuleName)}}
	if a.Author != "" {
		rows = append(rows, row{s.author, own(a.Author)})
	}
	if len(a.Tags) > 0 {
		rows = append(rows, row{s.tags, own(strings.Join(a.Tags, ", "))})
	}
	return rows
}

// paragraphs splits a runbook into its lines.
func paragraphs(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && len(list) < 40 {
			list = append(list, own(line))
		}
	}
	return list
}

func ownList(texts []string) []string {
	var list []string
	for _, text := range texts[:min(len(texts), 20)] {
		list = append(list, own(text))
	}
	return list
}

// more is how to see more: a search, the console.
func (w writer) more(m *mail, inc *event.Incident, s speech) part {
	p := part{Title: s.more, Lines: []string{query(inc, m.Created, w.masked)}}
	if w.console != "" {
		p.Rows = append(p.Rows, row{s.console, strings.TrimRight(w.console, "/") + "/incidents/" + inc.ID})
	}
	return p
}

// summary says the same, shortly, in the second language.
func (w writer) summary(inc *event.Incident, s speech, show shower) part {
	p := part{Title: s.name(), Text: []string{
		fmt.Sprintf("[%s] %s", s.level[min(inc.Level, event.Critical)], own(s.pick(inc.RuleJa, inc.RuleName))),
		show.text(s.pick(inc.ReasonJa, inc.Reason), 1000),
	}}
	if book := paragraphs(w.runbook(inc, s)); len(book) > 0 {
		p.Text = append(p.Text, s.action+": "+strings.Join(book, " / "))
	}
	for _, id := range inc.Policy {
		p.Text = append(p.Text, s.policy+" "+own(id)+": "+s.clause(id))
	}
	return p
}

func (s speech) name() string { return s.pick("日本語", "English") }

// digest is the page of many incidents: grouped by rule, the gravest first.
func (w writer) digest(m *mail, incidents []event.Incident, s speech) page {
	show := shower{w.masked}
	slices.SortStableFunc(incidents, func(a, b event.Incident) int {
		return cmpFirst(cmp.Compare(b.Level, a.Level), strings.Compare(a.RuleID, b.RuleID), a.Opened.Compare(b.Opened), strings.Compare(a.ID, b.ID))
	})
	level := event.Informational
	if len(incidents) > 0 {
		level = incidents[0].Level
	}
	p := w.begin(level, s)
	p.Title = fmt.Sprintf(s.digest, len(m.Items))
	p.Subject = fmt.Sprintf("[%s %s] %s (%s)", s.product, p.Badge, p.Title, strings.TrimSuffix(m.ID, ".1"))
	p.Lead = fmt.Sprintf(s.digestLead, len(m.Items))
	for len(incidents) > 0 {
		n := slices.IndexFunc(incidents, func(i event.Incident) bool { return i.RuleID != incidents[0].RuleID })
		if n < 0 {
			n = len(incidents)
		}
		p.Parts = append(p.Parts, w.group(incidents[:n], s, show))
		incidents = incidents[n:]
	}
	reply := part{Title: s.reply, Lines: []string{"yagura incidents list", "yagura incidents ack ID   # " + s.ack}}
	if w.console != "" {
		reply.Rows = []row{{s.console, strings.TrimRight(w.console, "/") + "/incidents?status=open"}}
	}
	p.Parts = append(p.Parts, reply)
	other := s.other()
	p.Parts = append(p.Parts, part{Title: other.name(), Text: []string{fmt.Sprintf(other.digestLead, len(m.Items))}})
	return p
}

// group lists the incidents of one rule, one a line.
func (w writer) group(list []event.Incident, s speech, show shower) part {
	first := list[0]
	p := part{Title: fmt.Sprintf("[%s] %s (%d)", s.level[min(first.Level, event.Critical)], own(s.pick(first.RuleJa, first.RuleName)), len(list))}
	for i := range list {
		inc := &list[i]
		p.Lines = append(p.Lines, inc.ID+"  "+inc.First.Time.In(w.zone).Format("01-02 15:04:05")+strings.Replace(w.groupValues(inc, show), ": ", "  ", 1))
	}
	return p
}
