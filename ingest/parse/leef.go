package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// leef reads IBM's Log Event Extended Format: "LEEF:1.0|vendor|product|version|
// id|key=value<tab>...", and 2.0 with its own separator as a sixth part.
type leef struct{}

func (leef) name() string { return "leef" }

func (leef) match(l *Line) int {
	if i := index(l.Body[:min(len(l.Body), 80)], "LEEF:"); i >= 0 && len(l.Body) > i+6 && digit(l.Body[i+5]) {
		return 90
	}
	return 0
}

func (leef) parse(l *Line) bool {
	_, b, ok := cut(l.Body, "LEEF:")
	if !ok {
		return false
	}
	var head [5][]byte
	for i := range head {
		if head[i], b, ok = cut(b, "|"); !ok {
			l.broken("leef:header")
			break
		}
	}
	setProduct(l, head[1], head[2], head[3])
	setText(l, event.EventCode, head[4])
	zone := l.Zone
	if cefUniversal(head[1]) {
		l.Zone = time.UTC
	}
	leefAttributes(l, &head, b)
	l.Zone = zone
	return true
}

// leefAttributes reads what follows the head.
func leefAttributes(l *Line, head *[5][]byte, b []byte) {
	var marks cefMarks
	sep := byte('\t')
	if hasPrefix(head[0], "2") {
		sep, b = leefSeparator(b)
	}
	if bytes.IndexByte(b, sep) < 0 { // tabs were turned into blanks
		for e := (extension{rest: b}); e.next(); {
			leefField(l, e.key, e.value)
			marks.see(e.key, e.value)
		}
		b = nil
	}
	for len(b) > 0 {
		var part []byte
		if i := bytes.IndexByte(b, sep); i >= 0 {
			part, b = b[:i], b[i+1:]
		} else {
			part, b = b, nil
		}
		if key, v, ok := cut(part, "="); ok && len(key) > 0 {
			leefField(l, trim(key), trim(v))
			marks.see(trim(key), trim(v))
		}
	}
	marks.set(l, head[1], head[4])
}

// leefSeparator reads "^|", "x09|" or "0x09|" in front of the attributes.
func leefSeparator(b []byte) (sep byte, rest []byte) {
	s, rest, ok := cut(b, "|")
	switch {
	case !ok || len(s) > 4:
		return '\t', b
	case len(s) == 1:
		return s[0], rest
	case len(s) > 1:
		if n, ok := hexNumber(bytes.TrimLeft(s, "0x")); ok && n < 256 {
			return byte(n), rest
		}
	}
	return '\t', rest
}

func leefField(l *Line, key, v []byte) {
	switch string(key) {
	case "devTime":
		if t, ok := epoch(v); ok {
			l.setInstant(t)
		} else {
			l.setWritten(v)
		}
	case "sev":
		setNumber(l, event.EventSeverity, v)
	case "cat":
		setText(l, event.RuleCategory, v)
	case "srcBytes":
		setNumber(l, event.SourceBytes, v)
	case "dstBytes":
		setNumber(l, event.DestinationBytes, v)
	case "domain":
		setText(l, event.UserDomain, v)
	case "identHostName":
		setText(l, event.HostName, v)
	case "filename", "fileName":
		setText(l, event.FileName, v)
	case "filePath":
		setText(l, event.FilePath, v)
	case "md5", "sha1", "sha256", "fileHash", "MD5", "SHA1", "SHA256":
		if !setFileHash(l, v) {
			setText(l, l.LocalBytes("leef.", key), v)
		}
	case "cmdLine", "commandLine":
		setText(l, event.ProcessCommandLine, v)
	case "srcPostNAT":
		setIP(l, event.SourceNATIP, v)
	case "dstPostNAT":
		setIP(l, event.DestinationNATIP, v)
	case "srcPostNATPort":
		putPort(l, event.SourceNATPort, v)
	case "dstPostNATPort":
		putPort(l, event.DestinationNATPort, v)
	case "policy":
		setText(l, event.RuleRuleset, v)
	default:
		if len(key) <= 64 && !setCommon(l, key, v) {
			setText(l, l.LocalBytes("leef.", key), v)
		}
	}
}
