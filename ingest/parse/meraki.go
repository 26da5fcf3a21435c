package parse

import (
	"bytes"

	"yagura/internal/event"
)

// meraki reads Cisco Meraki: "1795485601.123456789 name flows src=A dst=B ...
// pattern: allow all", with "1 " in front or not; also urls, security_event, events,
// ip_flow_start and the firewalls. Source: Meraki documentation, "Syslog Event Types
// and Log Samples".
type meraki struct{}

func (meraki) name() string      { return "cisco.meraki" }
func (meraki) aliases() []string { return []string{"meraki"} }

func (meraki) match(l *Line) int {
	if m, ok := readMeraki(l.Body); ok && m.kind != nil {
		return 96
	}
	return 0
}

type merakiLine struct{ time, name, kind, rest []byte }

func readMeraki(b []byte) (m merakiLine, ok bool) {
	if hasPrefix(b, "1 ") {
		b = trimLeft(b[2:])
	}
	if len(b) < 30 || digits(b) != 10 || b[10] != '.' {
		return m, false
	}
	m.time, b = word(b)
	m.name, b = word(b)
	m.kind, m.rest = word(b)
	switch string(m.kind) {
	case "flows", "urls", "events", "security_event", "ids-alerts", "airmarshal_events", "ip_flow_start", "ip_flow_end", "firewall", "vpn_firewall", "cellular_firewall", "bridge_anyconnect_client_vpn_firewall":
		return m, true
	}
	return m, false
}

func (meraki) parse(l *Line) bool {
	m, ok := readMeraki(l.Body)
	if !ok {
		return false
	}
	if t, ok := epoch(m.time[:min(len(m.time), 20)]); ok {
		l.setInstant(t)
	}
	if l.Host == nil {
		l.Host = m.name
	}
	setObserver(l.Draft, "Cisco", "Meraki", "firewall")
	l.Set(event.EventCode, m.kind)
	for p := (pairs{rest: m.rest}); p.next(); {
		merakiPair(l, &p)
	}
	switch string(m.kind) {
	case "urls":
		setClass(l.Draft, "web", "access")
		if request, ok := after(m.rest, "request: "); ok {
			method, url := word(request)
			if url, _ = word(url); methodLike(method) {
				l.Set(event.HTTPRequestMethod, method)
				setURL(l, url)
			}
		}
	case "security_event", "ids-alerts":
		setClass(l.Draft, "intrusion_detection", "info")
		l.SetString(event.EventKind, "alert")
		if text, ok := after(m.rest, "message: "); ok {
			setText(l, event.RuleName, trim(text))
		}
	case "events", "airmarshal_events":
		setClass(l.Draft, "network", "info")
	default:
		setClass(l.Draft, "network", merakiVerdict(l, m.rest))
	}
	return true
}

// merakiVerdict reads "pattern: allow all", "pattern: 1 all" or a verdict in front.
func merakiVerdict(l *Line, b []byte) string {
	verdict, _ := word(b)
	if p, ok := after(b, "pattern: "); ok {
		verdict, _ = word(p)
	}
	switch string(verdict) {
	case "allow", "1":
		l.SetString(event.EventAction, "allow")
		return "allowed"
	case "deny", "0":
		l.SetString(event.EventAction, "deny")
		return "denied"
	}
	return ""
}

func merakiPair(l *Line, p *pairs) {
	v := bytes.TrimRight(p.value, ",")
	switch string(p.key) {
	case "src":
		putFlowEnd(l, event.SourceIP, event.SourcePort, v)
	case "dst":
		putFlowEnd(l, event.DestinationIP, event.DestinationPort, v)
	case "sport":
		putPort(l, event.SourcePort, v)
	case "dport":
		putPort(l, event.DestinationPort, v)
	case "mac":
		if isMAC(v) {
			l.Set(event.SourceMAC, v)
		}
	case "dhost":
		if isMAC(v) {
			l.Set(event.DestinationMAC, v)
		}
	case "protocol":
		v, _, _ = cut(v, "/")
		setTransport(l.Draft, v)
	case "translated_src_ip":
		setIP(l, event.SourceNATIP, v)
	case "translated_dst_ip":
		setIP(l, event.DestinationNATIP, v)
	case "translated_port":
	case "agent":
		setText(l, event.UserAgentOriginal, v)
	case "signature":
		setText(l, event.RuleID, v)
	case "identity", "user":
		setUser(l, event.UserName, event.UserDomain, v)
	case "type":
		putLower(l.Draft, event.EventAction, v)
	case "url":
		setURL(l, v)
	case "name":
		setText(l, event.FileName, v)
	case "sha256":
		setFileHash(l, v)
	case "timestamp", "priority", "direction", "message":
	default:
		if nameLike(p.key) && !none(v) {
			l.Set(l.LocalBytes("meraki.", p.key), v)
		}
	}
}
