package parse

import "yagura/internal/event"

// cefMarks are what a CEF line says of its own kind. The format has no field for it:
// products write it into cat ("ESET Threat Event", "Malware"), into the labels of
// their custom strings ("Virus Name") or into the names of their own keys. What is
// not certain sets nothing: a status of an antivirus program is no detection.
type cefMarks struct {
	malware, intrusion, firewall bool
	virus                        []byte // the field whose label says that it names a virus
}

// see judges one pair.
func (m *cefMarks) see(key, v []byte) {
	switch {
	case none(v):
	case string(key) == "cat":
		m.category(v)
	case hasSuffix(key, "Label"):
		if m.name(v) {
			m.virus = key[:len(key)-len("Label")]
		}
	case m.name(key):
		m.malware = true
	}
}

// category judges the words of cat.
func (m *cefMarks) category(v []byte) {
	m.malware = m.malware || string(v) == "ESET Threat Event"
	anti := false
	for len(v) > 0 {
		n := 0
		for n < len(v) && letter(v[n]) {
			n++
		}
		if n == 0 {
			v = v[1:]
			continue
		}
		switch w := v[:n]; {
		case equalFold(w, "malware"), equalFold(w, "virus"), equalFold(w, "spyware"), equalFold(w, "ransomware"), equalFold(w, "trojan"):
			m.malware = m.malware || !anti
		case equalFold(w, "intrusion"), equalFold(w, "ids"), equalFold(w, "ips"), equalFold(w, "hips"), equalFold(w, "exploit"):
			m.intrusion = true
		case equalFold(w, "firewall"), equalFold(w, "traffic"):
			m.firewall = true
		}
		anti = equalFold(v[:n], "anti")
		v = v[n:]
	}
}

// name judges the label of a custom field, or a key of the product's own: "Virus
// Name", "MalwareType", "Intrusion Prevention Flags". virus: its value says what
// malware was found.
func (m *cefMarks) name(b []byte) (virus bool) {
	var tmp [48]byte
	s := tmp[:0]
	for _, c := range b[:min(len(b), len(tmp))] {
		if letter(c) {
			s = append(s, c|0x20)
		}
	}
	for _, what := range [...]string{"virus", "malware", "spyware"} {
		before, rest, ok := cut(s, what)
		virus = virus || ok && !hasSuffix(before, "anti") && cefNaming(rest)
	}
	m.intrusion = m.intrusion || hasPrefix(s, "intrusionprevention")
	return virus
}

// cefNaming says whether what follows "virus" says what was found.
func cefNaming(rest []byte) bool {
	return hasPrefix(rest, "name") || hasPrefix(rest, "type") || hasPrefix(rest, "target") || hasPrefix(rest, "family") || hasPrefix(rest, "class")
}

// set sets event.category. What passes or stops packets says both their ends.
func (m *cefMarks) set(l *Line, vendor, signature []byte) {
	if hasPrefix(vendor, "Trend") && hasPrefix(signature, "AV:") { // Apex Central: "AV:" and what was done
		m.malware = true
	}
	if m.virus != nil && l.Has(l.LocalBytes("cef.", m.virus)) {
		m.malware = true
	}
	source, destination := l.Has(event.SourceIP), l.Has(event.DestinationIP)
	switch {
	case m.malware:
		l.SetString(event.EventCategory, "malware")
	case m.intrusion:
		l.SetString(event.EventCategory, "intrusion_detection")
	case m.firewall && (source || destination), source && destination && l.Has(event.NetworkTransport):
		l.SetString(event.EventCategory, "network")
	}
}

// setFileHash sets the hash whose length v has, and says whether it did.
func setFileHash(l *Line, v []byte) bool {
	if !isHex(v) {
		return false
	}
	switch len(v) {
	case 32:
		l.Set(event.FileHashMD5, v)
	case 40:
		l.Set(event.FileHashSHA1, v)
	case 64:
		l.Set(event.FileHashSHA256, v)
	default:
		return false
	}
	return true
}

// cefCustom are the fields whose meaning stands in a label beside them.
var cefCustom = [...]struct{ label, value string }{
	{"cef.cs1Label", "cef.cs1"}, {"cef.cs2Label", "cef.cs2"}, {"cef.cs3Label", "cef.cs3"},
	{"cef.cs4Label", "cef.cs4"}, {"cef.cs5Label", "cef.cs5"}, {"cef.cs6Label", "cef.cs6"},
}

// cefLabels sets the ECS fields of custom strings whose label names one that is
// certain.
func cefLabels(l *Line) {
	for i := range cefCustom {
		label, ok := l.Get(l.Local(cefCustom[i].label))
		if !ok {
			continue
		}
		if v, ok := l.Get(l.Local(cefCustom[i].value)); ok && !none(v) && !severalLines(v) {
			cefLabel(l, label, v)
		}
	}
}

func cefLabel(l *Line, label, v []byte) {
	var tmp [32]byte
	s := tmp[:0]
	for _, c := range label[:min(len(label), len(tmp))] {
		if letter(c) {
			s = append(s, c|0x20)
		} else if digit(c) {
			s = append(s, c)
		}
	}
	switch string(s) {
	case "threatname", "virusname", "malwarename", "detectionname", "securityrisk":
		l.Replace(event.RuleName, v)
	case "commandline", "cmdline", "processcommandline":
		l.Set(event.ProcessCommandLine, v)
	case "sha256", "sha1", "md5", "filehashsha256", "filehashsha1", "filesha256", "filesha1":
		if !l.Has(event.FileHashSHA256) && !l.Has(event.FileHashSHA1) && !l.Has(event.FileHashMD5) {
			setFileHash(l, v)
		}
	}
}
