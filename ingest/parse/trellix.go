package parse

import (
	"bytes"

	"yagura/internal/event"
)

// trellix parses the events that McAfee (Trellix) ePolicy Orchestrator forwards: XML
// behind RFC 5424, "EPOEvents - EventFwd [agentInfo@3401 ...] <?xml ...><EPOEvent>".
// The names of its own format are kept as trellix.NAME.
type trellix struct{}

func (trellix) name() string      { return "trellix.epo" }
func (trellix) aliases() []string { return []string{"mcafee.epo"} }
func (trellix) tags() []string    { return []string{"EPOEvents"} }

func (trellix) match(l *Line) int {
	head := l.Body[:min(len(l.Body), 120)]
	if bytes.IndexByte(head, '<') < 0 {
		return 0
	}
	if contains(head, "<EPOevent>") || contains(head, "<EPOEvent>") || contains(head, "<UpdateEvents>") {
		return 97
	}
	return 0
}

func (trellix) parse(l *Line) bool {
	at := bytes.IndexByte(l.Body, '<')
	if at < 0 {
		return false
	}
	setObserver(l.Draft, "Trellix", "ePolicy Orchestrator", "endpoint")
	t := eposEvent{Line: l}
	b := l.Body[at:]
	var open []byte
	ended := false
	for range 1024 {
		text, tag, rest, ok := nextTag(b)
		if !ok {
			break
		}
		b = rest
		if tag.closing {
			if bytes.Equal(open, tag.name) {
				t.element(tag.name, trim(text))
			}
			open = nil
			ended = ended || hasPrefix(tag.name, "EPO")
			continue
		}
		open = tag.name
	}
	if !ended {
		partial(l.Draft, "xml:cut")
	}
	t.finish()
	return true
}

// eposEvent gathers what is judged together.
type eposEvent struct {
	*Line
	category, target, source, machine []byte
}

func (t *eposEvent) element(name, v []byte) {
	if len(v) == 0 || len(name) > 64 || string(v) == "_" || hasPrefix(v, "%CTX_") {
		return
	}
	v = unescapeXML(v)
	switch string(name) {
	case "EventID":
		t.Set(event.EventCode, v)
	case "ThreatSeverity":
		setNumber(t.Line, event.EventSeverity, v)
	case "ThreatName":
		t.Set(event.RuleName, v)
	case "ThreatCategory":
		t.category = v
		t.Set(event.RuleCategory, v)
	case "ThreatActionTaken":
		t.Set(event.EventAction, v)
	case "SourceIPV4", "SourceIPV6":
		t.address(event.SourceIP, v)
	case "TargetIPV4", "TargetIPV6":
		t.address(event.DestinationIP, v)
	case "SourcePort":
		putPort(t.Line, event.SourcePort, v)
	case "TargetPort":
		putPort(t.Line, event.DestinationPort, v)
	case "TargetProtocol":
		setTransport(t.Draft, v)
	case "SourceURL":
		t.Set(event.URLOriginal, v)
	case "SourceProcessName":
		t.Set(event.ProcessExecutable, v)
	case "SourceParentProcessName":
		t.Set(event.ProcessParentExecutable, v)
	case "TargetFileName":
		t.Set(event.FilePath, v)
	case "SourceUserName":
		t.source = v
	case "TargetUserName":
		t.target = v
	case "UserName":
		t.machine = v
	default:
		t.Set(t.LocalBytes("trellix.", name), v)
	}
}

// address: the two families are both written, one of them mapped.
func (t *eposEvent) address(f event.Field, v []byte) {
	if !t.Has(f) {
		setIP(t.Line, f, v)
	}
}

// finish: the user is whose process or file it was; the name is kept as ePO writes
// it, with its domain, beside the domain alone.
func (t *eposEvent) finish() {
	switch {
	case hasPrefix(t.category, "av."), contains(t.category, "malware"):
		t.SetString(event.EventKind, "alert")
		setClass(t.Draft, "malware", "info")
	case hasPrefix(t.category, "wp."):
		t.SetString(event.EventKind, "alert")
		setClass(t.Draft, "web", "info")
	case hasPrefix(t.category, "hip."), hasPrefix(t.category, "fw."):
		t.SetString(event.EventKind, "alert")
		setClass(t.Draft, "intrusion_detection", "info")
	default:
		setClass(t.Draft, "host", "info")
	}
	user := t.source
	if user == nil {
		user = t.target
	}
	if user == nil {
		user = t.machine
	}
	if none(user) {
		return
	}
	t.Set(event.UserName, user)
	if domain, _, ok := cut(user, `\`); ok && len(domain) > 0 {
		t.Set(event.UserDomain, domain)
	}
}
