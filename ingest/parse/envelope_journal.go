package parse

import (
	"bytes"

	"yagura/internal/event"
)

// journal takes the names of systemd's journal (systemd.journal-fields(7)), so that
// the message is read as the program's. The user of the process is not the user whom
// the line speaks of: _UID stays under its own name.
func (e *envelope) journal(l *Line, path, v []byte) bool {
	switch string(path) {
	case "SYSLOG_IDENTIFIER":
		return e.tag(l, v)
	case "_HOSTNAME":
		return e.origin(l, []byte("host"), v)
	case "_PID", "SYSLOG_PID":
		return l.Has(event.ProcessPID) || setNumber(l, event.ProcessPID, v)
	case "_EXE":
		l.Set(event.ProcessExecutable, v)
	case "_CMDLINE":
		l.Set(event.ProcessCommandLine, v)
	case "_SYSTEMD_UNIT":
		l.Set(event.ServiceName, v)
	case "_MACHINE_ID":
		l.Set(event.HostID, v)
	case "PRIORITY":
		return setNumber(l, event.SyslogSeverityCode, v)
	case "SYSLOG_FACILITY":
		return setNumber(l, event.SyslogFacilityCode, v)
	default:
		return false
	}
	e.carrier = true
	return true
}

// numbered takes one byte of a message that the journal wrote as a list of numbers, as
// it does with what is no UTF-8.
func (e *envelope) numbered(v []byte) bool {
	n, ok := number(v)
	if !ok || n > 255 {
		return false
	}
	e.bytes = append(e.bytes, byte(n))
	return true
}

// exportAhead says whether b is an entry in the journal's export format: a name and a
// value a line, the journal's own names first.
func exportAhead(b []byte) bool {
	return hasPrefix(b, "__CURSOR=") || hasPrefix(b, "__REALTIME_TIMESTAMP=")
}

// export reads one entry of the export format (systemd: "Journal Export Formats"). A
// field in binary (a name alone, then a length) ends the reading.
func (p *Parser) export(l *Line, b []byte) string {
	p.fields = jsonFields{line: l}
	for len(b) > 0 {
		var row []byte
		row, b, _ = bytes.Cut(b, []byte{'\n'})
		name, v, ok := bytes.Cut(bytes.TrimSuffix(row, []byte{'\r'}), []byte{'='})
		if !ok || len(name) == 0 || len(name) > 64 {
			l.broken("journal:binary")
			break
		}
		p.fields.leaf(name, jsonString, v)
	}
	return p.carriedBy(l)
}
