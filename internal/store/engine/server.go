package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// Server serves ClickHouse's HTTP interface from the embedded engine. There can
// be one in the life of a process, in a process that does nothing else.
type Server struct {
	cfg Config
	log *slog.Logger
	lib string

	writers, readers *pool
	admin            *conn // keeps the engine open; runs KILL QUERY, writes statements out
	adminMu          sync.Mutex
	settings         map[string]bool // every setting the engine knows
	forbidden        []string        // lower-case functions no read-only account may call
	never            map[string]bool // those of them that are ordinary functions: not even to be named
	version          string
	queries          atomic.Uint64
}

// New checks the configuration and finds the library. Nothing is opened yet.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	cfg, err := cfg.normalize()
	if err != nil {
		return nil, err
	}
	lib, err := Find(cfg.LibPath)
	if err != nil {
		return nil, err
	}
	if lib, err = filepath.Abs(lib); err != nil {
		return nil, fmt.Errorf("engine library: %w", err)
	}
	return &Server{cfg: cfg, log: log, lib: lib}, nil
}

// Run claims the data folder, opens the engine and serves until ctx ends; then
// it takes no new statement, lets the running ones finish for [Config].Drain,
// closes the engine and returns nil. It changes the working directory.
func (s *Server) Run(ctx context.Context) error {
	release, err := lock(s.cfg.Data)
	if err != nil {
		return err
	}
	defer release()
	if err := s.openEngine(); err != nil {
		return err
	}
	listeners, err := s.listen()
	if err != nil {
		s.closeEngine()
		return err
	}
	srv := &http.Server{
		Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute,
		MaxHeaderBytes: 1 << 20, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, ln := range listeners {
		g.Go(func() error {
			if err := srv.Serve(netutil.LimitListener(ln, s.cfg.MaxHTTPConns)); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve %s: %w", ln.Addr(), err)
			}
			return nil
		})
	}
	s.log.Info("engine ready", "version", s.version, "socket", s.cfg.Socket, "address", s.cfg.Address, "data", s.cfg.Data)
	g.Go(func() error {
		<-gctx.Done()
		return s.drain(srv)
	})
	return g.Wait()
}

func (s *Server) openEngine() error {
	arg, err := writeConfig(s.cfg)
	if err != nil {
		return err
	}
	// The engine takes names of tables it does not know for files, relative to
	// the working directory: let that be an empty one.
	if err := os.Chdir(filepath.Join(s.cfg.Data, "user_files")); err != nil {
		return fmt.Errorf("enter data folder: %w", err)
	}
	lib, err := open(s.lib)
	if err != nil {
		return err
	}
	base := []string{
		"--path=" + filepath.Join(s.cfg.Data, "db"), arg, "--session_timezone=" + s.cfg.Timezone,
		fmt.Sprintf("--max_query_size=%d", s.cfg.MaxStatement), "--async_insert=0", "--implicit_select=0", "--allow_introspection_functions=0",
		"--query_profiler_real_time_period_ns=0", "--query_profiler_cpu_time_period_ns=0",
	}
	if s.cfg.MaxThreads > 0 {
		base = append(base, fmt.Sprintf("--max_threads=%d", s.cfg.MaxThreads))
	}
	if s.admin, err = dial(lib, base); err != nil {
		return fmt.Errorf("open engine on %s: %w", s.cfg.Data, err)
	}
	s.writers = newPool(lib, base, s.cfg.Writers, s.cfg.QueueWait, &s.queries)
	s.readers = newPool(lib, base, s.cfg.Readers, s.cfg.QueueWait, &s.queries)
	if err := s.learn(s.admin); err != nil {
		s.closeEngine()
		return fmt.Errorf("open engine on %s: %w", s.cfg.Data, err)
	}
	return nil
}

func (s *Server) closeEngine() {
	s.readers.close()
	s.writers.close()
	s.adminMu.Lock()
	defer s.adminMu.Unlock()
	s.admin.close()
}

// drain stops taking statements and ends the running ones, by force when they
// outlast the time they are given.
func (s *Server) drain(srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Drain)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		s.kill("1")
		srv.Close()
		// Statements that do not heed KILL still use their connections: closing
		// the engine under them would crash it. The process ends instead; what
		// was acknowledged is committed.
		s.log.Warn("statements still running after the drain time; leaving them", "drain", s.cfg.Drain)
		return nil
	}
	s.closeEngine()
	return nil
}

// kill cancels the running statements that match a condition on
// system.processes.
func (s *Server) kill(where string) {
	s.adminMu.Lock()
	defer s.adminMu.Unlock()
	if _, err := s.admin.query(statement{sql: "KILL QUERY WHERE " + where + " ASYNC", format: "Null"}, nil); err != nil {
		s.log.Warn("cancel statement", "err", err)
	}
}

func (s *Server) listen() ([]net.Listener, error) {
	var out []net.Listener
	if s.cfg.Socket != "" {
		// The lock is held: a socket that is there is a dead one's.
		if err := os.Remove(s.cfg.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("engine socket: %w", err)
		}
		ln, err := net.Listen("unix", s.cfg.Socket)
		if err != nil {
			return nil, fmt.Errorf("engine socket: %w", err)
		}
		if err := os.Chmod(s.cfg.Socket, 0o600); err != nil {
			ln.Close()
			return nil, fmt.Errorf("engine socket: %w", err)
		}
		out = append(out, ln)
	}
	if s.cfg.Address != "" {
		ln, err := net.Listen("tcp", s.cfg.Address)
		if err != nil {
			for _, l := range out {
				l.Close()
			}
			return nil, fmt.Errorf("engine address: %w; free the port or choose another address", err)
		}
		out = append(out, ln)
	}
	return out, nil
}
