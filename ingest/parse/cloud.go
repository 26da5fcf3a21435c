package parse

import (
	"bytes"
	"sync"
	"time"

	"yagura/internal/event"
)

// Audit documents of cloud services: Microsoft 365's unified audit log (Office 365
// Management Activity API, and the export of Search-UnifiedAuditLog), Entra ID's
// sign-ins and directory audits (Microsoft Graph, and the diagnostic form of Azure
// Monitor), AWS CloudTrail. Every value is kept as PREFIX.NAME beside the ECS fields.

// cloudRecord is one document while it is read.
type cloudRecord struct {
	*Line
	walker jsonWalk
	prefix string // of names that have no ECS field
	name   []byte // of a {Name, Value} pair whose value has not come yet
	inner  bool   // AuditData is being read
	timed  bool   // the time was read
	text   [cloudKeys][]byte
}

// cloudKey numbers the values that need the whole document.
type cloudKey int

const (
	cloudOperation cloudKey = iota
	cloudWorkload
	cloudStatus
	cloudError
	cloudReason
	cloudUser
	cloudObject
	cloudCategory
	cloudApp
	cloudSource
	cloudLogin
	cloudKeys
)

// cloudRecords are kept for their buffers.
type cloudRecords struct{ pool *sync.Pool }

func newCloudRecords() cloudRecords {
	return cloudRecords{&sync.Pool{New: func() any { return new(cloudRecord) }}}
}

// read walks the document at the start of the line with to, which maps one leaf.
func (c cloudRecords) read(l *Line, prefix string, to func(*cloudRecord, []byte, []byte) bool) *cloudRecord {
	r := c.pool.Get().(*cloudRecord)
	walker, name := r.walker, r.name[:0]
	*r = cloudRecord{Line: l, walker: walker, name: name, prefix: prefix}
	body := trimLeft(l.Body)
	if rest, ok := cutPrefix(body, "@cee:"); ok {
		body = trimLeft(rest)
	}
	if _, ok := r.walker.walk(body, cloudLeaves{r, to}); !ok {
		l.broken("json:cut")
	}
	return r
}

func (c cloudRecords) done(r *cloudRecord) {
	r.Line, r.text = nil, [cloudKeys][]byte{}
	c.pool.Put(r)
}

// cloudLeaves hands leaves to a service's mapping; what it does not take is kept under
// its own name.
type cloudLeaves struct {
	*cloudRecord
	to func(r *cloudRecord, path, v []byte) bool
}

func (c cloudLeaves) leaf(path []byte, kind jsonKind, v []byte) {
	if kind == jsonNull || len(path) == 0 || len(path) > 200 {
		return
	}
	r := c.cloudRecord
	switch { // {"Name": ..., "Value": ...}
	case hasSuffix(path, "Properties.Name"), hasSuffix(path, "Parameters.Name"):
		r.name = append(append(r.name[:0], path[:len(path)-len("Name")]...), v...)
		return
	case len(r.name) > 0 && (hasSuffix(path, "s.Value") || hasSuffix(path, "s.NewValue")):
		path = r.name
	}
	if !c.to(r, path, v) && len(v) > 0 {
		r.Set(r.LocalBytes(r.prefix, path), v)
	}
}

// keep holds a value for finish.
func (r *cloudRecord) keep(key cloudKey, v []byte) bool {
	if r.text[key] == nil && len(v) > 0 {
		r.text[key] = r.hold(v)
	}
	return false // it stays under its own name, too
}

// once sets f unless it has a value.
func (r *cloudRecord) once(f event.Field, v []byte) bool {
	if !r.Has(f) {
		setText(r.Line, f, v)
	}
	return true
}

// address sets the source: "A", "A:port", "[A]:port".
func (r *cloudRecord) address(v []byte) bool {
	if !r.Has(event.SourceIP) && !setEndpoint(r.Line, event.SourceIP, event.SourcePort, v) {
		putEnd(r.Line, event.SourceIP, event.SourcePort, v)
	}
	return true
}

// user sets the actor: an address of Entra ID stays whole, as everything there is known
// by it.
func (r *cloudRecord) user(v []byte) bool {
	if !r.Has(event.UserName) && setText(r.Line, event.UserName, v) && bytes.IndexByte(v, '@') > 0 {
		setText(r.Line, event.UserEmail, v)
	}
	return true
}

// utc sets a time; one without a zone is UTC, as these services write it.
func (r *cloudRecord) utc(v []byte) bool {
	s, n, ok := readStamp(v)
	if !ok || n != len(v) {
		return false
	}
	if !s.zoned {
		s.zoned, s.offset = true, 0
	}
	if !r.timed {
		r.timed = true
		r.setInstant(s.in(s.year, time.UTC))
	}
	return true
}

// class sets category and type by the words of an operation's name.
func (r *cloudRecord) class(category string, op []byte) {
	typ := "info"
	var tmp [64]byte
	op = lowerInto(tmp[:0], op[:min(len(op), len(tmp))])
	for _, w := range cloudTypes {
		if contains(op, w.word) {
			typ = w.typ
			break
		}
	}
	setClass(r.Draft, category, typ)
}

// cloudTypes: the first word that the operation's name holds says its type.
var cloudTypes = [...]struct{ word, typ string }{
	{"member", "change"}, {"delete", "deletion"}, {"remove", "deletion"}, {"hardd", "deletion"}, {"softd", "deletion"}, {"recycle", "deletion"},
	{"download", "access"}, {"access", "access"}, {"preview", "access"}, {"viewed", "access"},
	{"upload", "creation"}, {"create", "creation"}, {"new-", "creation"}, {"add ", "creation"}, {"add-", "creation"}, {"invite", "creation"},
	{"put", "change"}, {"set", "change"}, {"update", "change"}, {"modif", "change"}, {"change", "change"}, {"rename", "change"}, {"move", "change"},
	{"enable", "change"}, {"disable", "change"}, {"attach", "change"}, {"grant", "change"}, {"consent", "change"}, {"restore", "change"}, {"share", "change"},
	{"get", "access"}, {"list", "access"}, {"describe", "access"},
}
