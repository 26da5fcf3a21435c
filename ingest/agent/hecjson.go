package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"yagura/internal/event"
)

// JSON is looked at in place: bytes are kept as they came, also where a string holds
// no UTF-8, and a document of many small things needs no memory.

var errJSON = errors.New("no JSON")

func jsonSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\r' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// jsonCut cuts the first value of b; ok is false where none begins or it does not
// end. What is cut is a value for sure only if jsonValid says so.
func jsonCut(b []byte) (value, rest []byte, ok bool) {
	b = jsonSpace(b)
	if len(b) == 0 {
		return nil, nil, false
	}
	n := 0
	switch b[0] {
	case '"':
		n = jsonStringEnd(b)
	case '{', '[':
		n = jsonNestEnd(b)
	case ',', ':', ']', '}':
	default:
		for n < len(b) && strings.IndexByte(" \t\r\n,:]}[{\"", b[n]) < 0 {
			n++
		}
	}
	if n == 0 {
		return nil, b, false
	}
	return b[:n], b[n:], true
}

// jsonStringEnd is the length of the string at the start of b; 0: it does not end.
func jsonStringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// jsonNestEnd is the length of the object or array at the start of b; 0: it does not end.
func jsonNestEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := jsonStringEnd(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// jsonElements calls f for each element of an array that json.Valid has seen; null has
// none. Anything else is errJSON.
func jsonElements(array []byte, f func(value []byte) error) error {
	array = jsonSpace(array)
	if string(array) == "null" {
		return nil
	}
	if len(array) == 0 || array[0] != '[' {
		return errJSON
	}
	for b := array[1:]; ; {
		value, rest, ok := jsonCut(b)
		if !ok {
			return nil // the end
		}
		if err := f(value); err != nil {
			return err
		}
		if b = jsonSpace(rest); len(b) == 0 || b[0] != ',' {
			return nil
		}
		b = b[1:]
	}
}

// jsonMembers is jsonElements for an object; the names are without escapes.
func jsonMembers(object []byte, f func(key string, value []byte) error) error {
	object = jsonSpace(object)
	if string(object) == "null" {
		return nil
	}
	if len(object) == 0 || object[0] != '{' {
		return errJSON
	}
	for b := object[1:]; ; {
		name, rest, ok := jsonCut(b)
		if b = jsonSpace(rest); !ok || len(b) == 0 || b[0] != ':' {
			return nil
		}
		value, rest, ok := jsonCut(b[1:])
		if !ok {
			return nil
		}
		key, _ := jsonString(name)
		if err := f(string(key), value); err != nil {
			return err
		}
		if b = jsonSpace(rest); len(b) == 0 || b[0] != ',' {
			return nil
		}
		b = b[1:]
	}
}

// jsonString is what a string says; false: the value is none. Bytes that are no UTF-8
// stay as they are. Without escapes it is a part of value.
func jsonString(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, false
	}
	value = value[1 : len(value)-1]
	at := bytes.IndexByte(value, '\\')
	if at < 0 {
		return value, true
	}
	out := append(make([]byte, 0, len(value)), value[:at]...)
	for b := value[at:]; len(b) > 0; {
		if b[0] != '\\' {
			out = append(out, b[0])
			b = b[1:]
			continue
		}
		if len(b) < 2 {
			return nil, false
		}
		if b[1] != 'u' {
			out = append(out, jsonEscape(b[1]))
			b = b[2:]
			continue
		}
		r, n := jsonRune(b)
		if n == 0 {
			return nil, false
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out, true
}

func jsonEscape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}

// jsonRune reads \uXXXX, and the second half of a pair; n is 0 when it is none.
func jsonRune(b []byte) (r rune, n int) {
	first, ok := jsonHex(b)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(first) {
		if second, ok := jsonHex(b[6:]); ok {
			if r = utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	return first, 6
}

func jsonHex(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// jsonText is a value as text: what a string says, or its JSON.
func jsonText(value []byte) []byte {
	if s, ok := jsonString(value); ok {
		return s
	}
	return value
}

// jsonValid is json.Valid, which looks no deeper than 10,000 levels.
func jsonValid(b []byte) bool { return json.Valid(b) }

// jsonAppend appends a string; of one that is longer than an event may be only the
// beginning. Bytes that are no UTF-8 stay as they are.
func jsonAppend(b, s []byte) []byte {
	b = append(b, '"')
	for _, c := range s[:min(len(s), event.MaxRaw)] {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// jsonAppendFloat appends a number; what JSON has no number for is a string.
func jsonAppendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(b, '"'), f, 'g', -1, 64), '"')
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}
