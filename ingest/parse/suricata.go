package parse

import (
	"bytes"
	"sync"

	"yagura/internal/event"
)

// suricata parses EVE JSON, alone or behind a syslog header, and the one-line
// alerts of Suricata and Snort (fast.log, and the same text by syslog). Source:
// Suricata User Guide, "EVE JSON Format".
//
// Keys without an ECS name are kept as suricata.eve.PATH; the counters of stats are
// not.
type suricata struct{ records *sync.Pool }

func newSuricata() suricata {
	return suricata{records: &sync.Pool{New: func() any { return new(eveRecord) }}}
}

func (suricata) name() string      { return "suricata" }
func (suricata) aliases() []string { return []string{"suricata.eve", "snort"} }

func (suricata) match(l *Line) int {
	b := trimLeft(l.Body)
	switch {
	case len(b) < 20:
		return 0
	case b[0] == '{':
		if jsonNames(b, "event_type") && (jsonNames(b, "src_ip") || jsonNames(b, "flow_id") || jsonNames(b, "stats")) {
			return 96
		}
		return 0
	}
	if _, _, ok := fastSignature(l.fromTag()); ok {
		return 96
	}
	return 0
}

func (s suricata) parse(l *Line) bool {
	b := trimLeft(l.Body)
	setObserver(l.Draft, "OISF", "Suricata", "ids")
	if len(b) == 0 || b[0] != '{' {
		return fastAlert(l, l.fromTag())
	}
	rec := s.records.Get().(*eveRecord)
	defer s.records.Put(rec)
	rec.reset(l)
	_, ok := rec.walker.walk(b, rec)
	if !ok {
		partial(l.Draft, "json:cut")
	}
	rec.finish()
	rec.Line = nil
	return true
}

// eveRecord is one EVE event while it is read.
type eveRecord struct {
	*Line
	walker         jsonWalk
	kind, verdict  []byte
	bytes, packets [2][]byte // to the server, to the client
	start, end     []byte
}

func (r *eveRecord) reset(l *Line) {
	walker := r.walker
	*r = eveRecord{Line: l, walker: walker}
}

// store copies a value so that it outlives the walk.
func (r *eveRecord) store(v []byte) []byte {
	if _, inside := r.from(v); inside {
		return v
	}
	return bytes.Clone(v)
}

// leaf maps one leaf by its path.
func (r *eveRecord) leaf(path []byte, kind jsonKind, v []byte) {
	if kind == jsonNull || len(path) == 0 || len(path) > 120 {
		return
	}
	if hasPrefix(path, "stats.") {
		return
	}
	if r.head(path, v) || r.flow(path, v) || r.protocols(path, v) {
		return
	}
	if f := eveField(path); f != 0 {
		if f.Kind() == event.Long {
			setNumber(r.Line, f, v)
		} else if len(v) > 0 {
			r.Set(f, v)
		}
		return
	}
	r.Set(r.LocalBytes("suricata.eve.", path), v)
}

func (r *eveRecord) head(path, v []byte) bool {
	switch string(path) {
	case "timestamp":
		r.setWritten(v)
	case "event_type":
		r.kind = r.store(v)
		r.Set(event.SuricataEventType, v)
	case "src_ip":
		setIP(r.Line, event.SourceIP, v)
	case "dest_ip":
		setIP(r.Line, event.DestinationIP, v)
	case "src_port":
		putPort(r.Line, event.SourcePort, v)
	case "dest_port":
		putPort(r.Line, event.DestinationPort, v)
	case "proto":
		setTransport(r.Draft, v)
	case "app_proto":
		if string(v) != "failed" && string(v) != "unknown" {
			r.Set(event.NetworkProtocol, v)
		}
	case "alert.action", "verdict.action":
		if r.verdict == nil {
			r.verdict = r.store(v)
		}
	case "pcap_cnt", "tx_id", "pkt_src", "ip_v":
	default:
		return false
	}
	return true
}

// flow gathers the counters: they are those of the event's ends only in flow
// records; in others the packet may go the other way.
func (r *eveRecord) flow(path, v []byte) bool {
	switch string(path) {
	case "flow.bytes_toserver":
		r.bytes[0] = r.store(v)
	case "flow.bytes_toclient":
		r.bytes[1] = r.store(v)
	case "flow.pkts_toserver":
		r.packets[0] = r.store(v)
	case "flow.pkts_toclient":
		r.packets[1] = r.store(v)
	case "flow.start":
		r.start = r.store(v)
	case "flow.end":
		r.end = r.store(v)
	case "flow.src_ip", "flow.dest_ip", "flow.src_port", "flow.dest_port":
	default:
		return false
	}
	return true
}

