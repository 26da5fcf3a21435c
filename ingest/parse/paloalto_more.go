package parse

import (
	"bytes"

	"yagura/internal/event"
)

// paloAltoTLS reads what a DECRYPTION line says of the session's keys and names.
func paloAltoTLS(l *Line, c *csvLine) {
	setClass(l.Draft, "network", "")
	if v := c.column[39]; hasPrefix(v, "TLS") {
		l.Set(event.TLSVersion, v)
	}
	if v := c.column[63]; hostLike(v) && hasLetter(v) && bytes.IndexByte(v, '.') > 0 {
		l.Set(event.TLSServerName, v)
	}
}

// paloAltoIdentity reads who was found behind an address: USERID, HIPMATCH,
// AUTHENTICATION.
func paloAltoIdentity(l *Line, kind []byte, c *csvLine) {
	switch string(kind) {
	case "USERID":
		c.set(l, []csvPlace{{8, event.SourceIP}, {9, event.UserName}})
		l.SetString(event.EventAction, "user-mapped")
		setClass(l.Draft, "authentication", "info")
		if string(c.column[4]) == "logout" {
			l.Replace(event.EventAction, []byte("user-unmapped"))
		}
	case "HIPMATCH":
		c.set(l, []csvPlace{{7, event.UserName}, {9, event.SourceDomain}, {10, event.HostOSName}, {11, event.SourceIP}, {12, event.RuleName}})
		l.SetString(event.EventAction, "hip-match")
		setClass(l.Draft, "host", "info")
	case "AUTHENTICATION":
		c.set(l, []csvPlace{{8, event.SourceIP}, {9, event.UserName}, {12, event.RuleName}})
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		setText(l, event.EventReason, c.column[18])
		switch said := c.column[20]; {
		case contains(said, "ucce"):
			l.SetString(event.EventOutcome, "success")
		case contains(said, "ail"), contains(said, "eny"), contains(said, "enied"):
			l.SetString(event.EventOutcome, "failure")
		}
	}
}

// paloAltoCut leaves out the last column of a line that has fewer than its kind has:
// it may be a part of itself.
func paloAltoCut(l *Line, c *csvLine) {
	least := 31
	switch paloAltoKind(c.column[3]) {
	case 'S':
		least = 16
	case 'C':
		least = 13
	case 'G':
		least = 28
	case 'U', 'H':
		least = 14
	case 'A':
		least = 21
	}
	if c.n < least && c.n > 5 {
		c.n--
		c.column[c.n] = nil
		partial(l.Draft, "paloalto:cut")
	}
}
