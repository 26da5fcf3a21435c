package parse

import (
	"bytes"

	"yagura/internal/event"
)

// auditd parses the records of the Linux audit system: as auditd writes them, plain or
// enriched, as auditbeat-like relays and audisp send them, and as the kernel prints
// them ("audit: type=1400 audit(...)"). Several records of one event share time and
// auditd.sequence. Source: audit-userspace, "audit-event-fields" and
// "auparse/typetab.h".
//
// Every field is kept as auditd.data.NAME, hex-coded values decoded.
type auditd struct{}

func (auditd) name() string      { return "linux.auditd" }
func (auditd) aliases() []string { return []string{"auditd"} }

func (auditd) match(l *Line) int {
	if _, ok := auditHead(l.fromTag()); ok {
		return 97
	}
	if _, ok := auditJournal(l); ok {
		return 97
	}
	return 0
}

func (auditd) parse(l *Line) bool {
	l.noMACs = true
	h, ok := auditHead(l.fromTag())
	if !ok {
		if h, ok = auditJournal(l); !ok {
			return false
		}
		r := auditRecord{Line: l, kind: h.kind}
		l.Tag, l.PID = nil, nil
		l.Set(event.AuditdRecordType, r.kind)
		r.read(h.rest)
		r.finish()
		return true
	}
	l.untag(h.rest)
	if v, ok := l.Get(event.YaguraAnomaly); ok && string(v) == "control" && bytes.IndexByte(h.rest, 0x1d) >= 0 {
		l.Delete(event.YaguraAnomaly) // the group separator of enriched records
	}
	l.setInstant(h.when)
	setNumber(l, event.AuditdSequence, h.sequence)
	sequence, _ := number(h.sequence)
	if len(h.node) > 0 {
		l.Host = h.node
	}
	r := auditRecord{Line: l, kind: auditType(h.kind), number: sequence}
	l.Set(event.AuditdRecordType, r.kind)
	r.read(h.rest)
	r.finish()
	r.event()
	return true
}

// event ties the records of one event together.
func (r *auditRecord) event() {
	memory := &r.scratch.audit
	if string(r.kind) == "SYSCALL" {
		memory.remember(r)
		return
	}
	facts := memory.recall(r)
	call := auditCallOther
	if facts != nil {
		call = facts.call
		facts.join(r)
	}
	if r.saddr != nil {
		r.socket(call, facts != nil)
	}
}

// auditRecord is one record while it is read.
type auditRecord struct {
	*Line
	kind                               []byte
	arch, syscall, syscallName         []byte
	uid, auid, euid, acct, id, uidName []byte
	success, res, addr, hostname, unit []byte
	saddr, auidName, idName            []byte
	number                             int64  // sequence
	action                             string // of a system call
	call                               auditCall
	args                               int
	split                              bool // an argument in parts is being read: it begins in line at splitAt
	splitAt                            int
	line                               []byte // arguments joined
}

// read walks the fields: those of the kernel, then, behind a group separator, the
// names that auditd resolved on the host.
func (r *auditRecord) read(b []byte) {
	for len(b) > 0 {
		part := b
		if i := bytes.IndexByte(b, 0x1d); i >= 0 {
			part, b = b[:i], b[i+1:]
		} else if i := index(b, "#035"); i >= 0 { // as rsyslog escapes it
			part, b = b[:i], b[i+4:]
		} else {
			b = nil
		}
		r.pairs(part)
	}
}

func (r *auditRecord) pairs(b []byte) {
	for p := (pairs{rest: b}); p.next(); {
		if string(p.key) == "msg" && contains(p.value, "=") {
			if p.open {
				partial(r.Draft, "auditd:cut")
			}
			r.pairs(p.value)
			continue
		}
		if p.open {
			partial(r.Draft, "auditd:cut")
			return
		}
		if string(p.key) == "key" && hasPrefix(p.value, "(null)") { // a relay dropped the separator behind it
			p.value = p.value[:len("(null)")]
		}
		if string(p.key) == "SADDR" { // {: what it holds follows
			continue
		}
		r.field(p.key, p.value)
	}
}