// protocols maps what needs more than a copy.
func (r *eveRecord) protocols(path, v []byte) bool {
	switch string(path) {
	case "http.protocol":
		if version, ok := cutPrefix(v, "HTTP/"); ok {
			r.Set(event.HTTPVersion, version)
		}
	case "http.url":
		r.Set(event.URLOriginal, v)
		if contains(v, "?") {
			path, query, _ := cut(v, "?")
			r.Set(event.URLPath, path)
			r.Set(event.URLQuery, query)
		} else if hasPrefix(v, "/") {
			r.Set(event.URLPath, v)
		}
	case "dns.rrname", "dns.query.rrname", "dns.queries.rrname":
		r.Set(event.DNSQuestionName, v)
	case "dns.rrtype", "dns.query.rrtype", "dns.queries.rrtype":
		r.Set(event.DNSQuestionType, v)
	case "alert.signature_id":
		r.Set(event.RuleID, v)
	case "ssh.client.software_version":
		r.Set(event.UserAgentOriginal, v)
	case "host":
		r.Set(event.ObserverName, v)
	default:
		if hasPrefix(path, "dns.grouped.") {
			r.Set(event.DNSAnswersData, v)
			return true
		}
		return false
	}
	return true
}

// eveField is the ECS field of a path whose value is copied as it is.
func eveField(path []byte) event.Field { return eveFields[string(path)] }

var eveFields = map[string]event.Field{
	"alert.signature": event.RuleName, "alert.category": event.RuleCategory, "alert.severity": event.EventSeverity,
	"alert.metadata.mitre_tactic_id": event.ThreatTacticID, "alert.metadata.mitre_technique_id": event.ThreatTechniqueID,
	"alert.metadata.cve": event.VulnerabilityID, "community_id": event.NetworkCommunityID,
	"in_iface": event.ObserverIngressInterface, "vlan": event.NetworkVLANID,
	"http.hostname": event.URLDomain, "http.http_method": event.HTTPRequestMethod, "http.http_user_agent": event.UserAgentOriginal,
	"http.status": event.HTTPResponseStatusCode, "http.http_refer": event.HTTPRequestReferrer,
	"http.http_content_type": event.HTTPResponseMimeType, "http.length": event.HTTPResponseBodyBytes, "http.http_port": event.URLPort,
	"dns.rcode": event.DNSResponseCode, "dns.type": event.DNSType, "dns.id": event.DNSID,
	"dns.answers.rrname": event.DNSAnswersName, "dns.answers.rdata": event.DNSAnswersData, "dns.rdata": event.DNSAnswersData,
	"tls.sni": event.TLSServerName, "tls.version": event.TLSVersion, "tls.subject": event.TLSSubject, "tls.issuerdn": event.TLSIssuer,
	"tls.ja3.hash": event.TLSJA3, "tls.ja3s.hash": event.TLSJA3S, "tls.cipher_suite": event.TLSCipher,
	"fileinfo.filename": event.FilePath, "fileinfo.size": event.FileSize, "fileinfo.md5": event.FileHashMD5,
	"fileinfo.sha1": event.FileHashSHA1, "fileinfo.sha256": event.FileHashSHA256,
	"smtp.mail_from": event.EmailFrom, "smtp.rcpt_to": event.EmailTo, "email.subject": event.EmailSubject,
	"email.message_id": event.EmailMessageID, "smb.filename": event.FileName, "drop.reason": event.EventReason,
}

// finish sets kind, class and what only some events' counters mean.
func (r *eveRecord) finish() {
	switch string(r.kind) {
	case "alert":
		r.SetString(event.EventKind, "alert")
		setClass(r.Draft, "intrusion_detection", "")
		setClass(r.Draft, "network", "")
	case "stats":
		r.SetString(event.EventKind, "event")
		setClass(r.Draft, "host", "info")
	case "http":
		r.SetString(event.EventKind, "event")
		setClass(r.Draft, "web", "access")
	case "flow", "netflow":
		r.SetString(event.EventKind, "event")
		setClass(r.Draft, "network", "connection")
		r.counters()
	default:
		r.SetString(event.EventKind, "event")
		setClass(r.Draft, "network", "protocol")
	}
	switch string(r.verdict) {
	case "":
		if string(r.kind) == "drop" {
			r.SetString(event.EventAction, "drop")
			setClass(r.Draft, "", "denied")
		}
		return
	case "allowed", "pass", "alert":
		setClass(r.Draft, "", "allowed")
	case "blocked", "drop", "reject":
		setClass(r.Draft, "", "denied")
	}
	r.Set(event.EventAction, r.verdict)
}

func (r *eveRecord) counters() {
	sent, ok := number(r.bytes[0])
	received, ok2 := number(r.bytes[1])
	if ok {
		r.SetInt(event.SourceBytes, sent)
	}
	if ok2 {
		r.SetInt(event.DestinationBytes, received)
	}
	if ok && ok2 {
		r.SetInt(event.NetworkBytes, sent+received)
	}
	setNumber(r.Line, event.SourcePackets, r.packets[0])
	setNumber(r.Line, event.DestinationPackets, r.packets[1])
	from, n, ok := readStamp(r.start)
	to, m, ok2 := readStamp(r.end)
	if ok && n == len(r.start) {
		r.setDate(event.EventStart, resolve(from, r.Received, r.Zone))
	}
	if !ok2 || m != len(r.end) {
		return
	}
	end := resolve(to, r.Received, r.Zone)
	r.setDate(event.EventEnd, end)
	if d := end.Sub(resolve(from, r.Received, r.Zone)); ok && d >= 0 {
		r.SetInt(event.EventDuration, int64(d))
	}
}
