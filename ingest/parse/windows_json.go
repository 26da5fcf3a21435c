package parse

import (
	"bytes"

	"yagura/internal/event"
)

// readJSON reads one event object of any of the known shapes.
func (r *winRecord) readJSON(b []byte) bool {
	r.beats = winBeats(b)
	r.snake = !r.beats && winSnake(b)
	r.evtxECmd = jsonNames(b, "EventId") && jsonNames(b, "Payload")
	r.accountType = jsonNames(b, "AccountType") || jsonNames(b, "UserID")
	_, ok := r.walker.walk(b, r)
	r.flushPending()
	if !ok {
		partial(r.Draft, "json:cut")
	}
	return ok
}

// leaf files one leaf by its path.
func (r *winRecord) leaf(path []byte, kind jsonKind, v []byte) {
	if r.beats {
		r.beatsLeaf(path, kind, v)
		return
	}
	if r.snake {
		r.snakeLeaf(path, kind, v)
		return
	}
	if rest, ok := cutPrefix(path, "Event."); ok {
		path = rest
	}
	switch {
	case hasPrefix(path, "System."):
		r.system(path[len("System."):], v)
		return
	case hasPrefix(path, "EventData."):
		r.eventData(path[len("EventData."):], kind, v)
		return
	case hasPrefix(path, "UserData."):
		if _, name, ok := cutLast(path, "."); ok && !hasPrefix(name, "#") && !hasPrefix(name, "@") && string(name) != "xmlns" {
			r.pair(name, kind, v)
		}
		return
	case string(path) == "UserData" && len(v) > 0 && v[0] == '<': // NXLog
		r.readUserData(v)
		return
	case string(path) == "System" && len(v) > 0 && v[0] == '<': // Fluent Bit, when asked for XML
		r.readXML(bytes.Clone(v))
		return
	case string(path) == "EventData", string(path) == "UserData":
		return
	case string(path) == "Payload" && len(v) > 1 && v[0] == '{' && !r.inner:
		r.payload(v)
		return
	}
	r.flat(path, kind, v)
}

// payload reads EvtxECmd's EventData, which is JSON inside a string.
func (r *winRecord) payload(v []byte) {
	var w jsonWalk
	r.inner = true
	text := append([]byte(nil), v...)
	w.walk(text, r)
	r.flushPending()
	r.inner = false
}

func (r *winRecord) pair(name []byte, kind jsonKind, v []byte) {
	if kind == jsonNull {
		r.dataNull(name)
		return
	}
	r.data(name, v)
}

// system reads the fields of the event's head, in the spelling of evtx_dump and of
// tools like it.
func (r *winRecord) system(path, v []byte) {
	switch string(path) {
	case "Provider.#attributes.Name", "Provider.@Name", "Provider.Name", "Provider_attributes.Name", "Provider._attributes.Name":
		r.provider = r.hold(v)
	case "EventID", "EventID.#text", "EventID.text", "EventID.$t", "EventID.Value":
		r.id = r.hold(v)
	case "TimeCreated.#attributes.SystemTime", "TimeCreated.@SystemTime", "TimeCreated.SystemTime", "TimeCreated_attributes.SystemTime":
		r.stamped = r.hold(v)
	case "Computer":
		r.computer = r.hold(v)
	case "Channel":
		r.channel = r.hold(v)
	case "Keywords":
		r.keywords = r.hold(v)
	case "Level":
		r.Set(r.Local("winlog.level"), v)
	case "Task":
		r.Set(event.WinlogTask, v)
	case "Opcode":
		r.Set(event.WinlogOpcode, v)
	case "EventRecordID":
		r.Set(event.WinlogRecordID, v)
	case "Security.#attributes.UserID", "Security_attributes.UserID", "Security.@UserID", "Security.UserID":
		r.userSID = r.hold(v)
	case "Provider.#attributes.Guid", "Provider_attributes.Guid", "Provider.@Guid", "Provider.Guid":
		r.Set(r.Local("winlog.provider_guid"), v)
	case "Execution.#attributes.ProcessID", "Execution_attributes.ProcessID", "Execution.@ProcessID", "Execution.ProcessID":
		r.Set(r.Local("winlog.process.pid"), v)
	case "Execution.#attributes.ThreadID", "Execution_attributes.ThreadID", "Execution.@ThreadID", "Execution.ThreadID":
		r.Set(r.Local("winlog.process.thread.id"), v)
	}
}

// eventData reads "EventData.NAME", or the list of Data elements with their names
// as attributes: an element whose text never comes is empty.
func (r *winRecord) eventData(path []byte, kind jsonKind, v []byte) {
	switch string(path) {
	case "Data.#attributes.Name", "Data.@Name", "Data.Name", "Data._attributes.Name":
		r.flushPending()
		at := len(r.names)
		r.names = append(r.names, v...)
		r.pending, r.hasPending = r.names[at:], true
	case "Data.#text", "Data.text", "Data._text", "Data.Value", "Data.$t", "Data":
		if r.hasPending {
			r.hasPending = false
			r.pair(r.pending, kind, v)
			return
		}
		if kind != jsonNull && r.evtxECmd {
			r.numberedList(v)
		} else if kind != jsonNull {
			r.numbered(v)
		}
	case "#attributes.Name", "@Name", "Binary":
		if string(path) == "Binary" && kind != jsonNull {
			r.data(path, v)
		}
	default:
		if len(path) == 0 || contains(path, "#attributes") || path[0] == '@' {
			return
		}
		if name, ok := cutPrefix(path, "Data."); ok {
			path = name
		}
		r.pair(path, kind, v)
	}
}

