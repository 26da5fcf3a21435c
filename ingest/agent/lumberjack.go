package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"yagura/internal/event"
)

// TLS modes of a Lumberjack listener.
const (
	TLSOptional    = "optional"    // the sender's first byte tells; the default
	TLSRequired    = "required"    // nothing is taken in plain text
	TLSCertificate = "certificate" // nor without a certificate that names the sender
)

// LumberjackConfig is that of a listener for Beats and others that speak Lumberjack.
// Address and Folder are needed; other zero values are the defaults. Of Config's limits
// those of connections count, and Drain.
type LumberjackConfig struct {
	Config
	TLS       string        // a mode; "" is TLSOptional
	Idle      time.Duration // longest silence between batches; 15 min
	FirstByte time.Duration // longest silence of a new connection; 1 min
	BatchTime time.Duration // longest wait for the bytes of one batch, and 30 s
	Rate      int           // bytes a second by which it may be longer; 1024
	KeepAlive time.Duration // how often a sender that waits is told that it should; 3 s
}

func (c LumberjackConfig) withDefaults() LumberjackConfig {
	if c.Name == "" {
		c.Name = "beats:" + c.Address
	}
	if c.TLS == "" {
		c.TLS = TLSOptional
	}
	if c.PerAddr == 0 {
		c.PerAddr = 64
	}
	if c.Rate == 0 {
		c.Rate = 1024
	}
	for _, d := range []struct {
		at *time.Duration
		d  time.Duration
	}{{&c.Idle, 15 * time.Minute}, {&c.FirstByte, time.Minute}, {&c.BatchTime, 30 * time.Second}, {&c.KeepAlive, 3 * time.Second}} {
		if *d.at == 0 {
			*d.at = d.d
		}
	}
	return c
}

// Lumberjack receives from Filebeat, Winlogbeat, Logstash and others by the lumberjack
// protocol, versions 1 and 2, as Logstash's input "beats" does. It is used once: Listen
// (optional), Run.
//
// A batch (window) is answered when all of it is on disk; until then the sender is told
// to wait. Of a connection that ends in the middle of a batch, what had come is kept and
// not answered: the sender sends the batch again, so that its events are there at least
// once. The protocol has no token: a sender is its certificate's name, else its address.
type Lumberjack struct {
	*Server
	cfg  LumberjackConfig
	pool sync.Pool      // of *ljInflater
	open sync.WaitGroup // connections

	mu    sync.Mutex
	conns map[*ljConn]struct{}
}

// NewLumberjack checks the configuration and starts nothing; see New.
func NewLumberjack(cfg LumberjackConfig, sink Sink, handlers func() Handler, log *slog.Logger) (*Lumberjack, error) {
	cfg = cfg.withDefaults()
	switch cfg.TLS {
	case TLSOptional, TLSRequired, TLSCertificate:
	default:
		return nil, fmt.Errorf("listener %s: TLS mode %q; want %s, %s or %s", cfg.Name, cfg.TLS, TLSOptional, TLSRequired, TLSCertificate)
	}
	s, err := New(cfg.Config, sink, handlers, log)
	if err != nil {
		return nil, err
	}
	s.desk.patience = 0 // a sender is told to wait for as long as it takes
	return &Lumberjack{Server: s, cfg: cfg, conns: map[*ljConn]struct{}{}}, nil
}

// Listen binds the address. A Lumberjack that listens must be Run, if only with a
// context that has ended.
func (l *Lumberjack) Listen() error {
	if l.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", l.cfg.Address)
	if err != nil {
		return fmt.Errorf("listen beats %s: %w; stop what has this port, or configure another one", l.cfg.Address, err)
	}
	l.listener = &doorman{Listener: listener, server: l.Server, open: map[netip.Addr]int{}}
	return nil
}

// Run serves until ctx ends. Batches that are whole by then are answered, as far as
// they reach the disk within Config.Drain.
func (l *Lumberjack) Run(ctx context.Context) error {
	if err := l.Listen(); err != nil {
		return err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var desk sync.WaitGroup
	desk.Go(func() { l.desk.run(work) })
	defer desk.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = l.listener.Close() })
	defer stop()
	err := l.accept(ctx, work)
	l.stopping.Store(true)
	l.each((*ljConn).stop)
	limit := time.AfterFunc(l.Server.cfg.Drain, func() { l.each((*ljConn).abort) })
	defer limit.Stop()
	l.open.Wait()
	return err
}

// accept serves connections until the listener is closed.
func (l *Lumberjack) accept(ctx, work context.Context) error {
	for {
		conn, err := l.listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			var temporary interface{ Temporary() bool }
			if !errors.As(err, &temporary) || !temporary.Temporary() {
				return fmt.Errorf("listen beats %s: %w", l.cfg.Address, err)
			}
			l.log.Warn("a connection could not be accepted", "listener", l.cfg.Name, "error", err)
			select {
			case <-time.After(100 * time.Millisecond): // no descriptors: they come back
			case <-ctx.Done():
			}
			continue
		}
		c := newLJConn(l, conn, work)
		l.open.Go(c.serve)
	}
}

func (l *Lumberjack) each(f func(*ljConn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		f(c)
	}
}

// turned tells of a connection that is closed for a fault: 1st, 2nd, 4th, 8th…
func (l *Lumberjack) turned(addr netip.Addr, why error) {
	if n := l.failed.Add(1); n&(n-1) == 0 {
		l.log.Warn("a connection of a sender of Beats was closed", "listener", l.cfg.Name, "address", addr, "why", why, "connections", n)
	}
}

// refused books what was turned away.
func (l *Lumberjack) refused(peer string, reason event.Reason) { l.ledger.refuse(peer, reason) }
