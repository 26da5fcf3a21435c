package parse

import (
	"bytes"

	"yagura/internal/event"
)

// aruba reads the switches AOS-CX, "Event|403|LOG_INFO|AMM|1|text", and the wireless
// controllers and access points of Aruba, "<522008> <NOTI> <name address> text".
// event.code is the number.
type aruba struct{}

func (aruba) name() string      { return "aruba" }
func (aruba) aliases() []string { return []string{"aruba.aoscx", "aruba.wireless"} }

func (aruba) match(l *Line) int {
	b := trimLeft(l.Body)
	if len(b) < 16 {
		return 0
	}
	switch b[0] {
	case 'E':
		if n := digits(b[min(len(b), 6):]); hasPrefix(b, "Event|") && n > 0 && hasPrefix(b[6+n:], "|LOG_") {
			return 96
		}
	case '<':
		if n := digits(b[1:]); n == 6 && b[7] == '>' && (hasPrefix(b[8:], " <") || hasPrefix(b[8:], " |")) {
			return 92
		}
	}
	return 0
}

func (aruba) parse(l *Line) bool {
	b := trim(l.Body)
	if len(b) > 0 && b[0] == '<' {
		return arubaWireless(l, b)
	}
	rest, ok := cutPrefix(b, "Event|")
	if !ok {
		return false
	}
	setObserver(l.Draft, "Aruba", "AOS-CX", "switch")
	var part [4][]byte
	for i := range part {
		if part[i], rest, ok = cut(rest, "|"); !ok {
			partial(l.Draft, "aruba:event")
			break
		}
	}
	setText(l, event.EventCode, part[0])
	if level, ok := cutPrefix(part[1], "LOG_"); ok {
		putLower(l.Draft, event.LogLevel, level)
	}
	if ok && !applyFirst(arubaShapes[:], l, rest) && !deviceWords(l, rest) {
		setClass(l.Draft, "network", "")
	}
	return true
}

var arubaShapes = [...]shape{
	{start: "Link status for interface", form: "Link status for interface {i} is up{_}", action: "link-up", typ: "change"},
	{start: "Link status for interface", form: "Link status for interface {i} is down{_}", action: "link-down", typ: "change"},
	{start: "User ", form: "User {u} logged in from {h} through {q} session{_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User ", form: "User {u} logged out of {q} session from {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "User ", form: "User {u} login failed from {h} through {q} session{_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
}

// arubaWireless: "<522008> <3456> <NOTI> |authmgr| <name address> text"; every part
// behind the number may be missing.
func arubaWireless(l *Line, b []byte) bool {
	setObserver(l.Draft, "Aruba", "ArubaOS", "wireless")
	for len(b) > 1 && (b[0] == '<' || b[0] == '|') {
		end := byte('>')
		if b[0] == '|' {
			end = '|'
		}
		i := bytes.IndexByte(b[1:], end)
		if i < 0 {
			partial(l.Draft, "aruba:head")
			return true
		}
		arubaHeadPart(l, b[1:i+1])
		b = trimLeft(b[i+2:])
	}
	for e := (extension{rest: b}); e.next(); {
		arubaField(l, e.key, e.value)
	}
	if !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

func arubaHeadPart(l *Line, part []byte) {
	switch name, addr, two := cut(part, " "); {
	case len(part) == 6 && isNumber(part) && !l.Has(event.EventCode):
		l.Set(event.EventCode, part)
	case isNumber(part):
		if !l.Has(event.ProcessPID) && len(l.PID) == 0 {
			l.Set(event.ProcessPID, part)
		}
	case two && setIP(l, event.HostIP, addr):
		l.Set(event.HostName, name)
	case len(part) == 4:
		putLower(l.Draft, event.LogLevel, part)
	}
}

func arubaField(l *Line, key, v []byte) {
	switch string(key) {
	case "username", "User":
		setUser(l, event.UserName, event.UserDomain, v)
	case "MAC":
		if isMAC(v) {
			l.Set(event.SourceMAC, v)
		}
	case "IP":
		setIP(l, event.SourceIP, v)
	case "VLAN":
		if isNumber(v) {
			l.Set(event.NetworkVLANID, v)
		}
	case "SSID":
		setText(l, event.NetworkName, bytes.TrimSuffix(v, []byte(" AAA"))) // "AAA profile=" follows
	}
}