// numbered files a Data element without a name, as Winlogbeat names them.
func (r *winRecord) numbered(v []byte) {
	r.unnamed++
	var tmp [16]byte
	name := append(tmp[:0], "param"...)
	if r.unnamed >= 10 {
		name = append(name, byte('0'+r.unnamed/10%10))
	}
	r.data(append(name, byte('0'+r.unnamed%10)), v)
}

// numberedList files the unnamed elements that EvtxECmd joined.
func (r *winRecord) numberedList(v []byte) {
	for more := true; more; {
		var one []byte
		one, v, more = cut(v, ", ")
		r.numbered(one)
	}
}

func (r *winRecord) flushPending() {
	if r.hasPending {
		r.hasPending = false
		r.data(r.pending, nil)
	}
}

// flat reads the keys of NXLog and of exports that put everything on one level.
// What is not the event's head is EventData.
func (r *winRecord) flat(name []byte, kind jsonKind, v []byte) {
	if len(name) == 0 {
		return
	}
	if kind == jsonNull {
		r.dataNull(name)
		return
	}
	switch string(name) {
	case "EventID", "EventId":
		r.id = r.hold(v)
	case "SourceName", "Provider":
		r.provider = r.hold(v)
	case "ProviderName", "Provider_Name":
		if r.provider != nil { // a name of EventData, as in 5058
			r.data(name, v)
			return
		}
		r.provider = r.hold(v)
	case "Channel":
		r.channel = r.hold(v)
	case "Hostname", "Computer", "ComputerName", "MachineName":
		r.computer = r.hold(v)
	case "EventTime", "TimeCreated", "SystemTime", "TimeGenerated":
		if r.written == nil {
			r.written = r.hold(v)
		}
	case "@timestamp":
		r.sentAt = r.hold(v)
	case "UtcTime":
		r.utc = r.hold(v)
		r.data(name, v)
	case "Keywords":
		r.keywords = r.hold(v)
	case "EventType":
		r.kind = r.hold(v)
		if !levelWord(v) {
			r.data(name, v)
		}
	case "Message":
		r.message = r.hold(v)
	case "RecordNumber", "EventRecordID", "EventRecordId", "RecordID":
		if !r.evtxECmd || string(name) != "RecordNumber" { // its place in the file
			r.Set(event.WinlogRecordID, v)
		}
	case "Task", "TaskValue", "EventCategory":
		r.Set(event.WinlogTask, v)
	case "StringInserts":
		r.inserts = append(r.inserts, r.hold(v))
	case "ProcessID", "Data": // the writer's, or a field of the event
		r.writerPID = true
		r.data(name, v)
		r.fields--
	case "OpcodeValue":
		r.Set(event.WinlogOpcode, v)
	case "ProviderGuid":
		r.Set(r.Local("winlog.provider_guid"), v)
	case "ExecutionProcessID":
		r.Set(r.Local("winlog.process.pid"), v)
	case "ThreadID", "ThreadId", "ExecutionThreadID":
		r.Set(r.Local("winlog.process.thread.id"), v)
	case "Level":
		r.Set(r.Local("winlog.level"), v)
	case "ActivityID":
		r.Set(r.Local("winlog.activity_id"), v)
	case "Severity":
		putLower(r.Draft, event.LogLevel, v)
	case "UserID", "UserId", "Sid":
		r.userSID = r.hold(v)
	case "Domain":
		r.userDomain = r.hold(v)
		r.data(name, v)
		if r.accountType {
			r.fields--
		}
	case "AccountName":
		r.data(name, v)
		if r.accountType {
			r.fields--
			r.userName = r.last()
		}
	case "host", "port", "tags", "@version", "EventReceivedTime", "SourceModuleName", "SourceModuleType", "SeverityValue", "Version",
		"Opcode", "Category", "AccountType", "RelatedActivityID", "ERROR_EVT_UNRESOLVED", "ChunkNumber", "SourceFile", "ExtraDataOffset",
		"HiddenRecord", "MapDescription", "Qualifiers", "TimeWritten", "date", "source_type", "RemoteHost", "ExecutableInfo":
		// the agent's own, or what it wrote twice
	case "ProcessId":
		if r.evtxECmd {
			r.Set(r.Local("winlog.process.pid"), v)
		} else {
			r.data(name, v)
		}
	case "UserName":
		if r.accountType { // else it is EvtxECmd's own
			r.data(name, v)
		}
	default:
		if hasPrefix(name, "PayloadData") || contains(name, "attributes") || name[0] == '@' {
			return
		}
		r.data(name, v)
	}
}

// levelWord says whether EventType is NXLog's word for the level, not a field of
// the event (Sysmon has one of that name).
func levelWord(v []byte) bool {
	switch string(v) {
	case "INFO", "WARNING", "ERROR", "CRITICAL", "VERBOSE", "DEBUG", "Information", "Warning", "Error", "SuccessAudit", "FailureAudit":
		return true
	}
	return hasPrefix(v, "AUDIT_")
}
