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

func (allied) match(l *Line) int {
	if len(l.Tag) > 0 {
		return alliedTag(l.Tag, l.Body)
	}
	if _, tag, body, ok := alliedConsole(l.Whole); ok {
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
	case "NSM", "HSL", "EPSR", "LOOPPROT", "VCS", "ATMF", "EXFX":
		return 80
	}
	if contains(body, "[SCRIPT]") {
		return 70
	}
	return 0
}

func (a allied) parse(l *Line) bool {
	if len(l.Tag) == 0 {
		c, tag, body, ok := alliedConsole(l.Whole)
		if !ok {
			return false
		}
		l.Host = nil
		if !c.prompt {
			l.Host = c.host
		}
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
	case contains(b, "Port up notification"), contains(b, "link up"), contains(b, "changed state to up"):
		alliedPort(l, "link-up")
	case contains(b, "Port down notification"), contains(b, "link down"), contains(b, "changed state to down"):
		alliedPort(l, "link-down")
	case contains(b, "oop detected"), contains(b, "LDF detected"):
		l.SetString(event.EventAction, "loop-detected")
		setClass(l.Draft, "network", "info")
	case contains(b, "has left the stack"), contains(b, "Stack member") && contains(b, "left"):
		l.SetString(event.EventAction, "stack-member-left")
		setClass(l.Draft, "host", "change")
	case contains(b, "has joined the stack"), contains(b, "Stack member") && contains(b, "joined"):
		l.SetString(event.EventAction, "stack-member-joined")
		setClass(l.Draft, "host", "change")
	default:
		setClass(l.Draft, "network", "info")
	}
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

// alliedPort: "Port down notification received for port1.0.1".
func alliedPort(l *Line, action string) {
	l.SetString(event.EventAction, action)
	setClass(l.Draft, "network", "change")
	for b := l.Body; len(b) > 0; {
		var w []byte
		w, b = word(b)
		if hasPrefix(w, "port") && len(w) > 6 && digit(w[4]) || hasPrefix(w, "eth") && len(w) > 3 && digit(w[3]) {
			for n := len(w); n > 0 && (w[n-1] == ',' || w[n-1] == ':' || w[n-1] == '.'); n-- {
				w = w[:n-1]
			}
			l.Set(event.ObserverIngressInterface, w)
			return
		}
	}
}
