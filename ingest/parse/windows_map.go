package parse

import "yagura/internal/event"

// security maps the names of Microsoft-Windows-Security-Auditing.
func (r *winRecord) security(m winMeaning) {
	r.who(m.who)
	r.put(event.WinlogLogonType, wLogonType)
	if !r.address(event.SourceIP, event.SourcePort, wIPAddress, wIPPort) &&
		!r.address(event.SourceIP, event.SourcePort, wClientAddress, wIPPort) {
		r.address(event.SourceIP, event.SourcePort, wSourceAddress, wSourcePort)
	}
	r.address(event.DestinationIP, event.DestinationPort, wDestAddress, wDestPort)
	if r.get(wDestAddress) != nil || r.get(wSourceAddress) != nil {
		if p := r.get(wProtocol); p != nil {
			setTransport(r.Draft, p)
		}
		r.direction()
	}
	if name := r.get(wWorkstationName); name != nil && !r.Has(event.SourceDomain) {
		r.Set(event.SourceDomain, name)
	} else if name := r.get(wWorkstation); name != nil && !isAddress(name) && !r.Has(event.SourceDomain) {
		r.Set(event.SourceDomain, name)
	}
	r.process()
	r.put(event.ServiceName, wServiceName)
	if string(r.id) == "4697" {
		r.fill(event.ProcessCommandLine, wServiceFileName)
	}
	r.reason()
	switch {
	case r.get(wShareName) != nil && r.get(wRelativeTargetName) != nil:
		r.put(event.FilePath, wRelativeTargetName)
	case string(r.get(wObjectType)) == "File":
		r.put(event.FilePath, wObjectName)
	case string(r.get(wObjectType)) == "Key", string(r.id) == "4657":
		r.put(event.RegistryPath, wObjectName)
	}
}

func (r *winRecord) who(who winWho) {
	switch who {
	case whoTarget:
		r.user(event.UserName, event.UserDomain, event.UserID, wTargetUserName, wTargetDomainName, wTargetUserSid)
		r.put(event.WinlogLogonID, wTargetLogonID)
		if sid := r.get(wTargetSid); r.get(wTargetUserSid) == nil && isSID(sid) && string(sid) != "S-1-0-0" && !r.Has(event.UserID) {
			r.put(event.UserID, wTargetSid)
		}
		if !r.Has(event.UserName) {
			r.user(event.UserName, event.UserDomain, event.UserID, wAccountName, wAccountDomain, winKeys)
		}
		return
	case whoGroup:
		r.user(event.GroupName, event.GroupDomain, event.GroupID, wTargetUserName, wTargetDomainName, wTargetSid)
		r.put(event.UserTargetName, wMemberName)
		r.put(event.UserTargetID, wMemberSid)
	default:
		r.user(event.UserTargetName, event.UserTargetDomain, event.UserTargetID, wTargetUserName, wTargetDomainName, wTargetSid)
		r.put(event.UserChangesName, wNewTargetUserName)
	}
	r.user(event.UserName, event.UserDomain, event.UserID, wSubjectUserName, wSubjectDomainName, wSubjectUserSid)
	r.put(event.WinlogLogonID, wSubjectLogonID)
}

// user sets a name with its domain and SID, unless an agent did.
func (r *winRecord) user(name, domain, id event.Field, keys ...winKey) {
	if r.Has(name) {
		return
	}
	v := r.get(keys[0])
	if v == nil {
		return
	}
	r.Set(name, v)
	if d := r.get(keys[1]); d != nil && !r.Has(domain) {
		r.Set(domain, d)
	}
	if keys[2] == winKeys {
		return
	}
	if sid := r.get(keys[2]); isSID(sid) && string(sid) != "S-1-0-0" && !r.Has(id) {
		r.Set(id, sid)
	}
}

func (r *winRecord) address(ip, port event.Field, addr, num winKey) bool {
	if r.Has(ip) {
		return true
	}
	if !setIP(r.Line, ip, r.get(addr)) {
		return false
	}
	putPort(r.Line, port, r.get(num))
	return true
}

// direction: %%14592 is inbound, %%14593 outbound.
func (r *winRecord) direction() {
	switch string(r.get(wDirection)) {
	case "%%14592", "Inbound", "受信":
		r.SetString(event.NetworkDirection, "inbound")
	case "%%14593", "Outbound", "送信":
		r.SetString(event.NetworkDirection, "outbound")
	}
}

