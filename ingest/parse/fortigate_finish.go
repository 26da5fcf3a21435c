package parse

import (
	"bytes"

	"yagura/internal/event"
)

// finish sets what follows from several values.
func (f *fortiLine) finish() {
	f.product()
	f.time()
	f.ends()
	f.client()
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
	f.own("ui", f.ui)
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

// client: in events hostname, mac and ip are a client's (DHCP, wireless); elsewhere
// hostname is the site that was asked for.
func (f *fortiLine) client() {
	if string(f.kind) != "event" {
		if setText(f.Line, event.URLDomain, f.hostname) && string(f.subkind) == "ssl" {
			f.Set(event.TLSServerName, f.hostname)
		}
		if url, ok := f.Get(event.URLOriginal); ok {
			urlParts(f.Line, url)
		}
		f.leave("mac", f.mac)
		f.leave("ip", f.clientIP)
		return
	}
	setText(f.Line, event.ClientDomain, f.hostname)
	if !isMAC(f.mac) {
		f.leave("mac", f.mac)
		f.leave("ip", f.clientIP)
		return
	}
	f.Set(event.ClientMAC, f.mac)
	if zeroAddress(f.clientIP) || !setIP(f.Line, event.ClientIP, f.clientIP) {
		f.leave("ip", f.clientIP)
	}
}

// leave keeps a value that turned out to mean nothing more under its key's name.
func (f *fortiLine) leave(key string, v []byte) {
	if !none(v) {
		f.own(key, v)
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
	f.own("service", f.service)
	switch string(f.service) {
	case "HTTP", "HTTPS", "DNS", "SSH", "FTP", "SMTP", "SMTPS", "POP3", "IMAP", "SMB", "RDP", "TELNET", "NTP", "LDAP", "SNMP", "DHCP", "QUIC":
		if !f.Has(event.NetworkProtocol) {
			putLower(f.Draft, event.NetworkProtocol, f.service)
		}
	}
}

func (f *fortiLine) nat() {
	if len(f.disp) == 0 || string(f.disp) == "noop" {
		return
	}
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
	if isAddress(f.user) { // a tunnel's peer is no user
		f.user = nil
	}
	if !setUser(f.Line, event.UserName, event.UserDomain, f.user) && !isAddress(f.xauth) {
		setUser(f.Line, event.UserName, event.UserDomain, f.xauth)
	}
}
