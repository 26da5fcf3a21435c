package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sambaJSON reads Samba's audit in JSON (auth_json_audit, dsdb_json_audit and its
// like): an object with a type, and under the type's name what happened. Source:
// Samba's wiki, "Setting up Audit Logging".
type sambaJSON struct{ records cloudRecords }

func newSambaJSON() sambaJSON { return sambaJSON{newCloudRecords()} }

func (sambaJSON) name() string { return "samba.json" }
func (sambaJSON) objects()     {}

func (sambaJSON) match(l *Line) int {
	b := l.Body
	if !jsonNames(b, "type") || !jsonNames(b, "version") {
		return 0
	}
	for _, kind := range sambaKinds {
		if jsonNames(b, kind) && (jsonNames(b, "remoteAddress") || jsonNames(b, "dn")) {
			return 96
		}
	}
	return 0
}

var sambaKinds = [...]string{"Authentication", "Authorization", "KDC Authorization", "passwordChange", "groupChange", "dsdbChange"}

func (f sambaJSON) parse(l *Line) bool {
	r := f.records.read(l, "samba.", sambaLeaf)
	defer f.records.done(r)
	op, status := r.text[cloudOperation], r.text[cloudStatus]
	switch string(r.text[cloudCategory]) {
	case "Authentication":
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		if status != nil {
			outcome(l, string(status) == "NT_STATUS_OK")
		}
		if status != nil && string(status) != "NT_STATUS_OK" {
			l.Set(event.EventReason, status)
		}
	case "Authorization", "KDC Authorization":
		l.SetString(event.EventAction, "authorized")
		setClass(l.Draft, "session", "start")
	case "passwordChange":
		l.SetString(event.EventAction, "password-changed")
		setClass(l.Draft, "iam", "change")
		r.done()
	case "groupChange":
		l.SetString(event.EventAction, sambaGroup(op))
		setClass(l.Draft, "iam", "change")
		r.done()
	case "dsdbChange":
		setText(l, event.EventAction, op)
		r.class("iam", op)
		r.done()
	default:
		return false
	}
	return true
}

// done: changes of the directory say their status as a number, 0 for done.
func (r *cloudRecord) done() {
	if code := r.text[cloudError]; code != nil {
		outcome(r.Line, string(code) == "0")
	}
}

func sambaGroup(op []byte) string {
	if equalFold(op, "removed") {
		return "group-member-removed"
	}
	return "group-member-added"
}

func sambaLeaf(r *cloudRecord, path, v []byte) bool {
	if string(path) == "timestamp" {
		return r.setWritten(v)
	}
	if string(path) == "type" {
		return r.keep(cloudCategory, v)
	}
	_, name, ok := cut(path, ".")
	if !ok {
		return false
	}
	switch string(name) {
	case "status":
		return r.keep(cloudStatus, v)
	case "statusCode":
		return r.keep(cloudError, v)
	case "action", "operation":
		return r.keep(cloudOperation, v)
	case "remoteAddress":
		return sambaAddress(r, event.SourceIP, event.SourcePort, v)
	case "localAddress":
		return sambaAddress(r, event.DestinationIP, event.DestinationPort, v)
	case "clientAccount", "account":
		return setUser(r.Line, event.UserName, event.UserDomain, v)
	case "clientDomain", "domain":
		return r.once(event.UserDomain, v)
	case "workstation":
		return r.once(event.SourceDomain, bytes.TrimLeft(v, `\`))
	case "sid", "userSid":
		return r.once(event.UserID, v)
	case "user", "dn":
		return r.once(event.UserTargetName, sambaCN(v))
	case "group":
		return r.once(event.GroupName, sambaCN(v))
	}
	return false
}

// sambaAddress: "ipv4:A:p", "ipv6:A:p", "unix:".
func sambaAddress(r *cloudRecord, ip, port event.Field, v []byte) bool {
	kind, rest, _ := cut(v, ":")
	if hasPrefix(kind, "ipv") && !r.Has(ip) {
		putFlowEnd(r.Line, ip, port, rest)
	}
	return true
}

// sambaCN is the first name of a distinguished name.
func sambaCN(dn []byte) []byte {
	first, _, _ := bytes.Cut(dn, []byte{','})
	if _, name, ok := cut(first, "="); ok {
		return name
	}
	return dn
}
