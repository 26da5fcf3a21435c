package agent

import (
	"net/netip"
	"time"
)

// Config is that of the HTTPS server. Address and Folder are needed; other zero
// values are the defaults.
type Config struct {
	Address  string         // host:port
	Name     string         // in Source.Listener; "" is "https:" and Address
	Folder   string         // of the registry and of our own CA
	Cert     string         // PEM file, with its chain; "": a certificate of our own CA
	Key      string         // PEM file
	ClientCA string         // PEM file: certificates of these name their senders, too; "": our own CA's only
	Allow    []netip.Prefix // senders; none allows all

	Stream     Stream        // log of blocks, from which it is known what of our own agents is on disk; nil: they are not served
	MaxBody    int           // bytes of a body after inflation; 8 MiB
	Memory     int           // bytes of all bodies together; 64 MiB
	Requests   int           // requests worked on at once; 256
	PerSender  int           // of them, of one sender; 32
	Conns      int           // connections; 2048
	PerAddr    int           // of them, of one address; 512
	Patience   time.Duration // how long a full bus holds a request back before it is told to come again; 10 s
	FirstBytes time.Duration // how long a body may take whatever it brings; 10 s
	MinRate    int           // bytes a second that it must bring beyond; 1024
	Drain      time.Duration // how long a stop waits for requests; 5 s
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "https:" + c.Address
	}
	for _, d := range []struct {
		at *int
		n  int
	}{
		{&c.MaxBody, 8 << 20}, {&c.Memory, 64 << 20}, {&c.Requests, 256}, {&c.PerSender, 32},
		{&c.Conns, 2048}, {&c.PerAddr, 512}, {&c.MinRate, 1024},
	} {
		if *d.at == 0 {
			*d.at = d.n
		}
	}
	for _, d := range []struct {
		at *time.Duration
		n  time.Duration
	}{{&c.Patience, 10 * time.Second}, {&c.FirstBytes, firstBytes}, {&c.Drain, 5 * time.Second}} {
		if *d.at == 0 {
			*d.at = d.n
		}
	}
	return c
}
