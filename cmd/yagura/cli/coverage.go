package cli

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"yagura/detect"
	"yagura/internal/event"
)

// clauses are those of the policy that software can watch or show evidence for.
var clauses = []string{"3-1", "3-2", "3-3", "3-4", "3-5", "6-2", "6-3-1", "6-3-2", "6-4", "6-5", "6-6", "6-7", "6-8", "6-9"}

type ruleCoverage struct {
	ruleSet
	format
	Data string `help:"Data folder of a running instance: says which log sources it receives." placeholder:"DIR"`
}

// Run prints a row for each clause: clauses without a rule are named as such.
func (c *ruleCoverage) Run(r *run) error {
	p, report, _, err := c.load()
	if err != nil {
		return err
	}
	seen, err := c.seen(r)
	if err != nil {
		return err
	}
	out, err := newRowPrinter(c.Format, r.Out, `["clause","policy","rules","can_fire","receiving","missing"]`)
	if err != nil {
		return err
	}
	for _, id := range clauses {
		text, err := json.Marshal(coverageOf(id, p.Rules(), seen))
		if err != nil {
			return err
		}
		if err := out.row(text); err != nil {
			return err
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	return reported(report)
}

// seen returns the parsers whose events an instance receives; nil when none was
// named.
func (c *ruleCoverage) seen(r *run) (map[string]bool, error) {
	if c.Data == "" {
		return nil, nil
	}
	cl, err := instance{Data: c.Data}.client()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	q := url.Values{"q": {"SELECT DISTINCT parser FROM events WHERE timestamp > now() - INTERVAL 30 DAY"}, "limit": {"1000"}}
	err = cl.lines(r.ctx, "query", q, nil, func(line []byte) error {
		var row struct{ Parser string }
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		seen[row.Parser] = true
		return nil
	})
	return seen, err
}

func coverageOf(clause string, rules []detect.RuleInfo, seen map[string]bool) map[string]any {
	var ids, silent, missing []string
	fires, receiving := 0, 0
	for _, i := range rules {
		if !i.Alerts || !slices.Contains(i.Policy, clause) {
			continue
		}
		ids = append(ids, i.ID)
		switch {
		case !i.CanFire:
			silent = append(silent, i.ID)
		default:
			fires++
			if seen != nil && received(i, seen) {
				receiving++
			}
		}
	}
	if len(ids) == 0 {
		missing = append(missing, "no rule / ルールなし")
	}
	missing = append(missing, silent...)
	name := event.ClauseOf(clause)
	row := map[string]any{
		"clause": clause, "policy": name.Ja + " / " + name.En, "rules": len(ids), "can_fire": fires,
		"missing": strings.Join(missing, " "), "rule_ids": ids,
	}
	if seen != nil {
		row["receiving"] = receiving
	}
	return row
}

// received tells whether an event of the rule's log source has come: a parser's
// name begins with its product.
func received(i detect.RuleInfo, seen map[string]bool) bool {
	for parser := range seen {
		if i.Product == "" || strings.HasPrefix(parser, i.Product) || strings.HasSuffix(parser, "."+i.Service) {
			return true
		}
	}
	return false
}
