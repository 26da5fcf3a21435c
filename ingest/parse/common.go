package parse

import "yagura/internal/event"

// setCommon sets the ECS field of a name that many products share (src, dport,
// user...), when the value is fit for it, and says whether it did.
func setCommon(l *Line, key, v []byte) bool {
	if none(v) || len(key) > 24 {
		return false
	}
	var tmp [24]byte
	for i, c := range key {
		switch {
		case c-'A' <= 25:
			c |= 0x20
		case c == '-', c == '.', c == ' ':
			c = '_'
		}
		tmp[i] = c
	}
	switch string(tmp[:len(key)]) {
	case "src", "srcip", "src_ip", "source_ip", "sourceip", "sourceaddress", "source_address", "saddr", "clientip", "client_ip",
		"remote_ip", "remoteip", "remote_addr", "remote_address", "rhost", "rip", "ipaddress", "ip_address", "src_addr", "srcaddr":
		return setCommonEnd(l, event.SourceIP, event.SourcePort, v)
	case "dst", "dstip", "dst_ip", "dest_ip", "destip", "destination_ip", "destinationip", "destinationaddress",
		"destination_address", "daddr", "dst_addr", "dstaddr":
		return setCommonEnd(l, event.DestinationIP, event.DestinationPort, v)
	case "spt", "sport", "srcport", "src_port", "source_port", "sourceport":
		return !l.Has(event.SourcePort) && setPort(l, event.SourcePort, v)
	case "dpt", "dport", "dstport", "dst_port", "dest_port", "destination_port", "destinationport":
		return !l.Has(event.DestinationPort) && setPort(l, event.DestinationPort, v)
	case "user", "username", "user_name", "usrname", "suser", "login", "account", "userid", "usr":
		return !l.Has(event.UserName) && setUser(l, event.UserName, event.UserDomain, v)
	case "duser", "targetuser", "target_user":
		return setUser(l, event.UserTargetName, event.UserTargetDomain, v)
	case "proto", "protocol":
		return !l.Has(event.NetworkTransport) && setTransport(l.Draft, v)
	case "action", "act":
		return !l.Has(event.EventAction) && setText(l, event.EventAction, v)
	case "smac", "src_mac", "srcmac":
		return setText(l, event.SourceMAC, v)
	case "dmac", "dst_mac", "dstmac":
		return setText(l, event.DestinationMAC, v)
	case "shost", "src_host":
		return setText(l, event.SourceDomain, v)
	case "dhost", "dst_host":
		return setText(l, event.DestinationDomain, v)
	case "url", "request":
		setURL(l, v)
		return true
	case "severity", "level", "loglevel", "log_level":
		return setText(l, event.LogLevel, v)
	case "msg", "message", "short_message":
		l.SetMessage(v)
		return true
	}
	return false
}

func setCommonEnd(l *Line, ip, port event.Field, v []byte) bool {
	return !l.Has(ip) && setEndpoint(l, ip, port, v)
}
