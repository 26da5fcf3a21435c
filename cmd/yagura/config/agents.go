package config

import (
	"fmt"
	"net/netip"
	"slices"
)

// Agents says where programs that ship with an answer are taken in: over HTTPS our agent,
// and those that speak the interfaces of Elasticsearch, Splunk or OpenTelemetry; Beats
// and Logstash over their own protocol; what publishes over NATS. "" does not listen.
type Agents struct {
	HTTPS       string         `yaml:"https"`          // host:port; TLS 1.2 or newer
	Beats       string         `yaml:"beats"`          // host:port; Lumberjack 1 and 2
	BeatsTLS    string         `yaml:"beats_tls"`      // optional, required, or certificate: one that names the sender; optional
	NATS        string         `yaml:"nats"`           // host:port; TLS 1.2 or newer
	Cert        string         `yaml:"cert"`           // PEM file, with its chain; "": a certificate of our own CA (yagura agents ca)
	Key         string         `yaml:"key"`            // PEM file
	ClientCA    string         `yaml:"client_ca"`      // certificates of these name their senders as tokens do
	Allow       []netip.Prefix `yaml:"allow"`          // senders; none allows all
	MaxBody     Size           `yaml:"max_body"`       // bytes of one request, inflated; 8 MiB
	MaxRequests int            `yaml:"max_requests"`   // worked on at once; 256
	PerSender   int            `yaml:"max_per_sender"` // of them, of one sender; 32
}

// agents checks the listener for agents.
func (d *decoder) agents(a Agents) {
	if a.HTTPS != "" {
		d.address("listen.agents.https", a.HTTPS)
	}
	if a.Beats != "" {
		d.address("listen.agents.beats", a.Beats)
	}
	if a.NATS != "" {
		d.address("listen.agents.nats", a.NATS)
	}
	if !slices.Contains([]string{"", "optional", "required", "certificate"}, a.BeatsTLS) {
		d.fail("listen.agents.beats_tls", fmt.Sprintf("found %q", a.BeatsTLS), "want optional, required or certificate")
	}
	if (a.Cert == "") != (a.Key == "") {
		d.fail("listen.agents.cert", "only one of cert and key is set", "want both, or none: yagura makes its own")
	}
	d.between("listen.agents.max_body", int64(a.MaxBody), 64<<10, 64<<20, "a size from 64KiB to 64MiB")
	d.between("listen.agents.max_requests", int64(a.MaxRequests), 1, 1<<16, "")
	d.between("listen.agents.max_per_sender", int64(a.PerSender), 1, 1<<16, "")
	if a.MaxRequests > 0 && a.PerSender > a.MaxRequests {
		d.fail("listen.agents.max_per_sender", fmt.Sprintf("%d is more than max_requests (%d)", a.PerSender, a.MaxRequests), "want less")
	}
}
