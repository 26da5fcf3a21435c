package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Server receives over HTTPS. It is used once: Listen (optional), Run.
type Server struct {
	*desk
	cfg      Config
	registry *Registry
	certs    *Certificates
	limiter  *limiter
	memory   *budget
	senders  *seats
	mux      *http.ServeMux
	hosts    *hosts // our own agents; nil without Config.Stream
	counters
	listener *doorman
}

// New checks the configuration, makes our CA and certificate where none is
// configured, and starts nothing. Every goroutine that parses asks handlers for one.
func New(cfg Config, sink Sink, handlers func() Handler, log *slog.Logger) (*Server, error) {
	cfg = cfg.withDefaults()
	registry, err := OpenRegistry(cfg.Folder, log)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", cfg.Name, err)
	}
	certs, err := NewCertificates(cfg, log)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", cfg.Name, err)
	}
	s := &Server{
		desk: newDesk(cfg.Name, sink, handlers, log), cfg: cfg, registry: registry, certs: certs,
		limiter: newLimiter(), memory: &budget{free: cfg.Memory}, senders: newSeats(cfg.Requests, cfg.PerSender), mux: http.NewServeMux(),
	}
	s.patience = cfg.Patience
	s.routes()
	return s, nil
}

// routes adds every protocol.
func (s *Server) routes() {
	s.routesHEC()
	s.routesOTLP()
	s.routesHosts()
	s.routesEvents()
	s.routesElastic()
}

// Name is the listener's name in Source.Listener.
func (s *Server) Name() string { return s.cfg.Name }

// Addr is the address listened on, with the real port; nil before Listen.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Listen binds the address. A Server that listens must be Run, if only with a
// context that has ended.
func (s *Server) Listen() error {
	if s.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", s.cfg.Address)
	if err != nil {
		return bindError(s.cfg.Address, err)
	}
	s.listener = &doorman{Listener: l, server: s, open: map[netip.Addr]int{}}
	return nil
}

// bindError says in one line which address, what is wrong, and the mend.
func bindError(address string, err error) error {
	what := "configure an address of this host and a port that this user may take"
	if errors.Is(err, syscall.EADDRINUSE) {
		what = "the port is in use by another program (ss -tlnp names it): stop that one, or configure another port, or \"\" for none"
	}
	return fmt.Errorf("listen https %s: %s (%w)", address, what, err)
}

// Renew reads the certificate's files at the next handshake.
func (s *Server) Renew() { s.certs.Renew() }

// Run serves until ctx ends, then lets the requests end for at most Config.Drain.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var desk sync.WaitGroup
	desk.Go(func() { s.desk.run(work) })
	if s.hosts != nil && ctx.Err() == nil {
		desk.Go(func() { s.hosts.desk.run(work) })
		desk.Go(func() { s.hosts.run(work) })
	}
	defer desk.Wait()
	defer cancel()
	server := s.httpServer(work)
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(s.listener, "", "") }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	if s.hosts != nil {
		s.hosts.desk.stopping.Store(true)
	}
	limit, done := context.WithTimeout(work, s.cfg.Drain)
	defer done()
	if server.Shutdown(limit) != nil {
		_ = server.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// answerTime is how long a request takes at most, from its head to its answer's end.
const answerTime = 5 * time.Minute

func (s *Server) httpServer(work context.Context) *http.Server {
	return &http.Server{
		Handler: s.mux, TLSConfig: s.certs.Config(), BaseContext: func(net.Listener) context.Context { return work },
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, WriteTimeout: answerTime, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
