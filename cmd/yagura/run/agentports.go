package run

import (
	"context"
	"errors"

	"yagura/ingest/agent"
	"yagura/internal/bus"
)

// agentPorts are the listeners for agents beside HTTPS; nil ones are not configured.
type agentPorts struct {
	beats   *agent.Lumberjack
	letters *agent.Letters
	door    *bus.Door
}

// newAgentPorts makes them and binds their addresses.
func (m *Main) newAgentPorts() error {
	c := m.cfg.Listen.Agents
	if m.packer == nil {
		return nil
	}
	var errs []error
	for _, p := range []struct {
		name, address string
		open          func() error
	}{{"beats", c.Beats, m.newBeats}, {"nats", c.NATS, m.newLetters}} {
		if p.address == "" {
			continue
		}
		if err := p.open(); err != nil {
			errs = append(errs, m.cfg.Fault("listen.agents."+p.name, err))
		}
	}
	return errors.Join(errs...)
}

// portConfig is that of HTTPS, for another address.
func (m *Main) portConfig(address string) agent.Config {
	cfg := m.agentConfig(m.cfg.Listen.Agents)
	cfg.Address, cfg.Stream = address, nil
	return cfg
}

func (m *Main) newBeats() error {
	cfg := agent.LumberjackConfig{Config: m.portConfig(m.cfg.Listen.Agents.Beats), TLS: m.cfg.Listen.Agents.BeatsTLS}
	l, err := agent.NewLumberjack(cfg, m.packer, m.agentHandlers, m.log)
	if err != nil {
		return err
	}
	if err := l.Listen(); err != nil {
		return err
	}
	m.ports.beats = l
	return nil
}

func (m *Main) newLetters() error {
	cfg := m.portConfig(m.cfg.Listen.Agents.NATS)
	l, err := agent.NewLetters(cfg, m.packer, m.agentHandlers, m.log)
	if err != nil {
		return err
	}
	door, err := bus.OpenDoor(bus.DoorConfig{Address: cfg.Address, TLS: l.Certificates().Config(), Admit: l.Admit, Good: l.Good, Turned: l.Turned}, m.log)
	if err != nil {
		return err
	}
	m.ports.letters, m.ports.door = l, door
	return nil
}

// startAgentPorts begins to take what comes.
func (m *Main) startAgentPorts() {
	if l := m.ports.beats; l != nil {
		m.parts.start("listener "+l.Name(), l.Run)
	}
	if l := m.ports.letters; l != nil {
		m.parts.start("listener "+l.Name(), m.runLetters)
	}
}

func (m *Main) runLetters(ctx context.Context) error {
	l, door := m.ports.letters, m.ports.door
	defer door.Close()
	return l.Run(ctx, func(ctx context.Context) error {
		take := func(letter bus.Letter) { l.Take(ctx, letter.Sender, letter.Data, letter.Answer) }
		return door.Run(ctx, take, l.Lost)
	})
}

// releaseAgentPorts closes what was bound and never started.
func (m *Main) releaseAgentPorts(ended context.Context) {
	if m.ports.beats != nil {
		_ = m.ports.beats.Run(ended)
	}
	if m.ports.door != nil {
		m.ports.door.Close()
	}
}

// portAddresses adds where they listen.
func (m *Main) portAddresses(a *Addresses) {
	if m.ports.beats != nil {
		a.Beats = m.ports.beats.Addr().String()
	}
	if m.ports.door != nil {
		a.NATS = m.ports.door.Addr().String()
	}
}

// agentStats are the figures of all listeners for agents.
func (m *Main) agentStats() (all []agent.Stats) {
	if m.agents != nil {
		all = append(all, m.agents.Stats())
		if hosts, ok := m.agents.HostStats(); ok {
			all = append(all, hosts)
		}
	}
	if m.ports.beats != nil {
		all = append(all, m.ports.beats.Stats())
	}
	if m.ports.letters != nil {
		s := m.ports.letters.Stats()
		s.Connections = m.ports.door.Connections()
		all = append(all, s)
	}
	return all
}

// renewAgentPorts reads their certificates again.
func (m *Main) renewAgentPorts() {
	if m.ports.beats != nil {
		m.ports.beats.Renew()
	}
	if m.ports.letters != nil {
		m.ports.letters.Renew()
	}
}
