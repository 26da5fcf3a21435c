package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Kinds of search index over the text of the lines. Measured end to end on 1.4
// million lines of the bundled stories, the engine's CPU and the bytes of a row
// while parts are young: none 4.5 us and 8 bytes, text 6.3 us (1.4 times) and 13 bytes
// (1.6 times). At 1,000 lines a second that is 2 ms a second of one core, at 100,000 it is 180.
const (
	IndexText  = "text"  // any part of a word; costs most on insert and disk
	IndexBloom = "bloom" // whole words; small
	IndexNone  = "none"  // any part of a word, by reading every line of the time range
)

// Account is a user of the server with its password.
type Account struct{ User, Password string }

// Config says where the engine is. The zero value with a Socket is the embedded
// engine.
type Config struct {
	Servers  []string          // "host:9440" (native), "http://host:8123", "https://host:8443"; all of one kind; empty: Socket
	Socket   string            // unix socket of the embedded engine
	Headers  map[string]string // sent with every HTTP request: the embedded engine's token
	Database string            // "" is default
	Writer   Account           // inserts and migrations
	Reader   Account           // queries; read-only. An empty User is the writer's account with readonly=1 asked for
	TLS      *tls.Config       // nil: plain for native and http
	Cluster  string            // set: replicated tables on that cluster
	Index    string            // IndexText, IndexBloom or IndexNone; "" is IndexNone
	Stream   string            // the bus's stream: part of tokens and of the chain; "" is EVENTS
	Timeout  time.Duration     // of one insert; 0 is 2 minutes
	Logger   *slog.Logger      // takes what is mended later; nil: nothing is logged
}

func (c Config) index() string { return or(c.Index, IndexNone) }

func (c Config) stream() string { return or(c.Stream, "EVENTS") }

func (c Config) timeout() time.Duration {
	if c.Timeout <= 0 {
		return 2 * time.Minute
	}
	return c.Timeout
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// DB is the open store: a connection that writes and one that only reads.
// Opening it reaches nothing; the first statement does.
type DB struct {
	cfg    Config
	conn   driver.Conn
	reader driver.Conn
	http   bool

	records atomic.Uint64 // inserts of alerts and incidents: their tokens never repeat
}

// Open checks the configuration and makes the connections.
func Open(cfg Config) (*DB, error) {
	write, err := cfg.options(cfg.Writer)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	read, err := cfg.options(cfg.readerAccount())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db := &DB{cfg: cfg, http: write.Protocol == clickhouse.HTTP}
	if db.conn, err = clickhouse.Open(write); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if db.reader, err = clickhouse.Open(read); err != nil {
		return nil, fmt.Errorf("open store: %w", errors.Join(err, db.conn.Close()))
	}
	return db, nil
}

// Close closes both connections.
func (db *DB) Close() error { return errors.Join(db.conn.Close(), db.reader.Close()) }

// Conn is the writing connection: for Migrate and for other rooms' tables.
func (db *DB) Conn() driver.Conn { return db.conn }

// Reader is the read-only connection.
func (db *DB) Reader() driver.Conn { return db.reader }

// Migrate brings the tables to this program's schema.
func (db *DB) Migrate(ctx context.Context) error { return Migrate(ctx, db.conn, db.cfg) }

// Ping reports whether the engine answers.
func (db *DB) Ping(ctx context.Context) error { return db.conn.Ping(ctx) }

func (c Config) readerAccount() Account {
	if c.Reader.User == "" {
		return c.Writer
	}
	return c.Reader
}

func (c Config) options(account Account) (*clickhouse.Options, error) {
	o := &clickhouse.Options{
		Auth:            clickhouse.Auth{Database: or(c.Database, "default"), Username: account.User, Password: account.Password},
		TLS:             c.TLS,
		HttpHeaders:     c.Headers,
		DialTimeout:     10 * time.Second,
		ReadTimeout:     c.timeout(),
		ConnMaxLifetime: time.Hour,
		MaxOpenConns:    8,
		MaxIdleConns:    4,
	}
	if len(c.Servers) == 0 {
		if c.Socket == "" {
			return nil, errors.New("store.servers is empty and there is no socket of the embedded engine")
		}
		o.Protocol, o.Addr, o.TLS = clickhouse.HTTP, []string{"engine"}, nil
		o.DialContext = func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", c.Socket)
		}
		return o, nil
	}
	return o, c.addresses(o)
}

// addresses reads store.servers: the scheme chooses the protocol.
func (c Config) addresses(o *clickhouse.Options) error {
	kind := ""
	for i, s := range c.Servers {
		scheme, address, ok := strings.Cut(s, "://")
		if !ok {
			scheme, address = "native", s
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("store.servers[%d]: %q is no host:port", i, s)
		}
		if kind != "" && kind != scheme {
			return fmt.Errorf("store.servers[%d]: %s beside %s; all must be of one kind", i, scheme, kind)
		}
		kind = scheme
		o.Addr = append(o.Addr, address)
	}
	switch kind {
	case "native":
		o.Protocol = clickhouse.Native
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	case "http", "https":
		o.Protocol = clickhouse.HTTP
		if kind == "https" && o.TLS == nil {
			o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if kind == "http" {
			o.TLS = nil
		}
	default:
		return fmt.Errorf("store.servers: scheme %q; native (host:port), http or https", kind)
	}
	return nil
}

// withSettings and withParameters keep what the context already carries.
func withSettings(ctx context.Context, s clickhouse.Settings) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(s))
}

// withParameters binds the values of {name:Type} in a statement. The engine reads
// them in the escaped form of its tab-separated format.
func withParameters(ctx context.Context, p clickhouse.Parameters) context.Context {
	escaped := make(clickhouse.Parameters, len(p))
	for name, value := range p {
		escaped[name] = escapeParameter.Replace(value)
	}
	return clickhouse.Context(ctx, clickhouse.WithParameters(escaped))
}

var escapeParameter = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r", "\x00", "\\0", "\b", "\\b", "\f", "\\f")
