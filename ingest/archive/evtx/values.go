package evtx

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Types of values ([MS-EVEN6] 2.2.12, BinXmlVariant).
const (
	kindNull       = 0x00
	kindString     = 0x01
	kindANSI       = 0x02
	kindInt8       = 0x03
	kindUint8      = 0x04
	kindInt16      = 0x05
	kindUint16     = 0x06
	kindInt32      = 0x07
	kindUint32     = 0x08
	kindInt64      = 0x09
	kindUint64     = 0x0a
	kindFloat32    = 0x0b
	kindFloat64    = 0x0c
	kindBool       = 0x0d
	kindBinary     = 0x0e
	kindGUID       = 0x0f
	kindSize       = 0x10
	kindFileTime   = 0x11
	kindSystemTime = 0x12
	kindSID        = 0x13
	kindHex32      = 0x14
	kindHex64      = 0x15
	kindBinXML     = 0x21
	kindArray      = 0x80 // with one of the others: items one after the other
)

// width is the bytes of an item of a fixed size; 0 is any.
var width = map[byte]int{
	kindInt8: 1, kindUint8: 1, kindInt16: 2, kindUint16: 2, kindInt32: 4, kindUint32: 4, kindInt64: 8, kindUint64: 8,
	kindFloat32: 4, kindFloat64: 8, kindBool: 4, kindGUID: 16, kindFileTime: 8, kindSystemTime: 16, kindHex32: 4, kindHex64: 8,
}

// items writes a value into its element; the items of an array each into one of
// their own.
func (r *renderer) items(v value, open, name string, chunk []byte) error {
	if v.kind&kindArray == 0 {
		return r.value(v, chunk)
	}
	for i, item := range split(v.kind&^kindArray, v.data) {
		if i > 0 {
			r.close(name)
			r.out = append(r.out, open...)
		}
		if err := r.value(value{kind: v.kind &^ kindArray, data: item}, chunk); err != nil {
			return err
		}
		if len(r.out) > maxXML {
			return errLarge
		}
	}
	return nil
}

// split cuts an array into its items: texts end in NUL, others have a width.
func split(kind byte, data []byte) (items [][]byte) {
	if kind == kindString {
		for len(data) > 0 {
			n := 0
			for n+1 < len(data) && (data[n] != 0 || data[n+1] != 0) {
				n += 2
			}
			items = append(items, data[:n])
			data = data[min(n+2, len(data)):]
		}
		return items
	}
	if kind == kindANSI {
		for len(data) > 0 {
			n := 0
			for n < len(data) && data[n] != 0 {
				n++
			}
			items = append(items, data[:n])
			data = data[min(n+1, len(data)):]
		}
		return items
	}
	w := width[kind]
	if w == 0 {
		return [][]byte{data}
	}
	for len(data) >= w {
		items = append(items, data[:w])
		data = data[w:]
	}
	return items
}

// value writes one value as Windows does. What is shorter than its type is hex.
func (r *renderer) value(v value, chunk []byte) error {
	if v.kind == kindBinXML {
		c := cursor{chunk: chunk, at: v.at, end: v.at + len(v.data), bare: true}
		return r.fragments(&c, nil)
	}
	if v.kind&kindArray != 0 { // in an attribute
		for i, item := range split(v.kind&^kindArray, v.data) {
			if i > 0 {
				r.out = append(r.out, ' ')
			}
			if err := r.value(value{kind: v.kind &^ kindArray, data: item}, chunk); err != nil {
				return err
			}
		}
		return nil
	}
	r.out = appendValue(r.out, v.kind, v.data)
	return nil
}

func appendValue(dst []byte, kind byte, b []byte) []byte {
	if len(b) < width[kind] {
		return hex.AppendEncode(dst, b)
	}
	le := binary.LittleEndian
	switch kind {
	case kindNull:
		return dst
	case kindString:
		return appendText(dst, b)
	case kindANSI:
		return appendANSI(dst, b)
	case kindInt8:
		return strconv.AppendInt(dst, int64(int8(b[0])), 10)
	case kindUint8:
		return strconv.AppendUint(dst, uint64(b[0]), 10)
	case kindInt16:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(b))), 10)
	case kindUint16:
		return strconv.AppendUint(dst, uint64(le.Uint16(b)), 10)
	case kindInt32:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(b))), 10)
	case kindUint32:
		return strconv.AppendUint(dst, uint64(le.Uint32(b)), 10)
	case kindInt64:
		return strconv.AppendInt(dst, int64(le.Uint64(b)), 10)
	case kindUint64:
		return strconv.AppendUint(dst, le.Uint64(b), 10)
	case kindFloat32:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(le.Uint32(b))), 'g', -1, 32)
	case kindFloat64:
		return strconv.AppendFloat(dst, math.Float64frombits(le.Uint64(b)), 'g', -1, 64)
	case kindBool:
		return strconv.AppendBool(dst, le.Uint32(b) != 0)
	case kindGUID:
		return appendGUID(dst, b)
	case kindFileTime:
		return appendFileTime(dst, le.Uint64(b))
	case kindSystemTime:
		return appendSystemTime(dst, b)
	case kindSID:
		return appendSID(dst, b)
	case kindHex32, kindHex64, kindSize:
		return appendHex(dst, b)
	}
	return hex.AppendEncode(dst, b)
}

