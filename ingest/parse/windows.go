package parse

import (
	"bytes"
	"sync"

	"yagura/internal/event"
)

// windows parses Windows events in the forms that agents and tools write: flat
// JSON (NXLog, and exports like it), Winlogbeat, EvtxECmd, evtx_dump, the XML of the
// event itself, Snare's tabs, and text alone. Source: the providers' manifests;
// action names are Winlogbeat's.
//
// Every field of EventData or UserData stays reachable as winlog.event_data.NAME,
// empty when it was empty, null when it was null. An id means something only with
// its provider. Localised text is read only where there is nothing else.
type windows struct{ records *sync.Pool }

func newWindows() windows {
	return windows{records: &sync.Pool{New: func() any { return new(winRecord) }}}
}

func (windows) name() string { return "windows.event" }
func (windows) aliases() []string {
	return []string{"windows", "windows.nxlog", "windows.winlogbeat", "windows.json", "windows.xml", "windows.snare"}
}

// winForm is how an event is written.
type winForm byte

const (
	winNone winForm = iota
	winJSON
	winXML
	winSnare
	winText
	winRelayed
	winReporter
)

func (windows) match(l *Line) int {
	form, _ := winFind(l)
	switch form {
	case winNone:
		return 0
	case winText:
		return 60
	case winRelayed:
		return certain
	case winReporter:
		return certain
	}
	return 97
}

func (f windows) parse(l *Line) bool {
	form, body := winFind(l)
	if form == winNone {
		return false
	}
	rec := f.records.Get().(*winRecord)
	defer f.records.Put(rec)
	provider := relayedProvider(l.Tag, body)
	rec.reset(l)
	ok := true
	switch form {
	case winJSON:
		ok = rec.readJSON(body)
	case winXML:
		rec.readXML(body)
	case winSnare:
		ok = rec.readSnare(body)
	case winText:
		rec.readBareText(body)
	case winRelayed:
		rec.readRelayed(provider, body)
	case winReporter:
		ok = rec.readReporter(body)
	}
	rec.finish()
	rec.Line = nil
	return ok || rec.id != nil || rec.fields > 0 || rec.channel != nil && rec.provider != nil
}

// winFind tells the form and where it begins.
func winFind(l *Line) (winForm, []byte) {
	body := trimLeft(l.Body)
	if len(body) > 5 && hasPrefix(body, "@cee:") {
		body = trimLeft(body[5:])
	}
	if len(body) == 0 {
		return winNone, nil
	}
	switch {
	case body[0] == '{':
		if winJSONShape(body) {
			return winJSON, body
		}
		return winNone, nil
	case body[0] == '<' || body[0] == '-':
		if i := index(body[:min(len(body), 64)], "<Event"); i >= 0 && i+6 < len(body) && (body[i+6] == ' ' || body[i+6] == '>') {
			return winXML, body[i:]
		}
	}
	if at := index(l.Whole[:min(len(l.Whole), 400)], "MSWinEventLog"); at >= 0 {
		return winSnare, l.Whole[at:]
	}
	if body[0] == '[' && string(l.Tag) == "EvntSLog" {
		return winReporter, body
	}
	if winSentence(body) != "" {
		return winText, body
	}
	if digit(body[0]) && len(l.Tag) > 0 && relayedProvider(l.Tag, body) != "" {
		return winRelayed, body
	}
	return winNone, nil
}

// winJSONShape looks for the names that the forms cannot do without. They may
// stand anywhere: JSON objects have no order.
func winJSONShape(b []byte) bool {
	switch {
	case jsonNames(b, "EventID"):
		return jsonNames(b, "Channel") || jsonNames(b, "SourceName") || jsonNames(b, "System") ||
			jsonNames(b, "Hostname") || jsonNames(b, "Computer") || contains(b, `Provider`) || winBeats(b) || winSnake(b)
	case winBeats(b), winSnake(b):
		return true
	case winXMLInside(b):
		return true
	case jsonNames(b, "EventId"):
		return jsonNames(b, "Provider") && jsonNames(b, "Channel")
	case b[len(b)-1] != '}':
		return winCutShape(b)
	}
	return false
}

