package parse

import (
	"bytes"
	"strconv"
	"sync"
	"time"

	"yagura/internal/event"
)

// zeek parses the logs of Zeek, JSON and tab-separated (zeek_tsv.go), with the names of its own writer (id.orig_h) and
// of shippers that replace the dots (id_orig_h). Source: Zeek, "Log Files". Keys
// without an ECS name are kept as zeek.KEY.
type zeek struct{ records *sync.Pool }

func newZeek() zeek {
	return zeek{records: &sync.Pool{New: func() any { return new(zeekRecord) }}}
}

func (zeek) name() string      { return "zeek" }
func (zeek) aliases() []string { return []string{"zeek.conn", "bro"} }

func (zeek) match(l *Line) int {
	b := trimLeft(l.Body)
	if zeekRow(b) || zeekMark(b) {
		return 96
	}
	if len(b) < 20 || b[0] != '{' {
		return 0
	}
	switch {
	case jsonNames(b, "id.orig_h"), jsonNames(b, "id_orig_h"):
		return 96
	case jsonNames(b, "_path") && jsonNames(b, "ts"):
		return 90
	}
	return 0
}

func (z zeek) parse(l *Line) bool {
	rec := z.records.Get().(*zeekRecord)
	defer z.records.Put(rec)
	rec.reset(l)
	if b := trimLeft(l.Body); len(b) == 0 || b[0] != '{' {
		return rec.table(b)
	}
	_, ok := rec.walker.walk(trimLeft(l.Body), rec)
	if !ok {
		partial(l.Draft, "json:cut")
	}
	setObserver(l.Draft, "Zeek", "Zeek", "ids")
	rec.finish()
	rec.Line = nil
	return true
}

// zeekRecord is one record while it is read.
type zeekRecord struct {
	*Line
	walker             jsonWalk
	path               []byte
	sent, received     int64
	hasSent, hasRecv   bool
	localOrig, localTo []byte
	success            []byte
}

func (r *zeekRecord) reset(l *Line) {
	walker := r.walker
	*r = zeekRecord{Line: l, walker: walker}
}

// leaf maps one leaf; the dots and underscores of Zeek's names are one.
func (r *zeekRecord) leaf(path []byte, kind jsonKind, v []byte) {
	if kind == jsonNull || len(path) == 0 || len(path) > 80 {
		return
	}
	if r.ends(path, v) || r.counters(path, v) || r.special(path, v) {
		return
	}
	if f := zeekFields[string(path)]; f != 0 {
		if f.Kind() == event.Long {
			setNumber(r.Line, f, v)
		} else if !none(v) {
			r.Set(f, v)
		}
		return
	}
	r.Set(r.LocalBytes("zeek.", path), v)
}

func (r *zeekRecord) ends(path, v []byte) bool {
	switch string(path) {
	case "id.orig_h", "id_orig_h":
		setIP(r.Line, event.SourceIP, v)
	case "id.orig_p", "id_orig_p":
		putPort(r.Line, event.SourcePort, v)
	case "id.resp_h", "id_resp_h":
		setIP(r.Line, event.DestinationIP, v)
	case "id.resp_p", "id_resp_p":
		putPort(r.Line, event.DestinationPort, v)
	case "ts":
		r.time(v)
	case "proto":
		setTransport(r.Draft, v)
	case "_path", "@stream", "_log":
		r.path = bytes.Clone(v)
		r.Set(event.EventDataset, append([]byte("zeek."), v...))
	case "uid":
		r.Set(event.EventID, v)
	case "_system_name", "@system":
		r.Set(event.ObserverName, v)
	case "_write_ts", "_node", "@proc", "ts_write":
	default:
		return false
	}
	return true
}

func (r *zeekRecord) time(v []byte) {
	if at, ok := epoch(v); ok {
		r.setInstant(at)
		return
	}
	r.setWritten(v)
}

func (r *zeekRecord) counters(path, v []byte) bool {
	switch string(path) {
	case "orig_bytes":
		r.sent, r.hasSent = number(v)
		setNumber(r.Line, event.SourceBytes, v)
	case "resp_bytes":
		r.received, r.hasRecv = number(v)
		setNumber(r.Line, event.DestinationBytes, v)
	case "duration":
		if d, err := strconv.ParseFloat(str(v), 64); err == nil && d >= 0 && d < 1e8 {
			r.SetInt(event.EventDuration, int64(d*float64(time.Second)))
		}
	default:
		return false
	}
	return true
}

