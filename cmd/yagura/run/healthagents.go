package run

import (
	"time"

	"yagura/ingest/syslog"
)

// agents looks at what the listeners for agents had to turn away.
func (h *checkup) agents() {
	for _, s := range h.main.agentStats() {
		h.certificate(syslog.Stats{Name: s.Name, Certificate: s.Certificate})
		if time.Since(s.Turned) > limitedAge {
			continue
		}
		h.turnedAway(s.Name, []turned{
			{s.Denied, "requests had no good token or certificate", "the books name their addresses; yagura agents list says which tokens are revoked or expired, yagura agents token makes a new one"},
			{s.Limited, "requests came from addresses that had shown too many wrong tokens", "mend the sender's token; it is let in again within seconds"},
			{s.NotAllowed, "connections came from addresses that are not in allow", "add the address to listen.agents.allow if it is one of yours"},
			{s.OverLimit, "connections were closed at once, as too many were open", "see who holds them (ss -tn)"},
			{s.Crowded, "requests were told to come again, as their sender had too many at once", "lower the sender's workers, or raise listen.agents.max_per_sender and max_requests"},
			{s.Failed, "bodies were refused: too large, damaged, or too slow", "lower the sender's batch size, or raise listen.agents.max_body"},
		})
	}
}
