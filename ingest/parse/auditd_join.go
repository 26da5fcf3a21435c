package parse

import (
	"bytes"

	"yagura/internal/event"
)

// The records of one event carry one "audit(TIME:SERIAL)". Each stays an event of its
// own, but what its SYSCALL record said about user and process is repeated in those
// that follow it from the same sender: who opened the file that a PATH names, what
// connected to the address of a SOCKADDR.

// auditShared are the fields that are handed on.
var auditShared = [...]event.Field{
	event.UserName, event.UserID, event.UserEffectiveID, event.UserEffectiveName, event.ProcessPID, event.ProcessParentPID,
	event.ProcessName, event.ProcessExecutable, event.AuditdSession, event.EventOutcome, event.RuleName,
}

// auditRemembered bounds how many events a parser remembers: records of one event
// come together, those of several senders and processors may be mixed.
const auditRemembered = 32

// auditMemory holds the latest SYSCALL records.
type auditMemory struct {
	facts [auditRemembered]auditFacts
	next  int
}

// auditFacts is what one SYSCALL record said. Its buffer is used again.
type auditFacts struct {
	when     int64 // ns
	sequence int64
	peer     string
	host     int // bytes of text that name the host
	text     []byte
	ends     [len(auditShared)]int // where in text the values end
	action   string
	call     auditCall
}

// remember keeps the facts of a SYSCALL record.
func (m *auditMemory) remember(r *auditRecord) {
	f := &m.facts[m.next]
	m.next = (m.next + 1) % len(m.facts)
	f.when, f.sequence, f.peer = r.Time.UnixNano(), r.number, r.Source.Peer
	f.text = append(f.text[:0], r.host()...)
	f.host = len(f.text)
	for i, name := range auditShared {
		v, _ := r.Draft.Get(name)
		f.text = append(f.text, v...)
		f.ends[i] = len(f.text)
	}
	f.action, f.call = r.action, r.call
}

// recall finds the SYSCALL record of the same event, the latest first.
func (m *auditMemory) recall(r *auditRecord) *auditFacts {
	when, host := r.Time.UnixNano(), r.host()
	for i := range m.facts {
		f := &m.facts[(m.next+len(m.facts)-1-i)%len(m.facts)]
		if f.sequence == r.number && f.when == when && f.peer == r.Source.Peer && bytes.Equal(f.text[:f.host], host) {
			return f
		}
	}
	return nil
}

// host names the sender's host: by the header, or by the document that carries the
// record.
func (r *auditRecord) host() []byte {
	if r.Host != nil {
		return r.Host
	}
	v, _ := r.Draft.Get(event.HostName)
	return v
}

// join adds the facts that the record does not have itself.
func (f *auditFacts) join(r *auditRecord) {
	from := f.host
	for i, name := range auditShared {
		v := f.text[from:f.ends[i]]
		from = f.ends[i]
		if len(v) > 0 && !r.Has(name) {
			r.Set(name, v)
		}
	}
	switch string(r.kind) {
	case "PATH", "CWD", "PROCTITLE", "SOCKADDR":
		if f.action != "" && !r.Has(event.EventAction) {
			r.SetString(event.EventAction, f.action)
		}
	}
}
