package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// eset parses the JSON that ESET PROTECT sends: one object an event, named by
// "event_type"; its times are UTC. What has no ECS name is kept as eset.KEY. Source:
// ESET PROTECT online help, "Events exported to JSON format".
type eset struct{}

func (eset) name() string      { return "eset.protect" }
func (eset) aliases() []string { return []string{"eset"} }
func (eset) objects()          {}

func (eset) match(l *Line) int {
	if b := trimLeft(l.Body); len(b) > 40 && b[0] == '{' && jsonNames(b, "event_type") && jsonNames(b, "source_uuid") {
		return 97
	}
	return 0
}

func (eset) parse(l *Line) bool {
	b := trimLeft(l.Body)
	if len(b) == 0 || b[0] != '{' {
		return false
	}
	setObserver(l.Draft, "ESET", "PROTECT", "antivirus")
	leaves := esetLeaves{line: l}
	if _, ok := l.scratch.json.walk(b, &leaves); !ok {
		partial(l.Draft, "json:cut")
	}
	kind, _ := l.Get(event.EventCode)
	esetClass(l, kind)
	return leaves.n > 0
}

// esetLeaves takes the values of the object.
type esetLeaves struct {
	line *Line
	n    int
}

func (e *esetLeaves) leaf(path []byte, kind jsonKind, v []byte) {
	e.n++
	l := e.line
	if kind == jsonNull || len(v) == 0 || len(path) > 64 {
		return
	}
	switch string(path) {
	case "occured", "occurred": // the product spells both
		zone := l.Zone
		l.Zone = time.UTC
		l.setWritten(v)
		l.Zone = zone
	case "object_uri":
		esetObject(l, v)
	case "processname", "process_name", "application":
		esetProcess(l, v)
	case "hash":
		setFileHash(l, v)
	case "inbound":
		if string(v) == "true" {
			l.SetString(event.NetworkDirection, "inbound")
		} else {
			l.SetString(event.NetworkDirection, "outbound")
		}
	case "result":
		if equalFold(v, "success") {
			l.SetString(event.EventOutcome, "success")
		} else if equalFold(v, "failed") || equalFold(v, "failure") {
			l.SetString(event.EventOutcome, "failure")
		}
	default:
		if f := esetFields[string(path)]; f != 0 {
			if !l.Has(f) {
				setByKind(l, f, v)
			}
			return
		}
		l.Set(l.LocalBytes("eset.", path), v)
	}
}

var esetFields = map[string]event.Field{
	"event_type": event.EventCode, "hostname": event.HostName, "ipv4": event.HostIP, "ipv6": event.HostIP, "source_uuid": event.AgentID,
	"severity": event.LogLevel, "threat_name": event.RuleName, "threat_type": event.RuleCategory, "event": event.RuleName,
	"rulename": event.RuleName, "rule_name": event.RuleName, "rule_id": event.RuleID, "action_taken": event.EventAction,
	"action": event.EventAction, "username": event.UserName, "user": event.UserName, "account": event.UserName, "source_address": event.SourceIP, "source_port": event.SourcePort,
	"target_address": event.DestinationIP, "target_port": event.DestinationPort, "protocol": event.NetworkTransport,
	"group_name": event.GroupName, "os_name": event.HostOSName,
}

// esetObject: a file as "file:///C:/dir/name", a page as its address.
func esetObject(l *Line, v []byte) {
	if path, ok := cutPrefix(v, "file:///"); ok {
		if len(path) > 1 && path[1] != ':' {
			path = v[len("file://"):]
		}
		l.Set(event.FilePath, path)
		if i := bytes.LastIndexAny(path, `/\`); i >= 0 && i+1 < len(path) {
			l.Set(event.FileName, path[i+1:])
		}
		return
	}
	setURL(l, v)
}

func esetProcess(l *Line, v []byte) {
	i := bytes.LastIndexAny(v, `/\`)
	if i >= 0 && !l.Has(event.ProcessExecutable) {
		l.Set(event.ProcessExecutable, v)
	}
	if !l.Has(event.ProcessName) && i+1 < len(v) {
		l.Set(event.ProcessName, v[i+1:])
	}
}

// esetClass classifies an event by its type.
func esetClass(l *Line, kind []byte) {
	switch string(kind) {
	case "Threat_Event", "BlockedFiles_Event":
		setClass(l.Draft, "malware", "info")
		l.SetString(event.EventKind, "alert")
	case "FirewallAggregated_Event", "HipsAggregated_Event", "EnterpriseInspectorAlert_Event", "Incident_Event", "ESETInspectAlert_Event":
		setClass(l.Draft, "intrusion_detection", "info")
		l.SetString(event.EventKind, "alert")
	case "FilteredWebsites_Event":
		setClass(l.Draft, "web", "denied")
	case "Audit_Event":
		if action, _ := l.Get(event.EventAction); hasPrefix(action, "login") || hasPrefix(action, "logon") {
			setClass(l.Draft, "authentication", "start")
		} else if len(action) > 0 {
			setClass(l.Draft, "configuration", "change")
		}
	}
}
