// Package bus is the durable log between the stages: NATS JetStream, embedded in
// the process or an external cluster, behind the same type.
//
//	ingest ──► EVENTS (blocks) ──► detect ──► VERDICTS, ALERTS ──► store, alert ──► INCIDENTS
//
// Guarantees: a publish that returned nil is on disk (SyncAlways in the embedded
// server); a block is stored once however often it is published (Nats-Msg-Id is
// the block's identity); an alert once for ever (a subject of its own, which
// holds one message); nothing unread is removed to make room: streams keep by
// bytes with DiscardNew, and Trim removes only what every stage has confirmed.
//
// Bounds: one message is at most event.MaxPacked bytes; a Reader holds at most
// 32 MiB of messages; a stream at most its configured bytes.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config says where the bus is and how much it may hold.
type Config struct {
	Servers     []string // addresses of an external cluster; empty: embedded
	Credentials string   // nkey or JWT credentials file for an external cluster
	CA          string   // certificate authority file for an external cluster
	Dir         string   // folder of the embedded store and of the high-water mark
	Node        string   // stable name of this instance; the server's name too
	Tenant      string   // subject token of this body
	MaxBytes    int64    // bytes of the events stream; 0 is 4 GiB
	Reserve     int64    // free bytes that must stay on Dir's volume; 0 is 256 MiB
	Replicas    int      // 1 for embedded; 3 for a cluster; 0 is 1
}

// Bus is an open bus. Safe for concurrent use.
type Bus struct {
	cfg     Config
	log     *slog.Logger
	server  embedded
	conn    *nats.Conn
	js      jetstream.JetStream
	state   jetstream.KeyValue
	mark    *highWater
	recent  recent
	closed  chan struct{}
	space   space
	mend    mend
	failing failing

	mu      sync.Mutex
	origins map[string]origins // of each stream
	lost    []Lost
}

// ErrFull means that there is no room: the events stream or its volume is full.
// Hold the sender back and try again.
var ErrFull = errors.New("the bus is full")

// Open starts or reaches the server, creates what is missing and compares the
// streams with the high-water mark: see Bus.Lost.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Bus, error) {
	cfg.defaults()
	b := &Bus{cfg: cfg, log: log, closed: make(chan struct{}), origins: map[string]origins{}}
	if err := b.start(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (c *Config) defaults() {
	if c.MaxBytes == 0 {
		c.MaxBytes = 4 << 30
	}
	if c.Reserve == 0 {
		c.Reserve = 256 << 20
	}
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	if c.Node == "" {
		c.Node = "yagura"
	}
}

func (b *Bus) start(ctx context.Context) (err error) {
	if err = os.MkdirAll(b.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("make the bus's folder: %w", err)
	}
	if err = b.checkSpace(Events); err != nil {
		return err
	}
	if b.embedded() {
		if err = b.server.start(b.cfg, b.log); err != nil {
			return err
		}
	}
	if b.conn, err = b.connect(); err != nil {
		return err
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	if err = b.createStreams(ctx); err != nil {
		return err
	}
	if b.mark, err = openHighWater(b.cfg.Dir, b.log); err != nil {
		return err
	}
	return b.compareMark(ctx)
}

func (b *Bus) connect() (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("yagura " + b.cfg.Node), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(false),
		nats.ReconnectWait(250 * time.Millisecond), nats.Timeout(5 * time.Second),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("bus: disconnected", "err", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.log.Debug("bus", "err", err) }),
	}
	if b.embedded() {
		conn, err := nats.Connect("", append(opts, nats.InProcessServer(&b.server))...)
		if err != nil {
			return nil, fmt.Errorf("reach the embedded bus: %w", err)
		}
		return conn, nil
	}
	if b.cfg.Credentials != "" {
		opts = append(opts, nats.UserCredentials(b.cfg.Credentials))
	}
	if b.cfg.CA != "" {
		opts = append(opts, nats.RootCAs(b.cfg.CA))
	}
	conn, err := nats.Connect(joinServers(b.cfg.Servers), opts...)
	if err != nil {
		return nil, fmt.Errorf("reach the bus at %s: %w; check bus.servers and that nats-server runs with JetStream", redacted(b.cfg.Servers), err)
	}
	return conn, nil
}

// Healthy returns nil, or what is wrong with the bus in one line.
func (b *Bus) Healthy() error {
	if !b.conn.IsConnected() {
		return errors.New("the bus is not connected")
	}
	if b.embedded() {
		if err := b.server.fault(); err != nil {
			return err
		}
	}
	return b.checkSpace(Events)
}

// embedded tells that the server runs in this process.
func (b *Bus) embedded() bool { return len(b.cfg.Servers) == 0 }

// Close flushes and stops. Readers must have been closed before.
func (b *Bus) Close() {
	if b.conn != nil {
		if err := b.conn.Drain(); err != nil {
			b.conn.Close()
		}
		select {
		case <-b.closed:
		case <-time.After(10 * time.Second):
			b.conn.Close()
		}
	}
	b.server.stop()
	if b.mark != nil {
		b.mark.close()
	}
}
