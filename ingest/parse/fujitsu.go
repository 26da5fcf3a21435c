package parse

import "yagura/internal/event"

// fujitsu reads the routers Si-R and the switches SR-S, SR-M and SR-X: "machine:
// module: text", where the machine's model stands for a tag. Source: "Si-R series
// message reference".
type fujitsu struct{}

func (fujitsu) name() string      { return "fujitsu.network" }
func (fujitsu) aliases() []string { return []string{"fujitsu.si-r", "fujitsu.sr-s"} }

func (fujitsu) match(l *Line) int {
	if fujitsuModel(l.Tag) {
		return 90
	}
	if l.Tag == nil {
		if w, _ := word(l.Body); len(w) > 4 && w[len(w)-1] == ':' && fujitsuModel(w[:len(w)-1]) {
			return 90
		}
	}
	return 0
}

// fujitsuModel says whether a word is a model's name: "Si-R220C", "SR-S324TC1".
func fujitsuModel(w []byte) bool {
	if len(w) < 4 || w[0] != 'S' || len(w) > 16 {
		return false
	}
	for _, series := range [...]string{"Si-R", "SR-S", "SR-M", "SR-X", "SS2-"} {
		if hasPrefix(w, series) {
			return len(w) == len(series) || digit(w[len(series)]) || w[len(series)] == 'G'
		}
	}
	return false
}

func (fujitsu) parse(l *Line) bool {
	b := l.Body
	model := l.Tag
	if model == nil {
		var ok bool
		if model, b, ok = cut(b, ":"); !ok {
			return false
		}
	}
	setObserver(l.Draft, "Fujitsu", "Si-R", "router")
	if !hasPrefix(model, "Si-R") {
		l.Replace(event.ObserverProduct, []byte("SR"))
		l.Replace(event.ObserverType, []byte("switch"))
	}
	l.Set(event.DeviceModelName, model)
	b = trim(b)
	l.untag(b)
	if module, rest, ok := cut(b, ": "); ok && len(module) < 16 && index(module, " ") < 0 {
		l.Set(event.EventModule, module)
		b = trimLeft(rest)
	}
	if !applyFirst(fujitsuShapes[:], l, b) && !deviceWords(l, b) {
		setClass(l.Draft, "network", "")
	}
	return true
}

var fujitsuShapes = [...]shape{
	{start: "ether ", form: "ether {_} {_} link down", action: "link-down", typ: "change"},
	{start: "ether ", form: "ether {_} {_} link up{_}", action: "link-up", typ: "change"},
	{start: "logon ", form: "logon {u} on {q} from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "logout ", form: "logout {u} on {q} from {h}", action: "logout", category: "authentication", typ: "end"},
	{start: "login ", form: "login failed as {u} on {q} from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "login ", form: "login failed {u} on {q} from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "login ", form: "login as {u} on {q} from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "login ", form: "login {u} on {q} from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
}
