package enrich

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"yagura/internal/event"
)

// Zones that are not configured.
const (
	Outside  = "outside"  // an address in no zone
	Inside   = "inside"   // a private address, when no zones are configured
	MyNumber = "mynumber" // the zone that talks to no other (policy 6-3-1)
)

// Config is what the body knows.
type Config struct {
	Zones  []Zone
	Flows  []Flow
	Assets []Asset
}

// Zone is a part of the body's network.
type Zone struct {
	ID       string // "internet", "mynumber"
	Name     string // for people: インターネット接続系
	Networks []netip.Prefix
}

// Enricher is an immutable configuration, ready for look-ups. Safe for
// concurrent use.
type Enricher struct {
	zones  []string // ids; place.zone counts from 1
	assets []Asset  // place.asset counts from 1
	v4     table[uint32]
	v6     table[key6]
	flows  flowTable
}

// New checks the configuration and returns everything that is wrong with it.
func New(cfg Config) (*Enricher, error) {
	e := &Enricher{assets: slices.Clone(cfg.Assets)}
	if len(cfg.Zones) == 0 {
		cfg.Zones = []Zone{{ID: Inside, Networks: private}}
		cfg.Zones = append(cfg.Zones, assetZones(cfg.Assets)...)
	}
	index, errs := e.addZones(cfg.Zones)
	entries, more := e.entries(cfg, index)
	errs = append(errs, more...)
	flows, more := newFlows(cfg.Flows, index)
	if errs = append(errs, more...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	e.flows = flows
	e.v4, e.v6 = newTables(entries)
	return e, nil
}

var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

// assetZones declares the zones that only the assets name.
func assetZones(assets []Asset) []Zone {
	seen := map[string]bool{"": true, Inside: true}
	var zones []Zone
	for _, a := range assets {
		if !seen[a.Zone] {
			seen[a.Zone] = true
			zones = append(zones, Zone{ID: a.Zone})
		}
	}
	return zones
}

// addZones numbers the zones; Outside is number 0.
func (e *Enricher) addZones(zones []Zone) (index map[string]uint16, errs []error) {
	index = map[string]uint16{Outside: 0}
	if len(zones) >= 1<<16-1 {
		return index, []error{fmt.Errorf("zones: %d; would be right: fewer than 65535", len(zones))}
	}
	for i, z := range zones {
		switch _, double := index[z.ID]; {
		case z.ID == "":
			errs = append(errs, fmt.Errorf("zones[%d].id: empty; would be right: a short name such as internet", i))
		case z.ID == Outside:
			errs = append(errs, fmt.Errorf("zones[%d].id: %q; would be right: another name, this one is what no zone holds", i, z.ID))
		case double:
			errs = append(errs, fmt.Errorf("zones[%d].id: %q once more; would be right: one entry with all its networks", i, z.ID))
		default:
			index[z.ID] = uint16(i + 1)
		}
		e.zones = append(e.zones, z.ID)
	}
	return index, errs
}

// entries gathers the prefixes of zones and assets; an asset without a zone of
// its own is in the zone around it.
func (e *Enricher) entries(cfg Config, index map[string]uint16) (all []entry, errs []error) {
	owner := make(map[netip.Prefix]string)
	for i, z := range cfg.Zones {
		for j, p := range z.Networks {
			field := fmt.Sprintf("zones[%d].networks[%d]", i, j)
			switch other, double := owner[p]; {
			case !p.IsValid() || p != p.Masked():
				errs = append(errs, fmt.Errorf("%s: %v; would be right: %v", field, p, p.Masked()))
			case double && other != z.ID:
				errs = append(errs, fmt.Errorf("%s: %v is also in zone %q; would be right: each network in one zone", field, p, other))
			}
			owner[p] = z.ID
			all = append(all, entry{prefix: p, place: place{zone: uint16(i + 1), known: true}, sets: setZone})
		}
	}
	for i := range e.assets {
		a := &e.assets[i]
		a.class = classText(a)
		if !a.Address.IsValid() || a.Address != a.Address.Masked() {
			errs = append(errs, fmt.Errorf("%s: address: %v; would be right: %v", a.where("address", i), a.Address, a.Address.Masked()))
			continue
		}
		en := entry{prefix: a.Address, place: place{asset: uint32(i + 1)}, sets: setAsset}
		if a.Zone != "" {
			zone, ok := index[a.Zone]
			if !ok {
				errs = append(errs, fmt.Errorf("%s: zone: %q; would be right: one of %s", a.where("zone", i), a.Zone, known(index)))
			}
			en.zone, en.known, en.sets = zone, true, setZone|setAsset
		}
		all = append(all, en)
	}
	return all, errs
}

// Find returns the zone of an address (Outside, or "" when it never leaves a
// link) and its asset, nil when there is none. The asset is not to be changed.
func (e *Enricher) Find(addr netip.Addr) (zone string, asset *Asset) {
	p := e.find(addr)
	if p.asset > 0 {
		asset = &e.assets[p.asset-1]
	}
	return e.zoneName(p), asset
}

func (e *Enricher) find(addr netip.Addr) place {
	if addr = addr.Unmap(); addr.Is4() {
		return e.find4(key4Of(addr))
	}
	p := find6(&e.v6, key6Of(addr))
	p.link = !p.known && onLink6(addr)
	return p
}

func (e *Enricher) find4(k uint32) place {
	p := find4(&e.v4, k)
	p.link = !p.known && onLink4(k)
	return p
}

func (e *Enricher) zoneName(p place) string {
	switch {
	case p.zone > 0:
		return e.zones[p.zone-1]
	case p.link:
		return ""
	}
	return Outside
}

// view is what the draft already says.
type view struct {
	source, destination, host, port []byte
	zone                            []byte
	hasDirection                    bool
}

func look(d *event.Draft) (v view) {
	for i := range d.Len() {
		f, value := d.At(i)
		switch f {
		case event.SourceIP:
			first(&v.source, value)
		case event.DestinationIP:
			first(&v.destination, value)
		case event.DestinationPort:
			first(&v.port, value)
		case event.HostIP:
			first(&v.host, value)
		case event.YaguraZone:
			first(&v.zone, value)
		case event.NetworkDirection:
			v.hasDirection = true
		}
	}
	return v
}

func first(dst *[]byte, v []byte) {
	if *dst == nil {
		*dst = v
	}
}
