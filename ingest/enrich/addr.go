package enrich

import (
	"net/netip"
	"unsafe"
)

// parseAddr reads an address without allocating. An IPv6 zone is left out.
func parseAddr(b []byte) (netip.Addr, bool) {
	if v4, ok := parse4(b); ok {
		return netip.AddrFrom4(v4), true
	}
	if len(b) < 2 || len(b) > 64 {
		return netip.Addr{}, false
	}
	colon := false
	for i, c := range b {
		if c == '%' {
			b = b[:i]
			break
		}
		colon = colon || c == ':'
	}
	if !colon {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(b), len(b)))
	return addr.Unmap(), err == nil
}

// parse4 reads dotted decimal, as strictly as netip does.
func parse4(b []byte) (a [4]byte, ok bool) {
	if len(b) < 7 || len(b) > 15 {
		return a, false
	}
	part, digits, n := 0, 0, 0
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			if digits > 0 && n == 0 { // leading zero
				return a, false
			}
			n = 10*n + int(c-'0')
			if digits++; n > 255 {
				return a, false
			}
		case c == '.' && digits > 0 && part < 3:
			a[part] = byte(n)
			part, digits, n = part+1, 0, 0
		default:
			return a, false
		}
	}
	a[3] = byte(n)
	return a, part == 3 && digits > 0
}
