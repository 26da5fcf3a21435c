package parse

import (
	"bytes"

	"yagura/internal/event"
)

// yamahaSWX reads the switches SWX, SWR and SWP of YAMAHA: "[ SESSION]:inf: text",
// the module set to the right in its brackets. Source: SWX2310 series, technical data,
// "SYSLOG".
type yamahaSWX struct{}

func (yamahaSWX) name() string      { return "yamaha.swx" }
func (yamahaSWX) aliases() []string { return []string{"swx"} }

func (yamahaSWX) match(l *Line) int {
	if _, _, ok := yamahaSWXHead(l.Body); ok {
		return 97
	}
	if name, rest := l.named(); name != nil {
		if _, _, ok := yamahaSWXHead(rest); ok {
			return 97
		}
	}
	return 0
}

// yamahaSWXHead cuts "[ MODULE]:lvl: " in front of the text.
func yamahaSWXHead(b []byte) (module, rest []byte, ok bool) {
	if len(b) < 12 || b[0] != '[' {
		return nil, nil, false
	}
	i := bytes.IndexByte(b[:min(len(b), 20)], ']')
	if i < 3 || len(b) < i+7 || b[i+1] != ':' || b[i+5] != ':' {
		return nil, nil, false
	}
	switch string(b[i+2 : i+5]) {
	case "inf", "err", "dbg", "wrn", "ntc", "war":
		return trim(b[1:i]), b[i+2:], true
	}
	return nil, nil, false
}

func (yamahaSWX) parse(l *Line) bool {
	module, b, ok := yamahaSWXHead(l.Body)
	if !ok {
		name, rest := l.named()
		if module, b, ok = yamahaSWXHead(rest); !ok {
			return false
		}
		l.Host = name
	}
	if len(l.Tag) > 0 && len(l.PID) == 0 && !l.ietf { // "swx1: [ SESSION]:inf: "
		l.Host, l.Tag = l.Tag, nil
	}
	setObserver(l.Draft, "YAMAHA", "SWX", "switch")
	l.Set(event.EventModule, module)
	l.Set(event.LogLevel, b[:3])
	b = trim(b[4:])
	if !applyFirst(yamahaSWXShapes[:], l, b) && !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

var yamahaSWXShapes = [...]shape{
	{start: "Login succeeded as ", form: "Login succeeded as {u} for {q}: {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Login succeeded as ", form: "Login succeeded as {u} for {_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Login succeeded as ", form: "Login succeeded as {u}: {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Login failed as ", form: "Login failed as {u} for {q}: {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Login failed for ", form: "Login failed for {q}: {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Logout from ", form: "Logout from {q}: {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "Logout ", form: "Logout timeout from {q}: {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "Login by user(", form: "Login by user({u}) from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Logout by user(", form: "Logout by user({u}) from {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "Interface ", form: "Interface {i} changed state to up", action: "link-up", typ: "change"},
	{start: "Interface ", form: "Interface {i} changed state to down", action: "link-down", typ: "change"},
	{start: "Configuration ", form: "Configuration file {_} saved{_}", action: "configuration-saved", category: "configuration", typ: "change"},
}
