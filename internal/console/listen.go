package console

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Bounds of connections.
const (
	maxConnections = 512
	headerTime     = 10 * time.Second // to send a header
	bodyTime       = 30 * time.Second // to send header and body
	answerTime     = 60 * time.Second // to take an answer; streams have streamTime a write
	streamTime     = 15 * time.Second
	idleTime       = 60 * time.Second
	drainTime      = 10 * time.Second // running requests have after the end
)

// Listen takes the addresses, so that a fault shows at the start. Run serves
// them; without Run call Close.
func (c *Console) Listen() error {
	l, err := net.Listen("tcp", c.config.Address)
	if err != nil {
		return fmt.Errorf("console: listen on %s: %w; choose another console.address, or stop what holds this one", c.config.Address, err)
	}
	if c.config.Cert != "" {
		p := &pair{cert: c.config.Cert, key: c.config.Key, log: c.log}
		if err := p.load(); err != nil {
			return errors.Join(fmt.Errorf("console: %w; name a PEM certificate and its key in console.cert and console.key", err), l.Close())
		}
		l = tls.NewListener(newGate(l), &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: p.get})
	} else {
		l = newGate(l)
	}
	if c.config.Socket != "" {
		if c.socket, err = listenSocket(c.config.Socket); err != nil {
			return errors.Join(fmt.Errorf("console: %w", err), l.Close())
		}
	}
	c.address = l
	return nil
}

// Close gives the addresses back when Run is not going to be called.
func (c *Console) Close() error {
	var errs []error
	for _, l := range []net.Listener{c.address, c.socket} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// listenSocket takes a unix socket, mode 0600; one that nobody answers is left
// from a kill and makes room.
func listenSocket(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("socket %s: there is a file of that name; remove it", path)
		}
		if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
			return nil, errors.Join(fmt.Errorf("socket %s: another yagura answers on it; stop that one", path), conn.Close())
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("socket %s: %w", path, err)
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w; choose a shorter path (at most 107 bytes) in a folder that this user can write", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("socket %s: %w", path, err), l.Close())
	}
	return l, nil
}

// Run serves until ctx ends, then lets running requests finish for drainTime
// (streams end at once) and returns nil. It calls Listen when nobody has.
func (c *Console) Run(ctx context.Context) error {
	if c.address == nil {
		if err := c.Listen(); err != nil {
			return err
		}
	}
	server := c.server(false)
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(c.address) }()
	servers := []*http.Server{server}
	if c.socket != nil {
		local := c.server(true)
		go func() { failed <- local.Serve(c.socket) }()
		servers = append(servers, local)
	}
	var broken error
	select {
	case <-ctx.Done():
	case err := <-failed:
		broken = fmt.Errorf("console: serve: %w", err)
	}
	close(c.stopping)
	drain(servers)
	return broken
}

func drain(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(ctx) != nil { // out of time
				_ = s.Close()
			}
		})
	}
	all.Wait()
}

func (c *Console) server(local bool) *http.Server {
	s := &http.Server{
		Handler:           c.handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       bodyTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.log.Handler(), slog.LevelDebug),
	}
	if local {
		s.BaseContext = func(net.Listener) context.Context {
			return context.WithValue(context.Background(), keySocket, true)
		}
	}
	return s
}

// gate bounds the connections: beyond the bound callers wait in the kernel.
type gate struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newGate(l net.Listener) *gate {
	return &gate{Listener: l, slots: make(chan struct{}, maxConnections), closed: make(chan struct{})}
}

// Accept waits for a slot, then for a caller.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case g.slots <- struct{}{}:
	case <-g.closed:
		return nil, net.ErrClosed
	}
	conn, err := g.Listener.Accept()
	if err != nil {
		<-g.slots
		return nil, err
	}
	return &gated{Conn: conn, free: sync.OnceFunc(func() { <-g.slots })}, nil
}

// Close ends Accept.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.Listener.Close()
}

type gated struct {
	net.Conn
	free func()
}

// Close gives the slot back.
func (c *gated) Close() error {
	defer c.free()
	return c.Conn.Close()
}
