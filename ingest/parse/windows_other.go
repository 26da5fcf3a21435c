package parse

import (
	"bytes"

	"yagura/internal/event"
)

// Names of the providers below, without "Microsoft-Windows-".
const (
	winTasks       = "TaskScheduler"
	winSessions    = "TerminalServices-LocalSessionManager"
	winConnections = "TerminalServices-RemoteConnectionManager"
	winRDPCore     = "RemoteDesktopServices-RdpCoreTS"
	winFirewall    = "Windows Firewall With Advanced Security"
	winAppLocker   = "AppLocker"
	winBITS        = "Bits-Client"
	winSQL         = "MSSQL" // MSSQLSERVER, and MSSQL$NAME: a named instance
)

// otherEvents are the ids of providers that have no mapping of their own.
var otherEvents = map[string]map[string]winMeaning{
	winTasks: {
		"100": {action: "scheduled-task-started", category: "process", typ: "start"},
		"102": {action: "scheduled-task-completed", category: "process", typ: "end"},
		"106": {action: "scheduled-task-created", category: "configuration", typ: "creation"},
		"129": {action: "scheduled-task-process-created", category: "process", typ: "start"},
		"140": {action: "scheduled-task-updated", category: "configuration", typ: "change"},
		"141": {action: "scheduled-task-deleted", category: "configuration", typ: "deletion"},
		"142": {action: "scheduled-task-disabled", category: "configuration", typ: "change"},
		"200": {action: "scheduled-task-action-started", category: "process", typ: "start"},
		"201": {action: "scheduled-task-action-completed", category: "process", typ: "end"},
	},
	winSessions: {
		"21": {action: "session-logged-on", category: "session", typ: "start", outcome: "success"},
		"22": {action: "session-shell-started", category: "session", typ: "info"},
		"23": {action: "session-logged-off", category: "session", typ: "end"},
		"24": {action: "session-disconnected", category: "session", typ: "end"},
		"25": {action: "session-reconnected", category: "session", typ: "start", outcome: "success"},
		"39": {action: "session-disconnected", category: "session", typ: "end"},
		"40": {action: "session-disconnected", category: "session", typ: "end"},
	},
	winConnections: {
		"261":  {action: "remote-connection-received", category: "network", typ: "start"},
		"1149": {action: "remote-connection-authenticated", category: "authentication", typ: "start", outcome: "success"},
	},
	winRDPCore: {
		"131": {action: "remote-connection-accepted", category: "network", typ: "start"},
		"140": {action: "remote-logon-failed", category: "authentication", typ: "start", outcome: "failure"},
	},
	winFirewall: {
		"2003": {action: "windows-firewall-setting-changed", category: "configuration", typ: "change"},
		"2004": {action: "firewall-rule-added", category: "configuration", typ: "creation"},
		"2005": {action: "firewall-rule-changed", category: "configuration", typ: "change"},
		"2006": {action: "firewall-rule-deleted", category: "configuration", typ: "deletion"},
		"2033": {action: "firewall-rules-deleted", category: "configuration", typ: "deletion"},
		"2071": {action: "firewall-rule-added", category: "configuration", typ: "creation"},
		"2097": {action: "firewall-rule-added", category: "configuration", typ: "creation"},
	},
	winAppLocker: {
		"8003": {action: "application-audited", category: "process", typ: "info"},
		"8004": {action: "application-blocked", category: "process", typ: "denied"},
		"8006": {action: "script-audited", category: "process", typ: "info"},
		"8007": {action: "script-blocked", category: "process", typ: "denied"},
	},
	winBITS: {
		"3":  {action: "transfer-job-created", category: "network", typ: "info"},
		"59": {action: "transfer-started", category: "network", typ: "start"},
		"60": {action: "transfer-stopped", category: "network", typ: "end"},
	},
	winSQL: {
		"18453": {action: "logged-in", category: "authentication", typ: "start", outcome: "success"},
		"18454": {action: "logged-in", category: "authentication", typ: "start", outcome: "success"},
		"18456": {action: "logon-failed", category: "authentication", typ: "start", outcome: "failure"},
	},
	"User32": {
		"1074": {action: "shutdown-requested", category: "host", typ: "end"},
		"1076": {action: "shutdown-reason-given", category: "host", typ: "info"},
	},
	"Kernel-Power":   {"41": {action: "unexpected-shutdown", category: "host", typ: "end"}},
	"Kernel-General": {"1": {action: "system-time-changed", category: "configuration", typ: "change"}, "12": {action: "windows-starting", category: "host", typ: "start"}, "13": {action: "windows-shutting-down", category: "host", typ: "end"}},
	"MsiInstaller": {
		"1033":  {action: "application-installed", category: "package", typ: "installation"},
		"1034":  {action: "application-removed", category: "package", typ: "deletion"},
		"11707": {action: "application-installed", category: "package", typ: "installation", outcome: "success"},
		"11708": {action: "application-installed", category: "package", typ: "installation", outcome: "failure"},
		"11724": {action: "application-removed", category: "package", typ: "deletion", outcome: "success"},
	},
	"WMI-Activity": {
		"5857": {action: "wmi-provider-started", category: "process", typ: "start"},
		"5859": {action: "wmi-filter", category: "configuration", typ: "creation"},
		"5860": {action: "wmi-consumer", category: "configuration", typ: "creation"},
		"5861": {action: "wmi-binding", category: "configuration", typ: "creation"},
	},
	"DriverFrameworks-UserMode": {"2003": {action: "usb-attached", category: "host", typ: "info"}, "2100": {action: "usb-detached", category: "host", typ: "info"}, "2102": {action: "usb-detached", category: "host", typ: "info"}},
	"Application Error":         {"1000": {action: "application-crashed", category: "process", typ: "end"}},
}

