package parse

import (
	"bytes"

	"yagura/internal/event"
)

// take files one pair: mapped at once, gathered for finish, or kept under the
// vendor's own name. i is the key's place in fortiKeys. A value that is not what its key promises is kept, too.
func (f *fortiLine) take(key, v []byte, i int) {
	if i < 0 {
		if !none(v) {
			f.putQuoted(f.LocalBytes("fortinet.", key), v)
		}
		return
	}
	k := &fortiKeys[i]
	switch {
	case k.op >= fortiSourceIP:
		if f.value(k, v) {
			return
		}
	case k.op > fortiDrop && f.gather(k.op, v):
		return
	}
	if none(v) {
		return
	}
	switch k.op {
	case fortiDrop:
	case fortiField:
		f.putQuoted(k.field, v)
	default:
		f.putQuoted(f.local(i), v)
	}
}

// local is the field of a key's own name. The draft keeps its names from line to
// line: where it was found last it mostly is.
func (f *fortiLine) local(i int) event.Field {
	if at := f.locals[i]; at != 0 && f.NameOf(at) == fortiKeys[i].local {
		return at
	}
	f.locals[i] = f.Local(fortiKeys[i].local)
	return f.locals[i]
}

// own keeps v under a key's own name.
func (f *fortiLine) own(key string, v []byte) {
	if i := fortiIndex(fortiWords([]byte(key))); i >= 0 {
		f.Set(f.local(i), v)
	}
}

// putQuoted sets field to v, without the backslashes before quotes.
func (f *fortiLine) putQuoted(field event.Field, v []byte) {
	if !f.escaped || !bytes.Contains(v, []byte(`\"`)) {
		f.Set(field, v)
		return
	}
	var tmp [256]byte
	out := tmp[:0]
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) && v[i+1] == '"' {
			i++
		}
		out = append(out, v[i])
	}
	f.Set(field, out)
}

// gather takes the values that are judged together.
func (f *fortiLine) gather(op fortiOp, v []byte) bool {
	switch op {
	case fortiDate:
		f.date = v
	case fortiClock:
		f.clock = v
	case fortiTZ:
		f.tz = v
	case fortiEpoch:
		f.epoch = v
	case fortiType:
		f.kind = v
		f.own("type", v)
	case fortiSubtype:
		f.subkind = v
		f.own("subtype", v)
	case fortiAction:
		f.action = v
	case fortiStatus:
		f.status = v
	case fortiResult:
		f.result = v
	case fortiDescription:
		f.logdesc = v
		f.own("logdesc", v)
	case fortiUI:
		f.ui = v
	case fortiRemoteIP:
		f.remip = v
	case fortiRemotePort:
		f.remport = v
	case fortiLocalIP:
		f.locip = v
	case fortiLocalPort:
		f.locport = v
	case fortiUser:
		if f.user == nil {
			f.user = v
		}
	case fortiOtherUser:
		f.xauth = v
	case fortiPolicy:
		f.policy = v
	case fortiRule:
		f.rule = v
	case fortiProto:
		f.proto = v
	case fortiService:
		f.service = v
	case fortiApp:
		f.app = v
	case fortiAttack:
		f.attack = v
	case fortiVirus:
		f.virus = v
	case fortiText:
		f.text = v
		return false
	case fortiConfigPath:
		f.cfgpath = v
		f.own("cfgpath", v)
	case fortiDisposition:
		f.disp = v
	case fortiNATIP:
		f.natIP = v
	case fortiNATPort:
		f.natPort = v
	case fortiDNATIP:
		f.dnatIP = v
	case fortiDNATPort:
		f.dnatPort = v
	case fortiHostname:
		f.hostname = v
	case fortiMAC:
		f.mac = v
	case fortiClientIP:
		f.clientIP = v
	default:
		return false
	}
	return true
}

// value takes addresses, ports, counters and names. False: v is none.
func (f *fortiLine) value(k *fortiKeyInfo, v []byte) bool {
	switch k.op {
	case fortiSourceIP:
		f.hasSource = f.hasSource || !f.nowhere(v) && setIP(f.Line, event.SourceIP, v)
		return f.hasSource
	case fortiDestIP:
		f.hasDest = f.hasDest || !f.nowhere(v) && setIP(f.Line, event.DestinationIP, v)
		return f.hasDest
	case fortiPort:
		return putPort(f.Line, k.field, v)
	case fortiSent:
		f.sent, f.hasSent = f.counter(event.SourceBytes, v)
		return f.hasSent
	case fortiReceived:
		f.received, f.hasReceived = f.counter(event.DestinationBytes, v)
		return f.hasReceived
	case fortiNumber:
		return setNumber(f.Line, k.field, v)
	case fortiName:
		return none(v) || isAddress(v) || f.keep(k.field, v)
	case fortiCountry:
		return none(v) || string(v) == "Reserved" || f.keep(k.field, v)
	case fortiReason:
		return none(v) || string(v) == "none" || f.keep(event.EventReason, v)
	case fortiDuration:
		n, ok := number(v)
		if ok && n < 1<<32 {
			f.SetInt(event.EventDuration, n*1e9)
		}
		return ok
	case fortiDigest:
		return f.hash(v)
	case fortiAnswers:
		return f.answers(v)
	}
	return false
}

// nowhere: in events 0.0.0.0 stands for an address that is not known yet.
func (f *fortiLine) nowhere(v []byte) bool { return zeroAddress(v) && string(f.kind) == "event" }

// hash tells the sum by its length.
func (f *fortiLine) hash(v []byte) bool {
	if !isHex(v) {
		return false
	}
	switch len(v) {
	case 32:
		return f.keep(event.FileHashMD5, v)
	case 40:
		return f.keep(event.FileHashSHA1, v)
	case 64:
		return f.keep(event.FileHashSHA256, v)
	}
	return false
}

// answers reads the addresses of a DNS answer, "192.0.2.1, 192.0.2.2".
func (f *fortiLine) answers(v []byte) bool {
	for len(v) > 0 {
		var one []byte
		if one, v, _ = cut(v, ","); len(trim(one)) > 0 {
			f.Set(event.DNSAnswersData, trim(one))
		}
	}
	return true
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