// field decodes and files one field.
func (r *auditRecord) field(key, v []byte) {
	if len(key) > 64 {
		return
	}
	if r.coded(key) && !r.wasQuoted(v) {
		if text, ok := auditHex(v); ok {
			v = text
		} else if len(v) > 8 && isHex(v) { // an odd number of digits: cut
			partial(r.Draft, "auditd:cut")
			r.Set(r.LocalBytes("auditd.data.", key), v)
			return
		}
	}
	if string(key) == "proctitle" {
		v = auditJoined(v)
	}
	r.Set(r.LocalBytes("auditd.data.", key), v)
	if none(v) || string(v) == "(none)" {
		return
	}
	_, v = r.At(r.Len() - 1)
	r.take(key, v)
}

// wasQuoted says whether a value stood in quotes: then it is text as it is.
func (r *auditRecord) wasQuoted(v []byte) bool {
	rest, ok := r.from(v)
	if !ok {
		return false
	}
	at := len(r.Whole) - len(rest)
	return at > 0 && r.Whole[at-1] == '"'
}

// coded says whether the field is one that the kernel writes in hexadecimal when
// it holds blanks, quotes or control bytes.
func (r *auditRecord) coded(key []byte) bool {
	switch string(key) {
	case "exe", "comm", "name", "cwd", "proctitle", "cmd", "acct", "key", "path", "file", "dir", "data", "grp", "new_group",
		"watch", "vm", "old-disk", "new-disk", "device", "cgroup", "ocomm":
		return true
	}
	_, _, ok := r.place(key)
	return ok
}

// take maps one field.
func (r *auditRecord) take(key, v []byte) {
	switch string(key) {
	case "pid":
		setNumber(r.Line, event.ProcessPID, v)
	case "ppid":
		setNumber(r.Line, event.ProcessParentPID, v)
	case "comm":
		r.Set(event.ProcessName, v)
	case "exe":
		r.Set(event.ProcessExecutable, v)
	case "cwd":
		r.Set(event.ProcessWorkingDirectory, v)
	case "proctitle":
		r.Set(event.ProcessTitle, v)
	case "cmd":
		r.Set(event.ProcessCommandLine, v)
	case "ses":
		if string(v) != "4294967295" {
			r.Set(event.AuditdSession, v)
		}
	case "key":
		for len(v) > 0 { // several keys are parted by 0x01
			one, rest, _ := bytes.Cut(v, []byte{1})
			setText(r.Line, event.RuleName, one)
			v = rest
		}
	case "uid":
		r.uid = v
	case "auid":
		r.auid = v
	case "euid":
		r.euid = v
	case "acct":
		r.acct = v
	case "id":
		r.id = v
	case "UID":
		r.uidName = v
	case "ID":
		r.idName = v
	case "AUID":
		r.auidName = v
	case "saddr":
		r.saddr = v
	case "arch":
		r.arch = v
	case "syscall":
		r.syscall = v
	case "SYSCALL":
		r.syscallName = v
	case "success":
		r.success = v
	case "res", "result":
		r.res = v
	case "addr":
		r.addr = v
	case "hostname":
		r.hostname = v
	case "rport":
		putPort(r.Line, event.SourcePort, v)
	case "unit":
		r.unit = v
	case "name":
		if string(r.kind) == "PATH" {
			r.Set(event.FilePath, v)
		}
	case "inode":
		if string(r.kind) == "PATH" {
			setNumber(r.Line, event.FileInode, v)
		}
	case "mode":
		if string(r.kind) == "PATH" {
			r.Set(event.FileMode, v)
		}
	default:
		r.argument(key, v)
	}
}

// auditHex decodes an even number of hexadecimal digits.
func auditHex(v []byte) ([]byte, bool) {
	if len(v) < 2 || len(v)%2 != 0 || !isHex(v) {
		return nil, false
	}
	out := make([]byte, len(v)/2)
	for i := range out {
		out[i] = nibble(v[2*i])<<4 | nibble(v[2*i+1])
	}
	return out, true
}

func nibble(c byte) byte {
	if digit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// auditJoined replaces the zero bytes between arguments.
func auditJoined(v []byte) []byte {
	if bytes.IndexByte(v, 0) < 0 {
		return v
	}
	return bytes.ReplaceAll(bytes.TrimRight(v, "\x00"), []byte{0}, []byte{' '})
}
