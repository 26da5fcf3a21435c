package enrich

import (
	"net/netip"
	"unsafe"

	"yagura/internal/event"
)

// Values of network.direction.
const (
	Inbound  = "inbound"
	Outbound = "outbound"
	Internal = "internal"
	Crossing = "crossing" // from one zone to another
	External = "external" // both ends outside
)

// end is one end of a communication.
type end struct {
	place
	ok bool       // there is an address
	v4 uint32     // the address, when v6 is none
	v6 netip.Addr // the address
}

func (e *Enricher) end(text []byte) (n end) {
	if n.v4, n.ok = parse4(text); n.ok {
		n.place = e.find4(n.v4)
	} else if n.v6, n.ok = parse6(text); n.ok {
		n.place = e.find(n.v6)
	}
	return n
}

func (n *end) addr() netip.Addr {
	if n.v6.IsValid() {
		return n.v6
	}
	return addr4(n.v4)
}

// inside: the end is in a zone. outside: it is in none, and not on the link.
func (n *end) inside() bool  { return n.ok && n.zone > 0 }
func (n *end) outside() bool { return n.ok && n.zone == 0 && !n.link }

// Enrich adds the fields that the package comment names. It allocates nothing
// beside the draft's own growth.
func (e *Enricher) Enrich(d *event.Draft) {
	v := look(d)
	source, destination := e.end(v.source), e.end(v.destination)
	host := e.host(d.Source.Peer, v.host)

	e.setZone(d, event.YaguraSourceZone, &source)
	e.setZone(d, event.YaguraDestinationZone, &destination)
	e.setBelongs(d, v.zone, [...]*end{&source, &destination, &host})
	e.setAssets(d, &source, &destination, &host)
	if source.ok && destination.ok {
		e.setDirection(d, &source, &destination, v)
	}
}

// host is the sender: the peer, or host.ip where the peer is no address (agents,
// certificates, files).
func (e *Enricher) host(peer string, hostIP []byte) end {
	if n := e.end(unsafe.Slice(unsafe.StringData(peer), len(peer))); n.ok { // only read
		return n
	}
	return e.end(hostIP)
}

func (e *Enricher) setZone(d *event.Draft, f event.Field, n *end) {
	if n.ok {
		if name := e.zoneName(n.place); name != "" {
			d.SetString(f, name)
		}
	}
}

// setBelongs sets yagura.zone; given is what stands there.
func (e *Enricher) setBelongs(d *event.Draft, given []byte, ends [3]*end) {
	for i, n := range ends {
		if !n.inside() {
			continue
		}
		if given != nil {
			if i == 2 { // configured for this sender: more exact than its address
				return
			}
			d.Delete(event.YaguraZone)
		}
		d.SetString(event.YaguraZone, e.zones[n.zone-1])
		return
	}
}

func (e *Enricher) setAssets(d *event.Draft, source, destination, host *end) {
	var most *Asset
	for _, n := range [...]struct {
		*end
		field event.Field
	}{{source, event.YaguraSourceAsset}, {destination, event.YaguraDestinationAsset}, {host, event.YaguraHostAsset}} {
		if n.asset == 0 {
			continue
		}
		a := &e.assets[n.asset-1]
		d.SetString(n.field, a.Name)
		if most == nil || a.weight() > most.weight() {
			most = a
		}
	}
	if most == nil {
		return
	}
	if most.class != "" {
		d.SetString(event.YaguraAssetClass, most.class)
	}
	if most.Site != "" {
		d.SetString(event.YaguraSite, most.Site)
	}
}

// setDirection sets network.direction and yagura.flow.
func (e *Enricher) setDirection(d *event.Draft, source, destination *end, v view) {
	if direction := directionOf(source, destination); direction != "" {
		if v.hasDirection {
			d.Delete(event.NetworkDirection)
		}
		d.SetString(event.NetworkDirection, direction)
	}
	if source.zone == destination.zone || source.link || destination.link {
		return
	}
	if flow := e.flows.judge(source.zone, destination, portOf(v.port)); flow != "" {
		d.SetString(event.YaguraFlow, flow)
	}
}

func directionOf(source, destination *end) string {
	switch {
	case source.inside() && destination.inside():
		if source.zone != destination.zone {
			return Crossing
		}
		return Internal
	case source.outside() && destination.outside():
		return External
	case source.outside() && destination.inside():
		return Inbound
	case source.inside() && destination.outside():
		return Outbound
	case source.outside() || destination.outside(): // from outside to the link, or back: a device's own
		return ""
	}
	return Internal
}

// portOf reads a port; -1 when it is none.
func portOf(b []byte) int {
	if len(b) == 0 || len(b) > 5 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}
