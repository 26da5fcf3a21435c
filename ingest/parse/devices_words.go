package parse

import (
	"bytes"

	"yagura/internal/event"
)

// deviceSentence is what words in any place of a sentence mean. All the words of the
// first column, parted by "&", must be there, in lower case.
type deviceSentence struct{ words, action, category, typ, outcome string }

// deviceSentences: what switches, routers and what hangs on them say in many
// spellings. The first that fits is taken.
var deviceSentences = [...]deviceSentence{
	{"logged out", "logout", "authentication", "end", ""},
	{"logged off", "logout", "authentication", "end", ""},
	{"logout", "logout", "authentication", "end", ""},
	{"logoff", "logout", "authentication", "end", ""},
	{"login&fail", "login", "authentication", "start", "failure"},
	{"log in&fail", "login", "authentication", "start", "failure"},
	{"logon&fail", "login", "authentication", "start", "failure"},
	{"sign in&fail", "login", "authentication", "start", "failure"},
	{"login&reject", "login", "authentication", "start", "failure"},
	{"login&denied", "login", "authentication", "start", "failure"},
	{"login&incorrect", "login", "authentication", "start", "failure"},
	{"cannot login", "login", "authentication", "start", "failure"},
	{"authentication&fail", "login", "authentication", "start", "failure"},
	{"authentication&reject", "login", "authentication", "start", "failure"},
	{"authentication&denied", "login", "authentication", "start", "failure"},
	{"invalid&password", "login", "authentication", "start", "failure"},
	{"incorrect&password", "login", "authentication", "start", "failure"},
	{"unauthorized user&access", "login", "authentication", "start", "failure"},
	{"logged in", "login", "authentication", "start", "success"},
	{"signed in", "login", "authentication", "start", "success"},
	{"login&success", "login", "authentication", "start", "success"},
	{"login&succeed", "login", "authentication", "start", "success"},
	{"login&accepted", "login", "authentication", "start", "success"},
	{"login&permitted", "login", "authentication", "start", "success"},
	{"authentication&success", "login", "authentication", "start", "success"},
	{"authentication&succeed", "login", "authentication", "start", "success"},
	{"loop&detect", "loop-detected", "network", "info", ""},
	{"link&administratively down", "link-down", "network", "change", ""},
	{"link& down", "link-down", "network", "change", ""},
	{"line protocol& down", "link-down", "network", "change", ""},
	{"interface& to down", "link-down", "network", "change", ""},
	{"port& off-line", "link-down", "network", "change", ""},
	{"port&offline", "link-down", "network", "change", ""},
	{"port& down", "link-down", "network", "change", ""},
	{"link& up", "link-up", "network", "change", ""},
	{"line protocol& up", "link-up", "network", "change", ""},
	{"interface& to up", "link-up", "network", "change", ""},
	{"port& on-line", "link-up", "network", "change", ""},
	{"port&online", "link-up", "network", "change", ""},
	{"port& up", "link-up", "network", "change", ""},
	{"neighbor& down", "neighbor-down", "network", "change", ""},
	{"peer& down", "neighbor-down", "network", "change", ""},
	{"neighbor& up", "neighbor-up", "network", "change", ""},
	{"peer& up", "neighbor-up", "network", "change", ""},
	{"topology change", "topology-change", "network", "change", ""},
	{"configuration&saved", "configuration-saved", "configuration", "change", ""},
	{"config&saved", "configuration-saved", "configuration", "change", ""},
	{"cold start", "restart", "host", "start", ""},
	{"coldstart", "restart", "host", "start", ""},
	{"warm start", "restart", "host", "start", ""},
	{"warmstart", "restart", "host", "start", ""},
	{"system&reboot", "restart", "host", "change", ""},
	{"system&restart", "restart", "host", "change", ""},
	{"power supply&fail", "hardware-failed", "host", "info", ""},
	{"power supply&fault", "hardware-failed", "host", "info", ""},
	{"psu&fail", "hardware-failed", "host", "info", ""},
	{"fan&fail", "hardware-failed", "host", "info", ""},
	{"fan&fault", "hardware-failed", "host", "info", ""},
}

// deviceWords reads a sentence of a device by its words: what happened, who did it
// and from where, at which port. False: nothing was known of it. Fields that are set
// already stay.
func deviceWords(l *Line, b []byte) bool {
	var tmp [256]byte
	low := lowerInto(tmp[:0], b[:min(len(b), len(tmp))])
	for i := range deviceSentences {
		s := &deviceSentences[i]
		if !s.in(low) {
			continue
		}
		if !l.Has(event.EventAction) {
			l.SetString(event.EventAction, s.action)
			setClass(l.Draft, s.category, s.typ)
		}
		if s.outcome != "" && !l.Has(event.EventOutcome) {
			l.SetString(event.EventOutcome, s.outcome)
		}
		if s.category == "authentication" || s.category == "configuration" {
			deviceWho(l, b)
		} else if s.category == "network" {
			deviceInterface(l, b)
		}
		return true
	}
	return false
}

