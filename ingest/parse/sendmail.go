package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sendmail reads sendmail's lines: "ID: from=<a>, size=1, ..., relay=name [A]", "ID:
// to=<b>, ..., relay=name. [A], dsn=2.0.0, stat=Sent (why)", "ID: ruleset=check_rcpt,
// arg1=<x>, relay=name [A], reject=550 ...", "AUTH=server, relay=name [A], authid=x".
type sendmail struct{}

func (sendmail) name() string { return "sendmail" }
func (sendmail) tags() []string {
	return []string{"sendmail", "sm-mta", "sm-msp-queue"}
}

func (sendmail) match(l *Line) int {
	switch string(l.Tag) {
	case "sendmail", "sm-mta", "sm-msp-queue":
		return certain
	}
	return 0
}

func (sendmail) parse(l *Line) bool {
	b := trim(l.Body)
	l.SetString(event.EventCategory, "email")
	id, rest, ok := cut(b, ": ")
	if ok && len(id) > 7 && len(id) < 24 && bytes.IndexByte(id, ' ') < 0 && bytes.IndexByte(id, '=') < 0 {
		l.Set(event.EmailLocalID, id)
		b = rest
	}
	if hasPrefix(b, "AUTH failure (") {
		l.SetString(event.EventAction, "sasl-login")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	}
	e, found := sourceEnd, ok
	if hasPrefix(b, "to=") {
		e = destinationEnd
	}
	for len(b) > 0 {
		var part []byte
		part, b, _ = cut(b, ", ")
		key, v, ok := cut(part, "=")
		if !ok {
			continue
		}
		found = true
		if string(key) == "stat" || string(key) == "reject" { // to the end of the line
			if len(b) > 0 {
				v = part[len(key)+1 : len(part)+2+len(b)]
			}
			b = nil
		}
		sendmailField(l, e, key, v)
	}
	return found
}

func sendmailField(l *Line, e ends, key, v []byte) {
	switch string(key) {
	case "from":
		setMail(l, event.EmailFrom, v)
	case "to":
		for len(v) > 0 {
			var one []byte
			one, v, _ = cut(v, ",")
			setMail(l, event.EmailTo, one)
		}
	case "msgid":
		setText(l, event.EmailMessageID, bytes.Trim(v, "<>"))
	case "size":
		setNumber(l, l.Local("email.size"), v)
	case "dsn":
		setText(l, event.SMTPEnhancedStatus, v)
	case "relay":
		sendmailRelay(l, e, v)
	case "AUTH":
		l.SetString(event.EventAction, "sasl-login")
		l.SetString(event.EventOutcome, "success")
	case "authid":
		setUser(l, event.UserName, event.UserDomain, v)
	case "arg1":
		if _, ok := address(v); !ok && bytes.IndexByte(v, '@') > 0 && !l.Has(event.EmailTo) {
			setMail(l, event.EmailTo, v)
		}
	case "reject":
		l.SetString(event.EventAction, "reject")
		l.SetString(event.EventType, "denied")
		setCode(l, v)
		setText(l, event.EventReason, v)
	case "stat":
		sendmailStatus(l, v)
	}
}

// sendmailRelay: "name [A]", "[A]", "name. [A]", "user@localhost".
func sendmailRelay(l *Line, e ends, v []byte) {
	name, addr, ok := cutLast(v, "[")
	if !ok {
		return
	}
	addr, _, _ = cut(addr, "]")
	addr, _ = cutPrefix(addr, "IPv6:")
	if !setIP(l, e.ip, addr) {
		return
	}
	name = bytes.TrimRight(trim(name), ".")
	if i := bytes.LastIndexByte(name, '@'); i >= 0 {
		name = name[i+1:]
	}
	if len(name) > 0 && hostLike(name) {
		l.Set(e.domain, name)
	}
}

func sendmailStatus(l *Line, v []byte) {
	switch {
	case hasPrefix(v, "Sent"):
		l.SetString(event.EventAction, "sent")
		l.SetString(event.EventOutcome, "success")
	case hasPrefix(v, "Deferred"):
		l.SetString(event.EventAction, "deferred")
	case hasPrefix(v, "queued"):
		l.SetString(event.EventAction, "queued")
	default:
		l.SetString(event.EventAction, "bounced")
		l.SetString(event.EventOutcome, "failure")
	}
	setText(l, event.EventReason, v)
}
