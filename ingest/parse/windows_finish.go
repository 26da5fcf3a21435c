package parse

import (
	"time"

	"yagura/internal/event"
)

// winProvider is which table of ids and which mapping an event belongs to.
type winProvider byte

const (
	ofOther winProvider = iota
	ofSecurity
	ofSysmon
	ofServices
	ofPowerShell
	ofLog
	ofDefender
)

// providerKind tells by the provider; by the channel only where the provider is a
// legacy name or missing. The same number means other things elsewhere.
func (r *winRecord) providerKind() winProvider {
	p := r.provider
	switch {
	case contains(p, "Security-Auditing"):
		return ofSecurity
	case contains(p, "Sysmon"), p == nil && contains(r.channel, "Sysmon"):
		return ofSysmon
	case string(p) == "Service Control Manager", string(p) == "Microsoft-Windows-Service Control Manager":
		return ofServices
	case contains(p, "PowerShell"):
		return ofPowerShell
	case contains(p, "Windows Defender"):
		return ofDefender
	case equalFold(p, "microsoft-windows-eventlog"), equalFold(p, "eventlog"):
		if equalFold(r.channel, "security") {
			return ofSecurity
		}
		return ofLog
	case equalFold(r.channel, "security") && (p == nil || equalFold(p, "security") || equalFold(p, "windows")):
		return ofSecurity
	}
	return ofOther
}

// legacyID turns the ids of Windows 2003 and before into today's.
func legacyID(id []byte) string {
	n, ok := number(id)
	if !ok || n < 512 || n > 899 {
		return string(id)
	}
	switch {
	case n == 517:
		return "1102"
	case n == 528 || n == 540:
		return "4624"
	case n >= 529 && n <= 537 || n == 539:
		return "4625"
	}
	return smallID(n + 4096)
}

func smallID(n int64) string {
	var tmp [4]byte
	for i := 3; i >= 0; i-- {
		tmp[i] = byte('0' + n%10)
		n /= 10
	}
	return string(tmp[:])
}

// meaning finds the table's entry.
func (r *winRecord) meaning(kind winProvider) (m winMeaning, known bool) {
	switch kind {
	case ofSecurity:
		if m, known = securityEvents[string(r.id)]; !known && len(r.id) == 3 {
			m, known = securityEvents[legacyID(r.id)]
		}
	case ofSysmon:
		m, known = sysmonEvents[string(r.id)]
	case ofServices:
		m, known = serviceEvents[string(r.id)]
	case ofPowerShell:
		m, known = powershellEvents[string(r.id)]
	case ofLog:
		m, known = logEvents[string(r.id)]
	case ofDefender:
		m, known = defenderEvents[string(r.id)]
	default:
		m, known = otherEvents[string(r.family())][string(r.id)]
	}
	return m, known
}

// finish sets what the gathered values mean.
func (r *winRecord) finish() {
	r.header()
	r.time()
	kind := r.providerKind()
	m, known := r.meaning(kind)
	if r.bare != "" {
		kind, m = ofSecurity, securityEvents[r.bare]
	}
	r.nameInserts(kind)
	if r.fields == 0 && r.message != nil && r.id != nil {
		r.readText(r.message, string(r.id) == "4634" || string(r.id) == "4647")
	}
	if r.beats {
		r.backfill(kind, m.who)
	}
	r.class(m, known)
	r.setOutcome(kind, m)
	switch kind {
	case ofSysmon:
		r.sysmon()
	case ofSecurity:
		r.security(m)
	default:
		r.otherProvider(kind)
	}
}

// header sets the fields of System.
func (r *winRecord) header() {
	setText(r.Line, event.EventCode, r.id)
	if setText(r.Line, event.EventProvider, r.provider) {
		r.Set(event.WinlogProvider, r.provider)
	}
	setText(r.Line, event.WinlogChannel, r.channel)
	if !none(r.computer) {
		r.Set(event.WinlogComputer, r.computer)
		r.Set(event.HostName, r.computer)
		r.Host = nil
	}
	if len(r.keywords) > 0 && !r.Has(event.WinlogKeywords) {
		r.Set(event.WinlogKeywords, r.keywords)
	}
	if isSID(r.userSID) { // agents write the account's name here, too
		r.Set(r.Local("winlog.user.identifier"), r.userSID)
	}
	if r.Message() == nil && len(r.message) > 0 {
		r.SetMessage(r.message)
	}
	if !r.Has(event.EventKind) {
		r.SetString(event.EventKind, "event")
	}
}

