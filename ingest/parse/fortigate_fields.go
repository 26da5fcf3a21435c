package parse

import "yagura/internal/event"

// take files one pair: mapped at once, gathered for finish, or kept under the
// vendor's own name.
func (f *fortiLine) take(key, v []byte) {
	if f.gather(key, v) || none(v) {
		return
	}
	field := event.Field(0)
	switch string(key) {
	case "devname":
		field = event.ObserverName
	case "devid", "device_id":
		field = event.ObserverSerialNumber
	case "logid", "log_id":
		field = event.EventCode
	case "level", "pri":
		field = event.LogLevel
	case "srcintf", "src_int":
		field = event.ObserverIngressInterface
	case "dstintf", "dst_int", "outintf":
		field = event.ObserverEgressInterface
	case "poluuid":
		field = event.RuleUUID
	case "filename":
		field = event.FileName
	case "url", "http_url":
		field = event.URLOriginal
	case "hostname", "http_host":
		field = event.URLDomain
	case "catdesc":
		field = event.RuleCategory
	case "ref":
		field = event.RuleReference
	case "agent", "http_agent":
		field = event.UserAgentOriginal
	case "httpmethod", "http_method":
		field = event.HTTPRequestMethod
	case "referralurl", "http_refer":
		field = event.HTTPRequestReferrer
	case "group":
		field = event.UserGroupName
	case "srcmac":
		field = event.SourceMAC
	case "dstmac":
		field = event.DestinationMAC
	case "qname":
		field = event.DNSQuestionName
	case "qtype":
		field = event.DNSQuestionType
	case "from":
		field = event.EmailFrom
	case "to":
		field = event.EmailTo
	case "filehash":
		field = event.FileHashSHA256
	case "analyticscksum":
		if len(v) == 64 {
			field = event.FileHashSHA256
		}
	case "subject":
		field = event.EmailSubject
	case "cookies", "mastersrcmac":
		return
	}
	if field == 0 {
		field = f.LocalBytes("fortinet.", key)
	}
	putQuoted(f.Draft, field, v)
}

// gather takes the values that are judged together, and numbers and addresses.
func (f *fortiLine) gather(key, v []byte) bool {
	switch string(key) {
	case "date":
		f.date = v
	case "time":
		f.clock = v
	case "tz":
		f.tz = v
	case "eventtime":
		f.epoch = v
	case "type":
		f.kind = v
		f.Set(f.Local("fortinet.type"), v)
	case "subtype":
		f.subkind = v
		f.Set(f.Local("fortinet.subtype"), v)
	case "action":
		f.action = v
	case "status":
		f.status = v
	case "result":
		f.result = v
	case "logdesc":
		f.logdesc = v
		f.Set(f.Local("fortinet.logdesc"), v)
	case "ui":
		f.ui = v
	case "remip", "rem_ip":
		f.remip = v
	case "remport", "rem_port":
		f.remport = v
	case "locip", "loc_ip":
		f.locip = v
	case "locport", "loc_port":
		f.locport = v
	case "user", "srcuser":
		if f.user == nil {
			f.user = v
		}
	case "xauthuser", "unauthuser":
		f.xauth = v
	case "policyid":
		f.policy = v
	case "rule":
		f.rule = v
	case "proto":
		f.proto = v
	case "service":
		f.service = v
	case "app":
		f.app = v
	case "attack", "attackname":
		f.attack = v
	case "virus":
		f.virus = v
	case "msg":
		f.text = v
		return false
	case "cfgpath":
		f.cfgpath = v
		f.Set(f.Local("fortinet.cfgpath"), v)
	case "trandisp", "tran_disp":
		f.disp = v
	case "transip", "tran_sip":
		f.natIP = v
	case "transport", "tran_sport":
		f.natPort = v
	case "tranip", "tran_ip":
		f.dnatIP = v
	case "tranport", "tran_port":
		f.dnatPort = v
	default:
		return f.number(key, v)
	}
	return true
}

// number takes addresses, ports and counters. An address that is none is kept
// under its own name.
func (f *fortiLine) number(key, v []byte) bool {
	switch string(key) {
	case "srcip", "src", "client_ip":
		f.hasSource = f.hasSource || setIP(f.Line, event.SourceIP, v)
		return f.hasSource
	case "dstip", "dst", "dst_ip":
		f.hasDest = f.hasDest || setIP(f.Line, event.DestinationIP, v)
		return f.hasDest
	case "srcport", "src_port":
		return putPort(f.Line, event.SourcePort, v)
	case "dstport", "dst_port":
		return putPort(f.Line, event.DestinationPort, v)
	case "sentbyte", "sent":
		f.sent, f.hasSent = f.counter(event.SourceBytes, v)
		return f.hasSent
	case "rcvdbyte", "rcvd":
		f.received, f.hasReceived = f.counter(event.DestinationBytes, v)
		return f.hasReceived
	case "sentpkt", "sent_pkt":
		return setNumber(f.Line, event.SourcePackets, v)
	case "rcvdpkt", "rcvd_pkt":
		return setNumber(f.Line, event.DestinationPackets, v)
	case "srcname":
		return none(v) || isAddress(v) || f.keep(event.SourceDomain, v)
	case "dstname":
		return none(v) || isAddress(v) || f.keep(event.DestinationDomain, v)
	case "srccountry", "src_country":
		return none(v) || string(v) == "Reserved" || f.keep(event.SourceGeoName, v)
	case "dstcountry", "dst_country":
		return none(v) || string(v) == "Reserved" || f.keep(event.DestinationGeoName, v)
	case "reason":
		return none(v) || string(v) == "none" || f.keep(event.EventReason, v)
	case "duration":
		n, ok := number(v)
		if ok && n < 1<<32 {
			f.SetInt(event.EventDuration, n*1e9)
		}
		return ok
	}
	return false
}

func (f *fortiLine) keep(field event.Field, v []byte) bool {
	f.Set(field, v)
	return true
}

func (f *fortiLine) counter(field event.Field, v []byte) (int64, bool) {
	n, ok := number(v)
	if ok {
		setNumber(f.Line, field, v)
	}
	return n, ok
}
