package parse

import (
	"bytes"
	"strings"

	"yagura/internal/event"
)

// juniper parses what Junos writes: flows, screens, attacks and pages of SRX, log-ons,
// commands and ports, as structured data and as text. Source: Junos System Log
// Explorer.
type juniper struct{}

func (juniper) name() string      { return "juniper.srx" }
func (juniper) aliases() []string { return []string{"srx"} }

func (juniper) match(l *Line) int {
	if l.ietf {
		id, _ := l.Get(event.SyslogMsgID)
		text := len(l.Body) > 0 && letter(l.Body[0])
		if junosCode(id) && (!text || hasPrefix(id, "RT_")) {
			return 96
		}
	}
	if len(l.Body) == 0 || l.Body[0]-'A' > 25 {
		return 0
	}
	if code, _, ok := cut(l.Body[:min(len(l.Body), 60)], ": "); ok && junosCode(code) {
		return 96
	}
	return 0
}

// junosCode says whether b is one of the messages that are read.
func junosCode(b []byte) bool {
	if len(b) < 7 || b[0] < 'A' || b[0] > 'Z' {
		return false
	}
	for _, start := range [...]string{"RT_FLOW_SESSION_", "RT_SCREEN_", "RT_SRC_NAT_", "IDP_ATTACK_", "IDP_APPDDOS_", "APPTRACK_", "WEBFILTER_URL_", "AV_", "ANTISPAM_",
		"CONTENT_FILTERING_", "AAMW_", "SECINTEL_", "UI_AUTH_EVENT", "UI_LOGIN_EVENT", "UI_LOGOUT_EVENT", "UI_COMMIT", "UI_CMDLINE_READ_LINE", "UI_LOAD_EVENT",
		"UI_CHILD_", "UI_CFG_AUDIT", "UI_NETCONF_CMD", "UI_DBASE_LOG", "SSHD_LOGIN_", "LOGIN_FAILED", "LOGIN_INFORMATION", "LOGIN_ROOT", "LOGIN_PAM", "SNMP_TRAP_LINK_",
		"SNMPD_AUTH_", "RPD_BGP_NEIGHBOR", "RPD_OSPF_NBR", "CHASSISD_", "KMD_", "L2CPD_", "ESWD_", "PFE_FW_"} {
		if hasPrefix(b, start) {
			for _, c := range b {
				if c-'A' > 25 && c != '_' && !digit(c) {
					return false
				}
			}
			return true
		}
	}
	return false
}

func (juniper) parse(l *Line) bool {
	code, _ := l.Get(event.SyslogMsgID)
	structured := junosCode(code)
	if structured {
		srxStructured(l)
	} else {
		var text []byte
		if code, text, _ = cut(l.Body, ": "); hasPrefix(code, "RT_FLOW_SESSION_") {
			srxText(l, text)
		} else {
			junosText(l, code, text)
		}
	}
	kind := "switch"
	if hasPrefix(code, "RT_") || junosSecurity(code) {
		kind = "firewall"
	}
	setObserver(l.Draft, "Juniper", "Junos", kind)
	if kind == "firewall" {
		l.Replace(event.ObserverProduct, []byte("SRX"))
	}
	l.Set(event.EventCode, code)
	junosClass(l, code)
	sumBytes(l)
	return true
}

// srxStructured takes the fields that the header's structured data holds.
func srxStructured(l *Line) {
	for i, n := 0, l.Len(); i < n; i++ {
		f, v := l.At(i)
		if f < event.FirstLocal || severalLines(v) { // RFC 5424 allows line ends, SRX writes none
			continue
		}
		if name, ok := strings.CutPrefix(l.NameOf(f), "log.syslog.structured_data.junos@"); ok {
			srxField(l, name[strings.LastIndexByte(name, '.')+1:], v)
		}
	}
}

func srxField(l *Line, key string, v []byte) {
	if string(v) == "UNKNOWN" || string(v) == "None" {
		return
	}
	if f := srxFields[key]; f != 0 {
		setByKind(l, f, v)
		return
	}
	if key == "elapsed-time" {
		if n, ok := number(v); ok && n < 1<<32 {
			l.SetInt(event.EventDuration, n*1e9)
		}
	}
}

