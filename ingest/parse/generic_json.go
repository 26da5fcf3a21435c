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
	envelope
}

// genericJSON reads an object of any shape, and the line that it carries; it
// returns the name for yagura.parser, "" when b is no object.
func (p *Parser) genericJSON(l *Line, b []byte) string {
	p.fields = jsonFields{line: l}
	if _, ok := p.json.walk(b, &p.fields); !ok {
		l.broken("json:cut")
	}
	return p.carriedBy(l)
}

// carriedBy reads the line that a document carries, once its leaves are known.
func (p *Parser) carriedBy(l *Line) string {
	p.fields.line = nil
	if p.fields.n == 0 {
		return ""
	}
	e := p.fields.envelope
	e.settle(l)
	for _, line := range [...][]byte{e.original, e.text} {
		if name := p.inner(l, trimEnd(line)); name != "" {
			return name
		}
	}
	if e.text != nil {
		genericText(l, trimEnd(e.text), e.carrier)
	}
	return "generic.json"
}

// genericText reads what an agent carries and no family knows. What an application
// itself says in names of its own needs no second look.
func genericText(l *Line, b []byte, carrier bool) {
	if carrier || contains(b, "user=") {
		genericPairs(l, b)
	}
	genericWords(l, b)
}

func (f *jsonFields) leaf(path []byte, kind jsonKind, v []byte) {
	l := f.line
	if len(path) == 0 {
		return
	}
	f.n++
	if hasPrefix(path, "yagura.") { // these say what yagura found, whatever a sender writes
		return
	}
	if kind == jsonNull {
		l.SetNull(l.LocalBytes("", path))
		return
	}
	if jsonTime(l, path, v) || f.carry(l, path, kind, v) {
		return
	}
	if name, ok := event.FieldByName(str(path)); ok {
		setKind(l, name, v)
		return
	}
	if kind != jsonBool && bytes.IndexByte(path, '.') < 0 && setCommon(l, path, v) {
		return
	}
	l.Set(l.LocalBytes("", path), v)
}

// setKind sets an ECS field when the value is of its kind; an address that is
// none, or a port out of range, sets nothing. A name with one value keeps its first:
// "host" and "hostname" say the same.
func setKind(l *Line, f event.Field, v []byte) {
	switch f {
	case event.SourcePort, event.DestinationPort, event.ClientPort, event.ServerPort, event.URLPort:
		setPort(l, f, v)
		return
	case event.HostName, event.ProcessName:
		if l.Has(f) {
			return
		}
	}
	switch f.Kind() {
	case event.IP:
		setIP(l, f, v)
	case event.Long:
		setNumber(l, f, v)
	default:
		l.Set(f, v)
	}
}

// jsonTime takes the names that carry the event's time.
func jsonTime(l *Line, path, v []byte) bool {
	switch string(path) {
	case "@timestamp", "timestamp", "time", "ts", "datetime", "date", "eventTime", "event_time", "timereported", "created_at", "__REALTIME_TIMESTAMP":
	default:
		return false
	}
	if t, ok := epoch(v); ok {
		l.setInstant(t)
		return true
	}
	return l.setWritten(v)
}
