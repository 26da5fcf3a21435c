package parse

import (
	"bytes"

	"yagura/internal/event"
)

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

// finish sets what follows from several values.
func (f *fortiLine) finish() {
	f.product()
	f.time()
	f.ends()
	f.protocol()
	f.nat()
	f.ruleAndUser()
	f.verdict()
	if f.hasSent && f.hasReceived {
		f.SetInt(event.NetworkBytes, f.sent+f.received)
	}
}

// product tells by the serial number which of the vendor's devices it is.
func (f *fortiLine) product() {
	serial, _ := f.Draft.Get(event.ObserverSerialNumber)
	switch {
	case hasPrefix(serial, "FV"):
		setObserver(f.Draft, "Fortinet", "FortiWeb", "proxy")
	case hasPrefix(serial, "FE"):
		setObserver(f.Draft, "Fortinet", "FortiMail", "proxy")
	case hasPrefix(serial, "FAZ"), hasPrefix(serial, "FL"):
		setObserver(f.Draft, "Fortinet", "FortiAnalyzer", "server")
	default:
		setObserver(f.Draft, "Fortinet", "FortiGate", "firewall")
	}
}

// ends finds the two ends of events that name them otherwise.
func (f *fortiLine) ends() {
	if !f.hasSource && setIP(f.Line, event.SourceIP, f.remip) {
		f.hasSource = true
		putPort(f.Line, event.SourcePort, f.remport)
		if !f.hasDest && setIP(f.Line, event.DestinationIP, f.locip) {
			putPort(f.Line, event.DestinationPort, f.locport)
		}
	}
	if f.ui == nil {
		return
	}
	f.Set(f.Local("fortinet.ui"), f.ui)
	i := bytes.IndexByte(f.ui, '(')
	if i < 0 || f.ui[len(f.ui)-1] != ')' {
		if said, ok := after(f.text, " from "); ok && !f.hasSource && len(f.ui) > 0 && len(said) > len(f.ui) && hasPrefix(said, str(f.ui)) {
			if ip, ok := between(said[len(f.ui):], "(", ")"); ok && said[len(f.ui)] == '(' {
				f.hasSource = setIP(f.Line, event.SourceIP, ip)
			}
		}
		return
	}
	if !f.hasSource {
		f.hasSource = setIP(f.Line, event.SourceIP, f.ui[i+1:len(f.ui)-1])
	}
	switch string(f.ui[:i]) {
	case "https", "http", "ssh", "telnet":
		f.Set(event.NetworkProtocol, f.ui[:i])
	}
}

func (f *fortiLine) protocol() {
	if f.proto == nil || !setTransport(f.Draft, f.proto) {
		if i := bytes.IndexByte(f.service, '/'); i > 0 && f.proto == nil {
			setTransport(f.Draft, f.service[:i])
		}
	}
	if !none(f.app) && !bytes.Equal(f.app, f.service) {
		f.Set(event.NetworkApplication, f.app)
	}
	if none(f.service) {
		return
	}
	f.Set(f.Local("fortinet.service"), f.service)
	switch string(f.service) {
	case "HTTP", "HTTPS", "DNS", "SSH", "FTP", "SMTP", "SMTPS", "POP3", "IMAP", "SMB", "RDP", "TELNET", "NTP", "LDAP", "SNMP", "DHCP", "QUIC":
		if !f.Has(event.NetworkProtocol) {
			putLower(f.Draft, event.NetworkProtocol, f.service)
		}
	}
}

func (f *fortiLine) nat() {
	if bytes.Contains(f.disp, []byte("snat")) && !zeroAddress(f.natIP) && setIP(f.Line, event.SourceNATIP, f.natIP) {
		putPort(f.Line, event.SourceNATPort, f.natPort)
	}
	if bytes.Contains(f.disp, []byte("dnat")) && !zeroAddress(f.dnatIP) && setIP(f.Line, event.DestinationNATIP, f.dnatIP) {
		putPort(f.Line, event.DestinationNATPort, f.dnatPort)
	}
}

func zeroAddress(v []byte) bool { return string(v) == "0.0.0.0" || string(v) == "::" }

func (f *fortiLine) ruleAndUser() {
	switch {
	case len(f.policy) > 0:
		f.Set(event.RuleID, f.policy)
	case len(f.rule) > 0:
		f.Set(event.RuleID, f.rule)
	}
	switch {
	case !none(f.virus):
		f.Set(event.RuleName, f.virus)
	case !none(f.attack):
		f.Set(event.RuleName, f.attack)
	}
	if !setUser(f.Line, event.UserName, event.UserDomain, f.user) {
		setUser(f.Line, event.UserName, event.UserDomain, f.xauth)
	}
}
