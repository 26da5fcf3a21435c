package agentcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// slim is the command line of the binary that is the agent only.
type slim struct {
	Agent   Cmd        `cmd:"" help:"The host agent: read logs of this host and bring them to yagura."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(x *Context) error {
	_, err := fmt.Fprintln(x.Out, x.Version)
	return err
}

// exited carries an exit code out of kong, which wants to leave the process.
type exited int

// Main runs the command line of the small binary and returns its exit code.
func Main(args []string, in io.Reader, out, errs io.Writer) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal ends the process at once
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exited:
			code = int(e)
		default:
			panic(e)
		}
	}()
	var c slim
	parser, err := kong.New(&c, kong.Name("yagura"), kong.Description("yagura (櫓, the watchtower): the host agent."),
		kong.Writers(out, errs), kong.Exit(func(code int) { panic(exited(code)) }))
	if err != nil {
		fmt.Fprintln(errs, "yagura:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"-h"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errs, "yagura:", err)
		return 2
	}
	err = k.Run(&Context{Ctx: ctx, In: in, Out: out, Err: errs, Version: Version()})
	var bad Invalid
	switch {
	case err == nil:
		return 0
	case errors.As(err, &bad):
		code = 2
	default:
		code = 1
	}
	fmt.Fprintln(errs, "yagura:", err)
	return code
}

// Version is the module's version.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "development"
	}
	return info.Main.Version
}