func (s *deviceSentence) in(low []byte) bool {
	for words := s.words; ; {
		w := words
		i := 0
		for i < len(words) && words[i] != '&' {
			i++
		}
		w = words[:i]
		at := index(low, w)
		if at < 0 || w[0] == ' ' && at+len(w) < len(low) && letter(low[at+len(w)]) { // "up" is no part of "update"
			return false
		}
		if i == len(words) {
			return true
		}
		words = words[i+1:]
	}
}

// deviceWho sets user and source of a sentence about a log-on.
func deviceWho(l *Line, b []byte) {
	if !l.Has(event.SourceIP) {
		for _, mark := range [...]string{"from ", "From ", "ddress ", "IP: ", "IP:", "IPAddr=", "via ", "ip ", "(", "["} {
			if addressAfter(l, b, mark) {
				break
			}
		}
	}
	if l.Has(event.UserName) {
		return
	}
	for _, mark := range [...]string{"user '", "User '", "user [", "User [", "user \"", "user: ", "User: ", "username: ", "username ",
		"user name ", "user ", "User ", "account ", "failed for ", "succeeded for ", "successful for ", "by "} {
		i := index(b, mark)
		if i < 0 || i > 0 && (letter(b[i-1]) || b[i-1] == '/') {
			continue
		}
		if name := deviceName(b[i+len(mark):], mark[len(mark)-1]); name != nil {
			setUser(l, event.UserName, event.UserDomain, name)
			return
		}
	}
	if w, rest := word(b); deviceVerb(rest) && len(w) < 64 { // "admin logged in from ..."
		if w = bytes.Trim(w, "'\"[]"); !notAName(w) && !deviceNoName(w) {
			setUser(l, event.UserName, event.UserDomain, w)
		}
	}
}

func deviceVerb(b []byte) bool {
	return hasPrefix(b, "logged in") || hasPrefix(b, "logged out") || hasPrefix(b, "login ") || hasPrefix(b, "logout ")
}

// deviceName cuts a user's name; open is what stands in front of it. nil: the word
// that stands there is none.
func deviceName(b []byte, open byte) []byte {
	end := open
	switch open {
	case '[':
		end = ']'
	case ' ':
		w, _ := word(b)
		w = bytes.Trim(w, "'\"[](),;:.")
		if len(w) > 64 || notAName(w) || deviceNoName(w) {
			return nil
		}
		return w
	}
	i := bytes.IndexByte(b, end)
	if i < 1 || i > 64 {
		return nil
	}
	return b[:i]
}

// deviceNoName: words that stand where a name may stand and name nobody.
func deviceNoName(w []byte) bool {
	if len(w) == 0 || isAddress(w) {
		return true
	}
	switch string(w) {
	case "or", "and", "name", "Name", "the", "a", "an", "User", "user", "Login", "login", "SSH", "Telnet", "TELNET", "HTTP", "HTTPS", "Web", "web", "console",
		"Authentication", "password", "invalid", "Invalid", "logout", "via", "by", "because", "mode", "too", "privilege", "id", "ID":
		return true
	}
	return false
}

// deviceInterface sets the port that a sentence speaks of: a word that is a name of
// one, or what follows "port" and "interface".
func deviceInterface(l *Line, b []byte) {
	if l.Has(event.ObserverIngressInterface) {
		return
	}
	named := false
	for len(b) > 0 {
		var w []byte
		w, b = word(b)
		bare := bytes.Trim(w, ",;:.()[]'\"")
		if interfaceName(bare) || named && portNumber(bare) {
			l.Set(event.ObserverIngressInterface, bare)
			return
		}
		named = equalFold(w, "port") || equalFold(w, "interface") || equalFold(w, "ports")
	}
}

// interfaceName: letters, then a number of parts: "GigabitEthernet0/5", "port1.0.12",
// "GigaEthernet0.1", "ge-0/0/1", "Ten-GigabitEthernet1/0/49".
func interfaceName(w []byte) bool {
	i := 0
	for i < len(w) && (letter(w[i]) || w[i] == '-' && i > 0) {
		i++
	}
	if i < 2 || i == len(w) || !digit(w[i]) {
		return false
	}
	parts := 0
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case c == '/' || c == '.':
			parts++
		case !digit(c) && c != ':':
			return false
		}
	}
	return parts > 0 && digit(w[len(w)-1])
}

// portNumber: "24", "1/1/24", "A12".
func portNumber(w []byte) bool {
	if len(w) > 1 && w[0] >= 'A' && w[0] <= 'Z' {
		w = w[1:]
	}
	if len(w) == 0 || len(w) > 10 {
		return false
	}
	for _, c := range w {
		if !digit(c) && c != '/' {
			return false
		}
	}
	return digit(w[0]) && digit(w[len(w)-1])
}
