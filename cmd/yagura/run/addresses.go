package run

// Addresses is where a running instance is reached.
type Addresses struct {
	Syslog  []string // "udp:127.0.0.1:5514"; tcp, tls and relp too
	Agents  string   // "127.0.0.1:8443": HTTPS; "" when they are not listened to
	Beats   string   // host:port; "" when it is not listened on
	NATS    string   // host:port; "" when it is not listened on
	Console string   // URL
	Engine  string   // URL of the embedded engine's HTTP interface; "" when there is none
	Maildir string   // "" when mails go out by SMTP
	Data    string
}

func (m *Main) addresses() Addresses {
	a := Addresses{Data: m.cfg.Data}
	for _, l := range m.listeners {
		a.Syslog = append(a.Syslog, l.Network()+":"+l.Addr().String())
	}
	if m.agents != nil {
		a.Agents = m.agents.Addr().String()
	}
	m.portAddresses(&a)
	if m.console != nil {
		a.Console = m.console.url()
	}
	if m.child != nil && m.cfg.Store.Address != "" {
		a.Engine = "http://" + m.cfg.Store.Address
	}
	if m.cfg.Alert.SMTP.Host == "" {
		a.Maildir = m.cfg.Alert.Maildir
	}
	return a
}
