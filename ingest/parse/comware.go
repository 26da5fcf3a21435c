package parse

import (
	"bytes"

	"yagura/internal/event"
)

// comware reads the switches of HPE (Comware, FlexFabric), H3C and Huawei:
// "%%10MODULE/5/MNEMONIC: text" and "%%01MODULE/4/MNEMONIC(l)[12]:text". event.code is
// "MODULE/5/MNEMONIC". Source: "Comware 7 System Log Messages Reference".
type comware struct{}

func (comware) name() string      { return "hpe.comware" }
func (comware) aliases() []string { return []string{"h3c", "huawei"} }

func (comware) match(l *Line) int {
	if len(l.Tag) > 0 {
		return 0
	}
	if _, ok := readComware(l.Body); ok {
		return 96
	}
	return 0
}

type comwareTag struct{ vendor, code, severity, mnemonic, body []byte }

// readComware finds the tag at the start of b, or behind a word or two.
func readComware(b []byte) (t comwareTag, ok bool) {
	i := index(b[:min(len(b), 80)], "%%")
	if i < 0 || len(b) < i+12 || !digit(b[i+2]) || !digit(b[i+3]) {
		return t, false
	}
	t.vendor, b = b[i+2:i+4], b[i+4:]
	n := bytes.IndexByte(b, ':')
	if n < 0 || n > 80 {
		return t, false
	}
	code := b[:n]
	if j := bytes.IndexByte(code, '('); j > 0 { // "(l)[12]"
		code = code[:j]
	}
	module, rest, ok1 := cut(code, "/")
	severity, mnemonic, ok2 := cut(rest, "/")
	if !ok1 || !ok2 || len(module) == 0 || len(severity) != 1 || !digit(severity[0]) || len(mnemonic) == 0 {
		return t, false
	}
	t.code, t.severity, t.mnemonic, t.body = code, severity, mnemonic, trimLeft(b[n+1:])
	return t, true
}

func (comware) parse(l *Line) bool {
	t, ok := readComware(l.Body)
	if !ok {
		return false
	}
	if head, _, ok := cut(l.Body, "%%"); ok && l.Host == nil {
		if w, _ := word(head); hostLike(w) && hasLetterOrAddress(w) {
			l.Host = w
		}
	}
	b := comwareOptions(l, t.body)
	l.untag(b)
	if string(t.vendor) == "01" {
		setObserver(l.Draft, "Huawei", "VRP", "switch")
	} else {
		setObserver(l.Draft, "HPE", "Comware", "switch")
	}
	l.Set(event.EventCode, t.code)
	l.Set(event.EventSeverity, t.severity)
	if !applyFirst(comwareShapes[:], l, b) && !comwareState(l, t.mnemonic, b) && !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

// comwareOptions passes "-DevIP=192.0.2.1; " and "-Slot=1; " in front of the text; of
// "-Line=vty0-IPAddr=192.0.2.1-User=admin; " it takes who it was.
func comwareOptions(l *Line, b []byte) []byte {
	for len(b) > 1 && b[0] == '-' && letter(b[1]) {
		options, rest, ok := cut(b, ";")
		if !ok || bytes.IndexByte(options, '=') < 0 {
			break
		}
		if _, ip, ok := cut(options, "IPAddr="); ok {
			ip, _, _ = cut(ip, "-")
			setIP(l, event.SourceIP, ip)
		}
		if _, user, ok := cut(options, "-User="); ok {
			if string(user) != "**" {
				setUser(l, event.UserName, event.UserDomain, user)
			}
		}
		b = trimLeft(rest)
	}
	return b
}

// comwareState reads the mnemonics of ports: the text says "up" or "down" only.
func comwareState(l *Line, mnemonic, b []byte) bool {
	switch string(mnemonic) {
	case "LINK_UPDOWN", "PHY_UPDOWN", "LINKUPDOWN", "IF_STATE", "linkDown", "linkUp", "IF_LINKUP", "IF_LINKDOWN":
	default:
		return false
	}
	switch {
	case string(mnemonic) == "linkDown", contains(b, "own"):
		l.SetString(event.EventAction, "link-down")
	case contains(b, " up"), contains(b, " UP"), string(mnemonic) == "linkUp":
		l.SetString(event.EventAction, "link-up")
	}
	setClass(l.Draft, "network", "change")
	deviceInterface(l, b)
	return true
}

// comwareShapes are in the form of shapes.go.
var comwareShapes = [...]shape{
	{start: "", form: "{u} logged in from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "", form: "{u} logged out from {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "", form: "{u} failed to log in from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Authentication failed for", form: "Authentication failed for {u} from {h} port {_} because of {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Authentication failed for", form: "Authentication failed for user {u} from {h} {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "SSH user ", form: "SSH user {u} (IP: {h}) connected to the server successfully.{_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "SSH user ", form: "SSH user {u} (IP: {h}) disconnected from the server.{_}", action: "logout", category: "authentication", typ: "end"},
	{start: "User ", form: "User {u} at {h} requested to log in but failed{_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Command is ", form: "Command is {c}", action: "command", category: "process", typ: "info"},
	{start: "User ", form: "User {u} changed the configuration{_}", action: "configured", category: "configuration", typ: "change"},
	{start: "Configuration is changed", form: "Configuration is changed{_}", action: "configured", category: "configuration", typ: "change"},
}