// appendHex writes a number as 0x…; a size is of 4 or 8 bytes.
func appendHex(dst, b []byte) []byte {
	var n uint64
	for i := min(len(b), 8) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	return strconv.AppendUint(append(dst, "0x"...), n, 16)
}

func appendGUID(dst, b []byte) []byte {
	dst = append(dst, '{')
	for i, at := range []int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15} {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, b[at:at+1])
	}
	return append(dst, '}')
}

// ticksToUnix is the Unix epoch in ticks of 100 ns since 1601-01-01 (FILETIME).
const ticksToUnix = 116_444_736_000_000_000

const timeForm = "2006-01-02T15:04:05.0000000Z"

func appendFileTime(dst []byte, ticks uint64) []byte {
	since := int64(min(ticks, math.MaxInt64)) - ticksToUnix
	t := time.Unix(since/10_000_000, since%10_000_000*100).UTC()
	return t.AppendFormat(dst, timeForm)
}

// appendSystemTime reads year, month, day of the week, day, hour, minute, second,
// milliseconds (SYSTEMTIME).
func appendSystemTime(dst, b []byte) []byte {
	n := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	t := time.Date(n(0), time.Month(n(1)), n(3), n(4), n(5), n(6), n(7)*1_000_000, time.UTC)
	return t.AppendFormat(dst, timeForm)
}

// appendSID writes S-1-…: revision, number of parts, authority (6 bytes, big
// endian), parts ([MS-DTYP] 2.4.2).
func appendSID(dst, b []byte) []byte {
	if len(b) < 8 || len(b) < 8+4*int(b[1]) {
		return hex.AppendEncode(dst, b)
	}
	authority := uint64(binary.BigEndian.Uint16(b[2:]))<<32 | uint64(binary.BigEndian.Uint32(b[4:]))
	dst = strconv.AppendUint(append(dst, "S-"...), uint64(b[0]), 10)
	dst = strconv.AppendUint(append(dst, '-'), authority, 10)
	for i := range int(b[1]) {
		dst = strconv.AppendUint(append(dst, '-'), uint64(binary.LittleEndian.Uint32(b[8+4*i:])), 10)
	}
	return dst
}

// appendText writes UTF-16 up to a NUL at its end as UTF-8, escaped.
func appendText(dst, b []byte) []byte {
	for len(b) >= 2 && b[len(b)-1] == 0 && b[len(b)-2] == 0 && len(b)%2 == 0 {
		b = b[:len(b)-2]
	}
	for i := 0; i+1 < len(b); i += 2 {
		c := rune(b[i]) | rune(b[i+1])<<8
		if utf16.IsSurrogate(c) && i+3 < len(b) {
			if both := utf16.DecodeRune(c, rune(b[i+2])|rune(b[i+3])<<8); both != utf8.RuneError {
				dst = utf8.AppendRune(dst, both)
				i += 2
				continue
			}
		}
		dst = appendRune(dst, c)
	}
	return dst
}

func appendANSI(dst, b []byte) []byte {
	for _, c := range b {
		if c == 0 {
			break
		}
		dst = appendRune(dst, rune(c))
	}
	return dst
}

// appendRune escapes what XML needs. A control character that XML 1.0 does not know
// is written as a reference all the same: nothing is lost.
func appendRune(dst []byte, c rune) []byte {
	switch {
	case c == '&':
		return append(dst, "&amp;"...)
	case c == '<':
		return append(dst, "&lt;"...)
	case c == '>':
		return append(dst, "&gt;"...)
	case c == '"':
		return append(dst, "&quot;"...)
	case c == '\t', c >= ' ' && c != 0x7f:
		return utf8.AppendRune(dst, c)
	}
	dst = append(dst, "&#"...)
	return append(strconv.AppendInt(dst, int64(c), 10), ';')
}
