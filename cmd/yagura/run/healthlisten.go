package run

import (
	"fmt"
	"time"

	"yagura/ingest/syslog"
	"yagura/internal/console"
)

// limitedAge is how long health speaks of connections that a limit has closed.
const limitedAge = time.Hour

// listeners looks at what the listeners had to turn away and what they were given.
func (h *checkup) listeners() {
	for _, l := range h.main.listeners {
		s := l.Stats()
		if s.ReceiveBuffer > 0 && s.ReceiveBuffer < s.WantBuffer {
			h.add(console.Warning, s.Name, fmt.Sprintf("the kernel gave %d KiB of receive buffer, not the %d KiB of the configuration", s.ReceiveBuffer>>10, s.WantBuffer>>10),
				"sysctl -w net.core.rmem_max=… (and in /etc/sysctl.d): bursts of UDP may be dropped by the kernel meanwhile")
		}
		h.certificate(s)
		if time.Since(s.Limited) > limitedAge {
			continue
		}
		for _, one := range []struct {
			n          uint64
			what, mend string
		}{
			{s.OverLimit, "connections were closed at once, as max_connections were open", "see who holds them (ss -tn), raise listen.syslog.max_connections"},
			{s.OverAddress, "connections were closed at once, as max_per_address of one address were open", "see who holds them (ss -tn), raise listen.syslog.max_per_address"},
			{s.NotAllowed, "connections came from addresses that are not in allow", "add the address to listen.syslog.allow if it is one of yours; the log names some of them"},
			{s.ClosedSlow, "connections were closed within a line that did not end", "a sender ends its lines with nothing, speaks another protocol (TLS), or holds connections open on purpose"},
			{s.NoHandshake, "connections failed at the TLS handshake", "the log names some of them and why: no certificate, one of another authority, an old protocol, or no TLS at all"},
			{s.TLSToPlain, "connections spoke TLS to a plain port", "send them to a tls listener, or turn TLS off at the sender; the log names some of them"},
			{s.NotRELP, "connections to the RELP port sent something else, or a damaged frame", "send plain syslog to a udp or tcp listener, RELP (rsyslog: omrelp) here; the log names some of them and what was wrong"},
			{s.ClosedEndless, "connections were closed for a line without end", "a sender does not end its lines, or does not speak syslog"},
		} {
			if one.n > 0 {
				h.add(console.Warning, s.Name, fmt.Sprintf("since the start %d %s", one.n, one.what), one.mend)
			}
		}
	}
}

// Days before a certificate's end at which health speaks.
const (
	certSoon   = 30 * 24 * time.Hour
	certDanger = 7 * 24 * time.Hour
)

func (h *checkup) certificate(s syslog.Stats) {
	if s.Certificate.IsZero() {
		return
	}
	left := time.Until(s.Certificate)
	level, what := console.Warning, fmt.Sprintf("the certificate ends in %d days (%s)", int(left.Hours()/24), s.Certificate.Format(time.DateOnly))
	if left < 0 {
		what = "the certificate has ended on " + s.Certificate.Format(time.DateOnly) + ": senders refuse it"
	}
	if left < certDanger {
		level = console.Critical
	}
	if left < certSoon {
		h.add(level, s.Name, what, "renew it; the new file is taken up by itself, open connections stay")
	}
}
