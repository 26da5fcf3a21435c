package run

import (
	"net/netip"
	"testing"

	"yagura/cmd/yagura/config"
	"yagura/internal/event"
)

// What the configuration says of a sender holds for its lines: the longest prefix
// speaks.
func TestSourcesArePinned(t *testing.T) {
	cfg := config.Default()
	cfg.Zones = []config.Zone{{ID: "lgwan", Networks: []netip.Prefix{netip.MustParsePrefix("10.3.0.0/16")}}, {ID: "dmz", Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}}
	cfg.Sources = []config.Source{
		{Match: config.Match{Network: netip.MustParsePrefix("192.0.2.0/24")}, Timezone: "UTC", Zone: "lgwan"},
		{Match: config.Match{Network: netip.MustParsePrefix("192.0.2.7/32")}, Zone: "dmz"},
		{Match: config.Match{Name: "pc-*"}, Timezone: "UTC"},
		{Match: config.Match{Name: "pc-01"}, Zone: "dmz"},
	}
	h, err := NewHandlers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	handler := h.New()
	for _, c := range []struct{ peer, zone, time string }{
		{"192.0.2.1", "lgwan", "2026-11-24T12:00:00Z"},
		{"192.0.2.7", "dmz", "2026-11-24T03:00:00Z"}, // the longest prefix says no zone of time: the default
		{"::ffff:192.0.2.1", "lgwan", "2026-11-24T12:00:00Z"},
		{"198.51.100.1", "", "2026-11-24T03:00:00Z"},
		{"", "", "2026-11-24T03:00:00Z"},
		{"pc-02", "", "2026-11-24T12:00:00Z"},
		{"pc-01", "dmz", "2026-11-24T03:00:00Z"}, // the whole name says more than its beginning
		{"pc-012", "", "2026-11-24T12:00:00Z"},
		{"spc-01", "", "2026-11-24T03:00:00Z"},
	} {
		d := &event.Draft{}
		d.Reset([]byte("<13>Nov 24 12:00:00 host app: hello"))
		d.Received = mustTime(t, "2026-11-24T12:00:05Z")
		d.Source.Peer = c.peer
		handler.Handle(d)
		zone, _ := d.Get(event.YaguraZone)
		if string(zone) != c.zone || d.Time.UTC().Format("2006-01-02T15:04:05Z07:00") != c.time {
			t.Errorf("%s: zone %q, time %s; want %q, %s", c.peer, zone, d.Time.UTC(), c.zone, c.time)
		}
	}
}

// A sender known by a name and an address: what is said of the name counts first, and
// its zone is that of the address.
func TestSourcesByNameHaveAnAddress(t *testing.T) {
	cfg := config.Default()
	cfg.Zones = []config.Zone{{ID: "lgwan", Networks: []netip.Prefix{netip.MustParsePrefix("10.3.0.0/16")}}}
	cfg.Sources = []config.Source{
		{Match: config.Match{Network: netip.MustParsePrefix("10.3.0.0/24")}, Timezone: "UTC"},
		{Match: config.Match{Name: "fw01"}, Timezone: "Europe/Berlin"},
	}
	h, err := NewHandlers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	handler := h.New()
	for _, c := range []struct{ peer, address, zone, time string }{
		{"fw01", "10.3.0.1", "lgwan", "2026-11-24T11:00:00Z"},
		{"fw02", "10.3.0.1", "lgwan", "2026-11-24T12:00:00Z"},
		{"fw02", "10.3.1.1", "lgwan", "2026-11-24T03:00:00Z"},
		{"fw02", "192.0.2.1", "", "2026-11-24T03:00:00Z"},
		{"fw01", "", "", "2026-11-24T11:00:00Z"},
	} {
		d := &event.Draft{}
		d.Reset([]byte("<13>Nov 24 12:00:00 host app: hello"))
		d.Received = mustTime(t, "2026-11-24T12:00:05Z")
		d.Source.Peer = c.peer
		handler.HandleFrom(d, c.address)
		zone, _ := d.Get(event.YaguraZone)
		if string(zone) != c.zone || d.Time.UTC().Format("2006-01-02T15:04:05Z07:00") != c.time || d.Source.Peer != c.peer {
			t.Errorf("%+v: zone %q, time %s, peer %s", c, zone, d.Time.UTC(), d.Source.Peer)
		}
	}
}
