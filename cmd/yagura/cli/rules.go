package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
	"yagura/detect"
)

type rulesCmd struct {
	List     ruleList     `cmd:"" help:"List the rules."`
	Check    ruleCheck    `cmd:"" help:"Read and compile the rules; all errors at once."`
	Test     ruleTest     `cmd:"" help:"Run the rules' own tests."`
	Coverage ruleCoverage `cmd:"" help:"Policy clause → rules → can they fire with what is received."`
	Show     ruleShow     `cmd:"" help:"Show one rule: what it watches, its runbook, its policy clauses."`
}

// ruleSet names the rules that a command works on.
type ruleSet struct {
	Config string   `short:"c" help:"Configuration." placeholder:"FILE"`
	Paths  []string `arg:"" optional:"" help:"Rule files or folders; the configuration's when left out." name:"PATH"`
}

func (s ruleSet) load() (*detect.Program, detect.Report, *runner.Handlers, error) {
	cfg, err := config.Load(s.Config, nil)
	if err != nil {
		return nil, detect.Report{}, nil, invalid{err}
	}
	h, err := runner.NewHandlers(cfg)
	if err != nil {
		return nil, detect.Report{}, nil, invalid{err}
	}
	paths := cfg.Rules
	if len(s.Paths) > 0 {
		paths = s.Paths
	}
	p, report, err := runner.LoadRules(paths, h, false)
	if err != nil {
		return nil, report, nil, invalid{err}
	}
	return p, report, h, nil
}

type ruleList struct {
	ruleSet
	format
}

// Run lists what loads; what does not is told on standard error.
func (c *ruleList) Run(r *run) error {
	p, report, _, err := c.load()
	if err != nil {
		return err
	}
	out, err := newRowPrinter(c.Format, r.Out, `["id","level","class","title","policy","logsource","alerts","can_fire","tests","file"]`)
	if err != nil {
		return err
	}
	for _, i := range p.Rules() {
		text, err := json.Marshal(map[string]any{
			"id": i.ID, "level": i.Level, "class": i.Class, "title": i.Title, "title_ja": i.TitleJa, "policy": strings.Join(i.Policy, " "),
			"logsource": logsource(i), "alerts": i.Alerts, "can_fire": i.CanFire, "why": i.Why, "tests": i.Tests, "file": i.File,
			"tags": i.Tags, "author": i.Author, "correlation": i.Correlation,
		})
		if err != nil {
			return err
		}
		if err := out.row(text); err != nil {
			return err
		}
	}
	return errors.Join(out.end(), reported(report))
}

func logsource(i detect.RuleInfo) string {
	var parts []string
	for _, s := range []string{i.Product, i.Category, i.Service} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if i.Correlation != "" {
		parts = append(parts, i.Correlation)
	}
	return strings.Join(parts, "/")
}

func reported(report detect.Report) error {
	if len(report.Errors) == 0 {
		return nil
	}
	return invalid{errors.Join(report.Errors...)}
}

type ruleCheck struct{ ruleSet }

// Run compiles and prints every error and warning.
func (c *ruleCheck) Run(r *run) error {
	p, report, _, err := c.load()
	if err != nil {
		return err
	}
	for _, w := range report.Warnings {
		fmt.Fprintln(r.Err, "warning:", w)
	}
	fmt.Fprintf(r.Err, "%d rules, %d errors, %d warnings\n", len(p.Rules()), len(report.Errors), len(report.Warnings))
	return reported(report)
}

type ruleTest struct {
	ruleSet
	Verbose bool `short:"v" help:"Print every test, with the alerts it raised."`
}

// Run runs the rules' own tests; a failing one is exit code 1.
func (c *ruleTest) Run(r *run) error {
	p, report, h, err := c.load()
	if err != nil {
		return err
	}
	if err := reported(report); err != nil {
		return err
	}
	parse, err := runner.TestParse()
	if err != nil {
		return err
	}
	failed, results := 0, p.Test(parse, h.Location())
	out := bufio.NewWriter(r.Out)
	for _, t := range results {
		if !t.Passed {
			failed++
			fmt.Fprintln(out, "FAIL", t.Error())
		} else if c.Verbose {
			fmt.Fprintf(out, "ok   %s: %s: %d alerts\n", t.Rule, t.Name, t.Got)
		}
		if c.Verbose {
			for _, a := range t.Alerts {
				fmt.Fprintf(out, "       %s\n", printable(a))
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(r.Err, "%d passed, %d failed\n", len(results)-failed, failed)
	if failed > 0 {
		return fmt.Errorf("%d tests of rules failed", failed)
	}
	return nil
}
