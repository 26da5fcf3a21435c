package alert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SMTP is the mail server that takes the mails.
type SMTP struct {
	Host         string
	Port         int           // default 587; 25 with TLS none; 465 speaks TLS from the first byte (RFC 8314)
	TLS          string        // required (default), opportunistic or none; required never falls back to plain
	CA           string        // PEM file of trusted roots; "" is the host's
	User         string        // "": no log-on
	PasswordFile string        // one line; read at every connection, so a change needs no restart
	Timeout      time.Duration // of one delivery as a whole; default 60 s
	Hello        string        // name in EHLO; default the host's full name, else the sender's domain
}

// Words of SMTP.TLS.
const (
	TLSRequired      = "required"
	TLSOpportunistic = "opportunistic"
	TLSNone          = "none"
)

func (s *SMTP) check() error {
	if s == nil {
		return nil
	}
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("alert.smtp."+format, args...)) }
	if s.Host == "" || strings.ContainsAny(s.Host, " \r\n/") {
		bad("host: %q; would be right: a host's name or address", s.Host)
	}
	if s.Port < 0 || s.Port > 65535 {
		bad("port: %d; would be right: 1 to 65535", s.Port)
	}
	switch s.TLS {
	case "", TLSRequired, TLSOpportunistic, TLSNone:
	default:
		bad("tls: %q; would be right: required, opportunistic or none", s.TLS)
	}
	if s.TLS == TLSNone && s.User != "" && !isLoopback(s.Host) {
		bad("tls: none with a user; would be right: required, as the password would travel in plain")
	}
	if (s.User == "") != (s.PasswordFile == "") {
		bad("user, password_file: only one is set; would be right: both or none")
	}
	if s.Timeout < 0 {
		bad("timeout: %s; would be right: a positive time", s.Timeout)
	}
	return errors.Join(errs...)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

type smtpRoute struct {
	config SMTP
	from   string // address alone
	roots  *x509.CertPool

	implicit bool // TLS from the first byte
}

func newSMTP(c SMTP, from string) (*smtpRoute, error) {
	c.TLS = or(c.TLS, TLSRequired)
	if c.Port == 0 {
		if c.Port = 587; c.TLS == TLSNone {
			c.Port = 25
		}
	}
	c.Timeout = or(c.Timeout, time.Minute)
	addr, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("alert.from: %q: %w", from, err)
	}
	if c.Hello == "" {
		host, _ := os.Hostname() // no name is like a short one
		c.Hello = greeting(host, addr.Address)
	}
	r := &smtpRoute{config: c, from: addr.Address, implicit: c.Port == 465 && c.TLS != TLSNone}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("alert.smtp.ca: %w", err)
		}
		r.roots = x509.NewCertPool()
		if !r.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("alert.smtp.ca: %s: no certificate; would be right: a PEM file", c.CA)
		}
	}
	if c.PasswordFile != "" {
		if _, err := os.Stat(c.PasswordFile); err != nil {
			return nil, fmt.Errorf("alert.smtp.password_file: %w", err)
		}
	}
	return r, nil
}

// greeting is the name in EHLO. Relays refuse one without a dot (RFC 5321 section
// 2.3.5 asks for a full name), and refuse it for good.
func greeting(host, from string) string {
	_, domain, _ := strings.Cut(from, "@")
	for _, name := range []string{strings.TrimSuffix(host, "."), domain} {
		if strings.Contains(name, ".") && validDomain(name) {
			return name
		}
	}
	return "localhost"
}

func (r *smtpRoute) name() string { return "smtp" }

// deliver makes one connection for one letter. Only an answer 5xx to RCPT, DATA
// or the final dot is errRefused: one to the greeting, TLS, log-on or MAIL is
// about the server or our settings, and is tried again.
func (r *smtpRoute) deliver(ctx context.Context, l letter, before func() error) error {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	// The library leaves the connection open when a step fails, and heeds ctx
	// only while it dials.
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}
	options, err := r.options(dial)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(r.config.Host, options...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("smtp: connect: %w", err)
	}
	defer func() { _ = session.Close() }() // after Quit it is closed already
	return r.converse(session, l, before)
}

func (r *smtpRoute) converse(c *smtp.Client, l letter, before func() error) error {
	if err := c.UpdateDeadline(r.config.Timeout); err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	if err := c.Mail("<" + r.from + ">"); err != nil {
		return fmt.Errorf("smtp: MAIL: %w", err)
	}
	if err := c.Rcpt("<" + l.to + ">"); err != nil {
		return refusal("RCPT", err)
	}
	if err := before(); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return refusal("DATA", err)
	}
	if _, err := w.Write(l.bytes); err != nil {
		return fmt.Errorf("smtp: write: %w", err)
	}
	if err := w.Close(); err != nil {
		return refusal("end of DATA", err)
	}
	_ = c.Quit() // 250 was said: the mail has arrived, whatever follows
	return nil
}

func refusal(step string, err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 && answer.Code <= 599 {
		return fmt.Errorf("smtp: %s: %w: %w", step, errRefused, err)
	}
	return fmt.Errorf("smtp: %s: %w", step, err)
}

func (r *smtpRoute) options(dial gomail.DialContextFunc) ([]gomail.Option, error) {
	policy := map[string]gomail.TLSPolicy{
		TLSRequired: gomail.TLSMandatory, TLSOpportunistic: gomail.TLSOpportunistic, TLSNone: gomail.NoTLS,
	}[r.config.TLS]
	options := []gomail.Option{
		gomail.WithPort(r.config.Port), gomail.WithTimeout(r.config.Timeout), gomail.WithHELO(r.config.Hello),
		gomail.WithTLSPolicy(policy), gomail.WithoutSMTPUTF8(),
		gomail.WithTLSConfig(&tls.Config{ServerName: r.config.Host, MinVersion: tls.VersionTLS12, RootCAs: r.roots}),
	}
	if r.implicit { // the library dials itself, or it would not know that TLS is on
		options = append(options, gomail.WithSSL())
	} else {
		options = append(options, gomail.WithDialContextFunc(dial))
	}
	if r.config.User == "" {
		return options, nil
	}
	password, err := os.ReadFile(r.config.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("smtp: password_file: %w", err)
	}
	auth := gomail.SMTPAuthAutoDiscover
	return append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(r.config.User),
		gomail.WithPassword(strings.TrimRight(string(password), "\r\n"))), nil
}
