package syslog

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// flushEvery is how often the books are handed to the sink.
const flushEvery = time.Second

// Listener receives on one address. It is used once: Listen (optional), Run.
type Listener struct {
	cfg      Config
	sink     Sink
	handlers func() Handler
	log      *slog.Logger

	link     transport
	bound    bool
	stopping atomic.Bool
	said     said
	counters
}

// transport is UDP, a unix socket's datagrams, or TCP: plain, with TLS, RELP with or
// without TLS, or a unix socket's connections.
type transport interface {
	listen() error
	addr() net.Addr // nil before listen
	// serve receives until ctx ends, then drains; work ends when the drain's time
	// is over. It closes the sockets.
	serve(ctx, work context.Context)
	flush() // hands the books to the sink
	stats(s *Stats)
}

// New checks the configuration and starts nothing. Every goroutine that parses
// asks handlers for a Handler of its own.
func New(cfg Config, sink Sink, handlers func() Handler, log *slog.Logger) (*Listener, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", cfg.Name, err)
	}
	l := &Listener{cfg: cfg, sink: sink, handlers: handlers, log: log}
	switch {
	case cfg.Network == "udp":
		l.link = newUDP(l)
		return l, nil
	case cfg.Network == "unix" && !cfg.Stream:
		l.link = newUnixgram(l)
		return l, nil
	}
	t := newTCP(l)
	l.link = t
	if cfg.Network == "relp" {
		if t.relp, err = newRELP(sink); err != nil {
			return nil, fmt.Errorf("listener %s: %w", cfg.Name, err)
		}
	}
	if cfg.Network == "tls" || cfg.Network == "relp" && cfg.TLS != (TLSFiles{}) {
		if t.tls, err = newTLSFiles(cfg.TLS, cfg.Clients, log); err != nil {
			return nil, fmt.Errorf("listener %s: %w", cfg.Name, err)
		}
	}
	return l, nil
}

// Listen binds the address: what may fail, before anything is started. The error
// is one line that names the address, what is wrong and the mend. A Listener
// that listens must be Run, if only with a context that has ended.
func (l *Listener) Listen() error {
	if l.bound {
		return nil
	}
	if err := l.link.listen(); err != nil {
		if l.cfg.Network == "unix" {
			return pathError(l.cfg.Address, err)
		}
		return bindError(l.cfg.Network, l.cfg.Address, err)
	}
	l.bound = true
	return nil
}

// Addr is the address that is listened on, with the real port; nil before Listen.
func (l *Listener) Addr() net.Addr {
	if !l.bound {
		return nil
	}
	return l.link.addr()
}

// Renew reads the certificate's files, whether they look changed or not. Without TLS
// it does nothing.
func (l *Listener) Renew() {
	if t, ok := l.link.(*tcp); ok && t.tls != nil {
		t.tls.now()
	}
}

// Network is udp, tcp, tls, relp or unix.
func (l *Listener) Network() string { return l.cfg.Network }

// Name is the listener's name in Source.Listener.
func (l *Listener) Name() string { return l.cfg.Name }

// Run listens, receives until ctx ends, and drains for at most Config.Drain: what
// the kernel holds of UDP, what TCP senders have sent until they see that we end,
// and the rings are brought to the sink. What then still waits is refused
// (shutdown).
func (l *Listener) Run(ctx context.Context) error {
	if err := l.Listen(); err != nil {
		return err
	}
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		l.stopping.Store(true)
		timer := time.AfterFunc(l.cfg.Drain, giveUp)
		context.AfterFunc(work, func() { timer.Stop() })
	})()

	done := make(chan struct{})
	var books sync.WaitGroup
	books.Go(func() { l.keepBooks(done) })
	l.link.serve(ctx, work)
	close(done)
	books.Wait()
	return nil
}

// keepBooks flushes the books each second, and when all is done.
func (l *Listener) keepBooks(done <-chan struct{}) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.link.flush()
		case <-done:
			l.link.flush()
			return
		}
	}
}
