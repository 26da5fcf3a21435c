package parse

import "yagura/internal/event"

// beatsLeaf reads Winlogbeat and Elastic Agent: already ECS, so it is kept, and the
// event's own names are restored beside it.
func (r *winRecord) beatsLeaf(path []byte, kind jsonKind, v []byte) {
	if rest, ok := cutPrefix(path, "winlog."); ok {
		r.winlogLeaf(rest, kind, v)
		return
	}
	switch string(path) {
	case "@timestamp":
		r.stamped = r.hold(v)
	case "message":
		r.message = r.hold(v)
	case "event.code":
		if r.id == nil {
			r.id = r.hold(v)
		}
	case "event.provider":
		if r.provider == nil {
			r.provider = r.hold(v)
		}
	case "event.action":
		r.action = r.hold(v)
	case "event.category":
		r.category = r.hold(v)
	case "event.type":
		r.typ = r.hold(v)
	case "event.outcome":
		r.outcome = r.hold(v)
	case "host.name", "host.hostname":
		if r.computer == nil {
			r.computer = r.hold(v)
		}
	default:
		if kind == jsonNull || hasPrefix(path, "@") || hasPrefix(path, "ecs.") || hasPrefix(path, "input.") {
			return
		}
		r.ecs(path, v)
	}
}

func (r *winRecord) winlogLeaf(path []byte, kind jsonKind, v []byte) {
	if name, ok := cutPrefix(path, "event_data."); ok {
		if string(name) == "UtcTime" {
			r.utc = r.hold(v)
		}
		r.pair(name, kind, v)
		return
	}
	if name, ok := cutPrefix(path, "user_data."); ok {
		if string(name) != "xml_name" {
			r.pair(name, kind, v)
		}
		return
	}
	if kind == jsonNull {
		return
	}
	switch string(path) {
	case "event_id":
		r.id = r.hold(v)
	case "provider_name":
		r.provider = r.hold(v)
	case "channel":
		r.channel = r.hold(v)
	case "computer_name":
		r.computer = r.hold(v)
	case "keywords":
		if r.keywords == nil {
			r.keywords = r.hold(v)
		}
		r.Set(event.WinlogKeywords, v)
	case "user.identifier":
		r.userSID = r.hold(v)
	case "user.name":
		r.userName = r.hold(v)
	case "user.domain":
		r.userDomain = r.hold(v)
	case "api", "user.type":
	case "record_id":
		r.Set(event.WinlogRecordID, v)
	default:
		if len(path) <= 128 {
			r.ecs(append([]byte("winlog."), path...), v)
		}
	}
}

// ecs keeps an ECS field under its name when its value is of the field's kind.
func (r *winRecord) ecs(path, v []byte) {
	if len(path) == 0 || len(path) > 160 {
		return
	}
	f := r.LocalBytes("", path)
	switch f.Kind() {
	case event.IP:
		setIP(r.Line, f, v)
	case event.Long:
		if f == event.SourcePort || f == event.DestinationPort {
			putPort(r.Line, f, v)
		} else {
			setNumber(r.Line, f, v)
		}
	default:
		if !none(v) {
			r.Set(f, v)
		}
	}
}

// backfill restores the names that Sigma rules speak of where Winlogbeat's modules
// moved them to ECS.
func (r *winRecord) backfill(kind winProvider, who winWho) {
	from := func(f event.Field, key winKey) {
		if v, ok := r.Draft.Get(f); ok && len(v) > 0 {
			r.derive(key, v)
		}
	}
	switch kind {
	case ofSecurity:
		name, domain, sid := wSubjectUserName, wSubjectDomainName, wSubjectUserSid
		if who == whoTarget {
			name, domain, sid = wTargetUserName, wTargetDomainName, wTargetUserSid
		}
		from(event.UserName, name)
		from(event.UserDomain, domain)
		from(event.UserID, sid)
		from(event.SourceIP, wIPAddress)
		from(event.SourcePort, wIPPort)
		from(event.SourceDomain, wWorkstationName)
		from(event.ServiceName, wServiceName)
		if string(r.id) == "4688" {
			from(event.ProcessExecutable, wNewProcessName)
			from(event.ProcessParentExecutable, wParentProcessName)
			from(event.ProcessCommandLine, wCommandLine)
		} else {
			from(event.ProcessExecutable, wProcessName)
		}
	case ofSysmon:
		from(event.ProcessExecutable, wImage)
		from(event.ProcessCommandLine, wCommandLine)
		from(event.ProcessParentExecutable, wParentImage)
		from(event.ProcessParentCommandLine, wParentCommandLine)
		from(event.ProcessEntityID, wProcessGUID)
		from(event.ProcessWorkingDirectory, wCurrentDirectory)
		from(event.ProcessPEOriginalFileName, wOriginalFileName)
		from(event.SourceIP, wSourceIP)
		from(event.SourcePort, wSourcePort)
		from(event.DestinationIP, wDestinationIP)
		from(event.DestinationPort, wDestinationPort)
		from(event.DNSQuestionName, wQueryName)
		from(event.RegistryPath, wTargetObject)
		if string(r.id) == "7" || string(r.id) == "6" {
			from(event.FilePath, wImageLoaded)
		} else {
			from(event.FilePath, wTargetFilename)
		}
	case ofPowerShell:
		if v, ok := r.Draft.Get(r.Local("powershell.file.script_block_text")); ok {
			r.derive(wScriptBlockText, v)
		}
	}
}
