package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config is that of an agent. Servers and Folder are needed; other zero values are
// the defaults.
type Config struct {
	Servers  []string      // URLs; each record is stored once by the server that is sent to: what one took and could not answer another takes again
	Folder   string        // identity and spool; mode 0700
	SpoolMax int64         // bytes; 1 GiB
	Rate     int           // records a second at most; 0 is no bound
	Host     string        // "" is the system's name
	Version  string        // of the program
	Failover time.Duration // how long a server may fail before the next one is asked; 15 s
	Facts    time.Duration // how often the host's state is reported; 5 min
	Fastest  time.Duration // pause between polls under load; 250 ms
	Slowest  time.Duration // pause between polls when nothing comes; 2 s
}

func (c Config) withDefaults() Config {
	if c.SpoolMax == 0 {
		c.SpoolMax = 1 << 30
	}
	if c.Host == "" {
		c.Host, _ = os.Hostname()
	}
	for _, d := range []struct {
		at *time.Duration
		t  time.Duration
	}{{&c.Facts, 5 * time.Minute}, {&c.Failover, 15 * time.Second}, {&c.Fastest, 250 * time.Millisecond}, {&c.Slowest, 2 * time.Second}} {
		if *d.at == 0 {
			*d.at = d.t
		}
	}
	return c
}

// Agent is a whole agent. Make it with New, then Run it once.
type Agent struct {
	cfg    Config
	log    *slog.Logger
	inputs []Input
	spool  *Spool
	client *client
	clock  clock
	lock   *folderLock
}

// New takes the folder, reads the identity and the spool. Nothing is read from the
// inputs yet.
func New(cfg Config, inputs []Input, log *slog.Logger) (*Agent, error) {
	cfg = cfg.withDefaults()
	if len(cfg.Servers) == 0 {
		return nil, errors.New("no server is configured")
	}
	id, err := LoadIdentity(cfg.Folder)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(cfg.Folder)
	if err != nil {
		return nil, err
	}
	spool, err := OpenSpool(filepath.Join(cfg.Folder, "spool"), cfg.SpoolMax, log)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	a := &Agent{cfg: cfg, log: log, spool: spool, lock: lock}
	a.client = &client{servers: cfg.Servers, id: id, folder: cfg.Folder, clock: &a.clock, host: cfg.Host, version: cfg.Version, failover: cfg.Failover}
	a.inputs = append(inputs, newFacts(a))
	return a, nil
}

// Run reads and sends until ctx ends; then it makes what it has read durable. What
// is in the spool then is sent after the next start.
func (a *Agent) Run(ctx context.Context) error {
	marks := a.spool.Marks()
	for _, in := range a.inputs {
		in.Restore(marks)
	}
	var sending sync.WaitGroup
	sending.Go(func() { a.send(ctx) })
	a.collect(ctx)
	sending.Wait()
	errs := []error{a.spool.Commit(nil), a.spool.Close(), a.lock.release()}
	for _, in := range a.inputs {
		errs = append(errs, in.Close())
	}
	return errors.Join(errs...)
}

// collect polls the inputs and commits what they give.
func (a *Agent) collect(ctx context.Context) {
	to := &Sink{spool: a.spool, rate: &rate{perSecond: a.cfg.Rate}}
	pause := a.cfg.Fastest
	for {
		to.n = 0
		more := a.poll(ctx, to)
		ended := ctx.Err() != nil
		if ended || a.spool.Due(time.Now()) || more && a.spool.Heavy() {
			if err := a.commit(); err != nil {
				a.log.Error("what was read cannot be written; trying again", "err", err)
				pause, more = a.cfg.Slowest, false
			}
		}
		if ended {
			return
		}
		if more && !a.spool.Full() && a.cfg.Rate == 0 {
			continue
		}
		pause = min(2*pause, a.cfg.Slowest)
		if to.n > 0 || more {
			pause = a.cfg.Fastest
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

func (a *Agent) poll(ctx context.Context, to *Sink) (more bool) {
	for _, in := range a.inputs {
		if a.spool.Heavy() {
			return true
		}
		if in.Poll(ctx, to) {
			more = true
		}
	}
	return more
}

// commit makes durable what was gathered, with the positions.
func (a *Agent) commit() error {
	if a.spool.sealed {
		return a.spool.Commit(nil)
	}
	changed := map[string]string{}
	for _, in := range a.inputs {
		in.Marks(func(key, value string) { changed[key] = value })
	}
	return a.spool.Commit(changed)
}

// state of the whole agent, for its reports.
func (a *Agent) lags() (files int64) {
	for _, in := range a.inputs {
		files += max(0, in.Lag())
	}
	return files
}

// String names the agent.
func (a *Agent) String() string { return fmt.Sprintf("agent %s of %s", a.client.id.Name, a.cfg.Host) }
