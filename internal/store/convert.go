package store

import (
	"net/netip"
	"unsafe"
)

// number reads a decimal that is not above most.
func number(v []byte, most uint64) (n uint64, ok bool) {
	if len(v) == 0 || len(v) > 19 || len(v) > 1 && v[0] == '0' {
		return 0, false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, n <= most
}

// address reads an address; IPv4 is mapped. One with a zone is not held exactly.
func address(v []byte) ([16]byte, bool) {
	if a, ok := address4(v); ok {
		return a, true
	}
	a, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(v), len(v)))
	if err != nil || a.Zone() != "" {
		return [16]byte{}, false
	}
	return a.As16(), true
}

// address4 reads the dotted form, the common one, in half of netip's time.
func address4(v []byte) (a [16]byte, ok bool) {
	a[10], a[11] = 0xff, 0xff
	at, digits, n := 12, 0, uint(0)
	for _, c := range v {
		switch {
		case c >= '0' && c <= '9' && (digits == 0 || n > 0):
			digits, n = digits+1, n*10+uint(c-'0')
			if n > 255 {
				return a, false
			}
		case c == '.' && digits > 0 && at < 15:
			a[at] = byte(n)
			at, digits, n = at+1, 0, 0
		default:
			return a, false
		}
	}
	a[at] = byte(n)
	return a, at == 15 && digits > 0
}

// microseconds turns Unix nanoseconds into the unit of timestamp, clamped to the
// years that it holds.
func microseconds(nano int64) int64 {
	const first = -2208988800 * 1_000_000 // 1900-01-01
	us := nano / 1000
	if nano%1000 < 0 {
		us--
	}
	return max(us, first)
}

func text(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
