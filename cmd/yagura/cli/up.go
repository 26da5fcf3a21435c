package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
	"yagura/internal/event"
	"yagura/internal/store/engine"
)

type upCmd struct {
	Config  string   `short:"c" help:"Configuration; the built-in defaults listen on loopback." placeholder:"FILE" env:"YAGURA_CONFIG"`
	Data    string   `help:"Data folder." placeholder:"DIR"`
	Stages  []string `help:"Run only some stages: ingest, detect, store, alert, console." placeholder:"STAGE"`
	Profile string   `help:"Write a CPU profile of the whole run to this file: for reports of slowness." placeholder:"FILE" hidden:""`
	Demo    bool     `help:"Send the bundled attack stories through the sockets and print the alerts."`
}

// Run runs until interrupted, drains, and returns.
func (c *upCmd) Run(r *run) error {
	if c.Profile != "" {
		stop, err := startProfile(c.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	for _, s := range c.Stages {
		if !slices.Contains(runner.Stages, s) {
			return invalid{fmt.Errorf("--stages %s: unknown; want %s", s, config.Suggestion(s, runner.Stages))}
		}
	}
	environ := os.Environ()
	if c.Data != "" {
		environ = append(environ, "YAGURA_DATA="+c.Data)
	}
	cfg, err := config.Load(c.Config, environ)
	if err != nil {
		return invalid{err}
	}
	warnEnvironment(r, cfg)
	if c.Demo && len(cfg.Zones) == 0 {
		cfg.Zones = demoZones()
	}
	ready := make(chan runner.Addresses, 1)
	m, err := runner.New(cfg, runner.Options{Stages: c.Stages, Version: version(), Ready: func(a runner.Addresses) { ready <- a }}, newLog(r.Err, cfg.Log.Level))
	if err != nil {
		return refused(err)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	go func() {
		select {
		case a := <-ready:
			fmt.Fprintln(r.Out, readyLine(a))
			if c.Demo {
				if err := runDemo(ctx, r.Out, m, a); err != nil && ctx.Err() == nil {
					fmt.Fprintln(r.Err, "yagura: demo:", err)
				}
			}
		case <-ctx.Done():
		}
	}()
	return m.Run(ctx)
}

// startProfile begins a CPU profile; stop ends it.
func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// mendable is what the operator must mend before a start.
var mendable = []error{runner.ErrInUse, runner.ErrConfig, engine.ErrNoLibrary, engine.ErrLibrary, syscall.EADDRINUSE, syscall.EADDRNOTAVAIL}

// refused marks that with exit code 2.
func refused(err error) error {
	if slices.ContainsFunc(mendable, func(m error) bool { return errors.Is(err, m) }) {
		return invalid{err}
	}
	return err
}

func newLog(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // validated by config
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}

// readyLine is the contract: one line with every address.
func readyLine(a runner.Addresses) string {
	parts := []string{"ready"}
	for _, s := range a.Syslog {
		network, address, _ := strings.Cut(s, ":")
		parts = append(parts, network+"="+address)
	}
	for _, p := range []struct{ name, value string }{{"agents", a.Agents}, {"beats", a.Beats}, {"nats", a.NATS}, {"console", a.Console}, {"engine", a.Engine}, {"mail", a.Maildir}, {"data", a.Data}} {
		if p.value != "" {
			parts = append(parts, p.name+"="+p.value)
		}
	}
	return strings.Join(parts, " ")
}

func demoZones() []config.Zone {
	return []config.Zone{
		{ID: "internet", Name: "インターネット接続系", Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
		{ID: "mynumber", Name: "マイナンバー事務系", Networks: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")}},
	}
}

// runDemo sends every story through the first listener of each kind and prints
// the incidents as they open.
func runDemo(ctx context.Context, w io.Writer, m *runner.Main, a runner.Addresses) error {
	lines, err := storyLines(nil, time.Now().In(m.Location()))
	if err != nil {
		return err
	}
	sent := 0
	plain := slices.DeleteFunc(slices.Clone(a.Syslog), func(to string) bool {
		network, _, _ := strings.Cut(to, ":")
		return network == "tls" || network == "relp" // it has no certificate, and waits for no answers
	})
	for i, to := range plain {
		part := lines[i*len(lines)/len(plain) : (i+1)*len(lines)/len(plain)]
		s, err := dial(ctx, to, tlsOptions{})
		if err != nil {
			return err
		}
		n, err := s.all(ctx, repeated(part, 1), 2000, newProgress(io.Discard, ""))
		if err := errors.Join(err, s.close()); err != nil {
			return err
		}
		sent += n
	}
	fmt.Fprintf(w, "demo: sent %d lines of the bundled stories; an ordinary day and several attacks\n", sent)
	return tellIncidents(ctx, w, m, a)
}

// tellIncidents prints each incident once, then where to look further.
func tellIncidents(ctx context.Context, w io.Writer, m *runner.Main, a runner.Addresses) error {
	told := map[string]bool{}
	quiet := time.Now()
	for time.Since(quiet) < 4*time.Second {
		list, err := m.Incidents(ctx)
		if err != nil {
			return err
		}
		for i := len(list) - 1; i >= 0; i-- {
			if inc := list[i]; !told[inc.ID] {
				told[inc.ID] = true
				quiet = time.Now()
				fmt.Fprintf(w, "alert %s %-8s %s\n      %s\n", inc.ID, inc.Level, title(inc), printable(inc.Reason))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
	}
	fmt.Fprintf(w, "demo: %d alerts", len(told))
	if a.Maildir != "" {
		fmt.Fprintf(w, "; their mails lie in %s/new", strings.TrimSuffix(a.Maildir, "/"))
	}
	fmt.Fprintf(w, "\ndemo: console %s (token in %s/console.token); Ctrl-C drains and stops\n", a.Console, a.Data)
	return nil
}

func title(i event.Incident) string {
	if i.RuleJa != "" {
		return i.RuleJa + " / " + i.RuleName
	}
	return i.RuleName
}

type engineCmd struct{}

// Run serves the embedded engine with the configuration that its parent writes to
// standard input, until that is closed. An interrupt from the terminal reaches
// the whole process group: it is the parent's to decide, as it drains first.
func (engineCmd) Run(r *run) error {
	signal.Ignore(os.Interrupt, syscall.SIGHUP) // a terminal sends them to us too: `yagura up` decides
	ctx, stop := signal.NotifyContext(context.WithoutCancel(r.ctx), syscall.SIGTERM)
	defer stop()
	return refused(engine.Serve(ctx, r.In, newLog(r.Err, "info")))
}
