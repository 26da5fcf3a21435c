package run

import (
	"yagura/cmd/yagura/config"
	"yagura/ingest/agent"
	"yagura/internal/console"
	"yagura/internal/event"
)

// AgentsFolder is where tokens and our own CA are kept, in the data folder.
const AgentsFolder = "agents"

// newAgents makes the listener for agents and binds its address.
func (m *Main) newAgents() (err error) {
	c := m.cfg.Listen.Agents
	if m.packer == nil || c.HTTPS == "" {
		return nil
	}
	m.ledger = &agentLedger{m: m}
	m.agents, err = agent.New(m.agentConfig(c), m.packer, m.agentHandlers, m.log)
	if err != nil {
		return err
	}
	if err := m.agents.Listen(); err != nil {
		m.agents = nil
		return m.cfg.Fault("listen.agents.https", err)
	}
	return nil
}

func (m *Main) agentConfig(c config.Agents) agent.Config {
	return agent.Config{
		Address: c.HTTPS, Stream: m.ledger, Folder: m.folder.Sub(AgentsFolder), Cert: c.Cert, Key: c.Key, ClientCA: c.ClientCA, Allow: c.Allow,
		MaxBody: int(c.MaxBody), Requests: c.MaxRequests, PerSender: c.PerSender,
	}
}

// checkAgents reads the certificate's files as the listener would.
func checkAgents(cfg config.Config) error {
	c := cfg.Listen.Agents
	if c.HTTPS+c.Beats+c.NATS == "" {
		return nil
	}
	return agent.CheckFiles(agent.Config{Cert: c.Cert, Key: c.Key, ClientCA: c.ClientCA})
}

func (m *Main) agentHandlers() agent.Handler { return agentHandler{m.handlers.New()} }

// agentHandler lets the envelope's fields in between parsing and enriching.
type agentHandler struct{ *Handler }

// Parse implements agent.Handler.
func (h agentHandler) Parse(d *event.Draft, fill func(*event.Draft)) {
	p := h.pinned(d.Source.Peer)
	h.parser.Parse(d, &p.settings)
	if fill != nil {
		fill(d)
	}
	if p.zone != "" && !d.Has(event.YaguraZone) {
		d.SetString(event.YaguraZone, p.zone)
	}
	h.all.enricher.Enrich(d)
}

// agentMetrics adds the books and figures of the listeners for agents.
func (m *Main) agentMetrics(s *samples) {
	for _, st := range m.agentStats() {
		s.agents(st)
	}
}

func (s *samples) agents(st agent.Stats) {
	name := console.Label{Name: "listener", Value: st.Name}
	s.count("yagura_received_total", "Frames cut from sockets and datagrams dropped by the kernel.", st.Received, name)
	for _, r := range event.Reasons() {
		s.count("yagura_refused_total", "Lines refused, by reason.", st.Refused[r], name, console.Label{Name: "reason", Value: r.String()})
	}
	s.gauge("yagura_connections", "TCP connections open.", float64(st.Connections), name)
	s.count("yagura_agent_requests_total", "Requests of agents that showed a good token or certificate.", st.Requests, name)
	for _, f := range []struct {
		reason string
		n      uint64
	}{{"denied", st.Denied}, {"limited", st.Limited}, {"allow", st.NotAllowed}, {"max_connections", st.OverLimit}, {"crowded", st.Crowded}, {"body", st.Failed}} {
		s.count("yagura_agent_requests_refused_total", "Requests of agents that were refused, by reason.", f.n, name, console.Label{Name: "reason", Value: f.reason})
	}
	s.count("yagura_agent_wire_bytes_total", "Bytes of bodies as they came.", st.Wire, name)
	s.count("yagura_agent_body_bytes_total", "Bytes of bodies, inflated.", st.Bytes, name)
	s.count("yagura_parser_panics_total", "Lines whose parser failed; they are kept raw.", st.Panics, name)
}
