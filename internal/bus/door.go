package bus

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// DoorSubject is before the name of a sender in the subject it publishes to.
const DoorSubject = "yagura.in."

// Bounds of a door.
const (
	doorPayload = 1 << 20  // bytes of a message
	doorQueue   = 8192     // messages taken from the network and not yet handed on
	doorBytes   = 64 << 20 // bytes of them
	doorSenders = 1024     // names that ever came in, each with an account of its own
	doorLook    = 250 * time.Millisecond
	doorLooks   = 4 // of them to one at who is still good
)

// DoorConfig says where senders publish and who they are. Address, TLS, Admit and Good
// are needed.
type DoorConfig struct {
	Address string // host:port
	TLS     *tls.Config
	Conns   int // connections; 0 is 1024
	PerAddr int // of them, of one address; 0 is 256; above it the newest are closed within a second

	// Admit tells the name of the sender with the token, or with the public nkey, whose
	// signature has been checked, and what of ours that proves. It is asked once for each
	// connection.
	Admit func(addr netip.Addr, token, nkey string) (name, proof string, err error)
	// Good tells whether a name that was admitted for that proof still is: the name may
	// have got another token since. It is asked for each connection about once a second.
	Good func(name, proof string) bool
	// Turned hears of each connection that is closed without asking Admit: its signature
	// is wrong, or (crowded) its address has too many. nil: nobody does.
	Turned func(addr netip.Addr, crowded bool)
}

// Letter is a message that a sender has published.
type Letter struct {
	Sender string
	Data   []byte
	msg    *nats.Msg
}

// Answer tells a sender that asked for it what became of the message: +ACK, or -ERR
// and why. What was published without a reply subject has no answer.
func (l Letter) Answer(err error) {
	if l.msg.Reply == "" {
		return
	}
	text := "+ACK"
	if err != nil {
		text = "-ERR " + err.Error()
	}
	_ = l.msg.Respond([]byte(text)) // the door closes, or the sender asks again
}

// Door is a NATS server beside the bus where senders publish, and nothing else: it has no
// JetStream, no cluster, no monitor. Each sender is in an account of its own, so
// that it sees neither the bus nor other senders nor their answers; it may publish
// to DoorSubject and its name, and subscribe to inboxes. Safe for concurrent use.
type Door struct {
	cfg    DoorConfig
	log    *slog.Logger
	server *server.Server
	hub    *server.Account
	secret string
	conn   *nats.Conn
	sub    *nats.Subscription

	looks atomic.Int64

	mu       sync.Mutex
	accounts map[string]*server.Account
	guests   map[uint64]guest // by the connection's number
	denied   int
}

// OpenDoor listens, and lets in; what is published waits for Run.
func OpenDoor(cfg DoorConfig, log *slog.Logger) (*Door, error) {
	d := &Door{cfg: cfg, log: log, secret: rand.Text(), accounts: map[string]*server.Account{}, guests: map[uint64]guest{}}
	opts, err := d.options()
	if err != nil {
		return nil, err
	}
	if d.server, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("listen nats %s: %w", cfg.Address, err)
	}
	d.server.SetLoggerV2(doorLog{log}, false, false, false)
	if err := d.open(); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Door) options() (*server.Options, error) {
	host, port, err := net.SplitHostPort(d.cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("listen nats: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("listen nats %s: the port is no number", d.cfg.Address)
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	if l, err := net.Listen("tcp", d.cfg.Address); err != nil { // the server would say so later, and only to its log
		return nil, fmt.Errorf("listen nats %s: %w; stop what has this port, or configure another one", d.cfg.Address, err)
	} else if err := l.Close(); err != nil {
		return nil, err
	}
	if d.cfg.Conns == 0 {
		d.cfg.Conns = 1024
	}
	if d.cfg.PerAddr == 0 {
		d.cfg.PerAddr = 256
	}
	return &server.Options{
		ServerName: "yagura", Host: host, Port: number, NoSigs: true,
		TLSConfig: d.cfg.TLS, TLS: true, TLSTimeout: 10, AuthTimeout: 12,
		CustomClientAuthentication: d, AlwaysEnableNonce: true,
		MaxPayload: doorPayload, MaxConn: d.cfg.Conns + 1, MaxSubs: 16, MaxControlLine: 1024,
		MaxPending: 2 * doorBytes, WriteDeadline: 10 * time.Second, PingInterval: time.Minute, MaxPingsOut: 2,
	}, nil
}

// open starts the server and reads all senders' subjects.
func (d *Door) open() (err error) {
	if d.hub, err = d.server.RegisterAccount("hub"); err != nil {
		return err
	}
	if err := d.hub.AddServiceExport(DoorSubject+">", nil); err != nil {
		return err
	}
	go d.server.Start()
	if !d.server.ReadyForConnections(15 * time.Second) {
		return fmt.Errorf("listen nats %s: not ready after 15 s", d.cfg.Address)
	}
	d.conn, err = nats.Connect("", nats.InProcessServer(d.server), nats.UserInfo("hub", d.secret), nats.MaxReconnects(-1), nats.Name("hub"))
	if err != nil {
		return fmt.Errorf("listen nats %s: %w", d.cfg.Address, err)
	}
	if d.sub, err = d.conn.SubscribeSync(DoorSubject + ">"); err != nil {
		return err
	}
	if err := d.sub.SetPendingLimits(doorQueue, doorBytes); err != nil {
		return err
	}
	return d.conn.Flush()
}

// Addr is the address listened on.
func (d *Door) Addr() net.Addr { return d.server.Addr() }

// Connections is the number of senders' connections.
func (d *Door) Connections() int { return max(0, d.server.NumClients()-1) }

// Run hands every message to take, one after the other, until ctx ends. take may wait:
// then up to 8192 messages or 64 MiB are held; lost is told of what comes above that,
// which its sender may notice by the answer that is missing.
func (d *Door) Run(ctx context.Context, take func(Letter), lost func(n int)) error {
	stop := context.AfterFunc(ctx, func() { _ = d.sub.Unsubscribe() })
	defer stop()
	var looking sync.WaitGroup
	defer looking.Wait()
	looking.Go(func() { d.look(ctx, lost) })
	for {
		msg, err := d.sub.NextMsgWithContext(ctx)
		switch {
		case err == nil:
			take(Letter{Sender: strings.TrimPrefix(msg.Subject, DoorSubject), Data: msg.Data, msg: msg})
		case errors.Is(err, nats.ErrSlowConsumer): // counted by look
		case ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("listen nats: %w", err)
		}
	}
}

// Close ends all connections.
func (d *Door) Close() {
	if d.conn != nil {
		d.conn.Close()
	}
	d.server.Shutdown()
	d.server.WaitForShutdown()
}
