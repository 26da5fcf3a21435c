package parse

import (
	"bytes"

	"yagura/internal/event"
)

// envelope is what the document of an agent, of the journal or of a container says
// about the line that it carries: Filebeat, Logstash, Vector, Fluent Bit and Fluentd,
// NXLog, rsyslog's JSON, GELF, Docker and Kubernetes (envelope_journal.go: systemd's
// journal).
type envelope struct {
	text     []byte // the line, nil when the document has none
	rank     int    // how surely text is it
	original []byte // the line before an agent's module split it
	bytes    []byte // text that the journal wrote as numbers
	carrier  bool   // an agent made the document, not the program itself
	relayed  bool   // its host is who received the line, not who wrote it
	gelf     bool
	file     []byte // a path, when the document is Vector's
	node     []byte // Kubernetes: the host of the container
}

// textRank says how surely a name carries the line.
func textRank(path []byte) int {
	switch string(path) {
	case "message", "MESSAGE", "Message", "short_message":
		return 2
	case "log", "msg":
		return 1
	}
	return 0
}

// carry files the names of carriers. It says whether the leaf was one.
func (e *envelope) carry(l *Line, path []byte, kind jsonKind, v []byte) bool {
	if rank := textRank(path); rank > 0 {
		return e.carryText(l, path, kind, v)
	}
	switch path[0] {
	case '_':
		return e.journal(l, path, v) || e.gelfName(l, path, v)
	case 'S', 'P', 'M', 'H', 'E':
		return e.journal(l, path, v) || e.nxlog(l, path, v)
	}
	return e.process(l, path, v) || e.origin(l, path, v)
}

func (e *envelope) carryText(l *Line, path []byte, kind jsonKind, v []byte) bool {
	if kind == jsonNumber && string(path) == "MESSAGE" {
		return e.numbered(v)
	}
	rank := textRank(path)
	e.gelf = e.gelf || string(path) == "short_message"
	if kind != jsonString || rank < e.rank {
		return false
	}
	l.SetMessage(bytes.TrimRight(v, "\r\n"))
	e.text, e.rank = l.Message(), rank
	return true
}

// process takes who wrote the line: the tag and the process id of a header that an
// agent has read already.
func (e *envelope) process(l *Line, path, v []byte) bool {
	switch string(path) {
	case "ident", "appname", "app_name", "programname", "program", "syslog_identifier", "process.name", "log.syslog.appname":
		return e.tag(l, v)
	case "pid", "procid", "proc_id", "syslog_pid", "process.pid", "log.syslog.procid":
		return l.Has(event.ProcessPID) || setNumber(l, event.ProcessPID, v)
	case "pri":
		n, ok := number(v)
		if ok && n < 192 && !l.Has(event.SyslogPriority) {
			l.setPriority(v, int(n))
		}
		return ok
	case "facility":
		return setText(l, event.SyslogFacilityName, v)
	}
	return false
}

// tag takes a program's name: the family is found by it.
func (e *envelope) tag(l *Line, v []byte) bool {
	n := 0
	for n < len(v) && tagByte(v[n], n) {
		n++
	}
	if n == 0 || n < len(v) || n > maxTag || l.Has(event.ProcessName) {
		return false
	}
	e.carrier = true
	l.Set(event.ProcessName, v)
	l.Tag, _ = l.Get(event.ProcessName)
	return true
}

// origin takes where the line comes from.
func (e *envelope) origin(l *Line, path, v []byte) bool {
	switch string(path) {
	case "host", "hostname", "computer", "syslog_hostname", "log.syslog.hostname":
		if !hostLike(v) {
			return false
		}
		if !l.Has(event.HostName) {
			l.Set(event.HostName, v)
		}
	case "event.original":
		e.original = l.hold(v)
	case "agent.type", "stream", "source_type":
		e.carrier = true
		return false
	case "input.type", "log.source.address":
		e.carrier = true
		e.relayed = e.relayed || hasPrefix(path, "log.") || string(v) == "udp" || string(v) == "tcp" || string(v) == "syslog"
		return false
	case "file":
		if len(v) == 0 || v[0] != '/' && (len(v) < 3 || v[1] != ':') {
			return false
		}
		e.file = l.hold(v)
	case "container_id", "docker.container_id", "kubernetes.docker_id":
		e.carrier = true
		setText(l, event.ContainerID, v)
	case "container_name", "kubernetes.container_name", "kubernetes.container.name":
		e.carrier = true
		v, _ = cutPrefix(v, "/")
		setText(l, event.ContainerName, v)
	case "kubernetes.host", "kubernetes.node.name":
		e.node = l.hold(v)
		return false
	default:
		return false
	}
	return true
}

// hold is v, which may lie in a buffer that the next leaf overwrites, for longer.
func (l *Line) hold(v []byte) []byte {
	if _, ok := l.from(v); ok {
		return v
	}
	return bytes.Clone(v)
}

// nxlog takes the names of NXLog, which others write, too.
func (e *envelope) nxlog(l *Line, path, v []byte) bool {
	switch string(path) {
	case "Hostname", "HostName":
		return e.origin(l, []byte("host"), v)
	case "SourceName":
		return e.tag(l, v)
	case "ProcessID":
		return setNumber(l, event.ProcessPID, v)
	case "EventTime":
		return l.setWritten(v)
	}
	return false
}

// gelfName takes the further fields of GELF, whose names begin with a line.
func (e *envelope) gelfName(l *Line, path, v []byte) bool {
	switch string(path) {
	case "_application_name", "_app_name", "_program":
		return e.tag(l, v)
	case "_process_id", "_pid":
		return setNumber(l, event.ProcessPID, v)
	case "_container_name", "_container_id":
		return e.origin(l, path[1:], v)
	}
	return len(path) > 2 && letter(path[1]) && setCommon(l, path[1:], v)
}

// settle decides what needed the whole document.
func (e *envelope) settle(l *Line) {
	if e.bytes != nil && e.text == nil {
		l.SetMessage(e.bytes)
		e.text = l.Message()
	}
	if e.relayed {
		l.Delete(event.HostName)
		l.Host = nil
		if v, ok := l.Get(l.Local("log.source.address")); ok {
			host, _ := splitEnd(v)
			setIP(l, event.HostIP, host)
		}
	}
	if v, ok := l.Get(l.Local("source_type")); ok && string(v) == "syslog" && l.Has(event.SourceIP) {
		peer, _ := l.Get(event.SourceIP) // Vector: the sender, not whom the line speaks of
		l.Set(event.HostIP, peer)
		l.Delete(event.SourceIP)
	}
	if v, ok := l.Get(event.LogLevel); ok && e.gelf && len(v) == 1 && digit(v[0]) {
		l.Set(event.SyslogSeverityCode, v)
		l.Delete(event.LogLevel)
	}
	if e.node != nil && !l.Has(event.HostName) && hostLike(e.node) {
		l.Set(event.HostName, e.node)
	}
	if e.file == nil {
		return
	}
	if v, ok := l.Get(l.Local("source_type")); ok && string(v) == "file" && !l.Has(event.LogFilePath) {
		l.Set(event.LogFilePath, e.file)
	} else {
		l.Set(l.Local("file"), e.file)
	}
}
