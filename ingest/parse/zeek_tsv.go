package parse

import (
	"bytes"

	"yagura/internal/event"
)

// Zeek's own writer puts tabs between the columns and names them in lines that begin
// with "#" at the start of a file. A parser remembers the latest of these for each
// sender; without them (the file was followed from its end) a column is known where the
// logs that everybody has are told apart by their content.

// zeekHeaders bounds how many files' columns a parser remembers.
const zeekHeaders = 32

// zeekMemory holds the columns of files, the latest to come in place of the oldest.
type zeekMemory struct {
	files [zeekHeaders]zeekColumns
	next  int
	peer  string // whose #path came last
	path  []byte
}

// zeekColumns are the columns of one file.
type zeekColumns struct {
	peer  string
	path  []byte
	names []byte // separated by tabs
	count int
}

// zeekRow says whether b is a row: a time, then an id of a connection or file.
func zeekRow(b []byte) bool {
	if len(b) < 30 || digits(b[:11]) != 10 || b[10] != '.' {
		return false
	}
	n := digits(b[11:])
	if n == 0 || n > 9 || 12+n >= len(b) || b[11+n] != '\t' {
		return false
	}
	id, rest, ok := bytes.Cut(b[12+n:], []byte{'\t'})
	if !ok || len(rest) == 0 {
		return false
	}
	if len(id) == 1 && id[0] == '-' {
		return bytes.Count(rest, []byte{'\t'}) > 3
	}
	return len(id) >= 12 && len(id) <= 20 && (id[0] == 'C' || id[0] == 'F') && hostLike(id)
}

// zeekMark says whether b is one of the lines with which a file begins and ends.
func zeekMark(b []byte) bool {
	if len(b) < 7 || b[0] != '#' {
		return false
	}
	mark, _, _ := bytes.Cut(b, []byte{'\t'})
	switch string(mark) {
	case "#separator \\x09", "#set_separator", "#empty_field", "#unset_field", "#path", "#open", "#close", "#fields", "#types":
		return true
	}
	return false
}

// mark remembers the columns.
func (m *zeekMemory) mark(l *Line, b []byte) {
	mark, rest, _ := bytes.Cut(b, []byte{'\t'})
	switch string(mark) {
	case "#path":
		m.peer, m.path = l.Source.Peer, append(m.path[:0], rest...)
	case "#fields":
		if len(rest) > 4096 {
			return
		}
		f := m.slot(l.Source.Peer, rest)
		f.peer, f.names, f.count = l.Source.Peer, append(f.names[:0], rest...), 1+bytes.Count(rest, []byte{'\t'})
		f.path = f.path[:0]
		if m.peer == l.Source.Peer {
			f.path = append(f.path, m.path...)
		}
	}
}

// slot is where the columns are remembered: their own place, else the oldest.
func (m *zeekMemory) slot(peer string, names []byte) *zeekColumns {
	for i := range m.files {
		if f := &m.files[i]; f.peer == peer && bytes.Equal(f.names, names) {
			return f
		}
	}
	f := &m.files[m.next]
	m.next = (m.next + 1) % len(m.files)
	return f
}

// columns finds the columns of a row: those that the sender named, else those of a
// log that is known.
func (m *zeekMemory) columns(l *Line, row []byte) (names []byte, path string) {
	count := 1 + bytes.Count(row, []byte{'\t'})
	for i := range m.files {
		f := &m.files[(m.next+len(m.files)-1-i)%len(m.files)]
		if f.count == count && f.peer == l.Source.Peer && zeekFits(f.names, row) {
			return f.names, string(f.path)
		}
	}
	for i := range zeekKnown {
		k := &zeekKnown[i]
		if count >= k.least && count <= k.most && zeekFits([]byte(k.names), row) {
			return []byte(k.names), k.path
		}
	}
	return nil, ""
}

// zeekFits says whether the values of a row are of the kinds that the names call for.
func zeekFits(names, row []byte) bool {
	for len(names) > 0 && len(row) > 0 {
		var name, v []byte
		name, names, _ = bytes.Cut(names, []byte{'\t'})
		v, row, _ = bytes.Cut(row, []byte{'\t'})
		if !zeekKind(name, v) {
			return false
		}
	}
	return true
}

