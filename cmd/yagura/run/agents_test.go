package run

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/ingest/agent"
	"yagura/internal/event"
)

// A shipper with a wrong token is a finding, not a silent nothing.
func TestHealthNamesAgentsTurnedAway(t *testing.T) {
	s := up(t, settings(t))
	a, err := agent.OpenAuthority(filepath.Join(s.at.Data, AgentsFolder))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Post("https://"+s.at.Agents+"/v1/events", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	h := &checkup{main: s.main}
	h.agents()
	if res.StatusCode != http.StatusUnauthorized || len(h.Findings) != 1 || h.Findings[0].What != "since the start 1 requests had no good token or certificate" {
		t.Errorf("%s, %+v", res.Status, h.Findings)
	}
}

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