// family is the provider's name in otherEvents; where an agent left the provider out
// the channel names it.
func (r *winRecord) family() []byte {
	name := r.provider
	if none(name) {
		name, _, _ = cut(r.channel, "/")
	}
	name, _ = cutPrefix(name, "Microsoft-Windows-")
	if hasPrefix(name, "MSSQL$") || string(name) == "MSSQLSERVER" {
		return name[:5]
	}
	return name
}

// others maps the names of these providers. Who logs on or owns a task is in the data:
// the event's own user is the service that wrote it.
func (r *winRecord) others() {
	switch string(r.family()) {
	case winTasks:
		r.named(wUserContext, wTaskUser)
		if v := r.get(wActionName); v != nil {
			r.executable(event.ProcessExecutable, event.ProcessName, v)
		}
		if v := r.get(wPath); v != nil && string(r.id) == "129" {
			r.executable(event.ProcessExecutable, event.ProcessName, v)
			r.pid(event.ProcessPID, wProcessID)
		}
	case winSessions:
		r.named(wUser)
		setIP(r.Line, event.SourceIP, r.get(wAddress)) // "LOCAL" in the host's language is none
	case winConnections:
		r.user(event.UserName, event.UserDomain, event.UserID, wRDPUser, wRDPDomain, winKeys)
		setIP(r.Line, event.SourceIP, r.get(wRDPAddress))
	case winRDPCore:
		setEndpoint(r.Line, event.SourceIP, event.SourcePort, r.get(wClientIP))
		if !r.Has(event.SourceIP) {
			setIP(r.Line, event.SourceIP, r.get(wIPString))
		}
	case winFirewall:
		r.fill(event.RuleName, wRuleName)
		if sid := r.get(wModifyingUser); isSID(sid) {
			r.Set(event.UserID, sid)
		}
		if v := r.get(wModifyingApplication); v != nil {
			r.executable(event.ProcessExecutable, event.ProcessName, v)
		}
	case winAppLocker:
		r.fill(event.FilePath, wBlockedPath)
		if sid := r.get(wTargetUser); isSID(sid) {
			r.Set(event.UserID, sid)
		}
	case winBITS:
		if v := r.get(wTransferURL); v != nil {
			setURL(r.Line, v)
		}
	case winSQL:
		r.sql()
	case "User32":
		r.named(wParam7)
	}
}

// named sets the user from the first key that has one.
func (r *winRecord) named(keys ...winKey) {
	for _, key := range keys {
		if v := r.get(key); v != nil && !r.Has(event.UserName) {
			setUser(r.Line, event.UserName, event.UserDomain, v)
		}
	}
}

// sql: the name, why, " [CLIENT: A]".
func (r *winRecord) sql() {
	if _, logon := otherEvents[winSQL][string(r.id)]; !logon {
		return
	}
	r.named(wParam1)
	for _, key := range [...]winKey{wParam3, wParam2} {
		if inner, ok := between(r.get(key), "CLIENT: ", "]"); ok {
			setIP(r.Line, event.SourceIP, bytes.TrimSpace(inner))
		}
	}
}
