package parse

import (
	"bytes"

	"yagura/internal/event"
)

// paloAlto parses the CSV of PAN-OS 8 and later: TRAFFIC, THREAT, DECRYPTION,
// SYSTEM, CONFIG, GLOBALPROTECT, USERID, HIPMATCH and AUTHENTICATION. Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions".
type paloAlto struct{}

func (paloAlto) name() string      { return "paloalto.panos" }
func (paloAlto) aliases() []string { return []string{"paloalto", "panos"} }

func (paloAlto) match(l *Line) int {
	if paloAltoText(l) == nil {
		return 0
	}
	return 96
}

// paloAltoText is the line from its first column: "1,2026/11/24 11:20:00,serial,TYPE,".
func paloAltoText(l *Line) []byte {
	b := l.fromTag()
	if len(b) < 40 || !digit(b[0]) || b[1] != ',' {
		return nil
	}
	if _, _, _, ok := dateOf(b[2:]); !ok || b[21] != ',' {
		return nil
	}
	_, kind, ok := cut(b[22:], ",")
	if kind, _, _ = cut(kind, ","); !ok || paloAltoKind(kind) == 0 {
		return nil
	}
	return b
}

func paloAltoKind(v []byte) byte {
	switch string(v) {
	case "TRAFFIC", "THREAT", "SYSTEM", "CONFIG", "GLOBALPROTECT", "DECRYPTION", "USERID", "HIPMATCH", "AUTHENTICATION":
		return v[0]
	}
	return 0
}

var paloAltoFlow = []csvPlace{
	{7, event.SourceIP}, {8, event.DestinationIP}, {9, event.SourceNATIP}, {10, event.DestinationNATIP}, {11, event.RuleID},
	{12, event.UserName}, {16, event.ObserverIngressZone}, {17, event.ObserverEgressZone}, {18, event.ObserverIngressInterface},
	{19, event.ObserverEgressInterface}, {24, event.SourcePort}, {25, event.DestinationPort}, {26, event.SourceNATPort},
	{27, event.DestinationNATPort}, {29, event.NetworkTransport}, {30, event.EventAction},
}

var paloAltoTraffic = []csvPlace{
	{31, event.NetworkBytes}, {32, event.SourceBytes}, {33, event.DestinationBytes}, {34, event.NetworkPackets},
	{44, event.SourcePackets}, {45, event.DestinationPackets}, {46, event.EventReason},
}

func (paloAlto) parse(l *Line) bool {
	b := paloAltoText(l)
	if b == nil {
		return false
	}
	l.untag(b)
	c := cutCSV(b)
	paloAltoCut(l, &c)
	setObserver(l.Draft, "Palo Alto Networks", "PAN-OS", "firewall")
	setText(l, event.ObserverSerialNumber, c.column[2])
	l.setWritten(c.column[6])
	kind, sub := c.column[3], c.column[4]
	l.Set(l.Local("paloalto.type"), kind)
	setText(l, l.Local("paloalto.subtype"), sub)
	switch paloAltoKind(kind) {
	case 'T', 'D':
		c.set(l, paloAltoFlow)
		if app := c.column[14]; !none(app) && string(app) != "not-applicable" && string(app) != "incomplete" {
			l.Set(event.NetworkApplication, app)
		}
		switch kind[1] {
		case 'E':
			paloAltoTLS(l, &c)
		case 'R':
			setClass(l.Draft, "network", "")
			c.set(l, paloAltoTraffic)
			if n, ok := number(c.column[36]); ok && n < 1<<32 {
				l.SetInt(event.EventDuration, n*1e9)
			}
		default:
			paloAltoThreat(l, &c)
		}
		setClass(l.Draft, "", paloAltoVerdict(c.column[30]))
	case 'S':
		paloAltoSystem(l, &c)
	case 'C':
		setClass(l.Draft, "configuration", "change")
		c.set(l, []csvPlace{{7, event.SourceIP}, {9, event.EventAction}, {10, event.UserName}})
		if string(c.column[12]) == "Succeeded" {
			l.SetString(event.EventOutcome, "success")
		} else if len(c.column[12]) > 0 {
			l.SetString(event.EventOutcome, "failure")
		}
	case 'G':
		paloAltoPortal(l, &c)
	default:
		paloAltoIdentity(l, kind, &c)
	}
	return true
}

