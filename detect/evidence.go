package detect

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"yagura/internal/event"
)

// entities are the fields that tell alerts of a plain rule apart.
var entities = [...]event.Field{event.SourceIP, event.UserName, event.HostName, event.DestinationIP}

// shown are the fields that an alert shows of each contributing event.
var shown = [...]event.Field{
	event.EventAction, event.EventOutcome, event.EventCode, event.HostName, event.UserName, event.UserTargetName,
	event.SourceIP, event.SourcePort, event.SourceDomain, event.DestinationIP, event.DestinationPort, event.DestinationDomain,
	event.ProcessName, event.ProcessExecutable, event.ProcessCommandLine, event.FilePath, event.URLOriginal, event.RuleName,
	event.NetworkBytes, event.ObserverName, event.YaguraSourceZone, event.YaguraDestinationZone,
}

// maxKeptText bounds the text of an event that waits in a group's window.
const maxKeptText = 512

// entityGroup is the group of a plain rule's alert: the entities of its event, or
// who sent it when it has none.
func entityGroup(group []groupValue, ev event.Event) []groupValue {
	for _, f := range entities {
		if v, ok := ev.Get(f); ok && len(v) > 0 {
			group = append(group, groupValue{f.Name(), v})
		}
	}
	if len(group) > 0 {
		return group
	}
	if v, ok := ev.Get(event.ObserverName); ok && len(v) > 0 {
		return append(group, groupValue{event.ObserverName.Name(), v})
	}
	if peer := ev.Source().Peer; peer != "" {
		return append(group, groupValue{"yagura.peer", []byte(peer)})
	}
	return group
}

// alertEvent copies of an event what an alert shows.
func alertEvent(ev event.Event, limit int) event.AlertEvent {
	text := ev.Message()
	if text == nil {
		text = ev.Raw()
	}
	out := event.AlertEvent{ID: ev.ID(), Time: ev.Time(), Source: ev.Source().Peer, Message: cut(text, limit)}
	for _, f := range shown {
		if v, ok := ev.Get(f); ok && len(v) > 0 {
			out.Fields = append(out.Fields, event.Pair{Name: f.Name(), Value: cut(v, limit/2)})
		}
	}
	return out
}

// cut copies text, made valid UTF-8 and at most limit bytes.
func cut(v []byte, limit int) string {
	if len(v) <= limit && utf8.Valid(v) {
		return string(v)
	}
	out := make([]byte, 0, min(len(v), limit)+3)
	for len(v) > 0 {
		r, size := utf8.DecodeRune(v)
		if len(out)+max(size, utf8.RuneLen(r)) > limit {
			return string(append(out, "…"...))
		}
		out = utf8.AppendRune(out, r)
		v = v[size:]
	}
	return string(out)
}

// packEvent is alertEvent in the form in which groups keep it: one piece of memory
// for each event. The slice is exact and the caller's.
func (e *Engine) packEvent(ev event.Event) []byte {
	text := ev.Message()
	if text == nil {
		text = ev.Raw()
	}
	w := writer{e.packed[:0]}
	e.key = append(e.key[:0], e.identity...)
	e.key = strconv.AppendInt(append(e.key, '/'), int64(ev.Index()), 10)
	w.bytes(e.key)
	w.int(ev.TimeNano())
	w.text(ev.Source().Peer)
	w.cut(text, maxKeptText)
	count := len(w.b)
	w.b = append(w.b, 0) // the number of fields: fewer than 128
	for _, f := range shown {
		if v, ok := ev.Get(f); ok && len(v) > 0 {
			w.b[count]++
			w.uint(uint64(f))
			w.cut(v, maxKeptText/2)
		}
	}
	e.packed = w.b
	return bytes.Clone(w.b)
}

// cut writes a value as cut makes it.
func (w *writer) cut(v []byte, limit int) {
	if len(v) <= limit && utf8.Valid(v) {
		w.bytes(v)
		return
	}
	w.text(cut(v, limit))
}

// unpackEvents reads what groups keep.
func unpackEvents(packed []byte) (out []event.AlertEvent) {
	r := reader{rest: packed}
	for len(r.rest) > 0 && !r.bad {
		t := event.AlertEvent{ID: r.text(), Time: time.Unix(0, r.int()).UTC(), Source: r.text(), Message: r.text()}
		for n := r.count(); n > 0 && !r.bad; n-- {
			t.Fields = append(t.Fields, event.Pair{Name: event.Field(r.uint()).Name(), Value: r.text()})
		}
		if !r.bad {
			out = append(out, t)
		}
	}
	return out
}
