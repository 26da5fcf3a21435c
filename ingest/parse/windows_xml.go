package parse

import (
	"bytes"
	"unicode/utf8"

	"yagura/internal/event"
)

// winTag is one tag of the event's XML: no name spaces, no comments, no CDATA are
// written by Windows.
type winTag struct {
	name, attributes []byte
	closing, empty   bool
}

// nextTag cuts the text before the next tag, and the tag. False: none is whole.
func nextTag(b []byte) (text []byte, tag winTag, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '<')
	if i < 0 {
		return b, tag, nil, false
	}
	text, b = b[:i], b[i+1:]
	end := tagEnd(b)
	if end < 0 {
		return text, tag, nil, false
	}
	inner, rest := b[:end], b[end+1:]
	if len(inner) > 0 && inner[0] == '/' {
		tag.closing, inner = true, inner[1:]
	}
	if n := len(inner); n > 0 && inner[n-1] == '/' {
		tag.empty, inner = true, inner[:n-1]
	}
	n := 0
	for n < len(inner) && inner[n] != ' ' && inner[n] != '\t' && inner[n] != '\n' && inner[n] != '\r' {
		n++
	}
	tag.name, tag.attributes = inner[:n], inner[n:]
	return text, tag, rest, true
}

// tagEnd is the place of the '>' that ends a tag, outside quotes.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		case c == '<':
			return -1
		}
	}
	return -1
}

// attribute returns the value of a tag's attribute.
func (t winTag) attribute(name string) ([]byte, bool) {
	for b := t.attributes; len(b) > 0; {
		key, rest, ok := cut(b, "=")
		if !ok {
			return nil, false
		}
		rest = trim(rest)
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return nil, false
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil, false
		}
		if string(trim(key)) == name {
			return rest[1 : 1+end], true
		}
		b = rest[end+2:]
	}
	return nil, false
}

// winXMLReader is where the reader of an event's XML stands.
type winXMLReader struct {
	r       *winRecord
	section string // "System", "EventData", "UserData", "RenderingInfo"
	open    []byte // the element that is open, nil when the last tag was an end
	data    []byte // Name of the open Data element
	named   bool
}

// readXML reads "<Event ...> ... </Event>". What is cut keeps what was whole.
func (r *winRecord) readXML(b []byte) {
	x := winXMLReader{r: r}
	ended := false
	for range 4096 {
		text, tag, rest, ok := nextTag(b)
		if !ok {
			break
		}
		x.tag(text, tag)
		b = rest
		if tag.closing && string(tag.name) == "Event" {
			ended = true
			break
		}
	}
	if !ended {
		partial(r.Draft, "xml:cut")
	}
}

// tag files what the tag says, with the text in front of it.
func (x *winXMLReader) tag(text []byte, t winTag) {
	switch string(t.name) {
	case "System", "EventData", "UserData", "RenderingInfo":
		if x.section = ""; !t.closing && !t.empty {
			x.section = string(t.name)
		}
		x.open = nil
		return
	}
	if t.closing {
		if x.open != nil && bytes.Equal(x.open, t.name) {
			x.element(t.name, text)
		}
		x.open, x.named = nil, false
		return
	}
	if x.section == "System" {
		x.attributes(t)
	}
	x.data, x.named = t.attribute("Name")
	x.open = t.name
	if t.empty {
		x.element(t.name, nil)
		x.open, x.named = nil, false
	}
}

// attributes reads the head's values that are attributes.
func (x *winXMLReader) attributes(t winTag) {
	r := x.r
	switch string(t.name) {
	case "Provider":
		if v, ok := t.attribute("Name"); ok {
			r.provider = v
		} else if v, ok := t.attribute("EventSourceName"); ok {
			r.provider = v
		}
		if v, ok := t.attribute("Guid"); ok {
			r.Set(r.Local("winlog.provider_guid"), v)
		}
	case "TimeCreated":
		r.stamped, _ = t.attribute("SystemTime")
	case "Execution":
		if v, ok := t.attribute("ProcessID"); ok {
			r.Set(r.Local("winlog.process.pid"), v)
		}
		if v, ok := t.attribute("ThreadID"); ok {
			r.Set(r.Local("winlog.process.thread.id"), v)
		}
	case "Security":
		r.userSID, _ = t.attribute("UserID")
	}
}

// element files an element's text.
func (x *winXMLReader) element(name, text []byte) {
	r := x.r
	switch x.section {
	case "System":
		x.head(name, trim(text))
	case "EventData":
		text = unescapeXML(text)
		switch {
		case string(name) != "Data":
			r.data(name, text)
		case x.named:
			if string(x.data) == "UtcTime" {
				r.utc = text
			}
			r.data(x.data, text)
		default:
			r.numbered(text)
		}
	case "UserData":
		r.data(name, unescapeXML(text))
	case "RenderingInfo":
		if string(name) == "Message" {
			r.message = unescapeXML(text)
		}
	}
}

func (x *winXMLReader) head(name, text []byte) {
	r := x.r
	switch string(name) {
	case "EventID":
		r.id = text
	case "Level":
		r.Set(r.Local("winlog.level"), text)
	case "Task":
		r.Set(event.WinlogTask, text)
	case "Opcode":
		r.Set(event.WinlogOpcode, text)
	case "Keywords":
		r.keywords = text
	case "EventRecordID":
		r.Set(event.WinlogRecordID, text)
	case "Channel":
		r.channel = text
	case "Computer":
		r.computer = text
	}
}

// unescapeXML replaces the five entities and numbers; without any the text itself
// is returned.
func unescapeXML(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i:]
		j := bytes.IndexByte(b[:min(len(b), 12)], ';')
		if j < 0 {
			out, b = append(out, '&'), b[1:]
			continue
		}
		r, ok := entity(b[1:j])
		if !ok {
			out, b = append(out, '&'), b[1:]
			continue
		}
		out, b = utf8.AppendRune(out, r), b[j+1:]
	}
	return out
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	if name[1] == 'x' || name[1] == 'X' {
		n, ok := hexNumber(name[2:])
		return rune(n & 0x1fffff), ok && n <= 0x10ffff
	}
	n, ok := number(name[1:])
	return rune(n), ok && n <= 0x10ffff
}
