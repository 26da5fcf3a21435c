package enrich

import (
	"encoding/binary"
	"net/netip"
	"unsafe"
)

// parse6 reads an IPv6 address without allocating. A zone (%eth0) is left out,
// and an IPv4 address in IPv6's form becomes one.
func parse6(b []byte) (netip.Addr, bool) {
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
func parse4(b []byte) (addr uint32, ok bool) {
	if len(b) < 7 || len(b) > 15 {
		return 0, false
	}
	part, digits, n := 0, 0, uint32(0)
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			if digits > 0 && n == 0 { // leading zero
				return 0, false
			}
			n = 10*n + uint32(c-'0')
			if digits++; n > 255 {
				return 0, false
			}
		case c == '.' && digits > 0 && part < 3:
			addr = addr<<8 | n
			part, digits, n = part+1, 0, 0
		default:
			return 0, false
		}
	}
	return addr<<8 | n, part == 3 && digits > 0
}

// addr4 is the address of a key.
func addr4(k uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], k)
	return netip.AddrFrom4(b)
}

// onLink4 reports whether an IPv4 address never leaves a link: 0.0.0.0, 127/8,
// 169.254/16, 224/4, 255.255.255.255.
func onLink4(k uint32) bool {
	return k>>24 == 127 || k>>28 == 0xe || k>>16 == 0xa9fe || k == 0 || k == 0xffffffff
}

// onLink6 is onLink4 for IPv6.
func onLink6(a netip.Addr) bool {
	return a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsLoopback() || a.IsUnspecified()
}
