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
	case "message", "msg", "short_message", "log":
		l.SetMessage(v)
		return
	case "host", "hostname", "computer":
		if hostLike(v) {
			l.Host = bytes.Clone(v)
			return
		}
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
	case "@timestamp", "timestamp", "time", "ts", "datetime", "eventTime", "event_time", "created_at":
	default:
		return false
	}
	if t, ok := epoch(v); ok {
		l.setInstant(t)
		return true
	}
	return l.setWritten(v)
}
