// Package agentcli is the command `yagura agent`: the host agent and its enrolment.
// It is a package of its own so that the small binary for hosts links the agent and
// nothing of the server.
package agentcli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"yagura/cmd/yagura/config"
	"yagura/internal/agent"
)

// Context is what the commands get.
type Context struct {
	Ctx      context.Context
	In       io.Reader
	Out, Err io.Writer
	Version  string
}

// Invalid marks an error as wrong usage or invalid input: exit code 2.
type Invalid struct{ error }

// Unwrap returns the cause.
func (e Invalid) Unwrap() error { return e.error }

// Cmd is the command line of `yagura agent`.
type Cmd struct {
	Run   runCmd   `cmd:"" default:"withargs" help:"Read logs of this host and bring them to yagura."`
	Enrol enrolCmd `cmd:"" help:"Enrol this host with a one-time token of yagura agents invite."`
	Check checkCmd `cmd:"" help:"Validate agent.yaml and the identity."`
	PlatformCmds
}

// file is how the commands find agent.yaml.
type file struct {
	Config string `short:"c" help:"Configuration file." placeholder:"FILE" env:"YAGURA_AGENT_CONFIG"`
	Folder string `help:"Folder of identity and spool, in place of the configured one." placeholder:"DIR"`
}

// load reads agent.yaml. Without -c the file of an installation is read if it is there.
func (f file) load() (config.AgentFile, error) {
	path := f.Config
	if path == "" {
		if _, err := os.Stat(installed()); err == nil {
			path = installed()
		}
	}
	cfg, err := config.LoadAgent(path)
	if err != nil {
		return cfg, Invalid{err}
	}
	if f.Folder != "" {
		cfg.Folder = f.Folder
	}
	return cfg, nil
}

// installed is where an installation has its agent.yaml.
func installed() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(config.DefaultAgent().Folder, "agent.yaml")
	}
	return "/etc/yagura/agent.yaml"
}

type runCmd struct{ file }

// Run works until the context ends.
func (c *runCmd) Run(x *Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	was, err := agent.RunService(func(ctx context.Context) error {
		log, err := serviceLog(cfg.Folder)
		if err != nil {
			return err
		}
		defer log.Close()
		return serve(&Context{Ctx: ctx, In: x.In, Out: log, Err: log, Version: x.Version}, cfg)
	})
	if was || err != nil {
		return err
	}
	return serve(x, cfg)
}

// maxLog bounds the log of a service that has nowhere else to write: the file and
// the one before it.
const maxLog = 8 << 20

// serviceLog is the log of a service on a system that keeps none.
func serviceLog(folder string) (*os.File, error) {
	path := filepath.Join(folder, "agent.log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// maxThreads of Go code: reading and sending are small work.
const maxThreads = 2

func serve(x *Context, cfg config.AgentFile) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		return Invalid{err}
	}
	log := slog.New(slog.NewTextHandler(x.Err, &slog.HandlerOptions{Level: level}))
	runtime.GOMAXPROCS(min(maxThreads, runtime.GOMAXPROCS(0)))
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cfg.Limits.Memory))
	}
	inputs, err := inputsOf(cfg, log)
	if err != nil {
		return Invalid{err}
	}
	servers := cfg.Servers
	if len(servers) == 0 {
		if servers, err = agent.EnrolledAt(cfg.Folder); err != nil {
			return err
		}
	}
	a, err := agent.New(agent.Config{
		Servers: servers, Folder: cfg.Folder, SpoolMax: int64(cfg.Spool.Max), Rate: cfg.Limits.Rate,
		Host: cfg.Host, Version: x.Version, Facts: cfg.Facts,
	}, inputs, log)
	if err != nil {
		return err
	}
	log.Info("ready", "agent", a.String(), "servers", servers, "inputs", len(inputs))
	return a.Run(x.Ctx)
}

type enrolCmd struct {
	file
	Token  string `arg:"" optional:"" help:"The line that yagura agents invite printed; - or none reads it from standard input, which no other user of the host sees."`
	Server string `help:"Address of yagura, in place of those in the token." placeholder:"URL"`
}

// Run enrols.
func (c *enrolCmd) Run(x *Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	token := c.Token
	if token == "" || token == "-" {
		text, err := io.ReadAll(io.LimitReader(x.In, 4096))
		if err != nil {
			return err
		}
		token = strings.TrimSpace(string(text))
	}
	i, err := agent.ReadInvitation(token)
	if err != nil {
		return Invalid{err}
	}
	if c.Server != "" {
		i.Servers = []string{strings.TrimRight(c.Server, "/")}
	} else if len(cfg.Servers) > 0 {
		i.Servers = cfg.Servers
	}
	if len(i.Servers) == 0 {
		return Invalid{fmt.Errorf("the token names no server; want --server https://HOST:8443")}
	}
	name, err := agent.Enrol(x.Ctx, cfg.Folder, i)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(x.Out, "enrolled as %s in %s\n", name, cfg.Folder)
	return err
}

type checkCmd struct{ file }

// Run checks what can be checked without a server.
func (c *checkCmd) Run(x *Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if _, err := inputsOf(cfg, slog.New(slog.DiscardHandler)); err != nil {
		return Invalid{err}
	}
	id, err := agent.LoadIdentity(cfg.Folder)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(x.Out, "fine: agent %s, %d inputs\n", id.Name, len(cfg.Inputs))
	return err
}
