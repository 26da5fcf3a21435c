package parse

import "yagura/internal/event"

// junosSecurity says whether a message is one of the firewall's inspection.
func junosSecurity(code []byte) bool {
	for _, start := range [...]string{"IDP_", "APPTRACK_", "WEBFILTER_", "AV_", "ANTISPAM_", "CONTENT_FILTERING_", "AAMW_", "SECINTEL_"} {
		if hasPrefix(code, start) {
			return true
		}
	}
	return false
}

// junosKinds says what messages are, by how their names begin; the first that fits.
var junosKinds = [...]deviceSentence{
	{"RT_SCREEN_", "", "intrusion_detection", "denied", ""},
	{"IDP_", "", "intrusion_detection", "info", ""},
	{"WEBFILTER_URL_BLOCKED", "url-blocked", "web", "denied", ""},
	{"WEBFILTER_URL_PERMITTED", "url-permitted", "web", "allowed", ""},
	{"AV_VIRUS_DETECTED", "virus-detected", "malware", "info", ""},
	{"AV_", "antivirus", "host", "info", ""},
	{"AAMW_", "malware", "malware", "info", ""},
	{"SECINTEL_", "secintel", "intrusion_detection", "info", ""},
	{"APPTRACK_SESSION_CREATE", "session-create", "network", "start", ""},
	{"APPTRACK_SESSION_CLOSE", "session-close", "network", "end", ""},
	{"SSHD_LOGIN_FAILED", "login", "authentication", "start", "failure"},
	{"LOGIN_FAILED", "login", "authentication", "start", "failure"},
	{"LOGIN_PAM_AUTHENTICATION_ERROR", "login", "authentication", "start", "failure"},
	{"LOGIN_INFORMATION", "login", "authentication", "start", "success"},
	{"LOGIN_ROOT", "login", "authentication", "start", "success"},
	{"UI_LOGIN_EVENT", "login", "authentication", "start", "success"},
	{"UI_AUTH_EVENT", "authorization", "authentication", "info", ""},
	{"UI_LOGOUT_EVENT", "logout", "authentication", "end", ""},
	{"UI_COMMIT", "configured", "configuration", "change", ""},
	{"UI_CFG_AUDIT", "configured", "configuration", "change", ""},
	{"UI_LOAD_EVENT", "configured", "configuration", "change", ""},
	{"UI_CMDLINE_READ_LINE", "command", "process", "info", ""},
	{"UI_NETCONF_CMD", "command", "process", "info", ""},
	{"SNMP_TRAP_LINK_DOWN", "link-down", "network", "change", ""},
	{"SNMP_TRAP_LINK_UP", "link-up", "network", "change", ""},
	{"SNMPD_AUTH_", "snmp-authentication", "authentication", "start", "failure"},
	{"RPD_BGP_NEIGHBOR", "neighbor-changed", "network", "change", ""},
	{"RPD_OSPF_NBR", "neighbor-changed", "network", "change", ""},
	{"CHASSISD_", "chassis", "host", "info", ""},
}

// junosClass classifies a message by its name.
func junosClass(l *Line, code []byte) {
	switch {
	case hasPrefix(code, "RT_FLOW_SESSION_CREATE"):
		l.SetString(event.EventAction, "session-create")
		setClass(l.Draft, "network", "allowed")
		return
	case hasPrefix(code, "RT_FLOW_SESSION_CLOSE"):
		l.SetString(event.EventAction, "session-close")
		setClass(l.Draft, "network", "allowed")
		return
	case hasPrefix(code, "RT_FLOW_SESSION_DENY"):
		l.SetString(event.EventAction, "session-deny")
		setClass(l.Draft, "network", "denied")
		return
	}
	for i := range junosKinds {
		k := &junosKinds[i]
		if !hasPrefix(code, k.words) {
			continue
		}
		if k.action != "" && !l.Has(event.EventAction) {
			l.SetString(event.EventAction, k.action)
		}
		setClass(l.Draft, k.category, junosVerdict(l, k.typ))
		if k.outcome != "" {
			l.SetString(event.EventOutcome, k.outcome)
		}
		if k.category == "intrusion_detection" || k.category == "malware" {
			l.SetString(event.EventKind, "alert")
		}
		return
	}
	setClass(l.Draft, "network", "")
}

// junosVerdict is the type that the action says, else typ.
func junosVerdict(l *Line, typ string) string {
	action, _ := l.Get(event.EventAction)
	switch {
	case hasPrefix(action, "drop"), hasPrefix(action, "close"), hasPrefix(action, "block"), hasPrefix(action, "deny"):
		return "denied"
	}
	return typ
}

// junosText reads what stands behind the name of a message.
func junosText(l *Line, code, b []byte) {
	for i := range junosShapes {
		if s := &junosShapes[i]; s.form != "" && hasPrefix(b, s.start) && s.values(l, b) {
			return
		}
	}
	if hasPrefix(code, "RT_SCREEN_") {
		junosScreen(l, b)
	}
}

// junosShapes: values only; what they mean is said by the name.
var junosShapes = [...]shape{
	{start: "Login failed for user '", form: "Login failed for user '{u}' from host '{h}'{_}"},
	{start: "Login failed for user ", form: "Login failed for user {u} from host {h}"},
	{start: "User '", form: "User '{u}' login, class '{g}' [{_}], ssh-connection '{h} {_}"},
	{start: "User '", form: "User '{u}' login, class '{g}'{_}"},
	{start: "User '", form: "User '{u}' logout{_}"},
	{start: "User '", form: "User '{u}', command '{c}'"},
	{start: "User '", form: "User '{u}' requested '{_}' operation{_}"},
	{start: "User '", form: "User '{u}' {_}"},
	{start: "User ", form: "User {u} logged in from host {h} on device {_}"},
	{start: "Authenticated user '", form: "Authenticated user '{u}' assigned to class '{g}'{_}"},
	{start: "Authenticated user '", form: "Authenticated user '{u}' {_}"},
	{start: "ifIndex ", form: "ifIndex {_}, ifAdminStatus {_}, ifOperStatus {_}, ifName {i}"},
	{start: "BGP peer ", form: "BGP peer {z} {_}"},
}

// junosScreen: "SYN flood! source: A:p, destination: B:p, zone name: z, interface name:
// i, action: drop".
func junosScreen(l *Line, b []byte) {
	name, rest, ok := cut(b, "! ")
	if ok && len(name) < 64 {
		l.Set(event.RuleName, name)
	} else {
		rest = b
	}
	if v, ok := wordAfter(rest, "source: "); ok {
		putEnd(l, event.SourceIP, event.SourcePort, v)
	}
	if v, ok := wordAfter(rest, "destination: "); ok {
		putEnd(l, event.DestinationIP, event.DestinationPort, v)
	}
	if v, ok := wordAfter(rest, "zone name: "); ok {
		l.Set(event.ObserverIngressZone, v)
	}
	if v, ok := wordAfter(rest, "interface name: "); ok {
		l.Set(event.ObserverIngressInterface, v)
	}
	if v, ok := wordAfter(rest, "action: "); ok {
		putLower(l.Draft, event.EventAction, v)
	}
}
