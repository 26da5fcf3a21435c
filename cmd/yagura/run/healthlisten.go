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
	for i, l := range h.main.listeners {
		s := l.Stats()
		if s.ReceiveBuffer > 0 && s.ReceiveBuffer < s.WantBuffer {
			h.add(console.Warning, s.Name, fmt.Sprintf("the kernel gave %d KiB of receive buffer, not the %d KiB of the configuration", s.ReceiveBuffer>>10, s.WantBuffer>>10),
				"sysctl -w net.core.rmem_max=… (and in /etc/sysctl.d): bursts of UDP may be dropped by the kernel meanwhile")
		}
		h.certificate(s)
		h.tlsFiles(s, fmt.Sprintf("listen.syslog[%d]", i))
		if time.Since(s.Limited) > limitedAge {
			continue
		}
		h.turnedAway(s.Name, []turned{
			{s.OverLimit, "connections were closed at once, as max_connections were open", "see who holds them (ss -tn), raise listen.syslog.max_connections"},
			{s.OverAddress, "connections were closed at once, as max_per_address of one address were open", "see who holds them (ss -tn), raise listen.syslog.max_per_address"},
			{s.NotAllowed, "connections came from addresses that are not in allow, or users that are not in allow_users", "add it to listen.syslog.allow or allow_users if it is one of yours; the log names some of them"},
			{s.ClosedSlow, "connections were closed within a line that did not end", "a sender ends its lines with nothing, speaks another protocol (TLS), or holds connections open on purpose"},
			{s.NoHandshake, "connections failed at the TLS handshake", "the log names some of them and why: no certificate, one that has ended, is revoked, not in clients or of another authority, an old protocol, or no TLS at all"},
			{s.TLSToPlain, "connections spoke TLS to a plain port", "send them to a tls listener, or turn TLS off at the sender; the log names some of them"},
			{s.NotRELP, "connections to the RELP port sent something else, or a damaged frame", "send plain syslog to a udp or tcp listener, RELP (rsyslog: omrelp) here; the log names some of them and what was wrong"},
			{s.ClosedEndless, "connections were closed for a line without end", "a sender does not end its lines, or does not speak syslog"},
		})
	}
}

// turned is a reason for which senders were turned away since the start.
type turned struct {
	n          uint64
	what, mend string
}

func (h *checkup) turnedAway(listener string, all []turned) {
	for _, one := range all {
		if one.n > 0 {
			h.add(console.Warning, listener, fmt.Sprintf("since the start %d %s", one.n, one.what), one.mend)
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

// tlsFiles speaks of files that are not used as they are now, and of a revocation list
// that is too old; field is the listener's in the configuration.
func (h *checkup) tlsFiles(s syslog.Stats, field string) {
	if e := s.TLSFault; e != nil {
		h.add(console.Warning, s.Name, "the files of TLS cannot be used as they are now; those read before stay: "+h.main.cfg.Fault(field+"."+e.Field, fmt.Errorf("%s: %w", e.Path, e.Err)).Error(),
			"mend the file; it is taken up by itself, with SIGHUP at once. `yagura check` reads it as a start would")
	}
	if !s.CRL.IsZero() && time.Now().After(s.CRL) {
		h.add(console.Warning, s.Name, fmt.Sprintf("the revocation list (crl) should have been replaced on %s; what it names stays refused, what was revoked since is let in", s.CRL.Format(time.DateTime)),
			"fetch the authority's new list; the file is taken up by itself")
	}
}
