package agent

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// decoder converts a file's text where the configuration names its encoding.
// Without one, and for UTF-8, the bytes stay as they are: yagura tells Japanese
// encodings by content.
type decoder struct {
	name string
	from encoding.Encoding
	wide int8 // 1 UTF-16LE, 2 UTF-16BE
}

// Encodings that a configuration may name.
var Encodings = []string{"auto", "utf-8", "cp932", "shift_jis", "euc-jp", "iso-2022-jp", "utf-16le", "utf-16be"}

func decoderOf(name string) (decoder, error) {
	switch strings.ToLower(name) {
	case "", "auto", "utf-8", "utf8":
		return decoder{}, nil
	case "cp932", "shift_jis", "sjis":
		return decoder{name: "cp932", from: japanese.ShiftJIS}, nil
	case "euc-jp":
		return decoder{name: "euc-jp", from: japanese.EUCJP}, nil
	case "iso-2022-jp":
		return decoder{name: "iso-2022-jp", from: japanese.ISO2022JP}, nil
	case "utf-16le":
		return decoder{wide: 1}, nil
	case "utf-16be":
		return decoder{wide: 2}, nil
	}
	return decoder{}, fmt.Errorf("encoding %q: want one of %s", name, strings.Join(Encodings, ", "))
}

// utf8 converts a record; name is what from, "" when it is as it was.
func (d decoder) utf8(raw []byte, wide int8) (text []byte, name string) {
	switch {
	case wide > 0:
		return fromWide(raw, wide), [...]string{1: "utf-16le", 2: "utf-16be"}[wide]
	case d.from == nil || ascii(raw):
		return raw, ""
	}
	text, err := d.from.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return raw, "" // it is not what the configuration says
	}
	return text, d.name
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == 0x1b {
			return false
		}
	}
	return true
}

func fromWide(raw []byte, wide int8) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i+1 < len(raw); i += 2 {
		r := rune(unit(raw[i:], wide))
		if utf16.IsSurrogate(r) && i+3 < len(raw) {
			if both := utf16.DecodeRune(r, rune(unit(raw[i+2:], wide))); both != utf8.RuneError {
				r, i = both, i+2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func unit(b []byte, wide int8) uint16 {
	if wide == 1 {
		return uint16(b[0]) | uint16(b[1])<<8
	}
	return uint16(b[1]) | uint16(b[0])<<8
}

// wideOf says whether a file is UTF-16, by its mark or by the configuration: 1
// little, 2 big endian, -1 no.
func wideOf(b []byte, d decoder) int8 {
	switch {
	case d.wide > 0:
		return d.wide
	case len(b) < 2:
		return -1
	case b[0] == 0xff && b[1] == 0xfe:
		return 1
	case b[0] == 0xfe && b[1] == 0xff:
		return 2
	}
	return -1
}

// lineEnd finds the end of the first line, and where the next begins; next 0: there
// is no end.
func lineEnd(b []byte, wide int8) (end, next int) {
	if wide <= 0 {
		i := bytes.IndexByte(b, '\n')
		return i, i + 1
	}
	for i := 0; i+1 < len(b); i += 2 {
		if unit(b[i:], wide) == '\n' {
			return i, i + 2
		}
	}
	return 0, 0
}

// lastEnd is where the line behind the last end begins; 0: there is no end.
func lastEnd(b []byte, wide int8) int {
	if wide <= 0 {
		return bytes.LastIndexByte(b, '\n') + 1
	}
	for i := len(b)&^1 - 2; i >= 0; i -= 2 {
		if unit(b[i:], wide) == '\n' {
			return i + 2
		}
	}
	return 0
}
