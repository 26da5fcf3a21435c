package parse

// readReporter reads EventReporter's line behind the tag EvntSLog:
// "[AUF] Tue Nov 24 11:59:18 2026: HOST/PROVIDER (4625) - "text"". The three letters
// are the event's type. Source: Adiscon, EventReporter manual, legacy format.
func (r *winRecord) readReporter(b []byte) bool {
	kind, rest, ok := cut(b[1:], "] ")
	when, rest, ok2 := cut(rest, ": ")
	from, rest, ok3 := cut(rest, " (")
	id, text, ok4 := cut(rest, ") - ")
	if !ok || !ok2 || !ok3 || !ok4 || !isNumber(id) {
		return false
	}
	switch string(kind) {
	case "AUF":
		r.kind = []byte("AUDIT_FAILURE")
	case "AUS":
		r.kind = []byte("AUDIT_SUCCESS")
	}
	host, provider, ok := cut(from, "/")
	if !ok {
		return false
	}
	r.id, r.provider = id, provider
	r.computer = host
	r.channel = providerChannel(provider, r.kind != nil)
	if s, n, ok := readStamp(when); ok && n == len(when) {
		r.setStamp(s)
	}
	if n := len(text); n > 1 && text[0] == '"' && text[n-1] == '"' {
		text = text[1 : n-1]
	}
	r.message, r.Body = text, text
	return true
}

// providerChannel is the one channel a provider writes to, nil when that is not
// certain.
func providerChannel(provider []byte, audit bool) []byte {
	switch string(provider) {
	case "Microsoft-Windows-Sysmon", "Microsoft-Windows-PowerShell", "Microsoft-Windows-Windows Defender":
		return append(append([]byte(nil), provider...), "/Operational"...)
	case "Service Control Manager":
		return []byte("System")
	}
	if audit {
		return []byte("Security")
	}
	return nil
}
