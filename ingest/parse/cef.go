package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// cef reads ArcSight's Common Event Format, "CEF:0|vendor|product|version|
// signature|name|severity|key=value ..." (Micro Focus, Implementing CEF, rev. 25).
type cef struct{}

func (cef) name() string { return "cef" }

func (cef) match(l *Line) int {
	if i := index(l.Body[:min(len(l.Body), 80)], "CEF:"); i >= 0 && len(l.Body) > i+5 && digit(l.Body[i+4]) {
		return 90
	}
	if string(l.Tag) == "CEF" && len(l.Body) > 1 && digit(l.Body[0]) && l.Body[1] == '|' { // "CEF: 0|"
		return 90
	}
	return 0
}

func (cef) parse(l *Line) bool {
	head, rest, ok := cefHead(l)
	if !ok {
		return false
	}
	setProduct(l, head[1], head[2], head[3])
	setEscaped(l, event.EventCode, head[4])
	setEscaped(l, event.RuleName, head[5])
	setNumber(l, event.EventSeverity, head[6])
	var marks cefMarks
	zone := l.Zone
	if cefUniversal(head[1]) {
		l.Zone = time.UTC
	}
	for e := (extension{rest: rest}); e.next(); {
		cefField(l, e.key, e.value)
		marks.see(e.key, e.value)
	}
	l.Zone = zone
	cefLabels(l)
	marks.set(l, head[1], head[4])
	return true
}

// cefUniversal says whether a vendor's times are UTC without saying so.
func cefUniversal(vendor []byte) bool {
	switch string(vendor) {
	case "ESET", "Microsoft", "CrowdStrike", "Cybereason":
		return true
	}
	return false
}

// cefHead cuts the seven parts of the head; what is left is the extension.
func cefHead(l *Line) (head [7][]byte, rest []byte, ok bool) {
	_, b, ok := cut(l.Body, "CEF:")
	if string(l.Tag) == "CEF" {
		l.Tag, b, ok = nil, l.Body, true
	}
	if !ok {
		return head, nil, false
	}
	for i := range head {
		if head[i], b, ok = pipe(b); !ok && i < 6 {
			l.broken("cef:header")
			break
		}
	}
	return head, b, true
}

func setProduct(l *Line, vendor, product, version []byte) {
	setEscaped(l, event.ObserverVendor, vendor)
	setEscaped(l, event.ObserverProduct, product)
	setEscaped(l, event.ObserverVersion, version)
}

// pipe cuts at the next "|" that is not escaped.
func pipe(b []byte) (part, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '|':
			return b[:i], b[i+1:], true
		}
	}
	return b, nil, false
}

func cefField(l *Line, key, v []byte) {
	switch string(key) {
	case "rt", "end", "start", "deviceReceiptTime":
		if t, ok := epoch(v); ok {
			l.setInstant(t)
		} else {
			l.setWritten(v)
		}
	case "dvchost":
		setText(l, event.HostName, v)
	case "dvc":
		setIP(l, event.HostIP, v)
	case "fname":
		setEscaped(l, event.FileName, v)
	case "filePath":
		setEscaped(l, event.FilePath, v)
	case "in":
		setNumber(l, event.DestinationBytes, v)
	case "out":
		setNumber(l, event.SourceBytes, v)
	case "app":
		setEscaped(l, event.NetworkProtocol, v)
	case "cat":
		setEscaped(l, event.RuleCategory, v)
	case "fileHash":
		if !setFileHash(l, v) {
			setEscaped(l, l.LocalBytes("cef.", key), v)
		}
	case "reason":
		setEscaped(l, event.EventReason, v)
	case "outcome":
		if equalFold(v, "success") || equalFold(v, "failure") {
			setLower(l, event.EventOutcome, v)
		}
	case "requestMethod":
		setText(l, event.HTTPRequestMethod, v)
	case "sntdom":
		setText(l, event.UserDomain, v)
	default:
		if string(key) == "msg" && bytes.IndexByte(v, '\\') >= 0 || !setCommon(l, key, v) {
			setEscaped(l, l.LocalBytes("cef.", key), v)
		}
	}
}

// setEscaped sets a value after dropping its escapes: \|, \=, \\, \n.
func setEscaped(l *Line, f event.Field, v []byte) {
	if bytes.IndexByte(v, '\\') < 0 {
		setText(l, f, v)
		return
	}
	out := l.scratch.scratch[:0]
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c == '\\' && i+1 < len(v) {
			switch n := v[i+1]; n {
			case '|', '=', '\\', '"':
				c = n
				i++
			case 'n', 'r':
				c = '\n'
				i++
			}
		}
		out = append(out, c)
	}
	l.scratch.scratch = out
	setText(l, f, out)
}

// extension reads "key=value key=value" where values hold blanks: a value ends
// in front of the next blank and key.
type extension struct {
	rest, key, value []byte
}

func (e *extension) next() bool {
	e.rest = trimLeft(e.rest)
	i := bytes.IndexByte(e.rest, '=')
	if i <= 0 {
		return false
	}
	e.key = e.rest[:i]
	if j := bytes.LastIndexByte(e.key, ' '); j >= 0 {
		e.key = e.key[j+1:]
	}
	v := e.rest[i+1:]
	end := len(v)
	for at := 0; at < len(v); at++ {
		if v[at] == '\\' {
			at++
			continue
		}
		if v[at] == '=' {
			if k := keyBefore(v, at); k >= 0 {
				end = k
				break
			}
		}
	}
	e.value = trim(v[:end])
	e.rest = v[end:]
	return true
}

// keyBefore is the place of the blank in front of the key that ends at at, or -1.
func keyBefore(v []byte, at int) int {
	i := at - 1
	for i >= 0 && (letter(v[i]) || digit(v[i]) || v[i] == '_' || v[i] == '.' || v[i] == '[' || v[i] == ']') {
		i--
	}
	if i < 0 || i == at-1 || !blank(v[i]) {
		return -1
	}
	return i
}
