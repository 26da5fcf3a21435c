package config

import (
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"yagura/ingest/parse"
)

// validate checks what types cannot say.
func (d *decoder) validate(c *Config) {
	if c.Data == "" {
		d.fail("data", "found \"\"", "want a folder")
	}
	for i, r := range c.Rules {
		if r == "" {
			d.fail(fmt.Sprintf("rules[%d]", i), "found \"\"", "want builtin, a folder or a file")
		}
	}
	d.name("tenant", c.Tenant)
	d.name("node", c.Node)
	d.oneOf("language", c.Language, "ja", "en")
	d.zone("timezone", c.Timezone)
	d.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	d.oneOf("store.index", c.Store.Index, "text", "bloom", "none")
	d.oneOf("alert.smtp.tls", c.Alert.SMTP.TLS, "required", "opportunistic", "none")
	d.oneOf("alert.level", c.Alert.Level, "informational", "low", "medium", "high", "critical")
	d.port("alert.smtp.port", c.Alert.SMTP.Port)
	d.address("console.address", c.Console.Address)
	if c.Store.Address != "" {
		d.address("store.address", c.Store.Address)
	}
	if (c.Console.Cert == "") != (c.Console.Key == "") {
		d.fail("console.cert", "only one of cert and key is set", "want both or none")
	}
	if c.Console.Cert == "" && !loopback(c.Console.Address) {
		d.fail("console.address", fmt.Sprintf("%q is reachable from the network without TLS", c.Console.Address), "set console.cert and console.key, or listen on 127.0.0.1")
	}
	d.baseURL("console.url", c.Console.URL)
	d.bounds(c)
	d.listeners(c.Listen.Syslog)
	d.agents(c.Listen.Agents)
	d.overlaps(c)
	d.servers(c)
	d.zones(c)
	d.people(c.Alert)
}

// bounds checks numbers. A zero means the default.
func (d *decoder) bounds(c *Config) {
	d.between("bus.replicas", int64(c.Bus.Replicas), 1, 5, "")
	d.between("bus.max_bytes", int64(c.Bus.MaxBytes), 32<<20, 1<<50, "a size from 32MiB up")
	d.between("bus.reserve", int64(c.Bus.Reserve), 1<<20, 1<<50, "a size from 1MiB up")
	d.between("store.memory", int64(c.Store.Memory), 256<<20, 1<<50, "a size from 256MiB up")
	d.between("store.verdict_wait", int64(c.Store.Verdicts), int64(time.Second), int64(time.Hour), "a duration from 1s to 1h")
	for i, l := range c.Listen.Syslog {
		field := fmt.Sprintf("listen.syslog[%d].", i)
		d.between(field+"sockets", int64(l.Sockets), 1, 64, "")
		d.between(field+"buffer", int64(l.Buffer), 64<<10, 1<<30, "a size from 64KiB to 1GiB")
		d.between(field+"max_connections", int64(l.MaxConnections), 1, 1<<20, "")
		d.between(field+"max_per_address", int64(l.MaxPerAddress), 1, 1<<20, "")
		d.between(field+"idle", int64(l.Idle), int64(time.Second), int64(365*24*time.Hour), "a duration from 1s up")
	}
}

// between checks a number that is not zero; want says in words what would be
// right, "" for the plain numbers.
func (d *decoder) between(field string, n, low, high int64, want string) {
	if n == 0 || n >= low && n <= high {
		return
	}
	found := fmt.Sprintf("found %d", n)
	if want == "" {
		want = fmt.Sprintf("%d to %d", low, high)
	} else if strings.HasPrefix(want, "a duration") {
		found = "found " + time.Duration(n).String()
	}
	d.fail(field, found, "want "+want)
}

func (d *decoder) zones(c *Config) {
	var ids []string
	networks := map[string]string{}
	for i, z := range c.Zones {
		field := fmt.Sprintf("zones[%d]", i)
		d.name(field+".id", z.ID)
		switch {
		case z.ID == "outside":
			d.fail(field+".id", "\"outside\" is what lies in no zone", "want another id")
		case slices.Contains(ids, z.ID):
			d.fail(field+".id", fmt.Sprintf("%q stands twice", z.ID), "want every zone once")
		case z.ID != "":
			ids = append(ids, z.ID)
		}
		for j, n := range z.Networks {
			if !n.IsValid() {
				continue // said already
			}
			at := fmt.Sprintf("%s.networks[%d]", field, j)
			if other, ok := networks[n.String()]; ok {
				d.fail(at, fmt.Sprintf("%s is also in zone %s", n, other), "want a network in one zone")
			}
			networks[n.String()] = z.ID
		}
	}
	known := func(field, id string) {
		if id != "" && id != "outside" && !slices.Contains(ids, id) {
			d.fail(field, fmt.Sprintf("no zone %q", id), "want "+Suggestion(id, ids))
		}
	}
	for i, f := range c.Flows {
		known(fmt.Sprintf("flows[%d].from", i), f.From)
		known(fmt.Sprintf("flows[%d].to", i), f.To)
		if f.Port < 0 || f.Port > 65535 {
			d.fail(fmt.Sprintf("flows[%d].port", i), fmt.Sprintf("found %d", f.Port), "want 1 to 65535, or 0 for any")
		}
	}
	for i, s := range c.Sources {
		field := fmt.Sprintf("sources[%d]", i)
		if _, read := d.place[field+".match"]; !read {
			d.fail(field+".match", "missing", "want the sender's address or network")
		}
		known(field+".zone", s.Zone)
		if s.Device != "" {
			d.oneOf(field+".device", s.Device, append(parse.Devices(), c.Custom.Names...)...)
		}
		if s.Timezone != "" {
			d.zone(field+".timezone", s.Timezone)
		}
		if s.Encoding != "" {
			d.oneOf(field+".encoding", s.Encoding, "auto", "utf-8", "cp932", "euc-jp", "iso-2022-jp")
		}
	}
}

func (d *decoder) people(a Alert) {
	for i, to := range a.To {
		if _, err := mail.ParseAddress(to); err != nil {
			d.fail(fmt.Sprintf("alert.to[%d]", i), fmt.Sprintf("found %q", to), "want a mail address")
		}
	}
	if _, err := mail.ParseAddress(a.From); err != nil {
		d.fail("alert.from", fmt.Sprintf("found %q", a.From), "want a mail address")
	}
}

// name checks what becomes part of subjects, tables and file names.
func (d *decoder) name(field, s string) {
	ok := s != "" && len(s) <= 40
	for _, r := range s {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			ok = false
		}
	}
	if !ok {
		d.fail(field, fmt.Sprintf("found %q", s), "want 1 to 40 letters, digits, - or _")
	}
}

func (d *decoder) oneOf(field, s string, all ...string) {
	if !slices.Contains(all, s) {
		d.fail(field, fmt.Sprintf("found %q", s), "want "+Suggestion(s, all))
	}
}

func (d *decoder) zone(field, name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "" {
		d.fail(field, fmt.Sprintf("found %q", name), "want a time zone such as Asia/Tokyo")
	}
}

func (d *decoder) port(field string, n int) {
	if n < 1 || n > 65535 {
		d.fail(field, fmt.Sprintf("found %d", n), "want a port from 1 to 65535")
	}
}

func (d *decoder) address(field, s string) {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.Atoi(port)
	if err != nil || perr != nil || n < 0 || n > 65535 || host == "" {
		d.fail(field, fmt.Sprintf("found %q", s), "want host:port such as 127.0.0.1:8080")
	}
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // said elsewhere
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
