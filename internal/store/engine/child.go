package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ChildConfig says how the engine's process is started and watched.
type ChildConfig struct {
	Exe    string    // program; "" = this one
	Args   []string  // its arguments, such as "engine", "--stdin"
	Env    []string  // added to this process's environment
	Engine Config    // written to its standard input as one line of JSON; Socket or Address is pinged
	Output io.Writer // takes its standard output and error; nil = os.Stderr

	StartTimeout time.Duration // until /ping answers; default 60 s
	HangTimeout  time.Duration // /ping unanswered for so long: killed and restarted; default 60 s
	Grace        time.Duration // from SIGTERM to SIGKILL; default Engine.Drain + 10 s
	MaxBackoff   time.Duration // between restarts, doubling from 200 ms; default 10 s
}

// exitInvalid is the exit code of a child that another start would not help:
// wrong usage, wrong configuration, no library.
const exitInvalid = 2

// Child starts the engine's process and keeps it running.
type Child struct {
	cfg      ChildConfig
	log      *slog.Logger
	client   *http.Client
	ready    chan struct{}
	once     sync.Once
	pid      atomic.Int64
	up       atomic.Bool
	restarts atomic.Int64
}

// NewChild checks the configuration. Nothing is started.
func NewChild(cfg ChildConfig, log *slog.Logger) (*Child, error) {
	engine, err := cfg.Engine.normalize()
	if err != nil {
		return nil, err
	}
	if cfg.Exe == "" {
		if cfg.Exe, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find own program: %w", err)
		}
	}
	cfg.StartTimeout, cfg.HangTimeout = cmp.Or(cfg.StartTimeout, time.Minute), cmp.Or(cfg.HangTimeout, time.Minute)
	cfg.Grace, cfg.MaxBackoff = cmp.Or(cfg.Grace, engine.Drain+10*time.Second), cmp.Or(cfg.MaxBackoff, 10*time.Second)
	if cfg.Output == nil {
		cfg.Output = os.Stderr
	}
	network, addr := "tcp", engine.Address
	if engine.Socket != "" {
		network, addr = "unix", engine.Socket
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	return &Child{
		cfg: cfg, log: log, ready: make(chan struct{}),
		client: &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}},
	}, nil
}

// Ready is closed when the engine has answered for the first time.
func (c *Child) Ready() <-chan struct{} { return c.ready }

// Up tells whether the engine answered when it was last asked.
func (c *Child) Up() bool { return c.up.Load() }

// Pid is the process id of the running child; 0 while there is none.
func (c *Child) Pid() int { return int(c.pid.Load()) }

// Restarts counts starts after the first.
func (c *Child) Restarts() int64 { return c.restarts.Load() }

// Run keeps the child running until ctx ends, then stops it and returns nil. It
// returns an error only when the child says, before it ever was ready, that it
// cannot run as configured (exit code 2), or cannot be started at all.
func (c *Child) Run(ctx context.Context) error {
	backoff := 200 * time.Millisecond
	for {
		began := time.Now()
		err := c.runOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if c.hopeless(err) {
			return fmt.Errorf("engine: %w", err)
		}
		if time.Since(began) > time.Minute {
			backoff = 200 * time.Millisecond
		}
		c.log.Error("engine process ended; restarting it", "err", err, "after", time.Since(began).Round(time.Millisecond), "backoff", backoff)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, c.cfg.MaxBackoff)
		c.restarts.Add(1)
	}
}

func (c *Child) hopeless(err error) bool {
	select {
	case <-c.ready:
		return false
	default:
	}
	var exit *exec.ExitError
	return errors.Is(err, errNoStart) || errors.As(err, &exit) && exit.ExitCode() == exitInvalid
}

// runOnce runs the child once, to its end.
func (c *Child) runOnce(ctx context.Context) error {
	line, err := json.Marshal(c.cfg.Engine)
	if err != nil {
		return err
	}
	cmd := exec.Command(c.cfg.Exe, c.cfg.Args...)
	tail := &lastLine{w: c.cfg.Output}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), c.cfg.Env...), tail, tail
	cmd.SysProcAttr = dieWithParent()
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	done, err := start(cmd)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errNoStart, c.cfg.Exe, err)
	}
	c.pid.Store(int64(cmd.Process.Pid))
	defer c.pid.Store(0)
	defer c.up.Store(false)
	go func() { _, _ = in.Write(append(line, '\n')) }() // a child that died meanwhile shows in done
	defer in.Close()
	err = c.watch(ctx, cmd, done)
	if text := tail.text(); err != nil && text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return err
}

// start starts cmd from a thread that lives as long as the child does: the
// kernel counts the end of that thread as the parent's death.
func start(cmd *exec.Cmd) (<-chan error, error) {
	started, done := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	return done, <-started
}

// watch pings the child until it ends, hangs or ctx ends.
func (c *Child) watch(ctx context.Context, cmd *exec.Cmd, done <-chan error) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	lastGood, limit, started := time.Now(), c.cfg.StartTimeout, false
	for {
		select {
		case err := <-done:
			return outcome(err)
		case <-ctx.Done():
			return c.stop(cmd, done)
		case <-tick.C:
		}
		ok := c.ping(ctx)
		c.up.Store(ok)
		if ok {
			lastGood, limit, started = time.Now(), c.cfg.HangTimeout, true
			c.once.Do(func() { close(c.ready) })
		}
		if time.Since(lastGood) > limit {
			_ = cmd.Process.Kill() // done tells when it is gone
			<-done
			return fmt.Errorf("did not answer /ping for %s and was killed", limit)
		}
		if started {
			tick.Reset(time.Second)
		} else {
			tick.Reset(20 * time.Millisecond)
		}
	}
}

func (c *Child) ping(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/ping", nil)
	if err != nil {
		return false
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (c *Child) stop(cmd *exec.Cmd, done <-chan error) error {
	_ = cmd.Process.Signal(syscall.SIGTERM) // gone already: done says so
	select {
	case err := <-done:
		return outcome(err)
	case <-time.After(c.cfg.Grace):
	}
	c.log.Warn("engine process did not stop in time; killing it", "grace", c.cfg.Grace)
	_ = cmd.Process.Kill()
	return outcome(<-done)
}