func (r *zeekRecord) special(path, v []byte) bool {
	switch string(path) {
	case "local_orig":
		r.localOrig = bytes.Clone(v)
	case "local_resp":
		r.localTo = bytes.Clone(v)
	case "auth_success", "success":
		r.success = bytes.Clone(v)
	case "uri":
		r.Set(event.URLOriginal, v)
		path, query, ok := cut(v, "?")
		if hasPrefix(path, "/") {
			r.Set(event.URLPath, path)
		}
		if ok {
			r.Set(event.URLQuery, query)
		}
	case "version": // of TLS, HTTP or SSH
		switch {
		case hasPrefix(v, "TLS"), hasPrefix(v, "SSL"), hasPrefix(v, "DTLS"):
			r.Set(event.TLSVersion, v)
		case len(v) == 3 && v[1] == '.':
			r.Set(event.HTTPVersion, v)
		default:
			r.Set(r.LocalBytes("zeek.", path), v)
		}
	case "username", "user":
		if !none(v) && string(v) != "<unknown>" {
			setUser(r.Line, event.UserName, event.UserDomain, v)
		}
	case "src":
		if !r.Has(event.SourceIP) {
			setIP(r.Line, event.SourceIP, v)
		}
	case "dst":
		if !r.Has(event.DestinationIP) {
			setIP(r.Line, event.DestinationIP, v)
		}
	case "assigned_addr", "client_addr":
		if !r.Has(event.ClientIP) {
			setIP(r.Line, event.ClientIP, v)
		}
	case "note":
		r.Set(event.RuleName, v)
		r.SetString(event.EventKind, "alert")
	default:
		return false
	}
	return true
}

var zeekFields = map[string]event.Field{
	"service": event.NetworkProtocol, "community_id": event.NetworkCommunityID, "orig_pkts": event.SourcePackets,
	"resp_pkts": event.DestinationPackets, "orig_l2_addr": event.SourceMAC, "resp_l2_addr": event.DestinationMAC, "vlan": event.NetworkVLANID,
	"query": event.DNSQuestionName, "qtype_name": event.DNSQuestionType, "qclass_name": event.DNSQuestionClass,
	"rcode_name": event.DNSResponseCode, "answers": event.DNSAnswersData, "trans_id": event.DNSID,
	"method": event.HTTPRequestMethod, "host": event.URLDomain, "user_agent": event.UserAgentOriginal,
	"status_code": event.HTTPResponseStatusCode, "referrer": event.HTTPRequestReferrer, "request_body_len": event.HTTPRequestBodyBytes,
	"response_body_len": event.HTTPResponseBodyBytes, "resp_mime_types": event.HTTPResponseMimeType,
	"server_name": event.TLSServerName, "cipher": event.TLSCipher, "ja3": event.TLSJA3, "ja3s": event.TLSJA3S,
	"subject": event.TLSSubject, "issuer": event.TLSIssuer, "filename": event.FileName, "md5": event.FileHashMD5,
	"sha1": event.FileHashSHA1, "sha256": event.FileHashSHA256, "total_bytes": event.FileSize,
	"mailfrom": event.EmailFrom, "rcptto": event.EmailTo, "domainname": event.UserDomain, "mac": event.ClientMAC,
}

// zeekBool is 'T', 'F', or 0 for neither.
func zeekBool(v []byte) byte {
	switch string(v) {
	case "T", "true":
		return 'T'
	case "F", "false":
		return 'F'
	}
	return 0
}

// table reads a row of the tab-separated form, or what stands around rows.
func (r *zeekRecord) table(b []byte) bool {
	memory := &r.scratch.zeek
	if zeekMark(b) {
		memory.mark(r.Line, b)
		setObserver(r.Draft, "Zeek", "Zeek", "ids")
		r.SetString(event.EventAction, "log-header")
		return true
	}
	names, path := memory.columns(r.Line, b)
	if names == nil {
		return false
	}
	if hasPrefix(b, "#") || !zeekRow(b) {
		return false
	}
	r.row(names, b, path)
	setObserver(r.Draft, "Zeek", "Zeek", "ids")
	r.finish()
	return true
}

// zeekClasses are category and type of the logs.
var zeekClasses = map[string][2]string{
	"conn": {"network", "connection"}, "dns": {"network", "protocol"}, "http": {"web", "access"}, "ssl": {"network", "protocol"},
	"ssh": {"network", "protocol"}, "smtp": {"email", "info"}, "files": {"file", "info"}, "notice": {"intrusion_detection", "info"},
	"weird": {"network", "info"}, "kerberos": {"authentication", "info"}, "ntlm": {"authentication", "info"}, "rdp": {"network", "protocol"},
	"dhcp": {"network", "protocol"}, "smb_files": {"file", "access"}, "smb_mapping": {"file", "access"},
	"intel": {"threat", "indicator"}, "x509": {"network", "info"},
}

func (r *zeekRecord) finish() {
	if r.hasSent && r.hasRecv {
		r.SetInt(event.NetworkBytes, r.sent+r.received)
	}
	if !r.Has(event.EventKind) {
		r.SetString(event.EventKind, "event")
	}
	class, ok := zeekClasses[string(r.path)]
	if !ok {
		class = [2]string{"network", "info"}
		if r.hasSent || r.Has(event.EventDuration) {
			class[1] = "connection"
		}
	}
	setClass(r.Draft, class[0], class[1])
	switch orig, resp := zeekBool(r.localOrig), zeekBool(r.localTo); {
	case orig == 'T' && resp == 'T':
		r.SetString(event.NetworkDirection, "internal")
	case orig == 'T' && resp == 'F':
		r.SetString(event.NetworkDirection, "outbound")
	case orig == 'F' && resp == 'T':
		r.SetString(event.NetworkDirection, "inbound")
	}
	switch string(r.success) {
	case "true", "T":
		r.SetString(event.EventOutcome, "success")
	case "false", "F":
		r.SetString(event.EventOutcome, "failure")
	}
}
