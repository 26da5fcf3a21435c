package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// treacherous are characters that a terminal or a page acts upon instead of
// showing: controls, format characters (direction, zero width, tags), separators
// of lines and paragraphs, private use.
func treacherous(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	return r <= 0x9f || r > 0x9f && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// appendText appends s as a JSON string in which every treacherous character is
// escaped, so that the text is safe on a terminal. Bytes that are no UTF-8
// become U+FFFD.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if b := s[i]; b >= 0x20 && b < 0x7f && b != '"' && b != '\\' {
			dst = append(dst, b)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case treacherous(r):
			dst = appendEscape(dst, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += size
	}
	return append(dst, '"')
}

func appendEscape(dst []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		return appendEscape(appendEscape(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// safeJSON escapes the treacherous characters of valid JSON: outside strings
// there are none but white space, which stays.
func safeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r >= 0x7f && treacherous(r) {
			out = appendEscape(out, r)
		} else {
			out = append(out, text[i:i+size]...)
		}
		i += size
	}
	return out
}

// appendValue appends a value of a row.
func appendValue(dst []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendText(dst, x)
	case bool:
		return strconv.AppendBool(dst, x)
	case int64:
		return strconv.AppendInt(dst, x, 10)
	case uint64:
		return strconv.AppendUint(dst, x, 10)
	case []any:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, e)
		}
		return append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		for i, k := range slices.Sorted(maps.Keys(x)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(dst, k), ':')
			dst = appendValue(dst, x[k])
		}
		return append(dst, '}')
	}
	text, err := json.Marshal(v)
	if err != nil { // not a number: NaN, infinite
		return append(dst, "null"...)
	}
	return append(dst, safeJSON(text)...)
}

// appendRow appends a row as an object in the order of the columns. A row never
// begins with {"error": – that is how a broken result ends.
func appendRow(dst []byte, columns []Column, row []any) []byte {
	dst = append(dst, '{')
	if len(columns) > 0 && columns[0].Name == "error" {
		dst = append(dst, ' ')
	}
	for i, col := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, col.Name), ':')
		dst = appendValue(dst, row[i])
	}
	return append(dst, '}')
}
