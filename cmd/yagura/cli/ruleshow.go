package cli

import (
	"fmt"

	"yagura/cmd/yagura/config"
	"yagura/detect"
)

type ruleShow struct {
	Config string `short:"c" help:"Configuration." placeholder:"FILE"`
	ID     string `arg:"" help:"Rule id."`
}

// ruleDetail is a rule as `rules show` prints it; its names are those of the
// rows of `rules list`.
type ruleDetail struct {
	ID             string      `json:"id"`
	Title          string      `json:"title"`
	TitleJa        string      `json:"title_ja,omitempty"`
	Description    string      `json:"description,omitempty"`
	Level          string      `json:"level"`
	Status         string      `json:"status,omitempty"`
	Class          string      `json:"class,omitempty"`
	Policy         []string    `json:"policy,omitempty"`
	Tags           []string    `json:"tags,omitempty"`
	References     []string    `json:"references,omitempty"`
	Author         string      `json:"author,omitempty"`
	LogSource      string      `json:"logsource,omitempty"`
	Correlation    string      `json:"correlation,omitempty"`
	Inputs         []string    `json:"inputs,omitempty"`
	Fields         []string    `json:"fields,omitempty"`
	Group          []string    `json:"group,omitempty"`
	Suppress       string      `json:"suppress,omitempty"`
	FalsePositives []string    `json:"falsepositives,omitempty"`
	Runbook        ruleRunbook `json:"runbook"`
	Alerts         bool        `json:"alerts"`
	CanFire        bool        `json:"can_fire"`
	Why            string      `json:"why,omitempty"`
	Tests          int         `json:"tests"`
	File           string      `json:"file"`
	Line           int         `json:"line"`
}

type ruleRunbook struct {
	Ja string `json:"ja,omitempty"`
	En string `json:"en,omitempty"`
}

// Run prints the rule as people read it.
func (c *ruleShow) Run(r *run) error {
	p, _, _, err := ruleSet{Config: c.Config}.load()
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range p.Rules() {
		if i.ID == c.ID {
			return printJSON(r, detailOf(i))
		}
		ids = append(ids, i.ID)
	}
	return invalid{fmt.Errorf("no rule %q; %s`yagura rules list` shows them", c.ID, nearRule(c.ID, ids))}
}

// nearRule suggests one rule, never all.
func nearRule(id string, ids []string) string {
	if near := config.Closest(id, ids); near != "" {
		return "did you mean " + near + "? "
	}
	return ""
}

func detailOf(i detect.RuleInfo) ruleDetail {
	d := ruleDetail{
		ID: i.ID, Title: i.Title, TitleJa: i.TitleJa, Description: i.Description, Level: i.Level.String(), Status: i.Status, Class: i.Class,
		Policy: i.Policy, Tags: i.Tags, References: i.References, Author: i.Author, LogSource: logsource(i), Correlation: i.Correlation,
		Inputs: i.Inputs, Fields: i.Fields, Group: i.Group, FalsePositives: i.FalsePositives, Runbook: ruleRunbook{i.RunbookJa, i.RunbookEn},
		Alerts: i.Alerts, CanFire: i.CanFire, Why: i.Why, Tests: i.Tests, File: i.File, Line: i.Line,
	}
	if i.Suppress > 0 {
		d.Suppress = i.Suppress.String()
	}
	return d
}
