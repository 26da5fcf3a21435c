package run

import (
	"context"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/internal/alert"
	"yagura/internal/event"
)

// newAlert makes the alert stage and reads its ledger.
func (m *Main) newAlert() error {
	if !m.has("alert") {
		return nil
	}
	ac, err := alertConfig(m.cfg)
	if err != nil {
		return err
	}
	m.alerts, err = alert.New(ac, alert.Deps{Publisher: busPublisher{m}}, m.log)
	return err
}

// PublishIncident implements alert.Publisher.
func (p busPublisher) PublishIncident(ctx context.Context, i event.Incident) error {
	return p.m.bus.PublishIncident(ctx, i)
}

// startAlert runs the mail loops and the feed.
func (m *Main) startAlert() {
	if m.alerts == nil {
		return
	}
	level, _ := event.ParseLevel(m.cfg.Alert.Level) // validated by config
	m.alerting = true
	m.parts.start("alert", m.alerts.Run)
	m.parts.start("alert feed", (&alertFeed{bus: m.bus, take: m.alerts, level: level, log: m.log}).run)
}

// alertConfig turns the configuration into the alert stage's.
func alertConfig(cfg config.Config) (alert.Config, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return alert.Config{}, err
	}
	ac := alert.Config{
		Data: cfg.Data, Language: cfg.Language, Zone: zone, From: cfg.Alert.From, ConsoleURL: consoleURL(cfg), Mask: cfg.Alert.Mask,
	}
	if s := cfg.Alert.SMTP; s.Host != "" {
		ac.SMTP = &alert.SMTP{Host: s.Host, Port: s.Port, TLS: s.TLS, User: s.User, PasswordFile: s.PasswordFile, CA: s.CA}
	} else {
		ac.Maildir = cfg.Alert.Maildir
	}
	if cfg.Alert.OnCall != "" {
		ac.OnCall, err = alert.LoadOnCall(cfg.Alert.OnCall)
		return ac, err
	}
	for _, to := range cfg.Alert.To { // all at once: an order is the on-call list's
		ac.OnCall.People = append(ac.OnCall.People, alert.Person{Name: to, Address: to, Language: cfg.Language, Order: 1})
	}
	return ac, nil
}

// consoleURL is the base of links in mails.
func consoleURL(cfg config.Config) string {
	if cfg.Console.URL != "" {
		return cfg.Console.URL
	}
	scheme := "http"
	if cfg.Console.Cert != "" {
		scheme = "https"
	}
	return scheme + "://" + cfg.Console.Address
}

// Incidents lists the incidents of this instance, newest first.
func (m *Main) Incidents(ctx context.Context) ([]event.Incident, error) {
	if m.alerts == nil {
		return nil, nil
	}
	return m.alerts.List(ctx, "")
}
