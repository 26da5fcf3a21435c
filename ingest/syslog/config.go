package syslog

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"yagura/internal/event"
)

// Defaults of Config.
const (
	DefaultSockets        = 2
	DefaultReceiveBuffer  = 4 << 20
	DefaultRing           = 8 << 20
	DefaultMaxConnections = 1000
	DefaultMaxPerAddress  = 64
	DefaultIdleTimeout    = 24 * time.Hour
	DefaultFrameTimeout   = 10 * time.Second
	DefaultMinRate        = 64
	DefaultMaxSources     = 4096
	DefaultDrain          = 5 * time.Second
)

// Config is one listener. Zero values mean the defaults above.
type Config struct {
	Name    string         // in Source.Listener; "" is network and address: "udp:127.0.0.1:5514"
	Network string         // udp, tcp, tls, relp or unix
	TLS     TLSFiles       // tls: the files; relp: the files, or none for plain TCP
	Clients []string       // tls, relp with TLS.ClientCA: names of certificates that may send; empty: all that it signed
	Address string         // host:port; an empty host is every address, IPv4 and IPv6. unix: the socket's path
	MaxLine int            // bytes of a line; longer ones are cut and flagged; at most event.MaxRaw
	Allow   []netip.Prefix // senders that may send; empty: all

	Stream    bool        // unix: connections, not datagrams
	Mode      fs.FileMode // unix: of the socket's file
	Owner     Owner       // unix: of the socket's file
	AllowUIDs []uint32    // unix: users that may send; empty: all that the mode lets in

	Sockets       int // UDP: sockets that share the port, each with a reader, a ring and a worker
	ReceiveBuffer int // UDP: bytes of each socket's kernel buffer that are asked for
	Ring          int // UDP: bytes of lines that wait for parsing, for each socket

	MaxConnections int           // TCP: connections at a time
	MaxPerAddress  int           // TCP: connections at a time from one address
	IdleTimeout    time.Duration // TCP: longest silence between frames. Dead peers are found by keep-alive within minutes; a short time here makes some senders lose a line
	FrameTimeout   time.Duration // TCP: time that one frame may take, and
	MinRate        int           // TCP: bytes a second by which it may take longer

	MaxSources int           // sources counted by name in the books at a time
	Drain      time.Duration // from the end of Run's context to giving up what still waits
}

// withDefaults returns the configuration completed, or everything that is wrong
// with it.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	if !slices.Contains([]string{"udp", "tcp", "tls", "relp", "unix"}, c.Network) {
		errs = append(errs, fmt.Errorf("network: %q; would be right: udp, tcp, tls, relp or unix", c.Network))
	}
	if err := c.checkAddress(); err != nil {
		errs = append(errs, err)
	}
	c.Allow = slices.Clone(c.Allow)
	for i, p := range c.Allow { // ::ffff:192.0.2.0/120 is 192.0.2.0/24, as senders' addresses are unmapped
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			c.Allow[i] = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
	}
	if c.Mode == 0 {
		c.Mode = DefaultMode
	}
	if c.Name == "" {
		c.Name = c.Network + ":" + c.Address
	}
	for _, n := range []struct {
		field    string
		value    *int
		def, max int
	}{
		{"max_line", &c.MaxLine, DefaultMaxLine, event.MaxRaw},
		{"sockets", &c.Sockets, DefaultSockets, 64},
		{"receive_buffer", &c.ReceiveBuffer, DefaultReceiveBuffer, 1 << 30},
		{"ring", &c.Ring, DefaultRing, 1 << 30},
		{"max_connections", &c.MaxConnections, DefaultMaxConnections, 1 << 20},
		{"max_per_address", &c.MaxPerAddress, DefaultMaxPerAddress, 1 << 20},
		{"min_rate", &c.MinRate, DefaultMinRate, 1 << 30},
		{"max_sources", &c.MaxSources, DefaultMaxSources, 1 << 20},
	} {
		if *n.value == 0 {
			*n.value = n.def
		}
		if *n.value < 1 || *n.value > n.max {
			errs = append(errs, fmt.Errorf("%s: %d; would be right: 1 to %d", n.field, *n.value, n.max))
		}
	}
	for _, d := range []struct {
		field string
		value *time.Duration
		def   time.Duration
	}{
		{"idle_timeout", &c.IdleTimeout, DefaultIdleTimeout},
		{"frame_timeout", &c.FrameTimeout, DefaultFrameTimeout},
		{"drain", &c.Drain, DefaultDrain},
	} {
		if *d.value == 0 {
			*d.value = d.def
		}
		if *d.value < 0 {
			errs = append(errs, fmt.Errorf("%s: %v; would be right: more than 0s", d.field, *d.value))
		}
	}
	c.Ring = max(c.Ring, 2*datagram) // any datagram fits
	return c, errors.Join(errs...)
}

func (c *Config) checkAddress() error {
	address := c.Address
	switch {
	case c.Network == "unix" && !canUnix:
		return errors.New("network: unix; would be right: udp, tcp, tls or relp on this system")
	case c.Network == "unix" && address == "":
		return errors.New(`address: ""; would be right: a path, such as /run/yagura/log`)
	case c.Network == "unix":
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("address: %q; would be right: host:port, such as 127.0.0.1:5514 or [::1]:5514", address)
	}
	return nil
}

// allowed reports whether the address may send.
func (c *Config) allowed(addr netip.Addr) bool {
	if len(c.Allow) == 0 {
		return true
	}
	for _, p := range c.Allow {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// allowedUser is allowed for a user of a unix socket.
func (c *Config) allowedUser(uid uint32) bool {
	return len(c.AllowUIDs) == 0 || slices.Contains(c.AllowUIDs, uid)
}
