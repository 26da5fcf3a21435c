package alert

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yagura/internal/event"
)

// page is a mail's content, made once for the text and the HTML part. All its
// text is escaped, cut and defanged already.
type page struct {
	Language string
	Subject  string
	Badge    string // the level
	Color    string
	Title    string
	Lead     string
	Notice   string // why this mail is not the first one
	Parts    []part
	Footer   string
}

type part struct {
	Title string
	Text  []string
	Rows  []row
	Lines []string // log lines and commands: shown as they are, in a fixed font
}

type row struct{ Name, Value string }

// colors of the levels, dark enough for white text.
var colors = [5]string{"#5f6b7a", "#3b6ea5", "#9a6700", "#b3261e", "#7a1fa2"}

// writer makes pages.
type writer struct {
	zone    *time.Location
	console string
	masked  bool
}

// single is the page of one incident.
func (w writer) single(m *mail, inc *event.Incident, s speech) page {
	show := shower{w.masked}
	p := w.begin(inc.First.Level, s)
	p.Title = own(s.pick(inc.RuleJa, inc.RuleName))
	p.Subject = fmt.Sprintf("[%s %s] %s%s (%s)", s.product, p.Badge, cut(p.Title, 80), w.groupValues(inc, show), inc.ID)
	p.Lead = show.text(s.pick(inc.ReasonJa, inc.Reason), 1000)
	switch m.Kind {
	case kindEscalate:
		p.Notice = fmt.Sprintf(s.escalated, m.Alerts, m.Events)
	case kindInstead:
		p.Notice = s.instead
	}
	a := &inc.First
	p.Parts = []part{
		{Title: s.about, Rows: w.about(inc, s, show)},
		{Title: s.why, Rows: matches(a, s, show)},
		{Title: s.when, Rows: w.when(m, a, s)},
		{Title: s.lines, Lines: w.lines(a, s, show)},
		{Title: s.action, Text: paragraphs(w.runbook(inc, s))},
		{Title: s.policy, Rows: policy(inc.Policy, s)},
		{Title: s.falseOnes, Text: ownList(a.False)},
		w.more(m, inc, s),
		{Title: s.reply, Lines: []string{
			"yagura incidents ack " + inc.ID + "   # " + s.ack,
			"yagura incidents close " + inc.ID + "   # " + s.closeIt,
		}},
		{Title: s.rule, Rows: rule(a, s)},
		w.summary(inc, s.other(), show),
	}
	p.Parts = slices.DeleteFunc(p.Parts, func(x part) bool { return len(x.Text)+len(x.Rows)+len(x.Lines) == 0 })
	return p
}

func (w writer) begin(level event.Level, s speech) page {
	level = min(level, event.Critical)
	p := page{Language: "en", Badge: s.level[level], Color: colors[level], Footer: s.footer}
	if s.ja {
		p.Language = "ja"
	}
	if w.masked {
		p.Footer += " " + s.masked
	}
	return p
}

// groupValues are what the subject names: ": 203.0.113.7, root".
func (w writer) groupValues(inc *event.Incident, show shower) string {
	var values []string
	for _, pair := range inc.Group {
		if v := strings.TrimSpace(show.text(pair.Value, 40)); v != "" && len(values) < 3 {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return ": " + strings.Join(values, ", ")
}

// about says to whom and what: the group first, then the fields that name
// somebody or something.
func (w writer) about(inc *event.Incident, s speech, show shower) []row {
	var rows []row
	seen := map[string]bool{}
	for _, pair := range inc.Group {
		seen[pair.Name] = true
		rows = append(rows, row{s.label(pair.Name), show.value(pair.Value)})
	}
	for _, l := range labels {
		if values := fieldValues(inc.First.Events, l.field); len(values) > 0 && !seen[l.field] {
			rows = append(rows, row{s.label(l.field), show.value(joinSome(values, s))})
		}
	}
	if name := s.classes[inc.Class]; name != "" {
		rows = append(rows, row{s.class, name})
	}
	return rows
}

func (s speech) label(field string) string {
	for _, l := range labels {
		if l.field == field {
			return s.pick(l.ja, l.en) + " (" + field + ")"
		}
	}
	return cut(own(field), shownName)
}

func fieldValues(events []event.AlertEvent, field string) []string {
	var values []string
	for _, e := range events {
		for _, f := range e.Fields {
			if f.Name == field && f.Value != "" && !slices.Contains(values, f.Value) {
				values = append(values, f.Value)
			}
		}
	}
	return values
}

func joinSome(values []string, s speech) string {
	if extra := len(values) - 5; extra > 0 {
		return strings.Join(values[:5], ", ") + ", " + fmt.Sprintf(s.more5, extra)
	}
	return strings.Join(values, ", ")
}

func matches(a *event.Alert, s speech, show shower) []row {
	var rows []row
	for _, m := range a.Matches[:min(len(a.Matches), event.MaxAlertMatches)] {
		value := show.value(m.Value)
		if m.Pattern != "" && m.Pattern != m.Value {
			value += fmt.Sprintf("  (%s: %s)", s.matched, show.value(m.Pattern))
		}
		rows = append(rows, row{cut(own(m.Field), shownName), value})
	}
	return rows
}

func (w writer) when(m *mail, a *event.Alert, s speech) []row {
	return []row{
		{s.first, w.time(a.First)},
		{s.last, w.time(a.Time)},
		{s.count, fmt.Sprint(a.Count)},
		{s.opened, w.time(m.Created)},
	}
}

// time shows local time and UTC.
func (w writer) time(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(w.zone).Format("2006-01-02 15:04:05 MST") + " (" + t.UTC().Format("2006-01-02 15:04:05") + " UTC)"
}

func (w writer) lines(a *event.Alert, s speech, show shower) []string {
	var lines []string
	for _, e := range a.Events[:min(len(a.Events), maxLines)] {
		line := e.Time.In(w.zone).Format("15:04:05 ")
		if e.Source != "" {
			line += show.text(e.Source, 60) + " "
		}
		lines = append(lines, line+show.text(e.Message, shownLine))
	}
	if extra := a.Count - len(lines); extra > 0 && len(lines) > 0 {
		lines = append(lines, "… "+fmt.Sprintf(s.more5, extra))
	}
	return lines
}
