package parse

import "yagura/internal/event"

// fastPath reads the switches that run Broadcom's FASTPATH (NETGEAR, Dell N, some of
// D-Link): "traputil.c(638) 237 %% text" behind a module's tag.
type fastPath struct{}

func (fastPath) name() string      { return "switch.fastpath" }
func (fastPath) aliases() []string { return []string{"netgear", "dell.n"} }

func (fastPath) match(l *Line) int {
	if _, ok := fastPathText(l.Body); ok && len(l.Tag) > 0 {
		return 95
	}
	return 0
}

// fastPathText cuts file, line and number of the message off its text.
func fastPathText(b []byte) (text []byte, ok bool) {
	file, _ := word(b)
	i := len(file) - 1
	if i < 5 || len(file) > 48 || file[i] != ')' {
		return nil, false
	}
	for i--; i > 0 && digit(file[i]); i-- {
	}
	if i < 3 || file[i] != '(' || file[i-1] != 'c' || file[i-2] != '.' {
		return nil, false
	}
	_, rest := word(b)
	number, rest := word(rest)
	if !isNumber(number) {
		return nil, false
	}
	return cutPrefix(rest, "%% ")
}

func (fastPath) parse(l *Line) bool {
	b, ok := fastPathText(l.Body)
	if !ok {
		return false
	}
	l.SetString(event.ObserverType, "switch")
	b = trim(b)
	if !applyFirst(fastPathShapes[:], l, b) && !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

var fastPathShapes = [...]shape{
	{start: "Link Down: Unit", form: "Link Down: Unit: {_}", action: "link-down", typ: "change"},
	{start: "Link Up: Unit", form: "Link Up: Unit: {_}", action: "link-up", typ: "change"},
	{start: "Link Down: ", form: "Link Down: {i}", action: "link-down", typ: "change"},
	{start: "Link Up: ", form: "Link Up: {i}", action: "link-up", typ: "change"},
	{start: "User ", form: "User {u} logged in from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
}