func paloAltoVerdict(action []byte) string {
	switch string(action) {
	case "allow", "alert", "continue", "override":
		return "allowed"
	case "deny", "drop", "drop-icmp", "drop-all-packets", "reset-client", "reset-server", "reset-both", "reset client", "reset server",
		"reset both", "block", "block-url", "block-ip", "block-continue", "block-override", "random-drop", "sinkhole", "syncookie-sent":
		return "denied"
	}
	return ""
}

// paloAltoThreat: "name(33196)" is what was found; of pages it is a category.
func paloAltoThreat(l *Line, c *csvLine) {
	setText(l, event.LogLevel, c.column[34])
	if string(c.column[33]) != "any" {
		setText(l, event.RuleCategory, c.column[33])
	}
	switch string(c.column[4]) {
	case "url":
		setClass(l.Draft, "web", "")
		page := c.column[31]
		setText(l, event.URLOriginal, page)
		host := page
		if i := bytes.IndexByte(page, '/'); i >= 0 {
			host = page[:i]
			setPath(l, page[i:])
		}
		setAuthority(l, host)
		return
	case "data", "file":
		setClass(l.Draft, "file", "")
		setText(l, event.FileName, c.column[31])
	case "virus", "wildfire", "wildfire-virus", "spyware":
		setClass(l.Draft, "malware", "")
		l.SetString(event.EventKind, "alert")
		setText(l, event.FileName, c.column[31])
	default:
		setClass(l.Draft, "intrusion_detection", "")
		l.SetString(event.EventKind, "alert")
		setText(l, event.URLOriginal, c.column[31])
	}
	name, id, ok := cutLast(c.column[32], "(")
	if setText(l, event.RuleName, name); ok {
		l.Set(l.Local("paloalto.threat_id"), bytes.TrimRight(id, ")"))
	}
	if len(c.column[43]) == 64 {
		l.Set(event.FileHashSHA256, c.column[43])
	}
}

func paloAltoSystem(l *Line, c *csvLine) {
	text := c.column[14]
	l.SetMessage(text)
	setText(l, event.LogLevel, c.column[13])
	setText(l, event.EventCode, c.column[8])
	if string(c.column[4]) != "auth" && !hasPrefix(c.column[8], "auth-") {
		if !deviceWords(l, text) {
			setClass(l.Draft, "host", "info")
		}
		return
	}
	setClass(l.Draft, "authentication", "start")
	l.SetString(event.EventAction, "login")
	switch {
	case contains(c.column[8], "fail"), hasPrefix(text, "failed "):
		l.SetString(event.EventOutcome, "failure")
	case contains(c.column[8], "succ"), hasPrefix(text, "authenticated "):
		l.SetString(event.EventOutcome, "success")
	}
	if user, ok := between(text, "user '", "'"); ok {
		setUser(l, event.UserName, event.UserDomain, user)
	}
	if from, ok := wordAfter(text, "From: "); ok {
		setIP(l, event.SourceIP, from)
	}
}

// paloAltoPortal reads the events of GlobalProtect.
func paloAltoPortal(l *Line, c *csvLine) {
	setText(l, event.EventAction, c.column[8])
	setUser(l, event.UserName, event.UserDomain, c.column[12])
	setText(l, event.SourceDomain, c.column[14])
	if zeroAddress(c.column[15]) || !setIP(l, event.SourceIP, c.column[15]) {
		setIP(l, event.SourceIP, c.column[16])
	}
	if !zeroAddress(c.column[17]) {
		setIP(l, event.ClientIP, c.column[17])
	}
	setText(l, event.EventReason, c.column[25])
	switch {
	case hasSuffix(c.column[8], "-auth"), contains(c.column[8], "login"):
		setClass(l.Draft, "authentication", "start")
	case contains(c.column[8], "logout"):
		setClass(l.Draft, "authentication", "end")
	default:
		setClass(l.Draft, "session", "")
	}
	if status := c.column[28]; equalFold(status, "success") || equalFold(status, "failure") {
		putLower(l.Draft, event.EventOutcome, status)
	}
}
