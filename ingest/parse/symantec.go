package parse

import "yagura/internal/event"

// symantec parses the lines of Symantec Endpoint Protection Manager: columns parted by
// commas, most of them "Name: value", some quoted, some words alone ("Inbound", "TCP").
// Firewall and intrusion lines name their ends local and remote: the direction says
// who is the source. Source: Broadcom, "External Logging settings and log event
// severity levels for SEPM".
type symantec struct{}

func (symantec) name() string      { return "symantec.endpoint_protection" }
func (symantec) aliases() []string { return []string{"symantec", "symantec.sepm"} }
func (symantec) tags() []string    { return []string{"SymantecServer"} }

func (symantec) match(l *Line) int {
	if string(l.Tag) == "SymantecServer" {
		return 97
	}
	return 0
}

func (symantec) parse(l *Line) bool {
	s := sepmLine{Line: l}
	for rest := l.Body; len(rest) > 0; {
		var col []byte
		col, rest = sepmColumn(rest)
		s.column(trim(col))
	}
	setObserver(l.Draft, "Broadcom", "Endpoint Protection", "endpoint")
	s.finish()
	return true
}

// sepmLine gathers what is judged together.
type sepmLine struct {
	*Line
	dir                              string
	localIP, localPort               []byte
	remoteIP, remotePort, remoteName []byte
	text, action, user, admin        []byte
	risk                             bool
}

// sepmColumn cuts up to a comma outside quotes.
func sepmColumn(b []byte) (col, rest []byte) {
	quoted := false
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

func (s *sepmLine) column(col []byte) {
	switch string(col) {
	case "Inbound":
		s.dir = "inbound"
		return
	case "Outbound":
		s.dir = "outbound"
		return
	case "TCP", "UDP", "ICMP":
		setTransport(s.Draft, col)
		return
	case "Blocked", "Allowed":
		s.action = col
		return
	case "Security risk found", "Virus found", "Potential risk found", "Compressed File", "Commercial application detected":
		s.risk = true
		return
	}
	name, v, ok := cut(unquote(col), ": ")
	if !ok {
		return
	}
	v = unquote(trim(v))
	if none(v) || s.end(name, v) {
		return
	}
	s.value(name, v)
}

func (s *sepmLine) end(name, v []byte) bool {
	switch string(name) {
	case "Local Host IP", "Local Host":
		s.localIP = v
	case "Local Port":
		s.localPort = v
	case "Remote Host IP":
		s.remoteIP = v
	case "Remote Port":
		s.remotePort = v
	case "Remote Host Name":
		s.remoteName = v
	case "Event Description":
		s.text = v
	case "Action", "Actual action":
		s.action = v
	case "User Name", "User", "User1":
		if s.user == nil {
			s.user = v
		}
	case "Admin":
		s.admin = v
	default:
		return false
	}
	return true
}

func (s *sepmLine) value(name, v []byte) {
	switch string(name) {
	case "Risk name", "CIDS Signature string":
		if !s.Has(event.RuleName) {
			s.Set(event.RuleName, v)
		}
	case "Rule":
		s.Set(event.RuleName, v)
	case "CIDS Signature ID":
		s.Set(event.RuleID, v)
	case "Application":
		s.Set(event.ProcessExecutable, v)
	case "Domain Name", "Domain":
		if !s.Has(event.UserDomain) {
			s.Set(event.UserDomain, v)
		}
	case "Intrusion URL":
		s.Set(event.URLOriginal, v)
	case "SHA-256":
		s.Set(event.FileHashSHA256, v)
	case "MD-5":
		s.Set(event.FileHashMD5, v)
	case "Application hash":
		if len(v) == 64 && isHex(v) {
			s.Set(event.FileHashSHA256, v)
		}
	case "File path", "File name":
		s.Set(event.FilePath, v)
	case "Occurrences":
		setNumber(s.Line, s.Local("symantec.occurrences"), v)
	case "Requested action", "Secondary action", "Disposition", "Computer name", "Computer", "Group Name", "Group", "IP Address", "Source IP":
		var tmp [48]byte
		key := lowerInto(tmp[:0], name)
		for i, c := range key {
			if c == ' ' {
				key[i] = '_'
			}
		}
		s.Set(s.LocalBytes("symantec.", key), v)
	}
}

func (s *sepmLine) finish() {
	switch {
	case s.localIP != nil && s.dir != "":
		s.ends()
	case s.risk:
		s.SetString(event.EventKind, "alert")
		setClass(s.Draft, "malware", "info")
	case contains(s.text, "log on") || contains(s.text, "logged on"):
		s.logon()
	default:
		setClass(s.Draft, "host", "info")
	}
	if !s.Has(event.EventAction) && s.action != nil {
		putLower(s.Draft, event.EventAction, s.action)
	}
	if s.text != nil && s.dir != "" && !s.Has(event.RuleName) {
		s.Set(event.RuleName, s.text)
	}
	if !setUser(s.Line, event.UserName, event.UserDomain, s.user) {
		setUser(s.Line, event.UserName, event.UserDomain, s.admin)
	}
}

// ends: an inbound flow was opened by the remote end.
func (s *sepmLine) ends() {
	s.SetString(event.NetworkDirection, s.dir)
	typ := ""
	switch string(s.action) {
	case "Blocked":
		typ = "denied"
	case "Allowed":
		typ = "allowed"
	}
	setClass(s.Draft, "network", typ)
	from, fromPort, to, toPort := s.localIP, s.localPort, s.remoteIP, s.remotePort
	name := event.DestinationDomain
	if s.dir == "inbound" {
		from, fromPort, to, toPort = to, toPort, from, fromPort
		name = event.SourceDomain
	}
	setIP(s.Line, event.SourceIP, from)
	putPort(s.Line, event.SourcePort, fromPort)
	setIP(s.Line, event.DestinationIP, to)
	putPort(s.Line, event.DestinationPort, toPort)
	setText(s.Line, name, s.remoteName)
}

func (s *sepmLine) logon() {
	s.SetString(event.EventAction, "login")
	setClass(s.Draft, "authentication", "start")
	switch {
	case contains(s.text, "fail"):
		s.SetString(event.EventOutcome, "failure")
	case contains(s.text, "succe"):
		s.SetString(event.EventOutcome, "success")
	}
}
