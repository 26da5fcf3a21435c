package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
	"yagura/ingest/agent"
)

type agentsInvite struct {
	instance
	Name    string   `arg:"" help:"What the agent is to be called, such as web01; events carry it as agent.id."`
	Expires string   `help:"How long the token is good." placeholder:"AGE" default:"1h"`
	Source  string   `help:"The source that its events are booked under; the agent's name when left out." placeholder:"NAME"`
	Server  []string `help:"Address at which hosts reach yagura; that of listen.agents.https, or this host's name, when left out." placeholder:"URL"`
}

// invitation is what the token holds; internal/agent reads it.
type invitation struct {
	Servers     []string `json:"s,omitempty"`
	Fingerprint string   `json:"f,omitempty"`
	Secret      string   `json:"t"`
}

// Run prints the token alone, so that a script can take it.
func (c *agentsInvite) Run(r *run) error {
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return invalid{err}
	}
	valid, err := validity(c.Expires)
	if err != nil {
		return invalid{fmt.Errorf("--expires %s: %w", c.Expires, err)}
	}
	if c.Data == "" {
		c.Data = cfg.Data
	}
	registry, err := c.registry()
	if err != nil {
		return err
	}
	if err := withdraw(registry, c.Name); err != nil {
		return registryFault(err)
	}
	i := invitation{Servers: c.Server}
	if len(i.Servers) == 0 {
		i.Servers = reachedAt(cfg.Listen.Agents.HTTPS)
		if cfg.Path == "" {
			fmt.Fprintln(r.Err, "no configuration was read, so that the address is a guess; give -c or --server if it is another one")
		}
	}
	if cfg.Listen.Agents.Cert == "" {
		ca, err := agent.OpenAuthority(filepath.Join(c.Data, runner.AgentsFolder))
		if err != nil {
			return err
		}
		i.Fingerprint = ca.Fingerprint()
	}
	if i.Secret, err = registry.Issue(agent.Entry{
		Name: c.Name, Kind: agent.KindEnrol, Source: c.Source, Expires: time.Now().Add(valid).UTC().Truncate(time.Second),
	}); err != nil {
		return registryFault(err)
	}
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if onlyHere(i.Servers) {
		fmt.Fprintf(r.Err, "the token says %s, which is good on this host only; for others: --server https://HOST:PORT, or -c with the configuration whose listen.agents.https they reach\n", strings.Join(i.Servers, ", "))
	}
	fmt.Fprintf(r.Err, "the agent will ask %s\n", servers(i.Servers))
	fmt.Fprintf(r.Err, "good for one host and %s; on that host: yagura agent enrol (and paste this line)\n", c.Expires)
	_, err = fmt.Fprintln(r.Out, "yga_"+base64.RawURLEncoding.EncodeToString(text))
	return err
}

// servers names what an invitation holds.
func servers(all []string) string {
	if len(all) == 0 {
		return "what its own configuration names (servers): this token holds no address"
	}
	return strings.Join(all, ", ")
}

// withdraw takes back earlier invitations of the name. An agent of that name must be
// revoked first: two hosts must not share one.
func withdraw(registry *agent.Registry, name string) error {
	if e, ok := registry.Named(agent.KindAgent, name); ok && e.Good(time.Now()) {
		return fmt.Errorf("%w: an agent %s is enrolled; revoke it first, or take another name", agent.ErrName, name)
	}
	return registry.Change(func(all []agent.Entry) ([]agent.Entry, error) {
		return slices.DeleteFunc(all, func(e agent.Entry) bool { return e.Kind == agent.KindEnrol && e.Name == name }), nil
	})
}

// reachedAt is where hosts may reach a listener.
func reachedAt(address string) []string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return nil
	}
	ip := net.ParseIP(host)
	if host != "" && host != "localhost" && (ip == nil || !ip.IsUnspecified() && !ip.IsLoopback()) {
		return []string{"https://" + address}
	}
	name, err := os.Hostname()
	if err != nil || ip != nil && ip.IsLoopback() || host == "localhost" {
		return []string{"https://" + net.JoinHostPort("127.0.0.1", port)}
	}
	return []string{"https://" + net.JoinHostPort(strings.ToLower(name), port)}
}

// onlyHere tells whether no other host can reach any of the addresses.
func onlyHere(servers []string) bool {
	for _, s := range servers {
		u, err := url.Parse(s)
		if err != nil {
			return false
		}
		ip := net.ParseIP(u.Hostname())
		if u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return len(servers) > 0
}
