package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ciscoASA parses the messages of Cisco ASA, PIX, FWSM and Firepower (FTD). Source:
// "Cisco Secure Firewall ASA Series Syslog Messages". The shapes of the messages are
// a table (cisco_asa_table.go); connections, whose ends are printed by security
// level and not by who began, are read in cisco_asa_conn.go.
type ciscoASA struct{}

func (ciscoASA) name() string { return "cisco.asa" }

func (ciscoASA) aliases() []string { return []string{"cisco.ftd", "cisco.pix"} }

func (ciscoASA) match(l *Line) int {
	text := asaText(l)
	if t, ok := readCiscoTag(text); ok {
		if t.isFirewall() {
			return 98
		}
		return 0
	}
	if _, _, body := asaNumber(text); body != nil {
		return 90
	}
	if asaSentence(asaPlain(l)) {
		return 80
	}
	if firepowerPairs(l.Body) {
		return 90
	}
	return 0
}

func (ciscoASA) parse(l *Line) bool {
	text := asaText(l)
	t, ok := readCiscoTag(text)
	switch {
	case ok && t.isFirewall():
		t.begin(l, text)
		l.Set(event.EventCode, t.mnemonic)
	default:
		head, number, body := asaNumber(text)
		if body == nil && firepowerPairs(l.Body) {
			setObserver(l.Draft, "Cisco", "FTD", "firewall")
			asaPairs(l, nil, l.Body)
			return true
		}
		if body == nil {
			body = asaPlain(l)
		} else {
			l.Set(event.EventCode, number)
			asaExportHead(l, head)
		}
		t = ciscoTag{mnemonic: number, body: body}
		l.untag(body)
	}
	product := "ASA"
	if hasPrefix(t.facility, "FTD") {
		product = "FTD"
	}
	setObserver(l.Draft, "Cisco", product, "firewall")
	asaBody(l, t.mnemonic, t.body)
	if !l.Has(event.EventCategory) {
		setClass(l.Draft, "network", "")
	}
	return true
}

// asaText is ciscoText, or the body when it has the export form.
func asaText(l *Line) []byte {
	if b := l.Body; len(b) > 12 && b[1] == '|' && digit(b[0]) {
		return b
	}
	return ciscoText(l)
}

// asaPlain is where a body without its tag begins: what looks like a tag may be its
// first word, but for RFC 5424.
func asaPlain(l *Line) []byte {
	if l.ietf {
		return l.Body
	}
	return l.fromTag()
}

// asaNumber reads "302020: text" and the export form "6|Nov 28 2014 12:59:03|302021:
// text" (also with addresses between the bars). body is nil when it is neither.
func asaNumber(b []byte) (head, number, body []byte) {
	if len(b) > 12 && b[1] == '|' && digit(b[0]) {
		if i := bytes.LastIndexByte(b[:min(len(b), 120)], '|'); i > 1 {
			head, b = b[:i], b[i+1:]
		}
	}
	if len(b) > 8 && digits(b) == 6 && b[6] == ':' && b[7] == ' ' && (head != nil || asaSentence(b[8:])) {
		return head, b[:6], b[8:]
	}
	return nil, nil, nil
}

// asaExportHead reads severity and time of the export form.
func asaExportHead(l *Line, head []byte) {
	severity, rest, ok := cut(head, "|")
	if !ok {
		return
	}
	setNumber(l, event.EventSeverity, severity)
	when, _, _ := cut(rest, "|")
	l.setWritten(trim(when))
}

// asaSentence recognises a body that came without its tag.
func asaSentence(b []byte) bool {
	if len(b) < 20 {
		return false
	}
	switch b[0] {
	case 'D':
		return hasPrefix(b, "Deny ") && (contains(b, " src ") && contains(b, " dst ") || contains(b, " from ") && contains(b, " to "))
	case 'B', 'T':
		return (hasPrefix(b, "Built ") || hasPrefix(b, "Teardown ")) && (contains(b[:min(len(b), 60)], " connection ") || contains(b[:min(len(b), 60)], " translation "))
	case 'a':
		return hasPrefix(b, "access-list ") && contains(b, " hit-cnt ")
	case 'N':
		return hasPrefix(b, "No matching connection for ICMP error message")
	}
	return digit(b[0]) && contains(b, " Accessed URL ")
}

// asaBody reads the message by its number, or by its words when it has none.
func asaBody(l *Line, number, b []byte) {
	switch {
	case hasPrefix(b, "Built ") && contains(b, " connection "), hasPrefix(b, "Teardown ") && contains(b, " connection "):
		asaConnection(l, b)
		return
	case hasPrefix(b, "Built ") && contains(b, " translation "), hasPrefix(b, "Teardown ") && contains(b, " translation "):
		asaTranslation(l, b)
		return
	case hasPrefix(number, "4300"):
		asaPairs(l, number, b)
		return
	}
	if applyFirst(asaShapes[:], l, b) {
		return
	}
	asaAnySession(l, b)
	asaAnyEnds(l, b)
}

