package parse

import (
	"bytes"

	"yagura/internal/event"
)

// dhcpd reads ISC dhcpd: "DHCPACK on A to MAC (name) via eth1", "DHCPREQUEST for
// A (server) from MAC via eth2: why", and dnsmasq's "DHCPACK(eth0) A MAC name".
type dhcpd struct{}

func (dhcpd) name() string      { return "dhcp.isc" }
func (dhcpd) aliases() []string { return []string{"dhcpd", "dnsmasq.dhcp"} }
func (dhcpd) tags() []string    { return []string{"dhcpd", "dnsmasq-dhcp", "kea-dhcp4", "kea-dhcp6"} }

func (dhcpd) match(l *Line) int {
	switch {
	case string(l.Tag) == "dhcpd", string(l.Tag) == "dnsmasq-dhcp", hasPrefix(l.Tag, "kea-dhcp"):
		return certain
	case hasPrefix(l.Body, "DHCP") && contains(l.Body, " via "):
		return 70
	case l.Tag == nil && contains(l.Body[:min(len(l.Body), 24)], "[kea-dhcp"): // Kea's own file
		return certain
	}
	return 0
}

func (dhcpd) parse(l *Line) bool {
	b := trim(l.Body)
	l.SetString(event.EventCategory, "network")
	l.SetString(event.NetworkProtocol, "dhcp")
	if hasPrefix(l.Tag, "kea") || l.Tag == nil && contains(b[:min(len(b), 24)], "[kea-dhcp") {
		return keaLine(l, b)
	}
	if w, rest := word(b); hasPrefix(rest, "DHCP") && digits(w) == len(w) { // log-dhcp's transaction
		b = rest
	}
	if !hasPrefix(b, "DHCP") {
		return dhcpOther(l, b)
	}
	message, rest := word(b)
	if kind, port, ok := cut(message, "("); ok { // dnsmasq
		setLower(l, event.EventAction, kind)
		setText(l, event.ObserverIngressInterface, bytes.TrimRight(port, ")"))
		dnsmasqLease(l, kind, rest)
		return true
	}
	setLower(l, event.EventAction, trimTail(message))
	dhcpLease(l, rest)
	return true
}

// keaLine: "INFO [kea-dhcp4.leases] DHCP4_LEASE_ALLOC [hwtype=1 MAC], cid=[..],
// tid=0x1: lease A has been allocated for 4000 seconds"; the logger may be left out.
func keaLine(l *Line, b []byte) bool {
	level, rest := word(b)
	if len(rest) > 0 && rest[0] == '[' {
		logger, more, _ := cut(rest[1:], "]")
		logger, _, _ = cut(logger, "/")
		setText(l, event.LogLogger, logger)
		rest = trimLeft(more)
	}
	message, rest := word(rest)
	if !methodLike(level) || bytes.IndexByte(message, '_') < 0 {
		return false
	}
	setLower(l, event.LogLevel, level)
	setLower(l, event.EventAction, message)
	for len(rest) > 0 {
		var w []byte
		w, rest = word(rest)
		w = bytes.Trim(w, "[](),;:.")
		if macLike(w) && !l.Has(event.ClientMAC) {
			l.Set(event.ClientMAC, w)
		} else if len(w) > 6 && string(w) != "0.0.0.0" && string(w) != "255.255.255.255" {
			setIPOnce(l, event.ClientIP, w)
		}
	}
	return true
}

// dhcpLease reads the words behind the message's name.
func dhcpLease(l *Line, b []byte) {
	head, why, _ := cut(b, ": ")
	for len(head) > 0 {
		var w, v []byte
		w, head = word(head)
		switch string(w) {
		case "on", "for", "of", "to", "from":
			v, head = word(head)
			if setIPOnce(l, event.ClientIP, v) { // DHCPACK to A (MAC)
				if inner, ok := between(head, "(", ")"); ok && head[0] == '(' && macLike(inner) {
					l.Set(event.ClientMAC, inner)
				}
			} else if macLike(v) {
				l.Set(event.ClientMAC, v)
				if len(head) > 0 && head[0] == '(' {
					name, rest, ok := cut(head[1:], ")")
					if ok {
						setText(l, event.ClientDomain, name)
						head = trimLeft(rest)
					}
				}
			}
		case "via":
			v, head = word(head)
			if v = trimTail(v); !ipv4(v) { // else a relay's address
				setText(l, event.ObserverIngressInterface, v)
			}
		}
	}
	setText(l, event.EventReason, trim(why))
}

// dnsmasqLease: "A MAC name" of an acknowledgement; else the words behind are why.
func dnsmasqLease(l *Line, kind, b []byte) {
	for i := 0; len(b) > 0 && i < 3; i++ {
		var w []byte
		w, b = word(b)
		switch {
		case setIPOnce(l, event.ClientIP, w):
		case macLike(w):
			l.Set(event.ClientMAC, w)
			if string(kind) == "DHCPACK" {
				name, _ := word(b)
				setText(l, event.ClientDomain, name)
			} else {
				setText(l, event.EventReason, trim(b))
			}
			return
		}
	}
}

func setIPOnce(l *Line, f event.Field, b []byte) bool { return !l.Has(f) && setIP(l, f, b) }

// macLike says whether b is six octets with colons or hyphens.
func macLike(b []byte) bool {
	if len(b) != 17 {
		return false
	}
	for i, c := range b {
		if i%3 == 2 {
			if c != ':' && c != '-' {
				return false
			}
		} else if !digit(c) && c|0x20-'a' > 5 {
			return false
		}
	}
	return true
}

// dhcpOther: "Abandoning IP address A: why", "uid lease A for client MAC is
// duplicate on N", "Added new forward map from n to A".
func dhcpOther(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "Abandoning IP address "):
		l.SetString(event.EventAction, "address-abandoned")
		if _, why, ok := cut(b, ": "); ok {
			l.Set(event.EventReason, why)
		}
	case contains(b, " is duplicate on "):
		l.SetString(event.EventAction, "lease-duplicate")
	case contains(b, "no free leases"):
		l.SetString(event.EventAction, "no-free-leases")
	}
	found := l.Has(event.EventAction)
	for rest := b; len(rest) > 0; {
		var w []byte
		w, rest = word(rest)
		w = trimTail(w)
		if ipv4(w) && setIPOnce(l, event.ClientIP, w) {
			found = true
		} else if macLike(w) && !l.Has(event.ClientMAC) {
			l.Set(event.ClientMAC, w)
			found = true
		}
	}
	return found
}
