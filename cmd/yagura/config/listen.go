package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// listeners checks each listener by itself.
func (d *decoder) listeners(all []Syslog) {
	for i, l := range all {
		field := fmt.Sprintf("listen.syslog[%d]", i)
		if n := l.addresses(); n != 1 {
			d.fail(field, fmt.Sprintf("%d of udp, tcp, tls, relp and unix", n), "want one of them: {udp: \"0.0.0.0:514\"}")
			continue
		}
		network, address := l.Network()
		if network != "unix" {
			d.address(field+"."+network, address)
		}
		d.unix(field, l)
		d.tls(field, l)
		d.certificates(field, l)
		if l.MaxLine < 0 || l.MaxLine > 256<<10 {
			d.fail(field+".max_line", fmt.Sprintf("found %d", l.MaxLine), "want at most 256KiB")
		}
	}
}

// tls checks that the files of TLS are there where they are needed, and only there.
func (d *decoder) tls(field string, l Syslog) {
	if network, address := l.Network(); l.Secured() && (l.Cert == "" || l.Key == "") {
		d.fail(field+"."+network, "cert or key is missing", fmt.Sprintf("want both: {%s: %q, cert: log01.pem, key: log01.key}", network, address))
	}
	if !l.Secured() && l.Cert+l.Key+l.ClientCA != "" {
		d.fail(field, "cert, key or client_ca without tls", "want tls or relp in place of udp or tcp, or none of them")
	}
}

// overlaps finds addresses that cannot both be listened on.
func (d *decoder) overlaps(c *Config) {
	type taken struct{ field, network, address string }
	var used []taken
	check := func(field, network, address string) {
		for _, u := range used {
			if u.network == network && overlap(u.address, address) {
				d.fail(field, fmt.Sprintf("%q is taken by %s (%s)", address, u.field, u.address), "want an address of its own")
				break
			}
		}
		used = append(used, taken{field, network, address})
	}
	for i, l := range c.Listen.Syslog {
		if l.addresses() == 1 {
			network, address := l.Network()
			field := fmt.Sprintf("listen.syslog[%d].%s", i, network)
			if network != "udp" && network != "unix" {
				network = "tcp"
			}
			check(field, network, address)
		}
	}
	check("console.address", "tcp", c.Console.Address)
	if c.Store.Address != "" && len(c.Store.Servers) == 0 {
		check("store.address", "tcp", c.Store.Address)
	}
	if c.Listen.Agents.HTTPS != "" {
		check("listen.agents.https", "tcp", c.Listen.Agents.HTTPS)
	}
	if c.Listen.Agents.Beats != "" {
		check("listen.agents.beats", "tcp", c.Listen.Agents.Beats)
	}
	if c.Listen.Agents.NATS != "" {
		check("listen.agents.nats", "tcp", c.Listen.Agents.NATS)
	}
}

// overlap tells whether two addresses have the same port on the same host, or are the
// same path; an unspecified address is every host. Port 0 is a free one.
func overlap(a, b string) bool {
	if a == b && strings.ContainsRune(a, '/') { // of unix sockets
		return true
	}
	ha, pa, aerr := net.SplitHostPort(a)
	hb, pb, berr := net.SplitHostPort(b)
	if aerr != nil || berr != nil || pa != pb || pa == "0" {
		return false
	}
	every := func(host string) bool {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.IsUnspecified()
	}
	return ha == hb || every(ha) || every(hb)
}

// baseURL checks what paths are put behind: a scheme, a host and a port, as the
// console's pages know no folder above them. "" is the default.
func (d *decoder) baseURL(field, s string) {
	u, err := url.Parse(s)
	if s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && *u == (url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}) && (u.Path == "" || u.Path == "/") {
		return
	}
	d.fail(field, fmt.Sprintf("found %q", s), "want the address that people open, such as https://log01.example.jp:8443")
}

// servers checks the addresses and names of other programs.
func (d *decoder) servers(c *Config) {
	for i, s := range c.Store.Servers {
		d.address(fmt.Sprintf("store.servers[%d]", i), s)
	}
	d.name("store.database", c.Store.Database)
	if c.Store.Cluster != "" {
		d.name("store.cluster", c.Store.Cluster)
	}
	for i, s := range c.Bus.Servers {
		if !strings.Contains(s, "://") {
			s = "nats://" + s
		}
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			d.fail(fmt.Sprintf("bus.servers[%d]", i), "found no address of a server", "want nats://host:4222 or tls://host:4222") // it may hold a password
		}
	}
	if h := c.Alert.SMTP.Host; strings.ContainsAny(h, " \t/@") || strings.Contains(h, ":") && net.ParseIP(h) == nil {
		d.fail("alert.smtp.host", fmt.Sprintf("found %q", h), "want a host's name; the port is alert.smtp.port")
	}
}
