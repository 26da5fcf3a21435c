package parse

import (
	"bytes"

	"yagura/internal/event"
)

// netfilter reads the kernel's packet log (iptables LOG, nftables log, ufw,
// SuSEfirewall2, EdgeOS, firewalld): "prefix IN=eth0 OUT= MAC=... SRC=... DST=...
// PROTO=TCP SPT=1 DPT=2". The prefix is the administrator's and may be glued to
// IN=.
type netfilter struct{}

func (netfilter) name() string      { return "linux.netfilter" }
func (netfilter) aliases() []string { return []string{"netfilter", "iptables", "nftables", "ufw"} }
func (netfilter) tags() []string    { return []string{"kernel", "ulogd"} }

func (netfilter) match(l *Line) int {
	if i := seek(l.Body, " SRC="); i >= 0 && contains(l.Body[i:], " DST=") {
		return certain
	}
	return 0
}

func (netfilter) parse(l *Line) bool {
	l.noMACs = true
	b := uptime(trim(l.Body))
	start := -1
	if i := index(b, " OUT="); i >= 0 { // the last IN= before it: the prefix may hold one, too
		start = bytes.LastIndex(b[:i], []byte("IN="))
	}
	if start < 0 {
		start = index(b, "IN=")
	}
	if start < 0 {
		start = index(b, "OUT=")
	}
	if start > 0 {
		netfilterPrefix(l, trim(b[:start]))
		b = b[start:]
	}
	l.SetString(event.EventCategory, "network")
	for len(b) > 0 {
		var w []byte
		if w, b = word(b); w[0] == '[' { // the packet that an ICMP error is about
			break
		}
		for i, c := range w {
			if c == '=' {
				netfilterField(l, w[:i], w[i+1:])
				break
			}
		}
	}
	if _, ok := l.Get(event.SourceIP); !ok {
		l.broken("netfilter:address")
	}
	return true
}

func netfilterField(l *Line, key, v []byte) {
	if len(v) == 0 {
		return
	}
	switch string(key) {
	case "IN":
		l.Set(event.ObserverIngressInterface, v)
	case "OUT":
		l.Set(event.ObserverEgressInterface, v)
	case "MAC":
		netfilterMAC(l, v)
	case "SRC":
		setIP(l, event.SourceIP, v)
	case "DST":
		setIP(l, event.DestinationIP, v)
	case "SPT":
		setPort(l, event.SourcePort, v)
	case "DPT":
		setPort(l, event.DestinationPort, v)
	case "PROTO":
		setTransport(l.Draft, v)
	case "UID":
		setText(l, event.UserID, v)
	case "TYPE":
		setText(l, l.Local("icmp.type"), v)
	}
}

// netfilterMAC: destination, source, EtherType.
func netfilterMAC(l *Line, v []byte) {
	if len(v) < 35 || v[17] != ':' {
		return
	}
	l.Set(event.DestinationMAC, v[:17])
	l.Set(event.SourceMAC, v[18:35])
}

// setLower sets v in lower case (ASCII).
func setLower(l *Line, f event.Field, v []byte) {
	var tmp [64]byte
	if len(v) > len(tmp) {
		l.Set(f, v)
		return
	}
	for i, c := range v {
		if c-'A' <= 25 {
			c |= 0x20
		}
		tmp[i] = c
	}
	l.Set(f, tmp[:len(v)])
}

// netfilterPrefix takes the rule's name and, from its words, the verdict.
func netfilterPrefix(l *Line, b []byte) {
	bracket := len(b) > 0 && b[len(b)-1] == ']'
	b = bytes.TrimLeft(b, `"`) // firewalld quotes its prefix
	for len(b) > 0 && (b[len(b)-1] == ':' || b[len(b)-1] == ']' || b[len(b)-1] == '"' || blank(b[len(b)-1])) {
		b = b[:len(b)-1]
	}
	if len(b) > 0 && b[0] == '[' {
		b = b[1:]
	}
	if len(b) == 0 {
		return
	}
	l.Set(event.RuleName, b)
	verdict := ""
	for rest := b; len(rest) > 0; {
		n := 0
		for n < len(rest) && letter(rest[n]) {
			n++
		}
		if v := verdictWord(rest[:n], bracket && n == len(rest)); v != "" {
			verdict = v
		}
		rest = rest[min(n+1, len(rest)):]
	}
	switch verdict {
	case "":
		return
	case "audit":
	case "accept":
		l.SetString(event.EventType, "allowed")
	default:
		l.SetString(event.EventType, "denied")
	}
	l.SetString(event.EventAction, verdict)
}

// verdictWord knows a word of a prefix. last: it ends a name in brackets, where
// EdgeOS writes one letter.
func verdictWord(w []byte, last bool) string {
	switch len(w) {
	case 1:
		switch {
		case last && w[0] == 'A':
			return "accept"
		case last && w[0] == 'D':
			return "drop"
		case last && w[0] == 'R':
			return "reject"
		}
	case 3:
		if equalFold(w, "acc") {
			return "accept"
		}
	case 4:
		switch {
		case equalFold(w, "drop"), equalFold(w, "deny"):
			return "drop"
		case equalFold(w, "pass"):
			return "accept"
		}
	case 5:
		switch {
		case equalFold(w, "audit"):
			return "audit"
		case equalFold(w, "block"):
			return "drop"
		case equalFold(w, "allow"):
			return "accept"
		}
	case 6:
		switch {
		case equalFold(w, "reject"):
			return "reject"
		case equalFold(w, "accept"), equalFold(w, "permit"):
			return "accept"
		case equalFold(w, "denied"):
			return "drop"
		}
	case 7:
		switch {
		case equalFold(w, "dropped"), equalFold(w, "blocked"):
			return "drop"
		case equalFold(w, "allowed"):
			return "accept"
		}
	case 8:
		switch {
		case equalFold(w, "accepted"):
			return "accept"
		case equalFold(w, "rejected"):
			return "reject"
		}
	}
	return ""
}
