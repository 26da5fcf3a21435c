package bus

import (
	"context"
	"net/netip"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// guest is who was let in on a connection, and by what.
type guest struct{ name, proof string }

// enter notes who was let in.
func (d *Door) enter(conn uint64, g guest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.guests[conn] = g
}

// look turns out whoever is not good any more or takes others' places, and tells what
// was lost.
func (d *Door) look(ctx context.Context, lost func(n int)) {
	tick := time.NewTicker(doorLook)
	defer tick.Stop()
	told := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n, err := d.sub.Dropped(); err == nil && n > told {
			lost(n - told)
			told = n
		}
		if n := d.looks.Add(1); n%doorLooks == 0 || d.Connections() > d.cfg.PerAddr {
			d.turnOut(n%doorLooks == 0)
		}
	}
}

// turnOut looks at all connections, the oldest first; all: also who they are.
func (d *Door) turnOut(all bool) {
	open, err := d.server.Connz(&server.ConnzOptions{Username: true, Limit: d.cfg.Conns + 1})
	if err != nil {
		return
	}
	guests := d.present(open.Conns)
	places := map[netip.Addr]int{}
	for _, c := range open.Conns {
		addr, err := netip.ParseAddr(c.IP)
		if err != nil || c.Account == "hub" {
			continue
		}
		addr = addr.Unmap().WithZone("")
		g, known := guests[c.Cid]
		switch places[addr]++; {
		case places[addr] > d.cfg.PerAddr:
			d.turned(addr, true)
		case all && known && !d.cfg.Good(g.name, g.proof):
			d.log.Info("a sender is turned out: its token is revoked or has expired", "listener", "nats:"+d.cfg.Address, "sender", g.name)
		default: // good, or it has not said yet who it is: the server gives it seconds for that
			continue
		}
		_ = d.server.DisconnectClientByID(c.Cid)
	}
}

// present returns who is on the open connections and forgets the others.
func (d *Door) present(open []*server.ConnInfo) map[uint64]guest {
	d.mu.Lock()
	defer d.mu.Unlock()
	here, newest := map[uint64]guest{}, uint64(0)
	for _, c := range open {
		newest = max(newest, c.Cid)
		if g, ok := d.guests[c.Cid]; ok {
			here[c.Cid] = g
		}
	}
	for conn := range d.guests {
		if _, ok := here[conn]; !ok && conn <= newest {
			delete(d.guests, conn)
		}
	}
	return here
}

func (d *Door) turned(addr netip.Addr, crowded bool) {
	if d.cfg.Turned != nil {
		d.cfg.Turned(addr, crowded)
	}
}
