package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ciscoTag is the tag of a Cisco message, "%FACILITY-SEVERITY-MNEMONIC:".
type ciscoTag struct {
	facility []byte // "SEC", "SYSMGR-STANDBY", "ASA"
	severity []byte // one digit
	mnemonic []byte // "IPACCESSLOGP", "106023"
	code     []byte // all three, without "%"
	at       int    // where the tag begins
	body     []byte
}

// readCiscoTag finds the tag near the start of b. bare: "ASA-2-106001: ..." without
// the percent sign, at the start only.
func readCiscoTag(b []byte) (t ciscoTag, ok bool) {
	for at, limit := 0, min(len(b), 240); at < limit; {
		i := bytes.IndexByte(b[at:limit], '%')
		if i < 0 {
			break
		}
		at += i
		if t, ok = ciscoTagAt(b, at+1, true); ok {
			t.at = at
			return t, true
		}
		at++
	}
	if bareFirewall(b) {
		return ciscoTagAt(b, 0, false)
	}
	return t, false
}

// bareFirewall says whether b begins with a firewall's tag without the percent sign.
func bareFirewall(b []byte) bool {
	return hasPrefix(b, "ASA-") || hasPrefix(b, "PIX-") || hasPrefix(b, "FTD-") || hasPrefix(b, "FWSM-")
}

// ciscoTagAt reads "FAC[-SUB]-n-MNEMONIC:" from i; behind a percent sign the colon
// may be missing.
func ciscoTagAt(b []byte, i int, percent bool) (t ciscoTag, ok bool) {
	start, j := i, i
	for j < len(b) && j-start < 80 && (b[j] >= 'A' && b[j] <= 'Z' || digit(b[j]) || b[j] == '_' || b[j] == '-' || b[j] >= 'a' && b[j] <= 'z') {
		j++
	}
	if j == start || j == len(b) || b[j] != ':' && b[j] != ' ' { // cut in the tag: whose it is is not certain
		return t, false
	}
	code := b[start:j]
	at := severityAt(code)
	if at < 0 || !letter(code[0]) {
		return t, false
	}
	t.facility, t.severity, t.mnemonic, t.code = code[:at-1], code[at:at+1], code[at+2:], code
	rest := b[j:]
	rest = trimLeft(rest)
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
	} else if !percent {
		return t, false // words with dashes, not a tag
	}
	t.body, t.at = trimLeft(rest), start
	return t, true
}

// severityAt is the place of the digit in "FACILITY-n-MNEMONIC", -1 without.
func severityAt(code []byte) int {
	for i := 2; i+2 < len(code); i++ {
		if code[i] >= '0' && code[i] <= '7' && code[i-1] == '-' && code[i+1] == '-' {
			return i
		}
	}
	return letterAt(code)
}

// letterAt is severityAt for the small switches, whose severities are letters:
// "AAA-W-REJECT".
func letterAt(code []byte) int {
	for i := 2; i+2 < len(code); i++ {
		if code[i-1] != '-' || code[i+1] != '-' {
			continue
		}
		switch code[i] {
		case 'A', 'C', 'D', 'E', 'F', 'I', 'N', 'W':
			return i
		}
	}
	return -1
}

// isFirewall says whether the tag is of the ASA family, whose mnemonics are
// numbers.
func (t ciscoTag) isFirewall() bool {
	name, _, _ := cut(t.facility, "-") // "ASA-session": classes of messages
	switch string(name) {
	case "ASA", "PIX", "FTD", "FWSM", "ACE", "NGIPS":
		return len(t.mnemonic) == 6 && digits(t.mnemonic) == 6
	}
	return false
}

// ciscoHead reads what stands before the tag, in any order that configuration and
// relays make: sequence numbers, host, a task's name, a time with "*" or "." when
// the clock is not to be trusted, an uptime in place of a time. Parts end in a colon
// and a blank.
func ciscoHead(l *Line, b []byte) {
	l.Host = nil
	for len(b) > 0 {
		if b[0] == ':' || blank(b[0]) {
			b = b[1:]
			continue
		}
		var part []byte
		part, b = ciscoPart(b)
		ciscoHeadPart(l, trim(part))
	}
}

