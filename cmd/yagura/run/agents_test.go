package run

import (
	"net/netip"
	"testing"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/internal/event"
)

// What the envelope knows stands beside what the line says, before enriching, and the
// settings of the token's source count.
func TestAnEnvelopeFillsWhatTheLineDoesNotSay(t *testing.T) {
	cfg := config.Default()
	cfg.Zones = []config.Zone{{ID: "internet", Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}}
	cfg.Sources = []config.Source{{Match: config.Match{Name: "gyomu-*"}, Timezone: "UTC"}}
	all, err := NewHandlers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &event.Draft{}
	d.Reset([]byte("Nov 24 02:40:00 web01 sshd[7]: Failed password for root from 203.0.113.7 port 4022 ssh2"))
	d.Received = time.Date(2026, 11, 24, 2, 41, 0, 0, time.UTC)
	d.Source = event.Source{Peer: "gyomu-web1", Listener: "https:127.0.0.1:8443"}
	agentHandler{all.New()}.Parse(d, func(d *event.Draft) {
		if !d.Has(event.HostName) {
			t.Error("the envelope is asked before the line")
		}
		d.SetString(event.DestinationIP, "10.1.2.3")
	})
	zone, _ := d.Get(event.YaguraDestinationZone)
	if got := d.Time.UTC().Format(time.DateTime); got != "2026-11-24 02:40:00" || string(zone) != "internet" {
		t.Errorf("time %s, zone %q", got, zone)
	}
}
