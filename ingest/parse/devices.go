package parse

import (
	"bytes"

	"yagura/internal/event"
)

// putPort sets f when v is a port number above zero: devices write 0 for flows
// that have no ports.
func putPort(l *Line, f event.Field, v []byte) bool {
	return string(v) != "0" && setPort(l, f, v)
}

// wordAfter returns the word that follows the mark, without trailing
// punctuation.
func wordAfter(b []byte, mark string) ([]byte, bool) {
	i := bytes.Index(b, []byte(mark))
	if i < 0 {
		return nil, false
	}
	w, _ := word(b[i+len(mark):])
	w = bytes.TrimRight(w, ",;.")
	return w, len(w) > 0
}

// putEnd reads "address:port", "address/port", "address(port)", "[v6]:port" or a
// bare address, "v6.port" too, and sets the two fields. False when there is no address.
func putEnd(l *Line, ip, port event.Field, v []byte) bool {
	host, num := splitEnd(v)
	if !setIP(l, ip, host) {
		return false
	}
	putPort(l, port, num)
	return true
}

// putFlowEnd is putEnd for ends that are always followed by a port: of an IPv6
// address without brackets, "2001:db8::1:443", the last part is the port.
func putFlowEnd(l *Line, ip, port event.Field, v []byte) bool {
	if i := bytes.LastIndexByte(v, ':'); i > 1 && bytes.IndexByte(v, ':') < i && v[i-1] != ']' && v[i-1] != ':' &&
		isNumber(v[i+1:]) && len(v)-i <= 6 && isAddress(v[:i]) {
		setIP(l, ip, v[:i])
		putPort(l, port, v[i+1:])
		return true
	}
	return putEnd(l, ip, port, v)
}

// splitEnd cuts an end into host and port text. A colon cuts only when it is the
// only one or follows a bracket.
func splitEnd(v []byte) (host, port []byte) {
	if len(v) > 0 && v[len(v)-1] == ')' {
		if i := bytes.IndexByte(v, '('); i > 0 {
			return v[:i], v[i+1 : len(v)-1]
		}
	}
	if i := bytes.LastIndexByte(v, '/'); i > 0 {
		return v[:i], v[i+1:]
	}
	i := bytes.LastIndexByte(v, ':')
	if i > 0 && (bytes.IndexByte(v, ':') == i || v[i-1] == ']') {
		return v[:i], v[i+1:]
	}
	// "2001:db8::1.443": one dot behind the last colon
	if i > 0 {
		if j := bytes.IndexByte(v[i:], '.'); j > 0 && bytes.IndexByte(v[i+j+1:], '.') < 0 {
			return v[:i+j], v[i+j+1:]
		}
	}
	return v, nil
}

// setTransport sets network.transport (and the IANA number) from a protocol
// number or name. False when it is neither.
func setTransport(d *event.Draft, v []byte) bool {
	if n, ok := number(v); ok {
		if n > 255 {
			return false
		}
		if v[0] == '0' {
			d.SetInt(event.NetworkIANANumber, n)
		} else {
			d.Set(event.NetworkIANANumber, v)
		}
		if name := protocolName(n); name != "" {
			d.SetString(event.NetworkTransport, name)
		}
		return true
	}
	if name := transportName(v); name != "" {
		d.SetString(event.NetworkTransport, name)
		return true
	}
	return false
}

func protocolName(n int64) string {
	switch n {
	case 1:
		return "icmp"
	case 2:
		return "igmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 41:
		return "ipv6"
	case 47:
		return "gre"
	case 50:
		return "esp"
	case 51:
		return "ah"
	case 58:
		return "ipv6-icmp"
	case 89:
		return "ospf"
	case 103:
		return "pim"
	case 112:
		return "vrrp"
	case 132:
		return "sctp"
	}
	return ""
}

// transportName returns the ECS word for a protocol name in any case.
func transportName(v []byte) string {
	if len(v) < 2 || len(v) > 9 {
		return ""
	}
	var tmp [9]byte
	switch string(lowerInto(tmp[:0], v)) {
	case "tcp", "tcp6":
		return "tcp"
	case "udp", "udp6":
		return "udp"
	case "icmp", "icmpv4":
		return "icmp"
	case "icmp6", "icmpv6", "ipv6-icmp", "icmp-v6":
		return "ipv6-icmp"
	case "gre":
		return "gre"
	case "esp":
		return "esp"
	case "ah":
		return "ah"
	case "igmp":
		return "igmp"
	case "ospf":
		return "ospf"
	case "pim":
		return "pim"
	case "vrrp":
		return "vrrp"
	case "sctp":
		return "sctp"
	case "ipv6":
		return "ipv6"
	}
	return ""
}

// lowerInto appends v in ASCII lower case.
func lowerInto(dst, v []byte) []byte {
	for _, c := range v {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// putLower sets f to v in ASCII lower case; v is at most 64 bytes, or it is set as
// it is.
func putLower(d *event.Draft, f event.Field, v []byte) {
	if len(v) > 64 {
		d.Set(f, v)
		return
	}
	var tmp [64]byte
	d.Set(f, lowerInto(tmp[:0], v))
}

// setClass sets event.category and event.type; "" sets nothing.
func setClass(d *event.Draft, category, typ string) {
	if category != "" {
		d.SetString(event.EventCategory, category)
	}
	if typ != "" {
		d.SetString(event.EventType, typ)
	}
}

// setObserver sets vendor, product and type of the device.
func setObserver(d *event.Draft, vendor, product, typ string) {
	d.SetString(event.ObserverVendor, vendor)
	d.SetString(event.ObserverProduct, product)
	d.SetString(event.ObserverType, typ)
}

// isAddress says whether b is an IP address.
func isAddress(b []byte) bool {
	if ipv4(b) {
		return true
	}
	colons := 0
	for _, c := range b { // what cannot be one costs no error value
		switch {
		case c == ':':
			colons++
		case !digit(c) && c|0x20-'a' > 5 && c != '.':
			return false
		}
	}
	if colons < 2 {
		return false
	}
	_, ok := address(b)
	return ok
}

// isHex says whether all of b is hexadecimal digits.
func isHex(b []byte) bool {
	for _, c := range b {
		if !digit(c) && c|0x20-'a' > 5 {
			return false
		}
	}
	return len(b) > 0
}

// isMAC says whether b is a hardware address: "aa:bb:cc:dd:ee:ff", with dashes, or
// "aabb.ccdd.eeff".
func isMAC(b []byte) bool {
	switch len(b) {
	case 17:
		for i, c := range b {
			if i%3 == 2 {
				if c != ':' && c != '-' || c != b[2] {
					return false
				}
			} else if !isHex(b[i : i+1]) {
				return false
			}
		}
		return true
	case 14:
		return b[4] == '.' && b[9] == '.' && isHex(b[:4]) && isHex(b[5:9]) && isHex(b[10:])
	}
	return false
}

// named cuts "name: " in front of the body of a line without a header of RFC 3164,
// whose reader takes it for a tag. name is nil without.
func (l *Line) named() (name, rest []byte) {
	if l.Headers && !l.ietf || l.Tag != nil {
		return nil, nil
	}
	w, rest := word(l.Body)
	if n := len(w) - 1; n > 0 && w[n] == ':' && hostLike(w[:n]) && len(rest) > 0 {
		return w[:n], rest
	}
	return nil, nil
}
