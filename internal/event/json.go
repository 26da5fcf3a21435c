package event

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the event as one JSON object: flat ECS keys, arrays where
// ECS has them or where a field has several values, numbers as numbers, and
// event.original with the raw line. Keys stand in the order in which the parser
// set them; @timestamp comes first.
func (e Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"@timestamp":"`...)
	dst = e.Time().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","event.ingested":"`...)
	dst = e.Received().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, '"')
	src := e.Source()
	dst = appendPair(dst, "yagura.peer", src.Peer)
	dst = appendPair(dst, "yagura.listener", src.Listener)
	dst = appendPair(dst, "yagura.tenant", e.block.ID.Tenant)
	if m := e.Message(); m != nil {
		dst = append(dst, `,"message":`...)
		dst = appendString(dst, m)
	}
	refs := e.fieldRefs()
	for i := range refs {
		if !repeated(refs, i) {
			dst = e.appendField(dst, refs, i)
		}
	}
	dst = append(dst, `,"event.original":`...)
	dst = appendString(dst, e.Raw())
	return append(dst, '}')
}

func appendPair(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	dst = append(dst, `":`...)
	return appendString(dst, []byte(value))
}

// repeated tells whether an earlier value of the same field has written it.
func repeated(refs []ref, i int) bool {
	for _, r := range refs[:i] {
		if r.name == refs[i].name {
			return true
		}
	}
	return false
}

func (e Event) appendField(dst []byte, refs []ref, i int) []byte {
	f := refs[i].name
	dst = append(dst, ',')
	dst = appendString(dst, []byte(e.block.NameOf(f)))
	dst = append(dst, ':')
	many := f.IsList()
	for _, r := range refs[i+1:] {
		many = many || r.name == f
	}
	if !many {
		return appendValue(dst, f.Kind(), e.value(refs[i]))
	}
	dst = append(dst, '[')
	first := true
	for _, r := range refs[i:] {
		if r.name != f {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendValue(dst, f.Kind(), e.value(r))
	}
	return append(dst, ']')
}

func appendValue(dst []byte, kind Kind, v []byte) []byte {
	switch {
	case v == nil:
		return append(dst, "null"...)
	case kind == Long && isInteger(v), kind == Bool && (string(v) == "true" || string(v) == "false"):
		return append(dst, v...)
	case kind == Float:
		if f, err := strconv.ParseFloat(string(v), 64); err == nil && f-f == 0 {
			return strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
	}
	return appendString(dst, v)
}

// isInteger accepts what JSON accepts as an integer: no leading zeros.
func isInteger(v []byte) bool {
	if len(v) > 1 && v[0] == '-' {
		v = v[1:]
	}
	if len(v) == 0 || len(v) > 19 || (v[0] == '0' && len(v) > 1) {
		return false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Bytes that are no UTF-8 become U+FFFD: the
// exact bytes are in the store. C1 controls and DEL are escaped, too, so that
// the output is safe on a terminal.
func appendString(dst []byte, s []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			if r, size = utf8.DecodeRune(s[i:]); !(r == utf8.RuneError && size == 1) && !escaped(r) {
				i += size
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, r)
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// escaped are C1 controls, line separators and characters that turn the reading
// direction.
func escaped(r rune) bool {
	return r <= 0x9f || r == 0x2028 || r == 0x2029 || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0x200e || r == 0x200f
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case utf8.RuneError:
		return append(dst, "\ufffd"...)
	}
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
