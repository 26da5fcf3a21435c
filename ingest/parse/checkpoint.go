package parse

import "yagura/internal/event"

// checkPoint parses what Check Point's Log Exporter sends as syslog: "key:"value";"
// in brackets where RFC 5424 has its structured data. Keys without an ECS name are
// kept as checkpoint.KEY.
type checkPoint struct{}

func (checkPoint) name() string   { return "checkpoint.firewall" }
func (checkPoint) tags() []string { return []string{"CheckPoint"} }

func (checkPoint) match(l *Line) int {
	if string(l.Tag) == "CheckPoint" && checkPointText(l) != nil {
		return 97
	}
	return 0
}

// checkPointText is what follows the bracket.
func checkPointText(l *Line) []byte {
	b, ok := after(l.Whole[:min(len(l.Whole), 300)], " [")
	if !ok {
		return nil
	}
	if key, _, ok := cut(b, `:"`); !ok || !nameLike(key) {
		return nil
	}
	rest, _ := l.from(b)
	return rest
}

func (checkPoint) parse(l *Line) bool {
	b := checkPointText(l)
	if b == nil {
		return false
	}
	l.Delete(event.YaguraAnomaly) // no structured data of RFC 5424, and not meant as such
	l.Flags &^= event.FlagPartial
	l.Body = b
	setObserver(l.Draft, "Check Point", "Quantum", "firewall")
	for len(b) > 0 {
		key, rest, ok := cut(b, `:"`)
		if !ok {
			break
		}
		end := 0
		for end < len(rest) && rest[end] != '"' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(rest) {
			partial(l.Draft, "checkpoint:cut")
			break
		}
		checkPointPair(l, trim(key), rest[:end])
		_, b, _ = cut(rest[end:], ";")
	}
	checkPointVerdict(l)
	sumBytes(l)
	return true
}

func checkPointPair(l *Line, key, v []byte) {
	if !nameLike(key) {
		return
	}
	switch string(key) {
	case "time":
		if at, ok := epoch(v); ok {
			l.setInstant(at)
		}
	case "flags", "loguid", "sequencenum", "version", "logid":
	case "service":
		if !setPort(l, event.DestinationPort, v) {
			setText(l, l.Local("checkpoint.service"), v)
		}
	default:
		setPair(l, checkPointFields, "checkpoint.", &pairs{key: key, value: v})
	}
}

var checkPointFields = map[string]event.Field{
	"action": event.EventAction, "src": event.SourceIP, "dst": event.DestinationIP, "s_port": event.SourcePort, "proto": event.NetworkTransport,
	"rule": event.RuleID, "rule_name": event.RuleName, "rule_uid": event.RuleUUID, "xlatesrc": event.SourceNATIP, "xlatesport": event.SourceNATPort,
	"xlatedst": event.DestinationNATIP, "xlatedport": event.DestinationNATPort, "origin": event.ObserverIP, "user": event.UserName,
	"src_user_name": event.UserName, "administrator": event.UserName, "inzone": event.ObserverIngressZone, "outzone": event.ObserverEgressZone,
	"ifname": event.ObserverIngressInterface, "client_outbound_bytes": event.SourceBytes, "client_inbound_bytes": event.DestinationBytes,
	"protection_name": event.RuleName, "attack": event.RuleCategory, "malware_family": event.RuleName, "resource": event.URLOriginal,
	"reason": event.EventReason, "severity": event.LogLevel, "file_name": event.FileName, "file_sha256": event.FileHashSHA256,
}

func checkPointVerdict(l *Line) {
	action, _ := l.Get(event.EventAction)
	typ := ""
	switch string(action) {
	case "accept", "allow", "bypass", "detect", "encrypt", "decrypt", "inspect":
		typ = "allowed"
	case "drop", "reject", "block", "prevent":
		typ = "denied"
	case "log in", "failed log in":
		setClass(l.Draft, "authentication", "start")
		outcome(l, string(action) == "log in")
		return
	case "log out":
		setClass(l.Draft, "authentication", "end")
		return
	}
	if l.Has(l.Local("checkpoint.protection_type")) {
		l.SetString(event.EventKind, "alert")
		setClass(l.Draft, "intrusion_detection", typ)
		return
	}
	setClass(l.Draft, "network", typ)
}
