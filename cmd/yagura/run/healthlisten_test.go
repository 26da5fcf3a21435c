package run

import (
	"net"
	"strings"
	"testing"

	"yagura/ingest/syslog"
)

// What a listener turned away is said for an hour.
func TestHealthNamesConnectionsTurnedAway(t *testing.T) {
	cfg := settings(t)
	cfg.Listen.Syslog = cfg.Listen.Syslog[:1]
	cfg.Listen.Syslog[0].MaxPerAddress = 1
	s := up(t, cfg)
	for range 3 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.at.Syslog[0], "tcp:"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	until(t, "two are turned away", func() bool { return s.main.listeners[0].Stats().OverAddress == 2 })
	h := &checkup{main: s.main}
	h.listeners()
	if len(h.Findings) != 1 || h.Findings[0].What != "since the start 2 connections were closed at once, as max_per_address of one address were open" {
		t.Errorf("%+v", h.Findings)
	}
	var figures samples
	figures.listener(syslog.Stats{OverAddress: 2})
	found := false
	for _, f := range figures {
		found = found || f.Name == "yagura_connections_refused_total" && f.Value == 2
	}
	if !found {
		t.Errorf("%+v", figures)
	}
}
