package parse

import (
	"encoding/binary"
	"net/netip"

	"yagura/internal/event"
)

// auditCall says what a system call does with the address that it names.
type auditCall uint8

const (
	auditCallOther auditCall = iota
	auditCallConnect
	auditCallAccept
)

// auditCallOf tells it by the name of the call.
func auditCallOf(name string) auditCall {
	switch name {
	case "connect", "sendto", "sendmsg", "sendmmsg":
		return auditCallConnect
	case "accept", "accept4", "recvfrom", "recvmsg", "recvmmsg":
		return auditCallAccept
	}
	return auditCallOther
}

// socket reads the address of a SOCKADDR record: struct sockaddr in hexadecimal, its
// family in the order of the host (all that Linux audits is little-endian in
// practice), port and address in that of the network. It is the other end's of a
// connection that this host made or took; of any other call it is kept under the
// names that auditd gives it.
func (r *auditRecord) socket(call auditCall, known bool) {
	b, ok := auditHex(r.saddr)
	if !ok || len(b) < 4 {
		return
	}
	var addr netip.Addr
	switch family := binary.LittleEndian.Uint16(b); {
	case family == 1:
		r.socketPath(b[2:])
		return
	case family == 2 && len(b) >= 8:
		addr = netip.AddrFrom4([4]byte(b[4:8]))
	case family == 10 && len(b) >= 24:
		addr = netip.AddrFrom16([16]byte(b[8:24])).Unmap()
	default:
		return
	}
	port := int64(binary.BigEndian.Uint16(b[2:]))
	var tmp [64]byte
	text := addr.AppendTo(tmp[:0])
	if name := r.Local("auditd.data.laddr"); !r.Has(name) {
		r.Set(name, text)
		r.SetInt(r.Local("auditd.data.lport"), port)
	}
	if !known && port > 0 && port < 32768 && !addr.IsUnspecified() { // the call was not seen: a service's port is whom one calls
		call = auditCallConnect
	}
	switch call {
	case auditCallConnect:
		r.end(event.DestinationIP, event.DestinationPort, text, port)
	case auditCallAccept:
		r.end(event.SourceIP, event.SourcePort, text, port)
	}
}

func (r *auditRecord) end(ip, port event.Field, addr []byte, n int64) {
	r.Set(ip, addr)
	if n > 0 {
		r.SetInt(port, n)
	}
}

// socketPath is the path of a unix socket; one that begins with a zero byte has no
// file.
func (r *auditRecord) socketPath(b []byte) {
	mark := ""
	if len(b) > 1 && b[0] == 0 {
		mark, b = "@", b[1:]
	}
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	if len(b) > 0 {
		r.SetString(r.Local("auditd.data.path"), mark+string(b))
	}
}