// process: in 4688 ProcessId is the creator.
func (r *winRecord) process() {
	if exe := r.get(wNewProcessName); exe != nil || string(r.id) == "4688" {
		if exe != nil {
			r.executable(event.ProcessExecutable, event.ProcessName, exe)
		}
		r.pid(event.ProcessPID, wNewProcessID)
		r.pid(event.ProcessParentPID, wProcessID)
		if parent := r.get(wParentProcessName); parent != nil {
			r.executable(event.ProcessParentExecutable, event.ProcessParentName, parent)
		}
	} else {
		if exe := r.get(wProcessName); exe != nil {
			r.executable(event.ProcessExecutable, event.ProcessName, exe)
		} else if exe := r.get(wApplication); exe != nil {
			r.executable(event.ProcessExecutable, event.ProcessName, exe)
		}
		r.pid(event.ProcessPID, wProcessID)
		if len(r.id) == 4 && hasPrefix(r.id, "515") && !r.writerPID { // the filtering platform spells it so
			r.pid(event.ProcessPID, wFilterProcessID)
		}
	}
	if v := r.get(wCommandLine); v != nil && !r.Has(event.ProcessCommandLine) {
		r.Set(event.ProcessCommandLine, v)
	}
}

// executable sets a path and the name at its end.
func (r *winRecord) executable(path, name event.Field, v []byte) {
	if r.Has(path) {
		return
	}
	r.Set(path, v)
	if _, base, ok := cutLast(v, `\`); ok && len(base) > 0 && !r.Has(name) {
		r.Set(name, base)
	} else if !ok && !r.Has(name) {
		r.Set(name, v)
	}
}

// pid sets a process id written in decimal or as 0x1f. The id 0 stands for none.
func (r *winRecord) pid(f event.Field, key winKey) {
	v := r.get(key)
	if v == nil || r.Has(f) {
		return
	}
	if hasPrefix(v, "0x") {
		if n, ok := hexNumber(v); ok && n > 0 && n < 1<<32 {
			r.SetInt(f, int64(n))
		}
		return
	}
	if n, ok := number(v); ok && n > 0 {
		r.SetInt(f, n)
	}
}

// otherProvider maps the names of services, PowerShell and the rest.
func (r *winRecord) otherProvider(kind winProvider) {
	switch kind {
	case ofServices:
		if !r.put(event.ServiceName, wServiceName) {
			r.put(event.ServiceName, wParam1)
		}
		r.put(event.ServiceType, wServiceType)
		r.fill(event.ProcessCommandLine, wImagePath)
		r.fill(event.ProcessCommandLine, wServiceFileName)
		if string(r.id) == "7036" {
			r.put(event.ServiceState, wParam2)
		}
	case ofDefender:
		r.defender()
	case ofOther:
		r.others()
	case ofPowerShell:
		if v := r.get(wScriptBlockText); v != nil {
			r.Set(r.Local("powershell.file.script_block_text"), v)
		}
		if v := r.get(wPath); v != nil && string(r.id) == "4104" {
			r.Set(event.FilePath, v)
		}
	}
	if isSID(r.userSID) && r.actsItself(kind) && !r.Has(event.UserID) && (!r.Has(event.UserName) || kind == ofLog) {
		r.Set(event.UserID, r.userSID)
	}
	if r.Has(event.UserName) {
		return
	}
	if kind == ofServices && equalFold(r.userName, "localsystem") { // what the service runs as
		r.userName = nil
	}
	if !none(r.userName) {
		setUser(r.Line, event.UserName, event.UserDomain, r.userName)
		if !r.Has(event.UserDomain) {
			setText(r.Line, event.UserDomain, r.userDomain)
		}
		if !none(r.userSID) && !r.Has(event.UserID) {
			r.Set(event.UserID, r.userSID)
		}
		return
	}
	r.user(event.UserName, event.UserDomain, event.UserID, wSubjectUserName, wSubjectDomainName, wSubjectUserSid)
	if u := r.get(wUser); u != nil && !r.Has(event.UserName) {
		setUser(r.Line, event.UserName, event.UserDomain, u)
	}
}

// actsItself says whether the event's own user is who did what it tells, not the
// service that wrote it down.
func (r *winRecord) actsItself(kind winProvider) bool {
	switch kind {
	case ofPowerShell, ofServices, ofLog:
		return true
	case ofOther:
		switch string(r.family()) {
		case "User32", "MsiInstaller", winAppLocker, winBITS:
			return true
		}
	}
	return false
}

// defender maps the names of Microsoft-Windows-Windows Defender. Path is
// "file:_C:\\a.exe[; file:_...]".
func (r *winRecord) defender() {
	r.fill(event.RuleName, wThreatName)
	r.fill(event.RuleID, wThreatID)
	r.fill(event.RuleCategory, wCategoryName)
	if v := r.get(wPath); v != nil && !r.Has(event.FilePath) {
		v, _, _ = cut(v, "; ")
		v, _ = cutPrefix(v, "container")
		if rest, ok := cutPrefix(v, "file:_"); ok {
			r.Set(event.FilePath, rest)
			if _, base, ok := cutLast(rest, `\`); ok {
				r.Set(event.FileName, base)
			}
		}
	}
	if v := r.get(wDetectionProcess); v != nil && !equalFold(v, "unknown") {
		r.executable(event.ProcessExecutable, event.ProcessName, v)
	}
	if v := r.get(wDetectionUser); v != nil && !r.Has(event.UserName) {
		setUser(r.Line, event.UserName, event.UserDomain, v)
	}
}
