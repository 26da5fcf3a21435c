package parse

import "yagura/internal/event"

// sysmon maps the names of Microsoft-Windows-Sysmon.
func (r *winRecord) sysmon() {
	if v := r.get(wImage); v != nil {
		r.executable(event.ProcessExecutable, event.ProcessName, v)
	} else if v := r.get(wSourceImage); v != nil {
		r.executable(event.ProcessExecutable, event.ProcessName, v)
		r.pid(event.ProcessPID, wSourceProcessID)
	}
	r.pid(event.ProcessPID, wProcessID)
	if v := r.get(wParentImage); v != nil {
		r.executable(event.ProcessParentExecutable, event.ProcessParentName, v)
	}
	r.pid(event.ProcessParentPID, wParentProcessID)
	r.fill(event.ProcessCommandLine, wCommandLine)
	r.fill(event.ProcessParentCommandLine, wParentCommandLine)
	r.fill(event.ProcessWorkingDirectory, wCurrentDirectory)
	r.fill(event.ProcessPEOriginalFileName, wOriginalFileName)
	r.fill(event.ProcessEntityID, wProcessGUID)
	if u := r.get(wUser); u != nil && !r.Has(event.UserName) {
		setUser(r.Line, event.UserName, event.UserDomain, u)
	} else if u := r.get(wSourceUser); u != nil && !r.Has(event.UserName) {
		setUser(r.Line, event.UserName, event.UserDomain, u)
	}
	r.hashes(string(r.id) == "1")
	r.sysmonObjects()
	r.sysmonNetwork()
	r.fill(event.RuleName, wRuleName)
}

// fill sets f unless an agent did.
func (r *winRecord) fill(f event.Field, key winKey) {
	if v := r.get(key); v != nil && !r.Has(f) {
		r.Set(f, v)
	}
}

func (r *winRecord) sysmonObjects() {
	r.fill(event.FilePath, wTargetFilename)
	r.fill(event.FilePath, wImageLoaded)
	r.fill(event.RegistryPath, wTargetObject)
	r.fill(event.RegistryData, wDetails)
	r.fill(event.DNSQuestionName, wQueryName)
	r.answers()
	r.fill(event.FileName, wPipeName)
	if path, ok := r.Draft.Get(event.FilePath); ok && !r.Has(event.FileName) {
		if _, base, cut := cutLast(path, `\`); cut && len(base) > 0 {
			r.Set(event.FileName, base)
		}
	}
}

// answers reads "type:  5 www.example.;::ffff:192.0.2.9;": the addresses.
func (r *winRecord) answers() {
	if r.Has(event.DNSAnswersData) {
		return
	}
	for rest := r.get(wQueryResults); len(rest) > 0; {
		var one []byte
		one, rest, _ = cut(rest, ";")
		setIP(r.Line, event.DNSAnswersData, trim(one))
	}
}

func (r *winRecord) sysmonNetwork() {
	if r.get(wSourceIP) == nil && r.get(wDestinationIP) == nil {
		return
	}
	r.address(event.SourceIP, event.SourcePort, wSourceIP, wSourcePort)
	r.address(event.DestinationIP, event.DestinationPort, wDestinationIP, wDestinationPort)
	r.fill(event.SourceDomain, wSourceHostname)
	r.fill(event.DestinationDomain, wDestinationHostname)
	if p := r.get(wProtocol); p != nil && !r.Has(event.NetworkTransport) {
		setTransport(r.Draft, p)
	}
	if v := r.get(wInitiated); v != nil && !r.Has(event.NetworkDirection) {
		if equalFold(v, "true") {
			r.SetString(event.NetworkDirection, "outbound")
		} else {
			r.SetString(event.NetworkDirection, "inbound")
		}
	}
}

// hashes reads "SHA1=...,MD5=...,SHA256=...".
func (r *winRecord) hashes(process bool) {
	for rest := r.get(wHashes); len(rest) > 0; {
		var part []byte
		part, rest, _ = cut(rest, ",")
		name, v, ok := cut(part, "=")
		if !ok || none(v) {
			continue
		}
		f := event.Field(0)
		switch string(name) {
		case "MD5":
			f = event.FileHashMD5
			if process {
				f = event.ProcessHashMD5
			}
		case "SHA1":
			f = event.FileHashSHA1
			if process {
				f = event.ProcessHashSHA1
			}
		case "SHA256":
			f = event.FileHashSHA256
			if process {
				f = event.ProcessHashSHA256
			}
		}
		if f != 0 && !r.Has(f) {
			putLower(r.Draft, f, v)
		}
	}
}
