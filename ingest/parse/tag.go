package parse

import "yagura/internal/event"

// maxTag bounds a tag; RFC 3164 says 32, real ones are longer.
const maxTag = 96

// tagLength is the length of a tag at the start of b, its colon not counted, or
// 0: "sshd[12]", "postfix/smtpd", "sshd(pam_unix)[3]". A tag ends with a colon
// and a blank (or the end of the line). loose: "name[12]" needs no colon.
func tagLength(b []byte, loose bool) int {
	i := 0
	if len(b) > 1 && b[0] == '(' && letter(b[1]) { // "(squid-1)[12]", "(sd-pam)[12]": only with a process id
		i = 1
	}
	for i < len(b) && i < maxTag && (tagByte(b[i], i) || b[i] == ']' && i > 0 && i+1 < len(b) && b[i+1] == '[') {
		i++ // "gdm-password][12]" is what gdm writes
	}
	if i == 0 || i == len(b) {
		return 0
	}
	if b[i] == ':' && b[0] != '(' {
		return ended(b, i)
	}
	if b[i] != '[' {
		return 0
	}
	j := i + 1
	for j < len(b) && j-i < 34 && b[j] != ']' && b[j] > ' ' {
		j++
	}
	if j == len(b) || b[j] != ']' || j == i+1 {
		return 0
	}
	if n := ended(b, j+1); n > 0 {
		return n
	}
	if loose && digits(b[i+1:]) == j-i-1 && (j+1 == len(b) || blank(b[j+1])) {
		return j + 1
	}
	return 0
}

// ended returns i when b[i] is the colon that ends a tag, else 0.
func ended(b []byte, i int) int {
	if i < len(b) && b[i] == ':' && (i+1 == len(b) || blank(b[i+1])) {
		return i
	}
	return 0
}

func tagByte(c byte, i int) bool {
	switch {
	case letter(c), digit(c), c == '/', c == '_':
		return true
	case c == '-', c == '.', c == '(', c == ')', c == '@', c == '+', c == '#', c == '*', c == '$', c == '~', c == '\\':
		return i > 0
	}
	return false
}

// setTag splits b[:n] into tag and process id and returns the body.
func (l *Line) setTag(b []byte, n int) []byte {
	l.Tag = b[:n]
	if b[n-1] == ']' {
		for i := n - 1; i > 0; i-- {
			if b[i] == '[' {
				l.PID, l.Tag = b[i+1:n-1], b[:i]
				break
			}
		}
	}
	if n < len(b) && b[n] == ':' {
		n++
	}
	return trimLeft(b[n:])
}

// tag reads the tag after time and host.
func (l *Line) tag(b []byte, loose bool) []byte {
	if n := tagLength(b, loose); n > 0 {
		return l.setTag(b, n)
	}
	if len(b) > 1 && b[0] == '-' && blank(b[1]) {
		return trimLeft(b[1:]) // RFC 3164 by a sender that writes "-" for no program
	}
	if level, rest := word(b); syslogLevel(level) && pidAhead(rest) { // "notice httpd[12]: " (BIG-IP)
		l.Set(event.LogLevel, level)
		return l.tag(rest, loose)
	}
	if n := spacedTag(b); n > 0 {
		return l.setTag(b, n)
	}
	return b
}

// syslogLevel says whether w is a severity's name as syslog abbreviates it.
func syslogLevel(w []byte) bool {
	switch string(w) {
	case "emerg", "alert", "crit", "err", "error", "warning", "warn", "notice", "info", "debug":
		return true
	}
	return false
}

// spacedTag finds a tag of two or three words that ends in a process id:
// "Asterisk Manager[123]:".
func spacedTag(b []byte) int {
	at := 0
	for range 2 {
		i := at
		for i < len(b) && i < maxTag && (letter(b[i]) || digit(b[i]) || b[i] == '-' || b[i] == '_') {
			i++
		}
		if i == at || i == len(b) || b[i] != ' ' {
			return 0
		}
		at = i + 1
		if n := tagLength(b[at:], false); n > 0 && b[at+n-1] == ']' && digit(b[at+n-2]) {
			return at + n
		}
	}
	return 0
}

// bareTag reads "tag: text", "tag[pid]: text" or "host tag[pid]: text" of a line
// that has a PRI and no time.
func (l *Line) bareTag(b []byte) []byte {
	if n := tagLength(b, false); n > 0 && hasLetter(b[:n]) {
		return l.setTag(b, n)
	}
	if w, rest := word(b); hostLike(w) && hasLetter(w) && pidAhead(rest) {
		l.Host = w
		return l.tag(rest, false)
	}
	return b
}

// pidTag reads "tag[pid]: text" of a line that has nothing else, and "tag: text" of a
// program that is known.
func (l *Line) pidTag(b []byte) []byte {
	if n := tagLength(b, false); n > 0 && (l.scratch.families.tags[string(program(b[:n]))] != nil || string(b[:n]) == "CEF") { // "CEF: 0|" is written, too
		return l.setTag(b, n)
	}
	if pidAhead(b) {
		return l.tag(b, false)
	}
	return b
}

// pidAhead says whether b begins with "name[123]:".
func pidAhead(b []byte) bool {
	n := tagLength(b, false)
	return n > 1 && b[n-1] == ']' && digit(b[n-2]) && hasLetter(b[:n])
}

func tagAhead(b []byte) bool { return tagLength(b, true) > 0 }

func hasLetter(b []byte) bool {
	for _, c := range b {
		if letter(c) {
			return true
		}
	}
	return false
}

// repeated unwraps "message repeated 3 times: [ text ]" (rsyslog): the body is
// the text, the message stays as written, yagura.repeat says how often.
func (l *Line) repeated() {
	rest, ok := cutPrefix(l.Body, "message repeated ")
	if !ok {
		return
	}
	count, rest := word(rest)
	inner, ok := cutPrefix(rest, "times: [")
	if !ok || !setNumber(l, event.YaguraRepeat, count) {
		return
	}
	l.SetMessage(l.Body)
	inner = trim(inner)
	if n := len(inner); n > 0 && inner[n-1] == ']' {
		inner = inner[:n-1]
	}
	l.Body = trim(inner)
}

// finish sets what the header found and no family claimed for itself.
func (l *Line) finish() {
	if len(l.Host) > 0 && !l.Has(event.HostName) {
		l.Set(event.HostName, l.Host)
	}
	if len(l.Tag) > 0 && !l.Has(event.ProcessName) {
		l.setProgram()
	}
	if len(l.PID) > 0 && !l.Has(event.ProcessPID) && !setNumber(l, event.ProcessPID, l.PID) {
		l.Set(event.SyslogProcID, l.PID)
	}
	if l.Message() == nil {
		l.SetMessage(trim(l.Body))
	}
	l.entities()
	l.judgeClock()
}

// setProgram: a tag that is a path names the executable.
func (l *Line) setProgram() {
	name := l.Tag
	if name[0] == '/' {
		if _, base, ok := cutLast(name, "/"); ok && len(base) > 0 {
			l.Set(event.ProcessExecutable, name)
			name = base
		}
	}
	l.Set(event.ProcessName, name)
}
