package cli

import (
	"encoding/json"
	"net/url"
	"strings"

	"yagura/detect"
)

// clause is a clause of the security policy, short, in both languages.
type clause struct{ ID, Ja, En string }

// clauses are those of the policy that software can watch or show evidence for.
var clauses = []clause{
	{"3-1", "不正アクセス・ウイルス・サイバー攻撃・内部不正", "unauthorized access, malware, cyber attack, insiders"},
	{"3-2", "無断持出し・無許可ソフト・設定不備・監査機能の不備・機器故障", "unauthorized removal, unapproved software, misconfiguration, audit faults, device failure"},
	{"3-3", "災害", "disaster"},
	{"3-4", "要員不足", "staff shortage"},
	{"3-5", "電力・通信・水道の途絶", "outages of power, communication, water"},
	{"6-2", "情報資産の分類と管理", "classification of assets"},
	{"6-3-1", "マイナンバー事務系の分離", "My Number zone: separation"},
	{"6-3-2", "インターネット接続系の監視強化", "internet-connected zone: stronger monitoring"},
	{"6-4", "物理的セキュリティ", "physical security"},
	{"6-5", "人的セキュリティ", "people"},
	{"6-6", "技術的セキュリティ", "technical security"},
	{"6-7", "運用・緊急時対応計画", "operation, emergency response plan"},
	{"6-8", "業務委託と外部サービス", "outsourcing and external services"},
	{"6-9", "評価・見直し", "evaluation and review"},
}

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
	for _, cl := range clauses {
		text, err := json.Marshal(coverageOf(cl, p.Rules(), seen))
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

func coverageOf(cl clause, rules []detect.RuleInfo, seen map[string]bool) map[string]any {
	var ids, silent, missing []string
	fires, receiving := 0, 0
	for _, i := range rules {
		if !i.Alerts || !contains(i.Policy, cl.ID) {
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
	row := map[string]any{
		"clause": cl.ID, "policy": cl.Ja + " / " + cl.En, "rules": len(ids), "can_fire": fires,
		"missing": strings.Join(missing, " "), "rule_ids": ids,
	}
	if seen != nil {
		row["receiving"] = receiving
	}
	return row
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
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
