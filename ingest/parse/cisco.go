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
		if t, ok = ciscoTagAt(b, at+1); ok {
			t.at = at
			return t, true
		}
		at++
	}
	if hasPrefix(b, "ASA-") || hasPrefix(b, "PIX-") || hasPrefix(b, "FTD-") || hasPrefix(b, "FWSM-") {
		return ciscoTagAt(b, 0)
	}
	return t, false
}

// ciscoTagAt reads "FAC[-SUB]-n-MNEMONIC:" from i.
func ciscoTagAt(b []byte, i int) (t ciscoTag, ok bool) {
	start, j := i, i
	for j < len(b) && j-start < 80 && (b[j] >= 'A' && b[j] <= 'Z' || digit(b[j]) || b[j] == '_' || b[j] == '-' || b[j] >= 'a' && b[j] <= 'z') {
		j++
	}
	if j == start || j < len(b) && b[j] != ':' && b[j] != ' ' {
		return t, false
	}
	code := b[start:j]
	last := bytes.LastIndexByte(code, '-')
	if last < 3 || code[last-2] != '-' || code[last-1] > '7' || code[last-1] < '0' || last+1 == len(code) {
		return t, false
	}
	t.facility, t.severity, t.mnemonic, t.code = code[:last-2], code[last-1:last], code[last+1:], code
	if !letter(t.facility[0]) {
		return t, false
	}
	rest := b[j:]
	rest = trimLeft(rest)
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
	} else if j < len(b) && b[j] == ' ' && !digit(t.mnemonic[0]) {
		return t, false // words with dashes, not a tag
	}
	t.body, t.at = trimLeft(rest), start
	return t, true
}

// isFirewall says whether the tag is of the ASA family, whose mnemonics are
// numbers.
func (t ciscoTag) isFirewall() bool {
	switch string(t.facility) {
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
		part = trimLeft(text[n:])
	} else if marked {
		return // a task: "*spamApTask1"
	}
	for len(part) > 0 { // a relay's header has no colon: host, then the sequence
		var w []byte
		w, part = word(part)
		if digits(w) == len(w) || ciscoUptime(w) {
			continue
		}
		if hostLike(w) && hasLetterOrAddress(w) && string(w) != "0.0.0.0" {
			l.Host = w
		}
	}
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
	if !l.Has(event.SyslogVersion) {
		ciscoHead(l, whole[:t.at])
	}
	l.untag(t.body)
	l.Set(event.EventSeverity, t.severity)
}

// ciscoText is where tag and header of a line are looked for: all of the line, or
// the message of an RFC 5424 one.
func ciscoText(l *Line) []byte {
	if l.Has(event.SyslogVersion) {
		return l.fromTag()
	}
	return l.Whole
}
