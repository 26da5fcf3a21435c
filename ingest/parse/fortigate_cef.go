package parse

import "yagura/internal/event"

// isFortiCEF says whether a line is CEF of a FortiGate.
func isFortiCEF(l *Line) bool {
	head := l.Body[:min(len(l.Body), 120)]
	i := index(head, "|Fortinet|")
	return i > 0 && len(head) > i+19 && equalFold(head[i+10:i+19], "fortigate") && cef{}.match(l) > 0
}

// cef reads the lines of a FortiGate that is set to CEF: the keys are those of its
// own form behind "FTNTFGT", or ArcSight's names of them. Source: FortiOS Log Message
// Reference, "CEF support".
func (f *fortiLine) cef() bool {
	head, b, ok := cefHead(f.Line)
	if !ok {
		return false
	}
	for e := (extension{rest: b}); e.next(); {
		key, v := fortiCEFKey(e.key), f.unescape(e.value)
		switch {
		case string(key) == "cat": // "traffic:forward"
			kind, sub, _ := cut(v, ":")
			f.takeNamed("type", kind)
			if f.subkind == nil && len(sub) > 0 {
				f.takeNamed("subtype", sub)
			}
		case string(key) == "subtype" && f.subkind != nil, len(key) == 0, len(key) > 64:
		default:
			f.take(key, v, f.index(key))
		}
	}
	f.finish()
	setText(f.Line, event.ObserverVersion, head[3])
	if !f.Has(event.EventCode) {
		setText(f.Line, event.EventCode, head[4])
	}
	f.Line = nil
	return true
}

func (f *fortiLine) takeNamed(name string, v []byte) {
	key := []byte(name)
	f.take(key, v, f.index(key))
}

// index is the key's place in fortiKeys, -1 of an unknown one.
func (*fortiLine) index(key []byte) int {
	if len(key) > maxKnownKey {
		return -1
	}
	return fortiIndex(fortiWords(key))
}

// unescape drops the backslashes before "=", "|" and themselves; the value lives as
// long as the line.
func (f *fortiLine) unescape(v []byte) []byte {
	for i, c := range v {
		if c != '\\' {
			continue
		}
		out := append(make([]byte, 0, len(v)), v[:i]...)
		for ; i < len(v); i++ {
			if v[i] == '\\' && i+1 < len(v) && (v[i+1] == '=' || v[i+1] == '|' || v[i+1] == '\\' || v[i+1] == '"') {
				i++
			}
			out = append(out, v[i])
		}
		return out
	}
	return v
}

// fortiCEFKey is FortiOS's own name of a key.
func fortiCEFKey(key []byte) []byte {
	if own, ok := cutPrefix(key, "FTNTFGT"); ok {
		return own
	}
	if own := fortiCEFNames[string(key)]; own != nil {
		return own
	}
	return key
}

var fortiCEFNames = map[string][]byte{
	"src": []byte("srcip"), "spt": []byte("srcport"), "dst": []byte("dstip"), "dpt": []byte("dstport"), "act": []byte("action"),
	"app": []byte("service"), "in": []byte("rcvdbyte"), "out": []byte("sentbyte"), "deviceExternalId": []byte("devid"), "dvchost": []byte("devname"),
	"deviceInboundInterface": []byte("srcintf"), "deviceOutboundInterface": []byte("dstintf"), "externalId": []byte("sessionid"),
	"sourceTranslatedAddress": []byte("transip"), "sourceTranslatedPort": []byte("transport"),
	"destinationTranslatedAddress": []byte("tranip"), "destinationTranslatedPort": []byte("tranport"),
	"suser": []byte("user"), "duser": []byte("user"), "sproc": []byte("ui"), "outcome": []byte("status"), "request": []byte("url"),
	"requestClientApplication": []byte("agent"), "requestMethod": []byte("httpmethod"), "fname": []byte("filename"), "fsize": []byte("filesize"),
	"dhost": []byte("hostname"), "shost": []byte("srcname"), "smac": []byte("srcmac"), "dmac": []byte("dstmac"),
}
