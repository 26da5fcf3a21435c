// Package cli is yagura's command line: it reads flags, calls the rooms and
// prints. JSON Lines go to standard output, words to standard error. Exit codes:
// 0 fine, 1 failed, 2 wrong usage or invalid input.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"yagura/cmd/yagura/agentcli"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitFine    = 0
	exitFailed  = 1
	exitInvalid = 2
)

// invalid marks an error as wrong usage or invalid input: exit code 2.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

// commands is the whole command line. Names and outputs are contracts.
type commands struct {
	Up         upCmd         `cmd:"" help:"Run everything in one process: receive, detect, store, alert, console."`
	Check      checkCmd      `cmd:"" help:"Validate configuration, rules, lists and assets; all errors at once."`
	Parse      parseCmd      `cmd:"" help:"Parse raw syslog messages to JSON Lines, offline."`
	Detect     detectCmd     `cmd:"" help:"Match rules against files of events, offline; one JSON alert a line."`
	Rules      rulesCmd      `cmd:"" help:"List, check and test rules; show policy coverage."`
	Query      queryCmd      `cmd:"" help:"Search stored events, or run read-only SQL."`
	Import     importCmd     `cmd:"" help:"Load old log files as history."`
	Tail       tailCmd       `cmd:"" help:"Show events as they arrive."`
	Sources    sourcesCmd    `cmd:"" help:"Every log source: last seen, rate, parser, clock offset, silent or not."`
	Books      booksCmd      `cmd:"" help:"The books: received, accepted, refused, stored, per source."`
	Hunt       huntCmd       `cmd:"" help:"Ready-made questions of an incident: who had an address, what did it do."`
	Incidents  incidentsCmd  `cmd:"" help:"The response record: list, show, ack, assign, note, close."`
	Agent      agentcli.Cmd  `cmd:"" help:"The host agent: read logs of this host and bring them to yagura."`
	Agents     agentsCmd     `cmd:"" help:"Tokens and certificates of programs that ship over HTTPS."`
	Send       sendCmd       `cmd:"" help:"Send bundled attack stories or files over a real socket."`
	Dashboards dashboardsCmd `cmd:"" help:"Write the Grafana dashboards and provisioning files."`
	Doctor     doctorCmd     `cmd:"" help:"Look at a running instance and say what is wrong and how to mend it."`
	Engine     engineCmd     `cmd:"" help:"Run the embedded ClickHouse engine (started by up)."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// run is what every command gets.
type run struct {
	Streams
	ctx context.Context
}

// Main runs one command line and returns its exit code.
func Main(args []string, s Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal ends the process at once
	return mainContext(ctx, args, s)
}

// flagHelp is a flag's help with what it may be, its default and its variable.
func flagHelp(v *kong.Value) string {
	var notes []string
	switch {
	case v.Enum != "":
		notes = append(notes, strings.Join(strings.FieldsFunc(v.Enum, func(r rune) bool { return r == ',' }), ", "))
	case v.HasDefault && v.Flag != nil && v.Flag.PlaceHolder != "" && v.Default != "":
		notes = append(notes, "default "+v.Default)
	}
	if v.Flag != nil && len(v.Flag.Envs) > 0 {
		notes = append(notes, "$"+strings.Join(v.Flag.Envs, ", $"))
	}
	if len(notes) == 0 {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " (" + strings.Join(notes, "; ") + ")."
}

// exited carries an exit code out of kong, which wants to leave the process.
type exited int

func mainContext(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exited:
			code = int(e)
		default:
			panic(e)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("yagura"),
		kong.Description("yagura (櫓, the watchtower): receive logs, match threat rules, store, alert.\nログの収集と監視。"),
		kong.Writers(s.Out, s.Err), kong.Exit(func(code int) { panic(exited(code)) }), kong.ValueFormatter(flagHelp))
	if err != nil {
		fmt.Fprintln(s.Err, "yagura:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"-h"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(s.Err, "yagura:", err)
		fmt.Fprintln(s.Err, "Try: yagura -h, or yagura COMMAND -h")
		return exitInvalid
	}
	return exitCode(k.Run(&run{Streams: s, ctx: ctx}, kongCommand{k.Command()}, &agentcli.Context{Ctx: ctx, In: s.In, Out: s.Out, Err: s.Err, Version: agentcli.Version()}), s.Err)
}

func exitCode(err error, w io.Writer) int {
	if err == nil {
		return exitFine
	}
	fmt.Fprintln(w, "yagura:", err)
	var inv invalid
	var bad agentcli.Invalid
	if errors.As(err, &inv) || errors.As(err, &bad) {
		return exitInvalid
	}
	return exitFailed
}

type versionCmd struct{}

// Run prints the module's version and the commit it was built from.
func (versionCmd) Run(r *run) error {
	_, err := fmt.Fprintln(r.Out, version())
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "yagura (unknown build)"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "development"
	}
	return fmt.Sprintf("yagura %s %s", v, info.GoVersion)
}
