// Package config reads yagura.yaml. Every key has a default and an unknown key is
// an error; all errors of a file come at once, each as
// path:line:col: field: what was found; what would be right.
package config

import (
	"fmt"
	"net/netip"
	"time"
)

// Config is yagura.yaml. The zero values are never used as they are: Default
// gives the built-in settings, which listen on loopback only.
type Config struct {
	Data     string   `yaml:"data"`     // folder of everything that is kept; relative to the working directory
	Tenant   string   `yaml:"tenant"`   // this body: letters, digits, - and _
	Node     string   `yaml:"node"`     // stable name of this instance
	Timezone string   `yaml:"timezone"` // zone of sources that state none
	Language string   `yaml:"language"` // ja or en: mails, console
	Listen   Listen   `yaml:"listen"`
	Bus      Bus      `yaml:"bus"`
	Store    Store    `yaml:"store"`
	Zones    []Zone   `yaml:"zones"`
	Flows    []Flow   `yaml:"flows"`
	Assets   string   `yaml:"assets"` // CSV file; "" is none
	Sources  []Source `yaml:"sources"`
	Parsers  []string `yaml:"parsers"` // files of parsers by configuration, and folders of them
	Rules    []string `yaml:"rules"`   // "builtin" and folders or files; lists/NAME.txt in a folder is the list %NAME%
	Alert    Alert    `yaml:"alert"`
	Console  Console  `yaml:"console"`
	Log      Log      `yaml:"log"`

	Custom Parsers `yaml:"-"` // what Parsers holds

	Path     string   `yaml:"-"` // the file it was read from; "" is the built-in defaults
	Warnings []string `yaml:"-"` // of the environment: variables that look like overrides and name no key

	place func(field string) position `yaml:"-"` // where the file has it
}

// Fault names a field, such as alert.smtp.ca, whose value the file has right but
// for what it names; the message begins as those of Load do.
func (c Config) Fault(field string, err error) error {
	if c.Path == "" || c.place == nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return fmt.Errorf("%s: %s: %w", placeText(c.Path, c.place(field)), field, err)
}

// Listen says where lines are taken in.
type Listen struct {
	Syslog []Syslog `yaml:"syslog"`
	Agents Agents   `yaml:"agents"`
}

// Bus says where the durable log is. No servers: embedded in the process.
type Bus struct {
	Servers     []string `yaml:"servers"`
	Credentials string   `yaml:"credentials"` // NATS credentials file
	CA          string   `yaml:"ca"`
	MaxBytes    Size     `yaml:"max_bytes"` // events kept on the bus; 4 GiB
	Reserve     Size     `yaml:"reserve"`   // free bytes that stay on the volume; 256 MiB
	Replicas    int      `yaml:"replicas"`
}

// Store says where ClickHouse is. No servers: the embedded engine.
type Store struct {
	Servers      []string      `yaml:"servers"` // host:port, native protocol
	Database     string        `yaml:"database"`
	User         string        `yaml:"user"`
	PasswordFile string        `yaml:"password_file"`
	Reader       string        `yaml:"reader"` // read-only account for console and queries
	ReaderFile   string        `yaml:"reader_password_file"`
	TLS          bool          `yaml:"tls"`
	CA           string        `yaml:"ca"`
	Cluster      string        `yaml:"cluster"`
	Index        string        `yaml:"index"`        // search index on the message: text, bloom or none
	Engine       string        `yaml:"engine"`       // path of libchdb.so; "" finds it
	Address      string        `yaml:"address"`      // HTTP interface of the embedded engine; "" is a unix socket only
	Memory       Size          `yaml:"memory"`       // bound of the embedded engine; 2 GiB
	Verdicts     time.Duration `yaml:"verdict_wait"` // how long a row waits for detect before it is stored without its verdict; 1m
}

// Zone is a part of the network (policy.md: internet, mynumber, …).
type Zone struct {
	ID       string         `yaml:"id"`
	Name     string         `yaml:"name"`
	Networks []netip.Prefix `yaml:"networks"`
}

// Flow is communication between zones that is allowed.
type Flow struct {
	From        string       `yaml:"from"`
	To          string       `yaml:"to"`
	Destination netip.Prefix `yaml:"destination"`
	Port        int          `yaml:"port"`
	Note        string       `yaml:"note"`
}

// Source pins what is known about a sender.
type Source struct {
	Match    Match  `yaml:"match"`
	Device   string `yaml:"device"`
	Timezone string `yaml:"timezone"`
	Encoding string `yaml:"encoding"`
	Zone     string `yaml:"zone"` // where its events belong when they name no other
}

// Alert says how people are told.
type Alert struct {
	SMTP    SMTP     `yaml:"smtp"`
	Maildir string   `yaml:"maildir"` // used when no SMTP host is set; "" is <data>/mail
	OnCall  string   `yaml:"oncall"`  // oncall.yaml; "" tells alert.to only
	To      []string `yaml:"to"`      // all are told at once
	From    string   `yaml:"from"`
	Mask    bool     `yaml:"mask"`  // hide addresses in mails
	Level   string   `yaml:"level"` // lowest level that opens an incident and is mailed; low. Alerts below are recorded only
}

// SMTP is the mail relay.
type SMTP struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	TLS          string `yaml:"tls"` // required, opportunistic or none
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	CA           string `yaml:"ca"`
}

// Console is the web console, the API of the commands and /metrics.
type Console struct {
	Address string `yaml:"address"`
	URL     string `yaml:"url"` // base of links in mails, as people reach the console; "" is the address
	Cert    string `yaml:"cert"`
	Key     string `yaml:"key"`
}

// Log is yagura's own log.
type Log struct {
	Level string `yaml:"level"` // debug, info, warn, error
}

// Default returns the built-in settings.
func Default() Config {
	return Config{
		Data: "./var", Tenant: "demo", Node: "yagura", Timezone: "Asia/Tokyo", Language: "ja",
		Listen:  Listen{Syslog: []Syslog{{UDP: "127.0.0.1:5514"}, {TCP: "127.0.0.1:5514"}}, Agents: Agents{HTTPS: "127.0.0.1:8443"}},
		Bus:     Bus{MaxBytes: 4 << 30, Reserve: 256 << 20, Replicas: 1},
		Store:   Store{Database: "default", Index: "text", Address: "127.0.0.1:8123", Memory: 2 << 30, Verdicts: time.Minute},
		Rules:   []string{"builtin"},
		Alert:   Alert{SMTP: SMTP{Port: 587, TLS: "required"}, To: []string{"oncall@localhost"}, From: "yagura@localhost", Level: "low"},
		Console: Console{Address: "127.0.0.1:8080"},
		Log:     Log{Level: "info"},
	}
}