// winCutShape knows an object that was cut before its id came: lines of 6 KB do not
// fit into a datagram. Its "host" is the forwarder, so it must not become a plain
// object.
func winCutShape(b []byte) bool {
	n := 0
	for _, name := range [...]string{"Keywords", "ThreadID", "OpcodeValue", "ProviderGuid", "SeverityValue", "ExecutionProcessID", "RecordNumber",
		"SourceModuleType", "Channel", "SourceName", "Hostname", "SubjectUserSid", "SubjectDomainName", "TargetDomainName", "ProcessGuid", "UtcTime"} {
		if jsonNames(b, name) {
			n++
		}
	}
	return n >= 3
}

// winBeats says whether an object is Winlogbeat's.
func winBeats(b []byte) bool { return jsonNames(b, "winlog") || contains(b, `winlog.event_`) }

// winRecord is one event while it is read.
type winRecord struct {
	*Line
	walker jsonWalk

	provider, channel, computer, id []byte
	keywords, kind                  []byte
	userSID, userName, userDomain   []byte
	written, stamped, utc, sentAt   []byte // times: of the event with and without zone, Sysmon's, the agent's
	message                         []byte
	action, category, typ, outcome  []byte // as an agent judged, taken where the table does not know
	pending                         []byte // name of a Data element whose text has not come yet
	hasPending, beats, inner        bool
	writerPID                       bool // ProcessID may be who wrote the event
	evtxECmd                        bool // its ProcessId is who wrote the event
	accountType                     bool
	snake                           bool     // Vector's names
	inserts                         [][]byte // values of the event without their names
	bare                            string   // security id by the text alone
	unnamed, fields                 int
	v                               [winKeys][]byte
	has                             [winKeys]bool
	names                           []byte // room for the names of pending
}

func (r *winRecord) reset(l *Line) {
	walker, names, inserts := r.walker, r.names[:0], r.inserts[:0]
	*r = winRecord{Line: l, walker: walker, names: names, inserts: inserts}
	l.Tag, l.PID = nil, nil
}

// data files one field of EventData.
func (r *winRecord) data(name, value []byte) {
	if len(name) == 0 || len(name) > 128 {
		return
	}
	r.fields++
	r.Set(r.LocalBytes("winlog.event_data.", name), value)
	if key, ok := winKeyIndex[string(name)]; ok && !r.has[key] {
		r.v[key], r.has[key] = r.last(), true
	}
}

// derive files a field that was read from text or from an agent's ECS names: only
// where the event itself did not have it.
func (r *winRecord) derive(key winKey, value []byte) {
	if r.has[key] {
		return
	}
	r.Set(r.LocalBytes("winlog.event_data.", []byte(winKeyNames[key])), value)
	r.v[key], r.has[key] = r.last(), true
}

func (r *winRecord) dataNull(name []byte) {
	if len(name) > 0 && len(name) <= 128 {
		r.SetNull(r.LocalBytes("winlog.event_data.", name))
	}
}

// last is the value set last, as it lies in the draft.
func (r *winRecord) last() []byte {
	if r.Len() == 0 {
		return nil
	}
	_, v := r.At(r.Len() - 1)
	return v
}

// hold copies a value into the draft's buffer without setting a field.
func (r *winRecord) hold(v []byte) []byte {
	if _, inside := r.from(v); inside || len(v) == 0 {
		return v
	}
	return bytes.Clone(v)
}

// get returns a value that stands for something.
func (r *winRecord) get(key winKey) []byte {
	if v := r.v[key]; !none(v) {
		return v
	}
	return nil
}

// put sets f to the value of the first key that has one.
func (r *winRecord) put(f event.Field, keys ...winKey) bool {
	for _, k := range keys {
		if v := r.get(k); v != nil {
			r.Set(f, v)
			return true
		}
	}
	return false
}
