package run

import (
	"context"
	"strconv"
	"time"

	"yagura/ingest/syslog"
	"yagura/internal/console"
	"yagura/internal/event"
)

// samples gathers figures for /metrics.
type samples []console.Sample

func (s *samples) gauge(name, help string, v float64, labels ...console.Label) {
	*s = append(*s, console.Sample{Name: name, Help: help, Kind: console.Gauge, Labels: labels, Value: v})
}

func (s *samples) count(name, help string, v uint64, labels ...console.Label) {
	*s = append(*s, console.Sample{Name: name, Help: help, Kind: console.Counter, Labels: labels, Value: float64(v)})
}

func (m *Main) gather() []console.Sample {
	var s samples
	m.ingestMetrics(&s)
	m.parsingMetrics(&s)
	m.busMetrics(&s)
	if m.detect != nil {
		s = append(s, console.Sample{Name: "yagura_detect_seconds_total", Help: "Seconds that the rules have worked.", Kind: console.Counter, Value: time.Duration(m.detect.spent.Load()).Seconds()})
	}
	if m.child != nil {
		s.count("yagura_engine_restarts_total", "Restarts of the embedded engine.", uint64(m.child.Restarts()))
		up := 0.0
		if m.child.Up() {
			up = 1
		}
		s.gauge("yagura_engine_up", "1 while the embedded engine answers.", up)
	}
	if m.alerts != nil {
		a := m.alerts.Stats()
		s.count("yagura_alerts_total", "Alerts taken by the alert stage.", a.Alerts)
		s.count("yagura_incidents_opened_total", "Incidents opened.", a.Opened)
		s.count("yagura_mails_sent_total", "Deliveries that succeeded.", a.Sent)
		s.count("yagura_mails_failed_total", "Deliveries refused for good.", a.Failed)
		s.gauge("yagura_mails_due", "Mails not yet delivered.", float64(a.Due))
	}
	return s
}

func (m *Main) ingestMetrics(s *samples) {
	if m.packer == nil {
		return
	}
	for _, l := range m.listeners {
		st := l.Stats()
		name := console.Label{Name: "listener", Value: st.Name}
		s.count("yagura_received_total", "Frames cut from sockets and datagrams dropped by the kernel.", st.Received, name)
		for _, r := range event.Reasons() {
			s.count("yagura_refused_total", "Lines refused, by reason.", st.Refused[r], name, console.Label{Name: "reason", Value: r.String()})
		}
		s.listener(st)
	}
	m.agentMetrics(s)
	p := m.packer.Stats()
	s.count("yagura_accepted_total", "Events that are on the bus's disk.", p.Events.Load())
	s.count("yagura_blocks_total", "Blocks published.", p.Blocks.Load())
	s.count("yagura_packed_bytes_total", "Bytes of packed blocks.", p.Packed.Load())
	s.count("yagura_spooled_total", "Events that a stop kept for the next start.", p.Spooled.Load())
	s.count("yagura_lost_total", "Events that could neither be published nor kept.", p.Lost.Load())
	s.count("yagura_ingest_waits_total", "Times that a listener was held back for lack of room.", p.Waits.Load())
}

// listener adds the figures of one listener beside its books.
func (s *samples) listener(st syslog.Stats) {
	name := console.Label{Name: "listener", Value: st.Name}
	s.gauge("yagura_connections", "TCP connections open.", float64(st.Connections), name)
	type closed struct {
		reason string
		n      uint64
	}
	for _, c := range []closed{{"max_connections", st.OverLimit}, {"max_per_address", st.OverAddress}, {"allow", st.NotAllowed}, {"tls", st.NoHandshake}} {
		s.count("yagura_connections_refused_total", "TCP connections closed at once, by reason.", c.n, name, console.Label{Name: "reason", Value: c.reason})
	}
	for _, c := range []closed{{"idle", st.ClosedIdle}, {"slow", st.ClosedSlow}, {"endless", st.ClosedEndless}, {"relp", st.NotRELP}} {
		s.count("yagura_connections_closed_total", "TCP connections closed by a limit, by reason.", c.n, name, console.Label{Name: "reason", Value: c.reason})
	}
	s.gauge("yagura_relp_unanswered", "RELP: messages that wait for the disk, then for their answer.", float64(st.Unanswered), name)
	s.count("yagura_relp_resent_total", "RELP: messages that came again and were not taken twice.", st.Resent, name)
	s.count("yagura_truncated_total", "Lines cut at max_line.", st.Truncated, name)
	s.count("yagura_damaged_frames_total", "Frames that were damaged.", st.Damaged, name)
	s.count("yagura_parser_panics_total", "Lines whose parser failed; they are kept raw.", st.Panics, name)
	s.count("yagura_socket_errors_total", "Failed accepts and reads.", st.SocketErrors, name)
	s.gauge("yagura_receive_buffer_bytes", "UDP: kernel buffer that was given, of all sockets.", float64(st.ReceiveBuffer), name)
	s.gauge("yagura_ring_used_bytes", "UDP: lines waiting for parsing.", float64(st.RingUsed), name)
}

func (m *Main) busMetrics(s *samples) {
	s.count("yagura_bus_failures_total", "Times that a stage failed at a message and got it again.", m.bus.Failures())
	for _, f := range m.bus.Failing() {
		s.gauge("yagura_bus_failing", "Tries that have failed of a message that a stage cannot handle.", float64(f.Tries),
			console.Label{Name: "stream", Value: f.Stream}, console.Label{Name: "stage", Value: f.Stage}, console.Label{Name: "seq", Value: strconv.FormatUint(f.Seq, 10)})
	}
	if m.detect != nil {
		s.count("yagura_detect_unmatched_blocks_total", "Blocks that the rules could not be run over.", m.detect.poisoned.Load())
	}
	if m.store != nil {
		s.gauge("yagura_store_insert_failures", "Tries that have failed of the insert in flight.", float64(m.store.trouble.count()))
	}
	s.count("yagura_bus_restarts_total", "Restarts of the embedded bus after it was stuck.", m.bus.Restarts())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	states, err := m.bus.States(ctx)
	if err != nil {
		return // yagura_bus_* are absent: that is the sign
	}
	for _, st := range states {
		name := console.Label{Name: "stream", Value: st.Name}
		s.gauge("yagura_bus_messages", "Messages held by a stream.", float64(st.Messages), name)
		s.gauge("yagura_bus_bytes", "Bytes held by a stream.", float64(st.Bytes), name)
		s.gauge("yagura_bus_max_bytes", "Bytes that a stream may hold.", float64(st.MaxBytes), name)
		for stage, seq := range st.Confirmed {
			s.gauge("yagura_bus_pending", "Messages that a stage has not confirmed.", float64(st.Last-min(st.Last, seq)), name, console.Label{Name: "stage", Value: stage})
		}
	}
}
