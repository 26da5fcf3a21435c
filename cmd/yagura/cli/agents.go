package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
	"yagura/ingest/agent"
)

// agentsCmd works on the files of the data folder: a running instance sees a change
// within a second, and none needs to run.
type agentsCmd struct {
	Token  agentsToken  `cmd:"" help:"Make a token for a program that ships over HTTPS or NATS; it is printed once."`
	Nkey   agentsNkey   `cmd:"" help:"Let a program that ships over NATS in by its nkey; prints the subject it may publish to."`
	Invite agentsInvite `cmd:"" help:"Make a one-time token that enrols a host; it is printed once."`
	List   agentsList   `cmd:"" help:"List tokens and agents."`
	Revoke agentsRevoke `cmd:"" help:"Refuse a token or an agent from now on."`
	CA     agentsCA     `cmd:"" name:"ca" help:"Print the certificate that senders are to trust, and its fingerprint."`
}

// folder of the registry.
func (i instance) agentsFolder() (string, error) {
	data := i.Data
	if data == "" {
		cfg, err := config.Load(i.Config, os.Environ())
		if err != nil {
			return "", invalid{err}
		}
		data = cfg.Data
	}
	return filepath.Join(data, runner.AgentsFolder), nil
}

func (i instance) registry() (*agent.Registry, error) {
	folder, err := i.agentsFolder()
	if err != nil {
		return nil, err
	}
	return agent.OpenRegistry(folder, slog.New(slog.DiscardHandler))
}

// registryFault marks what the user can mend as invalid.
func registryFault(err error) error {
	if errors.Is(err, agent.ErrName) || errors.Is(err, agent.ErrNoEntry) {
		return invalid{err}
	}
	return err
}

type agentsToken struct {
	instance
	Name    string `arg:"" help:"What the token is called, such as web01-filebeat."`
	Source  string `help:"The source that its events are booked under; the token's name when left out. An address takes the settings of sources in the configuration." placeholder:"NAME"`
	Expires string `help:"How long it is good, such as 90d or 12h; for ever when left out." placeholder:"AGE"`
}

// Run prints the token alone, so that a script can take it.
func (c *agentsToken) Run(r *run) error {
	ends, err := expiry(c.Expires)
	if err != nil {
		return err
	}
	registry, err := c.registry()
	if err != nil {
		return err
	}
	token, err := registry.Issue(agent.Entry{Name: c.Name, Kind: agent.KindToken, Source: c.Source, Expires: ends})
	if err != nil {
		return registryFault(err)
	}
	fmt.Fprintln(r.Err, "this is shown once; it cannot be had again:")
	_, err = fmt.Fprintln(r.Out, token)
	return err
}

// expiry is the end of a validity that begins now; zero for "": for ever.
func expiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	valid, err := validity(text)
	if err != nil {
		return time.Time{}, invalid{fmt.Errorf("--expires %s: %w", text, err)}
	}
	return time.Now().Add(valid).UTC().Truncate(time.Second), nil
}

// validity is a time from now on: Go's durations, and days.
func validity(text string) (time.Duration, error) {
	wrong := errors.New("want a time such as 12h or 90d, up to 100 years")
	var d time.Duration
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > 36500 {
			return 0, wrong
		}
		d = time.Duration(n) * 24 * time.Hour
	} else if n, err := time.ParseDuration(text); err == nil {
		d = n
	}
	if d <= 0 || d > 36500*24*time.Hour {
		return 0, wrong
	}
	return d, nil
}

type agentsList struct {
	instance
	format
}

// Run lists the entries, never their hashes.
func (c *agentsList) Run(r *run) error {
	registry, err := c.registry()
	if err != nil {
		return err
	}
	all, err := registry.List()
	if err != nil {
		return err
	}
	p, err := newRowPrinter(c.Format, r.Out, `["name","kind","source","state","created","expires"]`)
	if err != nil {
		return err
	}
	for _, e := range all {
		text, err := json.Marshal(map[string]any{
			"name": e.Name, "kind": e.Kind, "source": e.SourceName(), "state": agentState(e), "created": stampText(e.Created), "expires": stampText(e.Expires),
		})
		if err != nil {
			return err
		}
		if err := p.row(text); err != nil {
			return err
		}
	}
	return p.end()
}

func agentState(e agent.Entry) string {
	switch {
	case !e.Revoked.IsZero():
		return "revoked " + stampText(e.Revoked)
	case !e.Good(time.Now()):
		return "expired"
	}
	return "good"
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

type agentsRevoke struct {
	instance
	Name string `arg:"" help:"Name of the token or the agent."`
}

// Run revokes every good entry of the name.
func (c *agentsRevoke) Run(r *run) error {
	registry, err := c.registry()
	if err != nil {
		return err
	}
	if err := registry.Revoke(c.Name); err != nil {
		return registryFault(err)
	}
	fmt.Fprintf(r.Err, "%s is refused from now on\n", c.Name)
	return nil
}

type agentsCA struct{ instance }

// Run prints PEM to standard output and the fingerprint to standard error.
func (c *agentsCA) Run(r *run) error {
	folder, err := c.agentsFolder()
	if err != nil {
		return err
	}
	a, err := agent.OpenAuthority(folder)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Err, "SHA-256 %s, until %s\n", a.Fingerprint(), a.Certificate().NotAfter.Local().Format(time.DateOnly))
	if cfg, err := config.Load(c.Config, os.Environ()); err == nil && cfg.Listen.Agents.Cert != "" {
		fmt.Fprintf(r.Err, "senders meet another certificate, %s (listen.agents.cert): they must trust the authority that signed that one, not this\n", cfg.Listen.Agents.Cert)
	}
	_, err = r.Out.Write(a.PEM())
	return err
}
