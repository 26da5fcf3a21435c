package run

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"yagura/internal/bus"
	"yagura/internal/event"
	"yagura/internal/store"
	"yagura/internal/store/engine"
)

// Accounts of the embedded engine.
const (
	writerName = "yagura"
	readerName = "grafana" // read-only: dashboards, console, queries
)

// newStore prepares the engine's child, when it is embedded, and the connections.
func (m *Main) newStore() error {
	if !m.has("store") && !m.has("console") {
		close(m.stored)
		return nil
	}
	sc, err := m.storeConfig()
	if err != nil {
		return err
	}
	if len(sc.Servers) == 0 && m.has("store") {
		if err := m.newEngine(sc); err != nil {
			return err
		}
	}
	m.dbConfig = sc
	m.db, err = store.Open(sc)
	return err
}

// openWriter makes the writer of a life of the events stream: what is stored is
// counted by the stream's sequences, which mean something only within one life.
func (m *Main) openWriter(origin string) (inserter, error) {
	sc := m.dbConfig
	if origin != "" {
		sc.Stream = "EVENTS-" + origin
	}
	db, err := store.Open(sc)
	if err != nil {
		return nil, err
	}
	m.writers = append(m.writers, db)
	return db.NewWriter(), nil
}

// newEngine makes the child that serves the embedded engine.
func (m *Main) newEngine(sc store.Config) error {
	lib, err := engine.Find(m.cfg.Store.Engine)
	if err != nil {
		return err
	}
	if err := m.free("store.address", m.cfg.Store.Address); err != nil {
		return err
	}
	m.child, err = engine.NewChild(engine.ChildConfig{
		Args: []string{"engine"},
		Engine: engine.Config{
			Data: m.folder.Sub("engine"), LibPath: lib, Socket: sc.Socket, Address: m.cfg.Store.Address,
			MemoryLimit: int64(m.cfg.Store.Memory), Timezone: "UTC",
			Accounts: []engine.Account{
				{Name: writerName, PasswordSHA256: engine.Hash(sc.Writer.Password)},
				{Name: readerName, PasswordSHA256: engine.Hash(sc.Reader.Password), ReadOnly: true},
			},
		},
	}, m.log)
	return err
}

func (m *Main) storeConfig() (store.Config, error) {
	c := m.cfg.Store
	sc := store.Config{Servers: c.Servers, Database: c.Database, Cluster: c.Cluster, Index: c.Index, Logger: m.log}
	if len(c.Servers) == 0 {
		writer, werr := m.folder.Secret("engine.writer")
		reader, rerr := m.folder.Secret("engine.reader")
		socket, serr := m.socket("engine")
		sc.Writer, sc.Reader, sc.Socket = store.Account{User: writerName, Password: writer}, store.Account{User: readerName, Password: reader}, socket
		return sc, errors.Join(werr, rerr, serr)
	}
	writer, werr := readSecret("store.password_file", c.PasswordFile)
	reader, rerr := readSecret("store.reader_password_file", c.ReaderFile)
	sc.Writer = store.Account{User: c.User, Password: writer}
	if c.Reader != "" {
		sc.Reader = store.Account{User: c.Reader, Password: reader}
	}
	tc, terr := clientTLS(c.TLS, c.CA)
	sc.TLS = tc
	return sc, errors.Join(werr, rerr, terr)
}

func readSecret(field, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", field, err)
	}
	return strings.TrimSpace(string(text)), nil
}

func clientTLS(on bool, ca string) (*tls.Config, error) {
	if !on {
		return nil, nil
	}
	tc := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca == "" {
		return tc, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("store.ca: %w", err)
	}
	tc.RootCAs = x509.NewCertPool()
	if !tc.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("store.ca: %s holds no certificate; want PEM", ca)
	}
	return tc, nil
}

// maxSocketPath is what a unix socket's address may hold (unix(7)), less a margin
// for temporary names beside it.
const maxSocketPath = 100

// socket returns the path of a unix socket of this instance. Where the data
// folder's path is too long for one, a private folder in the temporary one serves.
func (m *Main) socket(name string) (string, error) {
	abs, err := filepath.Abs(m.folder.Path)
	if err != nil {
		return "", err
	}
	path := filepath.Join(abs, name+".sock")
	if len(path) <= maxSocketPath {
		return path, nil
	}
	sum := sha256.Sum256([]byte(abs))
	dir := filepath.Join(os.TempDir(), "yagura-"+hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, name+".sock"), os.Chmod(dir, 0o700)
}

// startStore brings the schema up to date, as soon as the engine answers, and then
// runs the inserting parts.
func (m *Main) startStore() {
	if m.store == nil {
		if m.db != nil {
			close(m.stored)
		}
		return
	}
	m.parts.start("store", m.afterMigration(func(ctx context.Context) error {
		b, err := readBorders(m.folder.Sub("insert.json"))
		if err != nil {
			m.log.Error("store: the borders of the last insert cannot be read; the engine is asked what it holds", "err", err)
		}
		m.store.borders = b
		return m.store.run(ctx)
	}))
	m.parts.start("record alerts", m.afterMigration((&recordStage[event.Alert]{
		what: "alerts", write: m.db.WriteAlerts, log: m.log,
		open: func(ctx context.Context) (*bus.Reader[event.Alert], error) { return m.bus.AlertsFrom(ctx, "store", 0) },
	}).run))
	m.parts.start("record incidents", m.afterMigration((&recordStage[event.Incident]{
		what: "incidents", write: m.db.WriteIncidents, log: m.log,
		open: func(ctx context.Context) (*bus.Reader[event.Incident], error) {
			return m.bus.IncidentsFrom(ctx, "store", 0)
		},
	}).run))
	m.parts.start("record schema", m.migrate)
}

// migrate closes stored when the schema is there.
func (m *Main) migrate(ctx context.Context) error {
	if m.child != nil {
		select {
		case <-m.child.Ready():
		case <-ctx.Done():
			return nil
		}
	}
	_, err := retried(ctx, m.log, "store: prepare the tables", func() (struct{}, error) { return struct{}{}, m.db.Migrate(ctx) })
	if err == nil {
		close(m.stored)
	}
	return nil
}

func (m *Main) afterMigration(f func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-m.stored:
			return f(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}