func ciscoPart(b []byte) (part, rest []byte) {
	for i, c := range b {
		if c == ':' && (i+1 == len(b) || blank(b[i+1])) {
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

func ciscoHeadPart(l *Line, part []byte) {
	marked := len(part) > 1 && (part[0] == '*' || part[0] == '.') && (letter(part[1]) || digit(part[1]))
	text := part
	if marked {
		text = part[1:]
	}
	if s, n, ok := readStamp(text); ok {
		l.setStamp(s)
		if marked {
			l.Flags |= event.FlagClock
		}
		if part = trimLeft(text[n:]); zoneWord(part) {
			return
		}
	} else if marked {
		return // a task: "*spamApTask1"
	}
	for len(part) > 0 { // a relay's header has no colon: host, then the sequence
		for len(part) > 0 && (part[0] == ':' || part[0] == ' ') {
			part = part[1:]
		}
		if rest, ok := ciscoInnerHead(l, part); ok {
			part = rest
			continue
		}
		var w []byte
		w, part = word(part)
		if digits(w) == len(w) || ciscoUptime(w) || ciscoProcess(l, w) {
			continue
		}
		if node, stamped, ok := cut(w, ":"); ok && len(part) > 0 { // IOS XR: "RP/0/RSP0/CPU0:Nov 24 11:59:20"
			rest, _ := l.from(stamped)
			if s, n, ok := readStamp(rest); ok && hasLetter(node) {
				l.setStamp(s)
				part = part[min(len(part), max(0, n-len(stamped)-1)):]
				continue
			}
		}
		if string(w) == "Switch" || string(w) == "Chassis" {
			if n, _ := word(part); isNumber(n) { // "Switch 1 R0/0": a member of a stack
				continue
			}
		}
		if hostLike(w) && hasLetterOrAddress(w) && string(w) != "0.0.0.0" && !iosSlot(w) {
			l.Host = w
		}
	}
}

// ciscoInnerHead passes a PRI or a time of the device's own behind a relay's header.
func ciscoInnerHead(l *Line, b []byte) (rest []byte, ok bool) {
	if len(b) > 3 && b[0] == '<' && digit(b[1]) {
		if i := bytes.IndexByte(b[:min(len(b), 5)], '>'); i > 0 && digits(b[1:]) == i-1 {
			return trimLeft(b[i+1:]), true
		}
	}
	text, marked := b, len(b) > 1 && (b[0] == '*' || b[0] == '.')
	if marked {
		text = b[1:]
	}
	s, n, ok := readStamp(text)
	if !ok {
		return b, false
	}
	l.setStamp(s)
	if marked {
		l.Flags |= event.FlagClock
	}
	return trimLeft(text[n:]), true
}

// zoneWord says whether all of b is a zone's name that nobody could resolve ("AKDT"):
// no host.
func zoneWord(b []byte) bool {
	if len(b) < 2 || len(b) > 5 || b[len(b)-1] != 'T' {
		return false
	}
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// ciscoProcess takes "config[65539]": the process of IOS XR and NX-OS.
func ciscoProcess(l *Line, w []byte) bool {
	name, pid, ok := cut(w, "[")
	if !ok || len(name) == 0 || len(pid) < 2 || pid[len(pid)-1] != ']' || !isNumber(pid[:len(pid)-1]) || l.Has(event.ProcessName) {
		return false
	}
	l.Set(event.ProcessName, name)
	setNumber(l, event.ProcessPID, pid[:len(pid)-1])
	return true
}

func hasLetterOrAddress(w []byte) bool { return hasLetter(w) || isAddress(w) }

// ciscoUptime says whether w is "00:01:01", "1w2d" or "3d04h".
func ciscoUptime(w []byte) bool {
	if _, _, _, ok := clockOf(w); ok && len(w) == 8 {
		return true
	}
	units := 0
	for i := 0; i < len(w); {
		n := digits(w[i:])
		if n == 0 || i+n >= len(w) {
			return false
		}
		switch w[i+n] {
		case 'y', 'w', 'd', 'h', 'm', 's':
			units++
		default:
			return false
		}
		i += n + 1
	}
	return units >= 2
}

// begin sets the header, the code and the severity of a tagged message.
func (t ciscoTag) begin(l *Line, whole []byte) {
	switch {
	case l.ietf:
		host := l.Host
		if ciscoHead(l, whole[:t.at]); l.Host == nil {
			l.Host = host
		}
	case len(whole) == len(l.Whole):
		ciscoHead(l, whole[:t.at])
	}
	l.untag(t.body)
	if digit(t.severity[0]) {
		l.Set(event.EventSeverity, t.severity)
	} else {
		l.Set(event.LogLevel, t.severity)
	}
}

// ciscoText is where tag and header of a line are looked for: all of the line, or
// the message of an RFC 5424 one.
func ciscoText(l *Line) []byte {
	tagged := bareFirewall(l.Tag) || len(l.Tag) == 6 && digits(l.Tag) == 6
	switch {
	case tagged, len(l.Tag) > 0 && l.Tag[0] == '%':
		return l.fromTag()
	case l.ietf:
		return l.Body
	}
	return l.Whole
}
