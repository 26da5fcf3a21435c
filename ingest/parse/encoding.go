package parse

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"

	"yagura/internal/event"
)

// Names of encodings, as Settings.Encoding takes them and yagura.encoding gives
// them. UTF-8 and ASCII are not noted.
const (
	encodingUTF8    = "utf-8"
	encodingCP932   = "cp932"
	encodingEUC     = "euc-jp"
	encodingISO2022 = "iso-2022-jp"
)

// Anomalies of the text.
const (
	anomalyEncoding = "encoding"     // bytes that belong to no known encoding, shown as U+FFFD
	anomalyCut      = "encoding:cut" // the last character is cut
	anomalyNUL      = "nul"          // NUL bytes before or inside the text
	anomalyMark     = "bom"          // a byte order mark before the line
	anomalyControl  = "control"      // other control characters than tab and line ends
)

// decode sets the draft's text to UTF-8 without the line end. Each line is
// judged by itself: one source may relay devices of several encodings. The raw
// bytes stay.
func (p *Parser) decode(l *Line, name string) {
	raw := l.trimStart(trimEnd(l.Raw()))
	if len(raw) < len(l.Raw()) {
		l.SetText(raw)
	}
	if !utf8.Valid(raw) {
		p.foreign(l, raw, name)
	}
	if at := firstControl(raw); at >= 0 {
		if escapes(raw[at:]) && utf8.Valid(raw) {
			p.convert(l, raw, encodingISO2022, 1)
		}
		l.lines = severalLines(raw[at:])
		l.controls(raw[at:])
	}
}

// trimEnd drops line ends and padding NULs.
func trimEnd(b []byte) []byte {
	n := len(b)
	for n > 0 && (b[n-1] == '\n' || b[n-1] == '\r' || b[n-1] == 0) {
		n--
	}
	return b[:n]
}

// trimStart drops what stands before the line and is no part of it: a byte order
// mark, NULs, empty lines, and blanks before "<PRI>". Other blanks stay: lines that
// continue another begin with them.
func (l *Line) trimStart(b []byte) []byte {
	rest := b
	for len(rest) > 0 && (rest[0] <= ' ' || rest[0] == 0xef) {
		switch {
		case blank(rest[0]):
			framed := trimLeft(rest)
			if len(framed) < 2 || framed[0] != '<' || !digit(framed[1]) {
				return rest
			}
			return framed
		case hasPrefix(rest, "\ufeff"):
			l.Anomaly(anomalyMark)
			rest = rest[len("\ufeff"):]
		case rest[0] == 0:
			l.Anomaly(anomalyNUL)
			rest = bytes.TrimLeft(rest, "\x00")
		case rest[0] == '\n', rest[0] == '\r':
			rest = rest[1:]
		default:
			return rest
		}
	}
	return rest
}

// foreign decodes bytes that are not UTF-8.
func (p *Parser) foreign(l *Line, raw []byte, name string) {
	if name == "" || name == "auto" {
		if cut := utf8Cut(raw); cut > 0 { // UTF-8 that ends in a character
			l.SetText(raw[:cut])
			l.Anomaly(anomalyCut)
			return
		}
		if at := index(raw, "\ufeff"); at >= 0 { // a relay's mark in front of what it did not convert
			raw = bytes.Join([][]byte{raw[:at], raw[at+len("\ufeff"):]}, nil)
			l.Anomaly(anomalyMark)
		}
		best, confidence := p.judge(raw)
		if best == "" {
			l.replaceInvalid(raw)
			return
		}
		p.convert(l, raw, best, confidence)
		return
	}
	if name == encodingUTF8 || decoder(name) == nil {
		l.replaceInvalid(raw)
		return
	}
	p.convert(l, raw, name, 1)
}

func decoder(name string) encoding.Encoding {
	switch name {
	case encodingCP932, "shift_jis", "sjis":
		return japanese.ShiftJIS
	case encodingEUC:
		return japanese.EUCJP
	case encodingISO2022:
		return japanese.ISO2022JP
	}
	return nil
}

func (p *Parser) convert(l *Line, raw []byte, name string, confidence float64) {
	text := p.transform(decoder(name), raw)
	bad := bytes.Count(text, replacement)
	if bad > 0 && bytes.HasSuffix(text, replacement) && bad == 1 {
		text = text[:len(text)-len(replacement)]
		l.Anomaly(anomalyCut)
	} else if bad > 0 {
		l.Anomaly(anomalyEncoding)
	}
	l.SetText(text)
	l.SetString(event.YaguraEncoding, name)
	l.SetString(event.YaguraEncodingConfidence, tenths(confidence))
}

var replacement = []byte("\ufffd")

// tenths is 0.0 to 1.0 as text.
func tenths(f float64) string {
	const all = "0.00.10.20.30.40.50.60.70.80.91.0"
	n := max(0, min(10, int(f*10+0.5)))
	return all[3*n : 3*n+3]
}

// transform decodes raw into scratch space; the decoders never fail, they write
// U+FFFD.
func (p *Parser) transform(e encoding.Encoding, raw []byte) []byte {
	d := e.NewDecoder()
	if cap(p.decoded) < 3*len(raw)+16 {
		p.decoded = make([]byte, 3*len(raw)+16)
	}
	n, _, _ := d.Transform(p.decoded[:cap(p.decoded)], raw, true)
	return p.decoded[:n]
}

// escapes says whether b holds an ISO-2022-JP escape sequence: ESC $ @, ESC $ B,
// ESC ( J, ESC ( I.
func escapes(b []byte) bool {
	for i := 0; i+2 < len(b); i++ {
		if b[i] != 0x1b {
			continue
		}
		switch string(b[i+1 : i+3]) {
		case "$@", "$B", "(J", "(I":
			return true
		}
	}
	return false
}

// utf8Cut returns the length of the valid part when b is UTF-8 but for its last
// character, which is cut; else 0. Some valid multi-byte text must come before.
func utf8Cut(b []byte) int {
	for n := 1; n <= 3 && n < len(b); n++ {
		tail := b[len(b)-n:]
		if !utf8.RuneStart(tail[0]) {
			continue
		}
		head := b[:len(b)-n]
		if tail[0] >= 0xc2 && !utf8.FullRune(tail) && utf8.Valid(head) && !ascii(head) {
			return len(head)
		}
		return 0
	}
	return 0
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// replaceInvalid keeps what is valid and shows the rest as U+FFFD.
func (l *Line) replaceInvalid(raw []byte) {
	l.SetText(bytes.ToValidUTF8(raw, replacement))
	l.Anomaly(anomalyEncoding)
}

// controls notes control characters. It is given what was received, so that the
// escapes of ISO-2022-JP are no control characters.
func (l *Line) controls(b []byte) {
	other := false
	for _, c := range b {
		switch {
		case c >= ' ', c == '\t', c == '\n', c == '\r', c == 0x1b, c == 0:
		default:
			other = true
		}
	}
	if bytes.IndexByte(b, 0) >= 0 {
		l.Anomaly(anomalyNUL)
	}
	if other {
		l.Anomaly(anomalyControl)
	}
}

// firstControl is the place of the first byte below a blank, or near before it;
// -1 when there is none.
func firstControl(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		if (x-0x2020202020202020)&^x&0x8080808080808080 != 0 {
			return i
		}
	}
	for ; i < len(b); i++ {
		if b[i] < ' ' {
			return i
		}
	}
	return -1
}