func zeekKind(name, v []byte) bool {
	unset := len(v) == 1 && v[0] == '-'
	switch string(name) {
	case "ts":
		_, ok := epoch(v)
		return ok
	case "id.orig_h", "id.resp_h":
		return unset || isAddress(v)
	case "id.orig_p", "id.resp_p", "trans_depth", "trans_id", "depth":
		return unset || isNumber(v)
	case "proto":
		return unset || transportName(v) != "" || string(v) == "unknown_transport"
	case "conn_state":
		return len(v) >= 2 && len(v) <= 6 && (v[0] == 'S' || v[0] == 'R' || v[0] == 'O')
	case "qclass_name":
		return unset || hasPrefix(v, "C_") || hasPrefix(v, "qclass-")
	case "established", "auth_success", "AA":
		return unset || len(v) == 1 && (v[0] == 'T' || v[0] == 'F')
	case "note":
		return contains(v, "::")
	case "fuid":
		return unset || v[0] == 'F'
	case "method":
		return unset || methodLike(v)
	}
	return true
}

// zeekLog is a log that is known by its columns: those that all versions begin with.
type zeekLog struct {
	path, names string
	least, most int // columns that versions have
}

const zeekEnds = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\t"

// zeekKnown are the logs that nearly every sensor has. Source: Zeek, "Log Files", of
// versions 3 to 7; those that hold the surest
// words come first.
var zeekKnown = [...]zeekLog{
	{"notice", zeekEnds + "fuid\tfile_mime_type\tfile_desc\tproto\tnote\tmsg\tsub\tsrc\tdst\tp\tn\tpeer_descr\tactions", 19, 30},
	{"conn", zeekEnds + "proto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents", 20, 24},
	{"dns", zeekEnds + "proto\ttrans_id\trtt\tquery\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected", 23, 26},
	{"http", zeekEnds + "trans_depth\tmethod\thost\turi\treferrer\tversion\tuser_agent\torigin\trequest_body_len\tresponse_body_len\tstatus_code\tstatus_msg\tinfo_code\tinfo_msg\ttags\tusername\tpassword\tproxied\torig_fuids\torig_filenames\torig_mime_types\tresp_fuids\tresp_filenames\tresp_mime_types", 29, 31},
	{"ssl", zeekEnds + "version\tcipher\tcurve\tserver_name\tresumed\tlast_alert\tnext_protocol\testablished", 14, 26},
	{"ssh", zeekEnds + "version\tauth_success\tauth_attempts\tdirection\tclient\tserver", 16, 22},
	{"files", "ts\tfuid\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tsource\tdepth\tanalyzers\tmime_type\tfilename\tduration\tlocal_orig\tis_orig\tseen_bytes\ttotal_bytes\tmissing_bytes\toverflow_bytes\ttimedout\tparent_fuid\tmd5\tsha1\tsha256", 24, 28},
	{"files", "ts\tfuid\ttx_hosts\trx_hosts\tconn_uids\tsource\tdepth\tanalyzers\tmime_type\tfilename\tduration\tlocal_orig\tis_orig\tseen_bytes\ttotal_bytes\tmissing_bytes\toverflow_bytes\ttimedout\tparent_fuid\tmd5\tsha1\tsha256", 22, 26},
}

// row maps one row; columns without a name are left.
func (r *zeekRecord) row(names, row []byte, path string) {
	if path != "" {
		r.path = []byte(path)
		r.Set(event.EventDataset, append([]byte("zeek."), path...))
	}
	for len(names) > 0 && len(row) > 0 {
		var name, v []byte
		name, names, _ = bytes.Cut(names, []byte{'\t'})
		v, row, _ = bytes.Cut(row, []byte{'\t'})
		if none(v) || string(v) == "(empty)" {
			continue
		}
		switch string(name) {
		case "answers", "resp_mime_types", "rcptto", "tx_hosts", "rx_hosts": // sets
			for len(v) > 0 {
				var one []byte
				one, v, _ = bytes.Cut(v, []byte{','})
				r.leaf(name, jsonString, zeekText(one))
			}
			continue
		}
		r.leaf(name, jsonString, zeekText(v))
	}
}

// zeekText decodes "\x09".
func zeekText(v []byte) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+3 < len(v) && v[i+1] == 'x' && isHex(v[i+2:i+4]) {
			out = append(out, nibble(v[i+2])<<4|nibble(v[i+3]))
			i += 3
			continue
		}
		out = append(out, v[i])
	}
	return out
}
