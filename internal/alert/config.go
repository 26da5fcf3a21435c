package alert

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"yagura/internal/event"
)

// Config is the alert section of yagura.yaml with what it inherits. The zero
// value of a field takes the default it names; Data alone is required.
type Config struct {
	Data       string         // data folder; the ledger lies in <Data>/alert, mails in <Data>/mail
	Language   string         // ja (default) or en: the language that comes first
	Zone       *time.Location // of times in mails beside UTC; default Asia/Tokyo (UTC+9)
	From       string         // sender, "櫓 <yagura@example.jp>"; default yagura@localhost
	Domain     string         // of Message-IDs; default the sender's domain
	ConsoleURL string         // "http://127.0.0.1:8080"; empty: no address in mails
	Mask       bool           // mask addresses in mails (policy 10)
	SMTP       *SMTP          // nil: no SMTP
	Maildir    string         // folder; default <Data>/mail when SMTP is nil, else none
	OnCall     OnCall         // who is told; empty: one person, oncall@localhost, allowed for a Maildir only

	Suppress       time.Duration // window of an incident when the alert names none; default 1 h
	MailsPerWindow int           // single mails a recipient in FloodWindow, a quarter of them for level high and above; default 20, at most 1000
	FloodWindow    time.Duration // default 5 min
	DigestEvery    time.Duration // at most one digest round a recipient; default 1 min
	RetryFirst     time.Duration // wait after a first failure, doubled each time; default 5 s
	RetryMax       time.Duration // longest wait; default 5 min
	Drain          time.Duration // how long Run goes on delivering after its context ended; default 10 s
	MaxIncidents   int           // incidents held; default 20,000
}

// Publisher carries incident versions to the bus. A failed publish is tried
// again until it succeeds; the highest Version counts.
type Publisher interface {
	PublishIncident(ctx context.Context, incident event.Incident) error
}

// Deps are the parts that the stage stands on.
type Deps struct {
	Publisher Publisher // nil: incidents stay here
	Clock     Clock     // nil: SystemClock
}

var japan = time.FixedZone("JST", 9*60*60)

func (c Config) withDefaults() Config {
	c.Language = or(c.Language, "ja")
	c.From = or(c.From, "yagura@localhost")
	c.Suppress = or(c.Suppress, time.Hour)
	c.MailsPerWindow = or(c.MailsPerWindow, 20)
	c.FloodWindow = or(c.FloodWindow, 5*time.Minute)
	c.DigestEvery = or(c.DigestEvery, time.Minute)
	c.RetryFirst = or(c.RetryFirst, 5*time.Second)
	c.RetryMax = or(c.RetryMax, 5*time.Minute)
	c.Drain = or(c.Drain, 10*time.Second)
	c.MaxIncidents = or(c.MaxIncidents, 20_000)
	if c.Zone == nil {
		c.Zone = japan
	}
	if c.SMTP == nil && c.Maildir == "" {
		c.Maildir = filepath.Join(c.Data, "mail")
	}
	if c.SMTP == nil && len(c.OnCall.People) == 0 {
		c.OnCall = OnCall{People: []Person{{Name: "oncall", Address: "oncall@localhost"}}}
	}
	if addr, err := netmail.ParseAddress(c.From); err == nil && c.Domain == "" {
		_, c.Domain, _ = strings.Cut(addr.Address, "@")
	}
	return c
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// check returns every error of the configuration, joined.
func (c Config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		bad("data: empty; would be right: a folder")
	}
	if c.Language != "ja" && c.Language != "en" {
		bad("language: %q; would be right: ja or en", c.Language)
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		bad("alert.from: %q; would be right: an address like yagura@example.jp", c.From)
	}
	if !validDomain(c.Domain) {
		bad("alert.domain: %q; would be right: a name like example.jp", c.Domain)
	}
	if u, err := url.Parse(c.ConsoleURL); err != nil || (c.ConsoleURL != "" && u.Scheme != "http" && u.Scheme != "https") {
		bad("console.url: %q; would be right: http://address:port", c.ConsoleURL)
	}
	if len(c.OnCall.People) == 0 {
		bad("alert.oncall: nobody; would be right: a file with at least one person")
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"suppress", c.Suppress}, {"flood_window", c.FloodWindow}, {"digest_every", c.DigestEvery}, {"retry_first", c.RetryFirst}, {"retry_max", c.RetryMax}, {"drain", c.Drain}} {
		if d.value < 0 {
			bad("alert.%s: %s; would be right: a positive time", d.name, d.value)
		}
	}
	if c.MailsPerWindow < 0 || c.MaxIncidents < 0 {
		bad("alert.mails_per_window, alert.max_incidents: %d, %d; would be right: positive", c.MailsPerWindow, c.MaxIncidents)
	}
	return errors.Join(append(errs, c.SMTP.check())...)
}

func validDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", r) {
			return false
		}
	}
	return true
}
