package parse

import (
	"bytes"

	"yagura/internal/event"
)

// alaxala reads the switches and routers AX of ALAXALA Networks: "EVT 11/24 11:00:01
// 01S E3 PORT GigabitEthernet1/0/5 25011002 1350:000000000000 text", where the number
// of the switch and the interface may be missing; KEY and RSP carry what operators
// type. event.code is the message's identifier. Source: AX series, "Message Log
// Reference", format of the operation log.
type alaxala struct{}

func (alaxala) name() string      { return "alaxala.ax" }
func (alaxala) aliases() []string { return []string{"alaxala"} }

func (alaxala) match(l *Line) int {
	if b, _ := alaxalaText(l); b != nil {
		return 95
	}
	return 0
}

// alaxalaText finds "KKK mm/dd hh:mm:ss " at the start of the body or behind the
// host's name.
func alaxalaText(l *Line) (b, host []byte) {
	if b = l.Body; alaxalaHead(b) {
		return b, nil
	}
	if len(b) < 24 || bytes.IndexByte(b[:min(len(b), 72)], '/') < 0 {
		return nil, nil
	}
	if w, rest := word(b); hostLike(w) && alaxalaHead(rest) {
		return rest, w
	}
	return nil, nil
}

func alaxalaHead(b []byte) bool {
	if len(b) < 19 || b[3] != ' ' || b[0] < 'A' || b[0] > 'Z' {
		return false
	}
	switch string(b[:3]) {
	case "ERR", "EVT", "KEY", "RSP", "RTM", "MRP", "MR6", "AUT", "DSN", "TRK", "CFM", "SFW":
	default:
		return false
	}
	_, _, _, clock := clockOf(b[10:])
	return clock && num2(b[4:]) > 0 && b[6] == '/' && num2(b[7:]) > 0 && b[9] == ' '
}

func (alaxala) parse(l *Line) bool {
	b, host := alaxalaText(l)
	if b == nil {
		return false
	}
	if host != nil {
		l.Host = host
	}
	l.untag(b)
	setObserver(l.Draft, "ALAXALA", "AX", "switch")
	kind := b[:3]
	l.Set(event.EventProvider, kind)
	s := stamp{month: num2(b[4:]), day: num2(b[7:])}
	s.hour, s.min, s.sec, _ = clockOf(b[10:])
	if s.valid() {
		l.setStamp(s)
	}
	b = trimLeft(b[18:])
	if w, rest := word(b); len(w) == 3 && digit(w[0]) && digit(w[1]) && letter(w[2]) { // "01S": the switch of a stack
		b = rest
	}
	switch string(kind) {
	case "KEY", "RSP":
		alaxalaOperator(l, string(kind) == "KEY", b)
	default:
		alaxalaEvent(l, b)
	}
	return true
}

// alaxalaOperator: "operator(tty01):> enable".
func alaxalaOperator(l *Line, typed bool, b []byte) {
	who, command, ok := cut(b, "):")
	if typed {
		l.SetString(event.EventAction, "command")
		setClass(l.Draft, "process", "info")
	} else {
		l.SetString(event.EventAction, "response")
		setClass(l.Draft, "host", "info")
	}
	if !ok {
		return
	}
	name, line, _ := cut(who, "(")
	setUser(l, event.UserName, event.UserDomain, trim(name))
	_, from, _ := cut(line, "@")
	setIP(l, event.SourceIP, from)
	if command = bytes.TrimLeft(command, "> #"); typed {
		setText(l, event.ProcessCommandLine, command)
	}
}

// alaxalaEvent: "E3 PORT GigabitEthernet1/0/5 25011002 1350:000000000000 text".
func alaxalaEvent(l *Line, b []byte) {
	if w, rest := word(b); len(w) == 2 && letter(w[0]) && digit(w[1]) {
		l.Set(event.LogLevel, w)
		b = rest
	}
	if w, rest := word(b); len(w) > 0 && hasLetter(w) && len(w) < 12 {
		l.Set(event.EventModule, w)
		b = rest
	}
	for range 3 {
		w, rest := word(b)
		if len(w) == 8 && isHex(w) {
			l.Set(event.EventCode, w)
			b = rest
			if extra, after := word(b); bytes.IndexByte(extra, ':') > 0 && len(extra) == 17 {
				b = after
			}
			break
		}
		if interfaceName(w) {
			l.Set(event.ObserverIngressInterface, w)
		}
		b = rest
	}
	switch {
	case alaxalaDenied(l, b), deviceWords(l, b):
	default:
		setClass(l.Draft, "network", "")
	}
}

// alaxalaDenied: "denied:6 192.0.2.1(1234)(VLAN0010) -> 198.51.100.1(80), 1 packets".
func alaxalaDenied(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "denied:")
	if !ok {
		return false
	}
	l.SetString(event.EventAction, "denied")
	setClass(l.Draft, "network", "denied")
	if hasPrefix(rest, "(") {
		vlan, after, ok := cut(rest[1:], ")")
		if ok && isNumber(vlan) {
			l.Set(event.NetworkVLANID, vlan)
			rest = after
		}
	}
	proto, rest := word(rest)
	setTransport(l.Draft, proto)
	from, rest := word(rest)
	to, ok := cutPrefix(rest, "-> ")
	if !ok {
		return true
	}
	to, _ = word(to)
	alaxalaEnd(l, event.SourceIP, event.SourcePort, from)
	alaxalaEnd(l, event.DestinationIP, event.DestinationPort, bytes.TrimRight(to, ","))
	return true
}

// alaxalaEnd: "A", "A(port)", "A(port)(interface)", "A(interface)".
func alaxalaEnd(l *Line, ip, port event.Field, b []byte) {
	addr, rest, _ := cut(b, "(")
	if !setIP(l, ip, addr) {
		return
	}
	for len(rest) > 0 {
		var v []byte
		v, rest, _ = cut(rest, ")")
		if isNumber(v) {
			putPort(l, port, v)
		} else if len(v) > 0 && ip == event.SourceIP {
			l.Set(event.ObserverIngressInterface, v)
		}
		rest = bytes.TrimLeft(rest, "(")
	}
}
