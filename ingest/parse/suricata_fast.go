package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// fastSignature finds "[gid:sid:rev] " and returns what stands before and after it.
func fastSignature(b []byte) (sid, rest []byte, ok bool) {
	for at := 0; at < min(len(b), 80); {
		i := bytes.IndexByte(b[at:min(len(b), 80)], '[')
		if i < 0 {
			return nil, nil, false
		}
		at += i + 1
		inner, tail, ok := cut(b[at:], "] ")
		if !ok || len(inner) > 30 {
			continue
		}
		gid, ids, ok := cut(inner, ":")
		sid, rev, ok2 := cut(ids, ":")
		if ok && ok2 && isNumber(gid) && isNumber(sid) && isNumber(rev) && contains(tail, "} ") {
			return sid, tail, true
		}
	}
	return nil, nil, false
}

// fastAlert reads "07/11/2026-10:29:01.860293  [**] [1:2200074:2] name [**]
// [Classification: text] [Priority: 3] {TCP} a:p -> b:p". The date is month first, in
// the sensor's local time; by syslog it is missing.
func fastAlert(l *Line, b []byte) bool {
	sid, rest, ok := fastSignature(b)
	if !ok {
		return false
	}
	if at, ok := fastTime(b, l.Zone); ok {
		l.Time = at
	}
	l.SetString(event.EventKind, "alert")
	l.SetString(event.SuricataEventType, "alert")
	setClass(l.Draft, "intrusion_detection", "info")
	l.Set(event.RuleID, sid)
	name := rest
	for _, end := range [...]string{" [**]", " [Classification:", " [Priority:", " {"} {
		name, _, _ = cut(name, end)
	}
	setText(l, event.RuleName, trim(name))
	if c, ok := between(rest, "[Classification: ", "]"); ok {
		setText(l, event.RuleCategory, c)
	}
	if p, ok := between(rest, "[Priority: ", "]"); ok {
		setNumber(l, event.EventSeverity, p)
	}
	if contains(b, "[Drop]") || contains(b, "[wDrop]") {
		l.SetString(event.EventAction, "drop")
		setClass(l.Draft, "", "denied")
	}
	_, flow, ok := cutLast(rest, "{")
	if !ok {
		return true
	}
	proto, ends, ok := cut(flow, "} ")
	if !ok {
		return true
	}
	setTransport(l.Draft, proto)
	from, to, ok := cut(ends, " -> ")
	if ok {
		w, _ := word(to)
		put := putEnd
		if equalFold(proto, "tcp") || equalFold(proto, "udp") {
			put = putFlowEnd
		}
		put(l, event.SourceIP, event.SourcePort, from)
		put(l, event.DestinationIP, event.DestinationPort, w)
	}
	return true
}

// fastTime reads "07/11/2026-10:29:01.860293"; Snort leaves the year out.
func fastTime(b []byte, zone *time.Location) (time.Time, bool) {
	if len(b) < 19 || b[2] != '/' || b[5] != '/' || b[10] != '-' {
		return time.Time{}, false
	}
	month, day := num2(b), num2(b[3:])
	hi, lo := num2(b[6:]), num2(b[8:])
	h, m, s, ok := clockOf(b[11:])
	if !ok || month < 1 || month > 12 || day < 1 || day > 31 || hi < 0 || lo < 0 {
		return time.Time{}, false
	}
	nano, _ := fractionOf(b[19:])
	return time.Date(hi*100+lo, time.Month(month), day, h, m, s, nano, zone), true
}
