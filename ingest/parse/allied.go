package parse

import (
	"time"

	"yagura/internal/event"
)

// allied parses the switches and routers of Allied Telesis that run AlliedWare Plus:
// commands of operators (IMISH), ports, stacks, loops. Lines come by syslog, some with the
// year before the month, and as captures of a console, where the prompt is glued to a
// time without date. Source: AlliedWare Plus, "Log" command reference.
type allied struct{}

func (allied) name() string      { return "alliedtelesis.awplus" }
func (allied) aliases() []string { return []string{"alliedtelesis", "awplus"} }

// tags are the programs that nobody else has; a relay's header in front of them hides
// nothing.
func (allied) tags() []string {
	return []string{"IMISH", "IMI", "NSM", "HSL", "EPSR", "EPSRD", "LOOPPROT", "VCS", "ATMF", "EXFX", "PLUGMAN", "CHASSIS"}
}

func (allied) match(l *Line) int {
	if len(l.Tag) > 0 {
		if sure := alliedTag(l.Tag, l.Body); sure > 0 || l.Body == nil || len(l.PID) > 0 && !l.ietf {
			return sure
		}
	}
	if _, tag, body, ok := alliedConsole(l.Body); ok {
		return alliedTag(tag, body)
	}
	return 0
}

// alliedTag judges by the program and by what only AlliedWare Plus writes.
func alliedTag(tag, body []byte) int {
	tag, _, _ = cut(tag, "[")
	switch string(tag) {
	case "IMISH", "IMI":
		return 96
	case "NSM", "HSL", "EPSR", "LOOPPROT", "VCS", "ATMF", "EXFX", "EPSRD", "CHASSIS", "PLUGMAN", "LACP", "MSTP", "SFLOW":
		return 80
	case "VRRP":
		if hasPrefix(body, "VRRP ") {
			return 80
		}
	case "authd", "AUTH":
		if hasPrefix(body, "802.1X") || hasPrefix(body, "AUTH") || contains(body, " port1.") {
			return 80
		}
	}
	if hasPrefix(body, "[SCRIPT]") {
		return 70
	}
	return 0
}

func (a allied) parse(l *Line) bool {
	if len(l.Tag) == 0 || alliedTag(l.Tag, l.Body) == 0 {
		c, tag, body, ok := alliedConsole(l.Body)
		if !ok {
			return false
		}
		if !c.prompt {
			l.Host = c.host
		}
		l.Tag, l.PID = nil, nil
		l.setTag(tag, len(tag))
		l.Body = body
		if !l.Headers {
			l.Time = alliedToday(l, c.hour, c.min, c.sec)
		}
	}
	setObserver(l.Draft, "Allied Telesis", "AlliedWare Plus", "switch")
	alliedBody(l)
	return true
}

// alliedHead is the head of a console line.
type alliedHead struct {
	host           []byte
	hour, min, sec int
	prompt         bool // an operator's prompt stands in front: the host may be its name only
}

// alliedConsole reads "[prompt#]HH:MM:SS host TAG[pid]: text".
func alliedConsole(b []byte) (h alliedHead, tag, body []byte, ok bool) {
	at := 0
	for i := 0; i < min(len(b), 64); i++ {
		if b[i] == ' ' || b[i] == '\t' {
			break
		}
		if (b[i] == '#' || b[i] == '>') && i > 0 {
			at, h.prompt = i+1, true
			break
		}
	}
	if h.hour, h.min, h.sec, ok = clockOf(b[at:]); !ok || len(b) < at+10 || b[at+8] != ' ' {
		return h, nil, nil, false
	}
	host, rest := word(b[at+8:])
	if !hostLike(host) || !hasLetterOrAddress(host) {
		return h, nil, nil, false
	}
	h.host = host
	n := tagLength(rest, false)
	if n == 0 {
		return h, nil, nil, false
	}
	return h, rest[:n], trimLeft(rest[min(n+1, len(rest)):]), true
}

// alliedToday is the time of day on the day of receipt, or the day before when that
// would be ahead.
func alliedToday(l *Line, h, m, s int) time.Time {
	now := l.Received.In(l.Zone)
	at := time.Date(now.Year(), now.Month(), now.Day(), h, m, s, 0, l.Zone)
	if at.After(l.Received.Add(clockAhead)) {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

func alliedBody(l *Line) {
	b := l.Body
	if len(b) > 0 && b[0] == '[' {
		if who, command, ok := cut(b[1:], "]"); ok && (string(who) == "SCRIPT" || contains(who, "@")) {
			alliedCommand(l, who, trim(command))
			return
		}
	}
	switch {
	case applyFirst(alliedShapes[:], l, b):
	case contains(b, "oop detected"), contains(b, "LDF detected"), contains(b, "LDF rx"):
		l.SetString(event.EventAction, "loop-detected")
		setClass(l.Draft, "network", "info")
		deviceInterface(l, b)
	case contains(b, "has left the stack"), contains(b, "Stack member") && contains(b, "left"):
		l.SetString(event.EventAction, "stack-member-left")
		setClass(l.Draft, "host", "change")
	case contains(b, "has joined the stack"), contains(b, "Stack member") && contains(b, "joined"):
		l.SetString(event.EventAction, "stack-member-joined")
		setClass(l.Draft, "host", "change")
	case !hasPrefix(b, "802.1X") && deviceWords(l, b):
	default:
		setClass(l.Draft, "network", "")
	}
}

// alliedShapes: what the modules say.
var alliedShapes = [...]shape{
	{start: "VRRP Event: ", form: "VRRP Event: Virtual router {_} on interface {i} transitioned {r}", action: "vrrp-changed", typ: "change"},
	{start: "", form: "{_} has left. {_} members in total.", action: "atmf-node-left", category: "host", typ: "change"},
	{start: "", form: "{_} has joined. {_} members in total.", action: "atmf-node-joined", category: "host", typ: "change"},
	{start: "802.1X", form: "802.1X{_}uthentication failed for {m} on {i}", action: "port-authentication", category: "authentication", typ: "start", outcome: "failure"},
	{start: "802.1X", form: "802.1X{_}uthentication succe{_} for {m} on {i}", action: "port-authentication", category: "authentication", typ: "start", outcome: "success"},
}

// alliedCommand: "[manager@vty0]show run", "[manager@192.0.2.5]...", "[SCRIPT]...".
func alliedCommand(l *Line, who, command []byte) {
	l.SetString(event.EventAction, "command")
	setClass(l.Draft, "configuration", "info")
	setText(l, event.ProcessCommandLine, command)
	user, from, ok := cut(who, "@")
	if !ok {
		return
	}
	setUser(l, event.UserName, event.UserDomain, user)
	if ip, ok := between(from, "(", ")"); ok {
		from = ip
	}
	setIP(l, event.SourceIP, from)
}
