package parse

import (
	"bytes"

	"yagura/internal/event"
)

// jsonFields turns the leaves of a document into fields: an ECS name is kept,
// names that products share become ECS, others keep their dotted name.
type jsonFields struct {
	line *Line
	n    int
}

// genericJSON reads an object of any shape.
func (p *Parser) genericJSON(l *Line, b []byte) bool {
	p.fields = jsonFields{line: l}
	_, ok := p.json.walk(b, &p.fields)
	p.fields.line = nil
	if !ok {
		l.broken("json:cut")
	}
	return p.fields.n > 0
}

// journal takes the names of systemd's journal (systemd.journal-fields(7)), so
// that the message is read as the program's.
func journal(l *Line, path, v []byte) bool {
	if path[0] != '_' && path[0] != 'S' && path[0] != 'P' {
		return false
	}
	switch string(path) {
	case "SYSLOG_IDENTIFIER":
		l.Set(event.ProcessName, v)
		l.Tag, _ = l.Get(event.ProcessName)
	case "_HOSTNAME":
		l.Set(event.HostName, v)
	case "_PID", "SYSLOG_PID":
		if !l.Has(event.ProcessPID) {
			setNumber(l, event.ProcessPID, v)
		}
	case "_EXE":
		l.Set(event.ProcessExecutable, v)
	case "_CMDLINE":
		l.Set(event.ProcessCommandLine, v)
	case "_SYSTEMD_UNIT":
		l.Set(event.ServiceName, v)
	case "_UID":
		l.Set(event.UserID, v)
	case "PRIORITY":
		setNumber(l, event.SyslogSeverityCode, v)
	case "SYSLOG_FACILITY":
		setNumber(l, event.SyslogFacilityCode, v)
	default:
		return false
	}
	return true
}

func (f *jsonFields) leaf(path []byte, kind jsonKind, v []byte) {
	l := f.line
	if len(path) == 0 {
		return
	}
	f.n++
	if kind == jsonNull {
		l.SetNull(l.LocalBytes("", path))
		return
	}
	if jsonTime(l, path, v) {
		return
	}
	switch string(path) {
	case "message", "msg", "short_message", "log", "MESSAGE":
		l.SetMessage(v)
		return
	case "host", "hostname", "computer":
		if hostLike(v) {
			l.Set(event.HostName, v)
			return
		}
	}
	if journal(l, path, v) {
		return
	}
	if name, ok := event.FieldByName(str(path)); ok {
		setKind(l, name, v)
		return
	}
	if kind == jsonString && bytes.IndexByte(path, '.') < 0 && setCommon(l, path, v) {
		return
	}
	l.Set(l.LocalBytes("", path), v)
}

// setKind sets an ECS field when the value is of its kind; an address that is
// none, or a port out of range, sets nothing.
func setKind(l *Line, f event.Field, v []byte) {
	switch f {
	case event.SourcePort, event.DestinationPort, event.ClientPort, event.ServerPort, event.URLPort:
		setPort(l, f, v)
		return
	}
	if f.Kind() == event.IP {
		setIP(l, f, v)
		return
	}
	l.Set(f, v)
}

// jsonTime takes the names that carry the event's time.
func jsonTime(l *Line, path, v []byte) bool {
	switch string(path) {
	case "@timestamp", "timestamp", "time", "ts", "datetime", "eventTime", "event_time", "created_at", "__REALTIME_TIMESTAMP":
	default:
		return false
	}
	if t, ok := epoch(v); ok {
		l.setInstant(t)
		return true
	}
	return l.setWritten(v)
}
