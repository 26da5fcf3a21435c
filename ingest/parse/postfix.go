package parse

import (
	"bytes"

	"yagura/internal/event"
)

// postfix reads Postfix's daemons. One mail is many lines, joined by the queue id
// (email.local_id). Clients are written "name[address]" or "[address]:port";
// the name "unknown" is none.
type postfix struct{}

func (postfix) name() string   { return "postfix" }
func (postfix) tags() []string { return []string{"postfix"} }

func (postfix) match(l *Line) int {
	if !hasPrefix(l.Tag, "postfix") {
		return 0
	}
	return certain
}

func (postfix) parse(l *Line) bool {
	l.noMACs = true
	b := trim(l.Body)
	l.SetString(event.EventCategory, "email")
	if id, rest, ok := queueID(b); ok {
		if string(id) != "NOQUEUE" {
			l.Set(event.EmailLocalID, id)
		}
		return postfixMail(l, rest)
	}
	return postfixOther(l, b)
}

// queueID cuts "4104E3D: ", "48rT2v1hQrz1J0N: " or "NOQUEUE: ".
func queueID(b []byte) (id, rest []byte, ok bool) {
	i := 0
	upper := false
	for i < len(b) && (digit(b[i]) || letter(b[i])) {
		upper = upper || digit(b[i]) || b[i]-'A' <= 25
		i++
	}
	if i < 5 || i > 24 || !upper || i+1 >= len(b) || b[i] != ':' || b[i+1] != ' ' {
		return nil, b, false
	}
	for _, c := range b[:i] {
		if digit(c) {
			return b[:i], b[i+2:], true
		}
	}
	id = b[:i]
	if string(id) == "NOQUEUE" || i >= 6 && string(bytes.ToUpper(id)) == string(id) && string(id) != "PREGREET" {
		return id, b[i+2:], true
	}
	return nil, b, false
}

// postfixMail reads what stands behind a queue id.
func postfixMail(l *Line, b []byte) bool {
	if rest, ok := cutPrefix(b, "warning: "); ok {
		if hasPrefix(rest, "header ") || hasPrefix(rest, "body ") { // header_checks, WARN
			return postfixVerdict(l, b)
		}
		b = rest
	}
	switch {
	case hasPrefix(b, "client="):
		postfixClient(l, b[len("client="):])
	case hasPrefix(b, "message-id="), hasPrefix(b, "resent-message-id="):
		_, id, _ := cut(b, "=")
		setText(l, event.EmailMessageID, bytes.Trim(id, "<>"))
	case hasPrefix(b, "uid="): // pickup: mail of a program on this host
		l.SetString(event.EventAction, "pickup")
		uid, _ := word(b[len("uid="):])
		setText(l, event.UserID, uid)
		postfixEnvelope(l, b)
	case string(b) == "removed":
		l.SetString(event.EventAction, "removed")
	case hasPrefix(b, "from="), hasPrefix(b, "to="):
		postfixDelivery(l, b)
	case contains(b, "notification: "):
		l.SetString(event.EventAction, "bounce")
	case hasPrefix(b, "host ") && (contains(b, " said: ") || contains(b, " refused to talk to me: ")):
		postfixSaid(l, b[len("host "):])
	default:
		return postfixVerdict(l, b) || l.Has(event.EmailLocalID)
	}
	return true
}

// postfixClient: "name[A][, sasl_method=LOGIN, sasl_username=x]".
func postfixClient(l *Line, b []byte) {
	setClient(l, b, sourceEnd)
	if _, user, ok := cut(b, "sasl_username="); ok {
		user, _, _ = cut(user, ", ")
		l.SetString(event.EventAction, "sasl-login")
		l.SetString(event.EventOutcome, "success")
		setUser(l, event.UserName, event.UserDomain, user)
	}
}

// ends names the fields of one end of a connection.
type ends struct{ ip, port, domain event.Field }

var (
	sourceEnd      = ends{event.SourceIP, event.SourcePort, event.SourceDomain}
	destinationEnd = ends{event.DestinationIP, event.DestinationPort, event.DestinationDomain}
)

// setClient reads "name[A]", "name[A]:port" or "[A]:port" at the start of b and
// says whether there was an address.
func setClient(l *Line, b []byte, e ends) bool {
	open := bytes.IndexByte(b, '[')
	if open < 0 || open > 255 || bytes.IndexByte(b[:open], ' ') >= 0 {
		return false
	}
	inner, rest, ok := cut(b[open+1:], "]")
	if !ok { // cut: so may the address be
		return false
	}
	inner, _ = cutPrefix(inner, "IPv6:")
	if !setIP(l, e.ip, inner) {
		return false
	}
	if name := b[:open]; len(name) > 0 && !equalFold(name, "unknown") {
		if _, addr := address(name); !addr {
			l.Set(e.domain, name)
		}
	}
	if len(rest) > 1 && rest[0] == ':' {
		setPort(l, e.port, rest[1:1+digits(rest[1:])])
	}
	return true
}

