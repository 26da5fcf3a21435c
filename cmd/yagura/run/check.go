package run

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"yagura/cmd/yagura/config"
	"yagura/internal/alert"
	"yagura/internal/store"
	"yagura/internal/store/engine"
)

// CheckFiles looks at every file that the configuration names: certificates,
// passwords, the on-call list, the engine's library.
func CheckFiles(cfg config.Config) error {
	var errs []error
	if cfg.Console.Cert != "" {
		if _, err := tls.LoadX509KeyPair(cfg.Console.Cert, cfg.Console.Key); err != nil {
			errs = append(errs, cfg.Fault("console.cert", fmt.Errorf("%w; want a PEM certificate and its key", err)))
		}
	}
	if _, err := CheckListeners(cfg); err != nil {
		errs = append(errs, err)
	}
	if err := checkAgents(cfg); err != nil {
		errs = append(errs, cfg.Fault("listen.agents.cert", err))
	}
	for _, f := range []struct{ field, path string }{
		{"alert.smtp.password_file", cfg.Alert.SMTP.PasswordFile}, {"alert.smtp.ca", cfg.Alert.SMTP.CA},
		{"bus.credentials", cfg.Bus.Credentials}, {"bus.ca", cfg.Bus.CA},
		{"store.password_file", cfg.Store.PasswordFile}, {"store.reader_password_file", cfg.Store.ReaderFile}, {"store.ca", cfg.Store.CA},
	} {
		if f.path == "" {
			continue
		}
		if _, err := os.ReadFile(f.path); err != nil {
			errs = append(errs, cfg.Fault(f.field, fmt.Errorf("%w; want a file that this user can read", err)))
		}
	}
	if cfg.Alert.OnCall != "" {
		if _, err := alert.LoadOnCall(cfg.Alert.OnCall); err != nil {
			errs = append(errs, err)
		}
	}
	if len(cfg.Store.Servers) == 0 {
		if _, err := engine.Find(cfg.Store.Engine); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// CheckReach tries to reach the servers that the configuration names.
func CheckReach(ctx context.Context, cfg config.Config) error {
	var errs []error
	if h := cfg.Alert.SMTP.Host; h != "" {
		address := net.JoinHostPort(h, strconv.Itoa(cfg.Alert.SMTP.Port))
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			errs = append(errs, fmt.Errorf("alert.smtp: %w; is the relay's name and port right?", err))
		} else {
			_ = conn.Close()
		}
	}
	for _, server := range cfg.Bus.Servers {
		if err := reachBus(ctx, server); err != nil {
			errs = append(errs, fmt.Errorf("bus.servers: %s: %w; does nats-server listen there?", server, err))
		}
	}
	if len(cfg.Store.Servers) > 0 {
		if err := reachStore(ctx, cfg); err != nil {
			errs = append(errs, fmt.Errorf("store.servers: %w", err))
		}
	}
	return errors.Join(errs...)
}

// natsPort is where NATS listens when an address names no port.
const natsPort = "4222"

func reachBus(ctx context.Context, server string) error {
	_, address, ok := strings.Cut(server, "://")
	if !ok {
		address = server
	}
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		address = address[at+1:] // behind user:password
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), natsPort)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func reachStore(ctx context.Context, cfg config.Config) error {
	sc, err := (&Main{cfg: cfg}).storeConfig()
	if err != nil {
		return err
	}
	db, err := store.Open(sc)
	if err != nil {
		return err
	}
	return errors.Join(db.Ping(ctx), db.Close())
}
