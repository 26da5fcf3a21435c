package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"yagura/internal/event"
)

// embedded is the server in this process. It may be replaced by another one on the
// same folder: the connection then comes back by itself, as one to a cluster does.
// The zero value is none. Safe for concurrent use.
type embedded struct{ now atomic.Pointer[server.Server] }

var errNoServer = errors.New("the embedded bus is being started")

// InProcessConn implements nats.InProcessConnProvider.
func (e *embedded) InProcessConn() (net.Conn, error) {
	if s := e.now.Load(); s != nil {
		return s.InProcessConn()
	}
	return nil, errNoServer
}

func (e *embedded) start(cfg Config, log *slog.Logger) error {
	s, err := startServer(cfg, log)
	if err == nil {
		e.now.Store(s)
	}
	return err
}

func (e *embedded) stop() {
	if s := e.now.Swap(nil); s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// fault returns nil, or what the server says is wrong with it.
func (e *embedded) fault() error {
	s := e.now.Load()
	if s == nil {
		return errNoServer
	}
	return lasting(func() error {
		if st := s.Healthz(nil); st.StatusCode != http.StatusOK {
			return fmt.Errorf("the embedded bus says %s: %s", st.Status, st.Error)
		}
		return nil
	})
}

// lasting asks up to three times, until all is well. The server gives itself a
// millisecond to show that it is ready: without a processor in that time it calls
// itself ill (about once in 30,000 times on a busy machine).
func lasting(ask func() error) (err error) {
	for range 3 {
		if err = ask(); err == nil {
			return nil
		}
	}
	return err
}

// startServer runs JetStream in the process: no listener, no monitor port, every
// write synced before its acknowledgement.
func startServer(cfg Config, log *slog.Logger) (*server.Server, error) {
	opts := &server.Options{
		ServerName: cfg.Node,
		DontListen: true,
		JetStream:  true,
		StoreDir:   filepath.Join(cfg.Dir, "store"),
		SyncAlways: true,
		MaxPayload: event.MaxPacked + 64<<10,
		// The streams' own MaxBytes bound what is used; this must be above their sum.
		JetStreamMaxStore:      cfg.MaxBytes + cfg.MaxBytes/4 + sumSmall + 1<<30,
		JetStreamMaxMemory:     64 << 20,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("start the embedded bus in %s: %w", cfg.Dir, err)
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	go s.Start()
	if !s.ReadyForConnections(15 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("start the embedded bus in %s: not ready after 15 s; see the log lines before this one", cfg.Dir)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, errors.New("start the embedded bus: JetStream did not start; is the data folder writable and on a local disk?")
	}
	return s, nil
}

// serverLog hands the server's words to our log. Its notices are our debug lines.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l serverLog) Warnf(format string, v ...any)  { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(string, ...any)          {}

func joinServers(servers []string) string { return strings.Join(servers, ",") }

// redacted names the servers without the users, passwords and tokens of their
// addresses.
func redacted(servers []string) string {
	shown := make([]string, len(servers))
	for i, s := range servers {
		scheme, rest, ok := strings.Cut(s, "://")
		if !ok {
			scheme, rest = "nats", s
		}
		if _, host, ok := strings.Cut(rest, "@"); ok {
			rest = host
		}
		shown[i] = scheme + "://" + rest
	}
	return strings.Join(shown, ",")
}