// time: a time with a zone wins; one without is in the source's zone, unless an
// agent's own time beside it shows which zone it was written in.
func (r *winRecord) time() {
	for _, t := range [...][]byte{r.stamped, r.written} {
		if s, n, ok := readStamp(t); ok && n == len(t) && s.zoned {
			r.setStamp(s)
			return
		}
	}
	if s, n, ok := readStamp(r.utc); ok && n == len(r.utc) {
		s.zoned = true
		r.setStamp(s)
		return
	}
	t := r.written
	if len(t) == 0 {
		t = r.stamped
	}
	s, n, ok := readStamp(t)
	if sent, m, zoned := readStamp(r.sentAt); zoned && m == len(r.sentAt) && sent.zoned {
		at := resolve(sent, r.Received, r.Zone)
		if ok && n == len(t) {
			at = zoneBy(s.in(s.year, time.UTC), at)
		}
		r.setInstant(at)
		return
	}
	if ok && n == len(t) {
		r.setStamp(s)
	}
}

// zoneBy places a local time by an instant shortly after it: the zone is the
// quarter hour nearest to their distance. When they are further apart than a
// quarter of an hour's rounding allows, the instant is taken.
func zoneBy(local, sent time.Time) time.Time {
	const quarter = 15 * time.Minute
	zone := local.Sub(sent).Round(quarter)
	at := local.Add(-zone)
	if late := sent.Sub(at); zone > 15*time.Hour || zone < -15*time.Hour || late > 6*time.Minute || late < -time.Minute {
		return sent
	}
	return at
}

func (r *winRecord) class(m winMeaning, known bool) {
	if known {
		r.SetString(event.EventAction, m.action)
		setClass(r.Draft, m.category, m.typ)
		return
	}
	for _, f := range [...]struct {
		field event.Field
		value []byte
	}{{event.EventAction, r.action}, {event.EventCategory, r.category}, {event.EventType, r.typ}} {
		setText(r.Line, f.field, f.value)
	}
}

// The two bits of Keywords that say how an audited action ended.
const (
	auditFailure = 1 << 52
	auditSuccess = 1 << 53
)

func (r *winRecord) setOutcome(kind winProvider, m winMeaning) {
	outcome := ""
	switch {
	case kind == ofSecurity && m.byStatus && r.get(wStatus) != nil:
		outcome = "failure"
		if n, ok := hexNumber(r.get(wStatus)); ok && n == 0 {
			outcome = "success"
		}
	case m.outcome != "":
		outcome = m.outcome
	case m.action == "logon-failed", contains(r.kind, "FAILURE"), contains(r.kind, "Failure"):
		outcome = "failure"
	case contains(r.kind, "AUDIT_SUCCESS"), contains(r.kind, "Success"):
		outcome = "success"
	case contains(r.keywords, "Audit Failure"), contains(r.keywords, "Audit failure"), contains(r.keywords, "失敗の監査"):
		outcome = "failure"
	case contains(r.keywords, "Audit Success"), contains(r.keywords, "Audit success"), contains(r.keywords, "成功の監査"):
		outcome = "success"
	default:
		if outcome = r.keywordBits(); outcome == "" && m.action == "logged-in" { // 4624 is nothing else
			outcome = "success"
		}
	}
	switch {
	case outcome != "":
		r.SetString(event.EventOutcome, outcome)
	case string(r.outcome) == "success" || string(r.outcome) == "failure":
		r.Set(event.EventOutcome, r.outcome)
	}
}

// keywordBits reads Keywords as hexadecimal, or as the signed decimal of NXLog.
func (r *winRecord) keywordBits() string {
	var bits uint64
	switch k := r.keywords; {
	case hasPrefix(k, "0x"):
		bits, _ = hexNumber(k)
	case hasPrefix(k, "-") && len(k) == 20:
		hi, ok := number(k[1:11])
		lo, ok2 := number(k[11:])
		if !ok || !ok2 {
			return ""
		}
		bits = -(uint64(hi)*1e9 + uint64(lo))
	default:
		return ""
	}
	switch {
	case bits&auditFailure != 0:
		return "failure"
	case bits&auditSuccess != 0:
		return "success"
	}
	return ""
}