// asaAnySession reads "Group = g, Username = u, IP = a, ..." and "Group <g> User <u>
// IP <a> ...", which all VPN messages begin with.
func asaAnySession(l *Line, b []byte) {
	switch {
	case hasPrefix(b, "Group = "), hasPrefix(b, "Username = "), hasPrefix(b, "IP = "):
		if g, ok := between(b, "Group = ", ","); ok {
			asaGroup(l, trim(g))
		}
		if u, ok := between(b, "Username = ", ","); ok {
			setUser(l, event.UserName, event.UserDomain, trim(u))
		}
		if ip, ok := between(b, "IP = ", ","); ok {
			setIP(l, event.SourceIP, trim(ip))
		}
	case hasPrefix(b, "Group <"):
		if g, ok := between(b, "Group <", ">"); ok {
			asaGroup(l, g)
		}
		if u, ok := between(b, "User <", ">"); ok {
			setUser(l, event.UserName, event.UserDomain, u)
		}
		if ip, ok := between(b, "IP <", ">"); ok {
			setIP(l, event.SourceIP, ip)
		}
	default:
		return
	}
	asaSessionState(l, b)
}

// asaGroup: the group of a tunnel between sites is the peer's address.
func asaGroup(l *Line, v []byte) {
	if !isAddress(v) {
		setText(l, event.UserGroupName, v)
	}
}

// asaSessionState says what happened to a VPN session, where its words do.
func asaSessionState(l *Line, b []byte) {
	switch {
	case contains(b, "session started"), contains(b, "Session started"), contains(b, "session established"):
		l.SetString(event.EventAction, "session-start")
		setClass(l.Draft, "session", "start")
	case contains(b, "ession disconnected"), contains(b, "session terminated"), contains(b, "session ended"):
		l.SetString(event.EventAction, "session-end")
		setClass(l.Draft, "session", "end")
		if reason, ok := after(b, "Reason: "); ok {
			l.Set(event.EventReason, trim(reason))
		}
	case contains(b, "PHASE 1 COMPLETED"), contains(b, "PHASE 2 COMPLETED"):
		l.SetString(event.EventAction, "ike-completed")
		setClass(l.Draft, "network", "start")
	case contains(b, "Connection terminated for peer"):
		l.SetString(event.EventAction, "tunnel-down")
		setClass(l.Draft, "network", "end")
		if reason, ok := between(b, "Reason: ", "  "); ok {
			setText(l, event.EventReason, reason)
		}
	case contains(b, "SVC connection established"):
		l.SetString(event.EventAction, "svc-established")
		setClass(l.Draft, "session", "start")
	case contains(b, "assigned to session"):
		l.SetString(event.EventAction, "address-assigned")
		setClass(l.Draft, "session", "info")
		if given, ok := between(b, "IPv4 Address <", ">"); ok {
			setIP(l, event.SourceNATIP, given)
		}
	case contains(b, "Session is being torn down"), contains(b, "SVC closing connection"):
		l.SetString(event.EventAction, "session-end")
		setClass(l.Draft, "session", "end")
		if reason, ok := after(b, "Reason: "); ok {
			l.Set(event.EventReason, trim(reason))
		} else if reason, ok := after(b, "closing connection: "); ok {
			l.Set(event.EventReason, bytes.TrimRight(trim(reason), "."))
		}
	case contains(b, "Authentication: rejected"), contains(b, "uthentication failed"), contains(b, "has failed user authentication"):
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		l.SetString(event.EventOutcome, "failure")
	case contains(b, "Authentication: successful"):
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		l.SetString(event.EventOutcome, "success")
	}
	sent, _ := wordAfter(b, "Bytes xmt: ")
	received, _ := wordAfter(b, "Bytes rcv: ")
	out, ok := number(sent)
	in, ok2 := number(received)
	if ok && ok2 { // the device sends to the client: the client's received bytes
		l.SetInt(event.DestinationBytes, out)
		l.SetInt(event.SourceBytes, in)
		l.SetInt(event.NetworkBytes, out+in)
	}
}

// asaAnyEnds reads "from A to B" and "src A dst B" of messages the table does not
// know. Both must be addresses.
func asaAnyEnds(l *Line, b []byte) {
	if l.Has(event.SourceIP) {
		return
	}
	from, fromOK := wordAfter(b, " from ")
	to, toOK := wordAfter(b, " to ")
	if !fromOK || !toOK {
		from, fromOK = wordAfter(b, " src ")
		to, toOK = wordAfter(b, " dst ")
	}
	if !fromOK || !toOK {
		return
	}
	s, d := asaEnd(from), asaEnd(to)
	if isAddress(s.host) && isAddress(d.host) {
		s.set(l, asaSource)
		d.set(l, asaDestination)
	}
}
