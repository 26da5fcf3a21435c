package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
)

type checkCmd struct {
	Config  string `short:"c" help:"Configuration; the built-in defaults when left out." placeholder:"FILE" env:"YAGURA_CONFIG"`
	Offline bool   `help:"Do not try to reach servers that the configuration names."`
}

// Run validates everything and prints all errors at once.
func (c *checkCmd) Run(r *run) error {
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return invalid{err}
	}
	warnEnvironment(r, cfg)
	errs := slices.Clone(cfg.Custom.Faults)
	if len(cfg.Parsers) > 0 {
		fmt.Fprintf(r.Err, "parsers: %d load\n", len(cfg.Custom.Loaded))
	}
	handlers, err := runner.NewHandlers(cfg)
	errs = append(errs, err)
	if handlers == nil && cfg.Assets != "" { // the rules can be checked without the assets
		cfg := cfg
		cfg.Assets = ""
		handlers, _ = runner.NewHandlers(cfg)
	}
	if handlers != nil {
		program, report, err := runner.LoadRules(cfg.Rules, handlers, true)
		errs = append(errs, err)
		errs = append(errs, report.Errors...)
		for _, w := range report.Warnings {
			fmt.Fprintln(r.Err, "warning:", w)
		}
		if program != nil {
			fmt.Fprintf(r.Err, "rules: %d load\n", len(program.Rules()))
		}
	}
	errs = append(errs, runner.CheckFiles(cfg))
	soon, _ := runner.CheckListeners(cfg) // its faults are among those of CheckFiles
	for _, w := range soon {
		fmt.Fprintln(r.Err, "warning:", w)
	}
	if !c.Offline {
		ctx, cancel := context.WithTimeout(r.ctx, 20*time.Second)
		defer cancel()
		errs = append(errs, runner.CheckReach(ctx, cfg))
	}
	if err := errors.Join(errs...); err != nil {
		return invalid{err}
	}
	fmt.Fprintln(r.Err, "all is well")
	return nil
}

// warnEnvironment tells of variables that look like overrides and are none.
func warnEnvironment(r *run, cfg config.Config) {
	for _, w := range cfg.Warnings {
		fmt.Fprintln(r.Err, "warning:", w)
	}
}
