package run

import (
	"context"
	"errors"
	"io/fs"

	"yagura/cmd/yagura/config"
	"yagura/ingest"
	"yagura/ingest/syslog"
	"yagura/internal/event"
)

// newIngest makes the packer and binds the listeners.
func (m *Main) newIngest() error {
	if !m.has("ingest") {
		return nil
	}
	epoch, err := m.folder.nextEpoch(m.started)
	if err != nil {
		return err
	}
	m.packer = ingest.NewPacker(ingest.Config{
		Tenant: m.cfg.Tenant, Node: m.cfg.Node, Epoch: epoch, Spool: m.folder.Sub("spool"),
	}, busPublisher{m}, m.log)
	var errs []error
	for _, c := range m.cfg.Listen.Syslog {
		network, address := c.Network()
		l, err := syslog.New(syslog.Config{
			Network: network, Address: address, TLS: tlsFiles(c), Clients: c.Clients, MaxLine: int(c.MaxLine), Allow: c.Allow, Sockets: c.Sockets,
			Stream: c.Stream, Mode: fs.FileMode(c.Mode), Owner: syslog.Owner(c.Owner), AllowUIDs: uids(c.AllowUsers),
			ReceiveBuffer: int(c.Buffer), MaxConnections: c.MaxConnections, MaxPerAddress: c.MaxPerAddress, IdleTimeout: c.Idle,
		}, m.packer, func() syslog.Handler { return m.handlers.New() }, m.log)
		if err == nil {
			if err = l.Listen(); err == nil {
				m.listeners = append(m.listeners, l)
				continue
			}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func tlsFiles(c config.Syslog) syslog.TLSFiles {
	return syslog.TLSFiles{Cert: c.Cert, Key: c.Key, ClientCA: c.ClientCA, CRL: c.CRL}
}

func uids(users []config.UserID) (uids []uint32) {
	for _, u := range users {
		uids = append(uids, uint32(u))
	}
	return uids
}

// busPublisher lets the stages be made before the bus is open.
type busPublisher struct{ m *Main }

// PublishBlock implements ingest.Publisher.
func (p busPublisher) PublishBlock(ctx context.Context, id event.ID, packed []byte) (uint64, error) {
	seq, err := p.m.bus.PublishBlock(ctx, id, packed)
	if err == nil && p.m.ledger != nil {
		p.m.ledger.note(seq)
	}
	return seq, err
}

func (m *Main) startIngest() {
	if m.packer == nil {
		return
	}
	m.listening = true
	if m.ledger != nil {
		m.ledger.readSpool()
	}
	m.parts.start("packer", m.packer.Run)
	for _, l := range m.listeners {
		m.parts.start("listener "+l.Name(), l.Run)
	}
	if m.agents != nil {
		m.parts.start("listener "+m.agents.Name(), m.agents.Run)
	}
	m.startAgentPorts()
}
