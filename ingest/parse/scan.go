package parse

import (
	"bytes"
	"net/netip"
	"strconv"
	"unsafe"
)

// The scanners of this file cut a line into parts without copying: every slice
// returned is a part of the slice given.

// str views b as a string for comparing and parsing; it must not outlive b.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }

// cutPrefix drops s from the start of b.
func cutPrefix(b []byte, s string) (rest []byte, ok bool) {
	if !hasPrefix(b, s) {
		return b, false
	}
	return b[len(s):], true
}

// index is the place of s in b, or -1.
func index(b []byte, s string) int {
	return bytes.Index(b, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// seek is index for texts that seldom hold s. It looks for the rarer end of s: log
// lines are full of blanks, and most of what families look for begins or ends with
// one.
func seek(b []byte, s string) int {
	k := len(s) - 1
	if k > 0 && seldom[s[0]] >= seldom[s[k]] {
		k = 0
	}
	if k < 0 || seldom[s[k]] < 2 { // both ends are everywhere
		return index(b, s)
	}
	for at, tries := k, 0; at < len(b); at++ {
		if tries++; tries > 4 {
			i := index(b[at-k:], s)
			if i >= 0 {
				i += at - k
			}
			return i
		}
		i := bytes.IndexByte(b[at:], s[k])
		if i < 0 {
			return -1
		}
		at += i
		if hasPrefix(b[at-k:], s) {
			return at - k
		}
	}
	return -1
}

// seldom ranks bytes by how seldom they stand in log lines.
var seldom = func() (rank [256]uint8) {
	for i := range rank {
		rank[i] = 9
	}
	for i, group := range [...]string{" ", "eotaisnr", "cdlmpu0123456789.:-", "bfghvwy", "/=\",_"} {
		for _, c := range []byte(group) {
			rank[c] = uint8(i)
		}
	}
	return rank
}()

func contains(b []byte, s string) bool { return seek(b, s) >= 0 }

// after returns what follows the first s.
func after(b []byte, s string) (rest []byte, ok bool) {
	i := index(b, s)
	if i < 0 {
		return nil, false
	}
	return b[i+len(s):], true
}

// cut splits b around the first s; without s all of b is before.
func cut(b []byte, s string) (before, rest []byte, ok bool) {
	i := index(b, s)
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(s):], true
}

// cutLast splits b around the last s; without s all of b is before.
func cutLast(b []byte, s string) (before, rest []byte, ok bool) {
	i := bytes.LastIndex(b, unsafe.Slice(unsafe.StringData(s), len(s)))
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(s):], true
}

// word cuts the first blank-separated word; rest has no blanks in front.
func word(b []byte) (w, rest []byte) {
	b = trimLeft(b)
	i := 0
	for i < len(b) && !blank(b[i]) {
		i++
	}
	return b[:i], trimLeft(b[i:])
}

// quoted cuts a value in double quotes at the start of b, with backslash
// escapes left as they are. Without an end quote all of b is the value and ok is
// false.
func quoted(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[1:i], b[i+1:], true
		}
	}
	return b[1:], nil, false
}

// between returns what stands between the first open and the next end.
func between(b []byte, open, end string) (inner []byte, ok bool) {
	rest, ok := after(b, open)
	if !ok {
		return nil, false
	}
	inner, _, ok = cut(rest, end)
	return inner, ok
}

func blank(c byte) bool  { return c == ' ' || c == '\t' }
func digit(c byte) bool  { return c-'0' <= 9 }
func letter(c byte) bool { return c|0x20-'a' <= 25 }

func trimLeft(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	return b
}

// trim drops blanks, carriage returns and newlines at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (blank(b[0]) || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	for n := len(b); n > 0 && (blank(b[n-1]) || b[n-1] == '\r' || b[n-1] == '\n'); n-- {
		b = b[:n-1]
	}
	return b
}

// unquote drops one pair of double or single quotes around b.
func unquote(b []byte) []byte {
	if n := len(b); n >= 2 && b[0] == b[n-1] && (b[0] == '"' || b[0] == '\'') {
		return b[1 : n-1]
	}
	return b
}

// equalFold compares with an ASCII word without case; s must be lower case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if c-'A' <= 25 {
			c |= 0x20
		}
		if c != s[i] {
			return false
		}
	}
	return true
}

// number reads a decimal number that is all of b; at most 18 digits.
func number(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if !digit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// digits is the number of decimal digits at the start of b.
func digits(b []byte) int {
	n := 0
	for n < len(b) && digit(b[n]) {
		n++
	}
	return n
}

// none says that a value stands for nothing: empty, "-", "N/A", "?", "(null)".
func none(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 1:
		return b[0] == '-' || b[0] == '?'
	case 3:
		return equalFold(b, "n/a")
	case 6:
		return string(b) == "(null)"
	}
	return false
}

// address reads an IP address that is all of b: IPv4, IPv6, in brackets, with a
// zone (dropped), IPv4-mapped (unmapped).
func address(b []byte) (netip.Addr, bool) {
	if n := len(b); n > 2 && b[0] == '[' && b[n-1] == ']' {
		b = b[1 : n-1]
	}
	if len(b) < 2 || len(b) > 60 || !addressLike(b) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(str(b))
	if err != nil {
		return netip.Addr{}, false
	}
	return a.WithZone("").Unmap(), true
}

// addressLike says whether b may be an IP address: what is none costs no error value.
func addressLike(b []byte) bool {
	colons := 0
	for _, c := range b {
		switch {
		case c == ':':
			colons++
		case c == '%': // a zone follows
			return colons > 1
		case !digit(c) && c|0x20-'a' > 5 && c != '.':
			return false
		}
	}
	return colons > 1 || colons == 0 && ipv4(b)
}

// ipv4 says whether b is a canonical IPv4 address: the common case, without
// copying.
func ipv4(b []byte) bool {
	if len(b) < 7 || len(b) > 15 {
		return false
	}
	part, size, dots := 0, 0, 0
	for _, c := range b {
		switch {
		case digit(c):
			if size > 0 && part == 0 {
				return false // leading zero
			}
			part, size = part*10+int(c-'0'), size+1
			if part > 255 {
				return false
			}
		case c == '.':
			if size == 0 {
				return false
			}
			part, size, dots = 0, 0, dots+1
		default:
			return false
		}
	}
	return dots == 3 && size > 0
}

// hexNumber reads "0x1f" or "1f".
func hexNumber(b []byte) (uint64, bool) {
	if hasPrefix(b, "0x") || hasPrefix(b, "0X") {
		b = b[2:]
	}
	n, err := strconv.ParseUint(str(b), 16, 64)
	return n, err == nil
}
