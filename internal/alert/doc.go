// Package alert tells people: it gathers alerts into incidents, keeps the
// response record and sends the mails. It is the last box of the picture:
//
//	detect ─► ALERTS ─► alert.Take ─► ledger ─► lanes ─► SMTP or Maildir
//	                                    └─► Publisher (incident versions)
//
// # Guarantees
//
// Take returns nil only when the alert, its incident and the mails it asks for
// are fsynced in the ledger; the caller then commits the delivery. An alert that
// is taken again changes nothing. A mail arrives at least once and all copies
// carry one Message-ID and the same bytes; only a 5xx answer to the recipient or
// to the message is final, for that person and route, and then the next person is
// told. A version of an incident is published at least once, versions grow.
//
// # Bounds
//
// Config.MaxIncidents incidents, the newest maxSeen alert ids, maxNotes notes an
// incident, Config.MailsPerWindow single mails a recipient in five minutes (then
// digests, each with at most maxDigest incidents), maxSenders deliveries in
// flight a route and one a recipient. Take returns ErrFull when no incident can
// make room: the bus keeps the alert.
package alert
