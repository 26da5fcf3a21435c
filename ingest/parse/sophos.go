package parse

import "yagura/internal/event"

// sophos parses the pairs of Sophos Firewall (SFOS), of both its forms of time. Source:
// Sophos Firewall Syslog Guide. Keys without an ECS name are kept as sophos.KEY.
type sophos struct{}

func (sophos) name() string { return "sophos.firewall" }

func (sophos) match(l *Line) int {
	if l.Tag != nil && !hasPrefix(l.Body, "device") {
		return 0
	}
	head := l.Whole[:min(len(l.Whole), 400)]
	if index(head, "log_type=") > 0 && index(head, "log_component=") > 0 && index(head, "log_subtype=") > 0 {
		return 98
	}
	return 0
}

func (sophos) parse(l *Line) bool {
	i := index(l.Whole, "device")
	if i < 0 {
		return false
	}
	l.untag(l.Whole[i:])
	setObserver(l.Draft, "Sophos", "Sophos Firewall", "firewall")
	var date, status, kind []byte
	for p := (pairs{rest: l.Body}); p.next(); {
		switch v := p.value; string(p.key) {
		case "device", "timezone", "iap", "connid":
		case "date":
			date = v
		case "time":
			var tmp [24]byte
			l.setWritten(append(append(append(tmp[:0], date[:min(len(date), 10)]...), ' '), v[:min(len(v), 8)]...))
		case "timestamp":
			l.setWritten(v)
		case "status":
			status = v
		case "log_type":
			kind = v
			l.Set(l.Local("sophos.log_type"), v)
		case "duration":
			if n, ok := number(v); ok && n < 1<<32 {
				l.SetInt(event.EventDuration, n*1e9)
			}
		case "message":
			l.SetMessage(v)
		default:
			setPair(l, sophosFields, "sophos.", &p)
		}
	}
	sophosVerdict(l, kind, status)
	sumBytes(l)
	return true
}

var sophosFields = map[string]event.Field{
	"device_name": event.ObserverName, "device_model": event.DeviceModelName, "device_id": event.ObserverSerialNumber, "device_serial_id": event.ObserverSerialNumber,
	"log_id": event.EventCode, "log_subtype": event.EventAction, "priority": event.LogLevel, "severity": event.LogLevel,
	"fw_rule_id": event.RuleID, "user_name": event.UserName, "user": event.UserName, "user_gp": event.UserGroupName, "src_mac": event.SourceMAC,
	"src_ip": event.SourceIP, "dst_ip": event.DestinationIP, "src_port": event.SourcePort, "dst_port": event.DestinationPort,
	"protocol": event.NetworkTransport, "sent_bytes": event.SourceBytes, "recv_bytes": event.DestinationBytes, "bytes_sent": event.SourceBytes,
	"bytes_received": event.DestinationBytes, "sent_pkts": event.SourcePackets, "recv_pkts": event.DestinationPackets,
	"packets_sent": event.SourcePackets, "packets_received": event.DestinationPackets, "tran_src_ip": event.SourceNATIP,
	"tran_src_port": event.SourceNATPort, "tran_dst_ip": event.DestinationNATIP, "tran_dst_port": event.DestinationNATPort,
	"in_interface": event.ObserverIngressInterface, "out_interface": event.ObserverEgressInterface, "srczone": event.ObserverIngressZone,
	"dstzone": event.ObserverEgressZone, "src_zone": event.ObserverIngressZone, "dst_zone": event.ObserverEgressZone, "url": event.URLOriginal,
	"domain": event.URLDomain, "category": event.RuleCategory, "virus": event.RuleName, "signature_msg": event.RuleName,
	"filename": event.FileName, "reason": event.EventReason, "user_agent": event.UserAgentOriginal, "src": event.SourceIP,
}

func sophosVerdict(l *Line, kind, status []byte) {
	action, _ := l.Get(event.EventAction)
	typ := ""
	switch string(action) {
	case "allowed", "allow":
		typ = "allowed"
	case "denied", "drop", "deny", "blocked", "virus":
		typ = "denied"
	}
	switch string(kind) {
	case "Event":
		if string(action) == "authentication" {
			setClass(l.Draft, "authentication", "start")
		} else {
			setClass(l.Draft, "host", "info")
		}
		switch {
		case equalFold(status, "successful"):
			l.SetString(event.EventOutcome, "success")
		case equalFold(status, "failed"):
			l.SetString(event.EventOutcome, "failure")
		}
	case "IDP", "ATP":
		setClass(l.Draft, "intrusion_detection", typ)
		l.SetString(event.EventKind, "alert")
	case "Anti-Virus":
		setClass(l.Draft, "malware", typ)
		l.SetString(event.EventKind, "alert")
	case "Content Filtering":
		setClass(l.Draft, "web", typ)
	default:
		setClass(l.Draft, "network", typ)
	}
}
