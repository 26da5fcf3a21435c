package parse

import (
	"bytes"

	"yagura/internal/event"
)

// asaPoint is one end as the firewall writes it: "outside:192.0.2.1/443(user)",
// "outside/192.0.2.1(443)", "192.0.2.1/443", "192.0.2.1".
type asaPoint struct {
	iface, host, port, user []byte
}

// asaFields are the fields of one side.
type asaFields struct{ ip, port, domain, natIP, natPort, iface event.Field }

var (
	asaSource = asaFields{event.SourceIP, event.SourcePort, event.SourceDomain,
		event.SourceNATIP, event.SourceNATPort, event.ObserverIngressInterface}
	asaDestination = asaFields{event.DestinationIP, event.DestinationPort, event.DestinationDomain,
		event.DestinationNATIP, event.DestinationNATPort, event.ObserverEgressInterface}
)

// asaEnd cuts an end into its parts; what it does not have is nil.
func asaEnd(b []byte) (p asaPoint) {
	if i := bytes.IndexByte(b, '('); i > 0 {
		inner, _, whole := cut(b[i+1:], ")")
		switch {
		case !whole || len(inner) == 0: // cut: a part of a number is another number
		case digits(inner) == len(inner):
			p.port = inner
		case !contains(inner, "type "):
			p.user = inner
		}
		b = trim(b[:i])
	}
	if isAddress(b) {
		p.host = b
		return p
	}
	if i := bytes.LastIndexByte(b, '/'); i > 0 {
		if tail := b[i+1:]; isAddress(tail) {
			p.iface, p.host = b[:i], tail
			return p
		} else if p.port == nil {
			p.port = tail
		}
		b = b[:i]
	}
	if !isAddress(b) {
		if i := bytes.IndexByte(b, ':'); i > 0 && p.port == nil && isNumber(b[i+1:]) && isAddress(b[:i]) {
			p.host, p.port = b[:i], b[i+1:] // "192.0.2.1:500"
			return p
		} else if i > 0 {
			p.iface, b = b[:i], b[i+1:]
		}
	}
	p.host = b
	return p
}

// set files the end; a host that is no address is a name, when it stands behind an
// interface or has a dot. False: it is neither.
func (p asaPoint) set(l *Line, f asaFields) bool {
	switch {
	case isAddress(p.host):
		setIP(l, f.ip, p.host)
	case (len(p.iface) > 0 || bytes.IndexByte(p.host, '.') > 0) && hostLike(p.host) && hasLetter(p.host) && !maskedAddress(p.host):
		l.Set(f.domain, p.host)
	default:
		return false
	}
	if len(p.iface) > 0 && !l.Has(f.iface) {
		l.Set(f.iface, p.iface)
	}
	if !asaPortless(l) && len(p.port) > 0 && !putPort(l, f.port, p.port) {
		asaService(l, f.port, p.port)
	}
	return true
}

// maskedAddress says whether b is what people write over an address: "A.B.C.D",
// "xxx.xxx.xxx.xxx".
func maskedAddress(b []byte) bool {
	labels, size := 1, 0
	for _, c := range b {
		switch {
		case c == '.':
			labels, size = labels+1, 0
			continue
		case c|0x20 != 'x' && size > 0:
			return false
		}
		size++
	}
	return labels == 4
}

// asaService reads a port that is printed as the service's name.
func asaService(l *Line, f event.Field, name []byte) {
	port := ""
	switch string(name) {
	case "ssh":
		port = "22"
	case "telnet":
		port = "23"
	case "http", "www":
		port = "80"
	case "https":
		port = "443"
	case "domain":
		port = "53"
	case "snmp":
		port = "161"
	default:
		return
	}
	l.SetString(f, port)
}

// asaPortless says whether the flow has no ports: what stands in their place is
// type, code or identifier.
func asaPortless(l *Line) bool {
	v, ok := l.Get(event.NetworkTransport)
	return ok && (string(v) == "icmp" || string(v) == "ipv6-icmp")
}

// setNAT files a mapped end that differs from the real one.
func (p asaPoint) setNAT(l *Line, f asaFields, real asaPoint) {
	if p.host == nil || bytes.Equal(p.host, real.host) && bytes.Equal(p.port, real.port) {
		return
	}
	if setIP(l, f.natIP, p.host) && !asaPortless(l) {
		putPort(l, f.natPort, p.port)
	}
}

// asaServes says whether a, by its port, serves z: a well-known port against a
// higher one, or a port below the ephemeral range against one within.
func asaServes(a, z asaPoint) bool {
	p, ok := number(a.port)
	q, ok2 := number(z.port)
	if !ok || !ok2 || p == 0 {
		return false
	}
	return p < 1024 && q >= 1024 || p < 32768 && q >= 32768
}