var srxFields = map[string]event.Field{
	"source-address": event.SourceIP, "source-port": event.SourcePort, "destination-address": event.DestinationIP,
	"destination-port": event.DestinationPort, "nat-source-address": event.SourceNATIP, "nat-source-port": event.SourceNATPort,
	"nat-destination-address": event.DestinationNATIP, "nat-destination-port": event.DestinationNATPort, "protocol-id": event.NetworkTransport,
	"policy-name": event.RuleID, "source-zone-name": event.ObserverIngressZone, "destination-zone-name": event.ObserverEgressZone,
	"username": event.UserName, "packet-incoming-interface": event.ObserverIngressInterface, "application": event.NetworkApplication,
	"reason": event.EventReason, "bytes-from-client": event.SourceBytes, "bytes-from-server": event.DestinationBytes,
	"packets-from-client": event.SourcePackets, "packets-from-server": event.DestinationPackets,
	"protocol-name": event.NetworkTransport, "attack-name": event.RuleName, "threat-severity": event.LogLevel, "action": event.EventAction,
	"source-interface-name": event.ObserverIngressInterface, "destination-interface-name": event.ObserverEgressInterface,
	"interface-name": event.ObserverIngressInterface, "category": event.RuleCategory, "filename": event.FileName,
	"command": event.ProcessCommandLine, "class-name": event.UserGroupName, "hostname": event.SourceDomain, "snmp-interface-name": event.ObserverIngressInterface,
}

// srxText: "session denied A/p->B/p 0x0 service 6(0) policy zone zone ...",
// "session closed reason: A/p->B/p ... A/p->B/p ... 6 policy zone zone id 10(1000) 12(4000) 30".
func srxText(l *Line, b []byte) {
	b = bytes.TrimPrefix(b, []byte("session "))
	if reason, rest, ok := cut(b, ": "); ok {
		b = rest
		if why, ok := cutPrefix(reason, "closed "); ok {
			setText(l, event.EventReason, why)
		}
	}
	var words [40][]byte
	n, flows := 0, 0
	for len(b) > 0 && n < len(words) {
		var w []byte
		if w, b = word(b); contains(w, "->") {
			flows++
			srxFlow(l, w, flows > 1)
		}
		words[n] = w
		n++
	}
	for i := 1; i+3 < n; i++ { // the protocol stands in front of policy and zones
		proto, _, _ := cut(words[i], "(")
		if p, ok := number(proto); !ok || p > 255 || hasPrefix(words[i], "0x") || len(words[i]) > 8 || !srxName(words[i+1]) || !srxName(words[i+2]) {
			continue
		}
		setTransport(l.Draft, proto)
		l.Set(event.RuleID, words[i+1])
		l.Set(event.ObserverIngressZone, words[i+2])
		setText(l, event.ObserverEgressZone, words[i+3])
		srxCounters(l, words[i+4:n])
		return
	}
}

func srxName(w []byte) bool { return len(w) > 0 && letter(w[0]) && string(w) != "N/A" }

// srxCounters: "100 10(1000) 12(4000) 30": session, packets and bytes each way, seconds.
func srxCounters(l *Line, words [][]byte) {
	if len(words) < 4 || !isNumber(words[0]) {
		return
	}
	for i, f := range [...][2]event.Field{{event.SourcePackets, event.SourceBytes}, {event.DestinationPackets, event.DestinationBytes}} {
		packets, size, ok := cut(words[i+1], "(")
		if !ok {
			return
		}
		setNumber(l, f[0], packets)
		setNumber(l, f[1], bytes.TrimRight(size, ")"))
	}
	if n, ok := number(words[3]); ok && n < 1<<32 {
		l.SetInt(event.EventDuration, n*1e9)
	}
}

func srxFlow(l *Line, w []byte, nat bool) {
	from, to, _ := cut(w, "->")
	if nat {
		putEnd(l, event.SourceNATIP, event.SourceNATPort, from)
		putEnd(l, event.DestinationNATIP, event.DestinationNATPort, to)
		return
	}
	putEnd(l, event.SourceIP, event.SourcePort, from)
	putEnd(l, event.DestinationIP, event.DestinationPort, to)
}
