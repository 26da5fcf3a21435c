package parse

import "yagura/internal/event"

// winSnake says whether an object is of the source windows_event_log of Vector,
// which names the head in small letters and the data as the event does.
func winSnake(b []byte) bool {
	return jsonNames(b, "event_id") && jsonNames(b, "provider_name") && jsonNames(b, "channel")
}

// winXMLInside says whether an object holds the event's XML (Fluent Bit's
// Render_Event_As_XML).
func winXMLInside(b []byte) bool { return jsonNames(b, "System") && contains(b, `"<Event `) }

// snakeLeaf files one leaf of Vector's object.
func (r *winRecord) snakeLeaf(path []byte, kind jsonKind, v []byte) {
	for _, part := range [...]string{"event_data.", "user_data."} {
		if name, ok := cutPrefix(path, part); ok {
			if string(name) == "UtcTime" {
				r.utc = r.hold(v)
			}
			r.pair(name, kind, v)
			if string(name) == "Binary" { // stands beside values without names
				r.fields--
			}
			return
		}
	}
	if kind == jsonNull {
		return
	}
	switch string(path) {
	case "event_id":
		r.id = r.hold(v)
	case "provider_name":
		r.provider = r.hold(v)
	case "provider_guid":
		r.Set(r.Local("winlog.provider_guid"), v)
	case "channel":
		r.channel = r.hold(v)
	case "computer":
		r.computer = r.hold(v)
	case "timestamp":
		r.stamped = r.hold(v)
	case "keywords":
		r.keywords = r.hold(v)
	case "message":
		r.message = r.hold(v)
	case "user_id":
		r.userSID = r.hold(v)
	case "record_id":
		r.Set(event.WinlogRecordID, v)
	case "task":
		r.Set(event.WinlogTask, v)
	case "opcode":
		r.Set(event.WinlogOpcode, v)
	case "level_value":
		r.Set(r.Local("winlog.level"), v)
	case "process_id":
		r.Set(r.Local("winlog.process.pid"), v)
	case "thread_id":
		r.Set(r.Local("winlog.process.thread.id"), v)
	case "activity_id":
		r.Set(r.Local("winlog.activity_id"), v)
	case "string_inserts":
		r.inserts = append(r.inserts, r.hold(v))
	}
}

// readUserData reads UserData that an agent put into one value as XML.
func (r *winRecord) readUserData(v []byte) {
	x := winXMLReader{r: r, section: "UserData"}
	b := append([]byte(nil), v...)
	for range 1024 {
		text, tag, rest, ok := nextTag(b)
		if !ok {
			return
		}
		x.tag(text, tag)
		b = rest
	}
}