// postfixDelivery: "to=<x>, relay=h[A]:p, ..., dsn=2.0.0, status=sent (...)",
// "from=<x>, size=1, nrcpt=1 (queue active)".
func postfixDelivery(l *Line, b []byte) {
	head, paren, _ := cut(b, " (")
	for len(head) > 0 {
		var part []byte
		part, head, _ = cut(head, ", ")
		key, v, ok := cut(part, "=")
		if !ok {
			continue
		}
		switch string(key) {
		case "to":
			setMail(l, event.EmailTo, v)
		case "from":
			setMail(l, event.EmailFrom, v)
		case "relay":
			setClient(l, v, destinationEnd)
		case "dsn":
			l.Set(event.SMTPEnhancedStatus, v)
		case "status":
			postfixStatus(l, v)
		case "size":
			setNumber(l, l.Local("email.size"), v)
		}
	}
	if hasPrefix(paren, "queue active") {
		l.SetString(event.EventAction, "queued")
	} else if _, said, ok := cut(paren, " said: "); ok {
		setCode(l, said)
	} else {
		setCode(l, paren)
	}
}

func postfixStatus(l *Line, v []byte) {
	l.Set(event.EventAction, v)
	switch string(v) {
	case "sent":
		l.SetString(event.EventOutcome, "success")
	case "bounced", "expired", "undeliverable":
		l.SetString(event.EventOutcome, "failure")
	}
}

// setMail sets an address out of "<x>"; the empty sender sets nothing.
func setMail(l *Line, f event.Field, v []byte) {
	v = bytes.TrimRight(v, ",;")
	if n := len(v); n >= 2 && v[0] == '<' {
		if v[n-1] != '>' {
			l.broken("postfix:cut")
			return
		}
		v = v[1 : n-1]
	}
	setText(l, f, v)
}

// setCode sets "554 5.7.1 ..." at the start of an SMTP answer.
func setCode(l *Line, b []byte) {
	code, rest := word(b)
	if len(code) != 3 && (len(code) < 5 || code[3] != '-') {
		return
	}
	if n, ok := number(code[:3]); !ok || n < 200 || n > 599 {
		return
	}
	l.Set(event.SMTPResponseCode, code[:3])
	if dsn, _ := word(rest); len(dsn) >= 5 && digit(dsn[0]) && dsn[1] == '.' && !l.Has(event.SMTPEnhancedStatus) {
		l.Set(event.SMTPEnhancedStatus, dsn)
	}
}

// postfixSaid: "h[A] said: 450 4.7.1 ...", of the other side's server.
func postfixSaid(l *Line, b []byte) {
	setClient(l, b, destinationEnd)
	if _, said, ok := cut(b, " said: "); ok {
		setCode(l, said)
	} else if _, said, ok := cut(b, " refused to talk to me: "); ok {
		l.SetString(event.EventAction, "refused")
		setCode(l, said)
	}
}

// postfixVerdict: "reject: RCPT from h[A]: 554 5.7.1 why; from=<> to=<> proto=P
// helo=<>"; also milter-reject, discard, hold, prepend, warn, filter, redirect.
func postfixVerdict(l *Line, b []byte) bool {
	action, rest, ok := cut(b, ": ")
	if !ok || bytes.IndexByte(action, ' ') >= 0 || len(action) > 24 {
		return postfixOther(l, b)
	}
	l.Set(event.EventAction, action)
	switch string(action) {
	case "reject", "milter-reject", "discard", "milter-discard":
		l.SetString(event.EventType, "denied")
	}
	if hasPrefix(rest, "header ") || hasPrefix(rest, "body ") {
		return postfixHeader(l, rest)
	}
	head, tail, _ := cut(rest, "; ")
	if _, from, ok := cut(rest, " from "); ok && setClient(l, from, sourceEnd) {
		if _, answer, ok := cut(from, "]"); ok {
			_, answer, _ = cut(answer, ": ")
			setCode(l, answer)
		}
	}
	postfixEnvelope(l, tail)
	if len(tail) == 0 {
		postfixEnvelope(l, head)
	}
	return true
}

// postfixHeader: "header Subject: any text from h[A]; from=<> to=<> proto=P helo=<>[:
// why]". The text is the sender's: the line is cut from the right.
func postfixHeader(l *Line, b []byte) bool {
	head, tail, ok := cutLast(b, "; from=<")
	if !ok {
		return true
	}
	if _, from := lastFrom(head); from != nil {
		setClient(l, from, sourceEnd)
	}
	postfixEnvelope(l, b[len(b)-len(tail)-len("from=<"):])
	return true
}

// postfixEnvelope reads "from=<x> to=<y> proto=ESMTP helo=<z>".
func postfixEnvelope(l *Line, b []byte) {
	for len(b) > 0 {
		var w []byte
		w, b = word(b)
		if v, ok := cutPrefix(w, "from=<"); ok {
			setMail(l, event.EmailFrom, bytes.TrimRight(v, ">,:"))
		} else if v, ok := cutPrefix(w, "to=<"); ok {
			setMail(l, event.EmailTo, bytes.TrimRight(v, ">,:"))
		} else if v, ok := cutPrefix(w, "sasl_username="); ok {
			setUser(l, event.UserName, event.UserDomain, bytes.Trim(v, "<>,:"))
		}
	}
}
