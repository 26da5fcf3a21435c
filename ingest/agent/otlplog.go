package agent

import (
	"bytes"
	"errors"
	"math"
	"time"

	"yagura/internal/event"
)

// otlpDepth is how deep values are looked into.
const otlpDepth = 32

// errDeep says that a value lies deeper than that.
var errDeep = errors.New("a value is nested more than 32 deep")

// maxEnvelope bounds the attributes of resource and scope: they become fields of each
// record.
const maxEnvelope = 64 << 10

var errEnvelope = errors.New("the attributes of a resource and its scope hold more than 64 KiB")

// envelope checks what stands above the records.
func (l *otlpLog) envelope() error {
	n := len(l.scopeName)
	for _, list := range [][]otlpAttr{l.resource, l.scope} {
		for _, a := range list {
			n += len(a.key) + len(a.value)
		}
	}
	if n > maxEnvelope {
		return errEnvelope
	}
	return nil
}

// otlpLog is one log record of OTLP with what stands above it. Its bytes are
// valid inside the call that gets it.
type otlpLog struct {
	resource, scope []otlpAttr // attributes; kept from one record to the next
	scopeName       []byte
	attrs           []otlpAttr
	time, observed  uint64 // nanoseconds since 1970; 0: unknown
	severity        int    // 1 to 24; 0: unknown
	severityText    []byte
	body            []byte // what a string says; any other value as JSON; empty: there is none
	trace, span     []byte // hexadecimal; empty: none
	event           []byte // its name
}

// otlpAttr is a named value: what a string says, or JSON.
type otlpAttr struct {
	key, value []byte
	json       bool
}

// clear empties what is a record's own.
func (l *otlpLog) clear() {
	*l = otlpLog{resource: l.resource, scope: l.scope, scopeName: l.scopeName, attrs: l.attrs[:0]}
}

// record is what is kept of it: a line or document, as the body says it; a record
// without a body is its attributes. false: there is neither.
func (l *otlpLog) record() (Record, bool) {
	raw := l.body
	if len(raw) == 0 {
		if len(l.attrs) == 0 && len(l.event) == 0 {
			return Record{}, false
		}
		raw = l.document()
	}
	return Record{Raw: raw, Time: l.when(), Fill: l.fill}, true
}

// when is the time of the record, or else of its observation.
func (l *otlpLog) when() time.Time {
	for _, ns := range []uint64{l.time, l.observed} {
		if ns > 0 && ns < math.MaxInt64 {
			return time.Unix(0, int64(ns))
		}
	}
	return time.Time{}
}

// document writes event name and attributes as a JSON object.
func (l *otlpLog) document() []byte {
	b := []byte{'{'}
	if len(l.event) > 0 {
		b = jsonAppend(append(b, `"event.name":`...), l.event)
	}
	for _, a := range l.attrs {
		if len(b) > event.MaxRaw { // it will be cut
			break
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(jsonAppend(b, a.key), ':')
		switch {
		case !a.json:
			b = jsonAppend(b, a.value)
		case len(b)+len(a.value) < 2*event.MaxRaw:
			b = append(b, a.value...)
		}
	}
	return append(b, '}')
}

// ecsNames are the names of OpenTelemetry's conventions that ECS has under another.
var ecsNames = map[string]event.Field{
	"process.executable.path": event.ProcessExecutable,
	"process.owner":           event.UserName,
	"client.address":          event.ClientIP,
	"server.address":          event.ServerIP,
	"source.address":          event.SourceIP,
	"destination.address":     event.DestinationIP,
	"network.peer.address":    event.SourceIP,
	"network.peer.port":       event.SourcePort,
	"http.url":                event.URLFull,
	"exception.message":       event.ErrorMessage,
}

// fill sets what the record says beside its body and the parser did not find.
func (l *otlpLog) fill(d *event.Draft) {
	if len(l.severityText) > 0 {
		setAbsent(d, event.LogLevel, bytes.ToLower(l.severityText))
	} else {
		setAbsent(d, event.LogLevel, []byte(severityName(l.severity)))
	}
	setAbsent(d, event.TraceID, l.trace)
	setAbsent(d, event.SpanID, l.span)
	setAbsent(d, event.LogLogger, l.scopeName)
	setAbsent(d, event.EventAction, l.event)
	for _, list := range [][]otlpAttr{l.attrs, l.scope, l.resource} {
		for _, a := range list {
			if f := ecsNames[string(a.key)]; f != 0 && ofKind(f, a.value) {
				setAbsent(d, f, a.value)
				continue
			}
			setNamed(d, "", string(a.key), a.value)
		}
	}
}

// severityName is the word of a severity number (OpenTelemetry, "Log data model").
func severityName(n int) string {
	if n < 1 || n > 24 {
		return ""
	}
	return [...]string{"trace", "debug", "info", "warn", "error", "fatal"}[(n-1)/4]
}
