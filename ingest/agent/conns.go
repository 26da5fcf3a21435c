package agent

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"yagura/internal/event"
)

// doorman accepts connections of addresses that may come, within bounds for all and
// for each address; the others are closed before a byte is read.
type doorman struct {
	net.Listener
	server *Server

	mu   sync.Mutex
	open map[netip.Addr]int
	sum  int
}

// guest is an accepted connection: it gives its place back once.
type guest struct {
	net.Conn
	leave func()
	left  atomic.Bool
}

// Close implements net.Conn.
func (g *guest) Close() error {
	if !g.left.Swap(true) {
		g.leave()
	}
	return g.Conn.Close()
}

// Accept implements net.Listener.
func (d *doorman) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := addrOf(conn)
		if d.enter(addr) {
			return &guest{Conn: conn, leave: func() { d.leave(addr) }}, nil
		}
		_ = conn.Close()
	}
}

func (d *doorman) enter(addr netip.Addr) bool {
	s := d.server
	if len(s.cfg.Allow) > 0 && !slices.ContainsFunc(s.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		if n := s.notAllowed.Add(1); n&(n-1) == 0 {
			s.log.Warn("a connection came from an address that is not in listen.agents.allow", "address", addr, "connections", n)
		}
		s.ledger.refuse(addr.String(), event.Denied)
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sum >= s.cfg.Conns || d.open[addr] >= s.cfg.PerAddr {
		if n := s.overLimit.Add(1); n&(n-1) == 0 {
			s.log.Warn("a connection was closed at once: too many are open", "address", addr, "connections", n)
		}
		return false
	}
	d.sum++
	d.open[addr]++
	return true
}

func (d *doorman) leave(addr netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum--
	if d.open[addr]--; d.open[addr] == 0 {
		delete(d.open, addr)
	}
}

// count is the number of open connections.
func (d *doorman) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sum
}

func addrOf(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
