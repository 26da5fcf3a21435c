package parse

import (
	"bytes"

	"yagura/internal/event"
)

// esxi reads VMware ESXi and vCenter: hostd, vpxd, vobd, vmkernel, the shells. The
// events of vCenter carry their type ("vim.event.UserLoginSessionEvent"), those of
// vobd an identifier ("esx.problem.net.connectivity.lost"): event.code. A clause
// "[Originator@6876 sub=... user=...]" stands in front of what hostd says.
type esxi struct{}

func (esxi) name() string      { return "vmware.esxi" }
func (esxi) aliases() []string { return []string{"vmware", "vmware.vcenter"} }

func (esxi) tags() []string {
	return []string{"Hostd", "hostd", "Vpxa", "vpxa", "Vpxd", "vpxd", "vobd", "vmkernel", "vmkwarning", "Fdm", "fdm", "Rhttpproxy", "rhttpproxy",
		"ESXShell", "DCUI", "dcui", "VSANMGMTSVC", "vmauthd", "vpxd-profiler", "vsphere-ui", "envoy-access", "hostd-probe"}
}

func (e esxi) match(l *Line) int {
	if len(l.Tag) > 0 {
		switch string(program(l.Tag)) {
		case "Hostd", "hostd", "Vpxa", "vpxa", "Vpxd", "vpxd", "vobd", "vmkernel", "vmkwarning", "Fdm", "fdm", "Rhttpproxy", "rhttpproxy", "hostd-probe",
			"ESXShell", "DCUI", "dcui", "VSANMGMTSVC", "vmauthd", "vpxd-profiler", "vsphere-ui", "envoy-access":
			return 96
		case "shell", "SSHD": // of ESXi: "[root]: command"
			if len(l.Body) > 3 && l.Body[0] == '[' && contains(l.Body[:min(len(l.Body), 40)], "]: ") {
				return 80
			}
		}
	}
	if len(l.Body) > 40 && l.Body[0] == 'E' && hasPrefix(l.Body, "Event [") && contains(l.Body, "[vim.event.") {
		return 96
	}
	return 0
}

func (esxi) parse(l *Line) bool {
	b := trim(l.Body)
	if len(b) == 0 {
		return false
	}
	setObserver(l.Draft, "VMware", "ESXi", "hypervisor")
	switch {
	case hasPrefix(b, "Event ["):
		l.Replace(event.ObserverProduct, []byte("vCenter"))
		vcenterEvent(l, b)
		return true
	case string(l.Tag) == "vobd":
		esxiObservation(l, b)
		return true
	case string(l.Tag) == "shell", string(l.Tag) == "ESXShell" && b[0] == '[':
		return esxiShell(l, b)
	}
	b = esxiOriginator(l, b)
	if !applyFirst(esxiShapes[:], l, b) {
		deviceWords(l, b)
	}
	return true
}

// esxiOriginator passes "info hostd[2099887] [Originator@6876 sub=Vimsvc user=root] "
// and "Event 201 : ".
func esxiOriginator(l *Line, b []byte) []byte {
	head, rest, ok := cut(b[:min(len(b), 400)], "[Originator@")
	if ok {
		if level, _ := word(head); len(level) > 0 && len(level) < 9 {
			l.Set(event.LogLevel, level)
		}
		inside, _, closed := cut(rest, "]")
		if !closed {
			return b
		}
		for p := (pairs{rest: inside}); p.next(); {
			switch string(p.key) {
			case "sub":
				l.Set(event.LogLogger, p.value)
			case "opID":
				l.Set(l.Local("vmware.op_id"), p.value)
			case "user":
				setUser(l, event.UserName, event.UserDomain, p.value)
			}
		}
		_, b, _ = cut(b, "] ")
		if i := index(b, "[Originator@"); i >= 0 {
			_, b, _ = cut(b[i:], "] ")
		}
	}
	if level, rest := word(b); len(level) < 9 && severityWord(level) { // "info hostd[2099] "
		if daemon, text := word(rest); len(daemon) > 3 && daemon[len(daemon)-1] == ']' {
			l.Set(event.LogLevel, level)
			b = text
		}
	}
	if rest, ok := cutPrefix(b, "Event "); ok {
		if id, text, ok := cut(rest, " : "); ok && isNumber(id) {
			return trimLeft(text)
		}
	}
	return b
}

// vcenterEvent: "Event [id] [1-1] [time] [vim.event.X] [info] [user] [datacenter] [id]
// [text]".
func vcenterEvent(l *Line, b []byte) {
	var part [9][]byte
	b = b[len("Event "):]
	for i := range part {
		b = trimLeft(b)
		if len(b) == 0 || b[0] != '[' {
			partial(l.Draft, "vmware:event")
			break
		}
		if i == len(part)-1 {
			part[i] = bytes.TrimSuffix(b[1:], []byte("]"))
			break
		}
		inner, rest, ok := cut(b[1:], "]")
		if !ok {
			partial(l.Draft, "vmware:event")
			break
		}
		part[i], b = inner, rest
	}
	setText(l, event.EventID, part[0])
	if len(part[2]) > 0 {
		l.setWritten(part[2])
	}
	setText(l, event.EventCode, part[3])
	setText(l, event.LogLevel, part[4])
	setUser(l, event.UserName, event.UserDomain, part[5])
	setText(l, l.Local("vmware.datacenter"), part[6])
	vcenterKind(l, part[3])
	if text := part[8]; len(text) > 0 {
		applyFirst(esxiShapes[:], l, text)
	}
}

// vcenterKind classifies an event by its type.
func vcenterKind(l *Line, code []byte) {
	_, kind, ok := cutLast(code, ".")
	if !ok {
		return
	}
	for i := range vcenterKinds {
		if k := &vcenterKinds[i]; string(kind) == k.words {
			l.SetString(event.EventAction, k.action)
			setClass(l.Draft, k.category, k.typ)
			if k.outcome != "" {
				l.SetString(event.EventOutcome, k.outcome)
			}
			return
		}
	}
	setClass(l.Draft, "host", "")
}

var vcenterKinds = [...]deviceSentence{
	{"UserLoginSessionEvent", "login", "authentication", "start", "success"},
	{"UserLogoutSessionEvent", "logout", "authentication", "end", ""},
	{"BadUsernameSessionEvent", "login", "authentication", "start", "failure"},
	{"NoAccessUserEvent", "login", "authentication", "start", "failure"},
	{"SessionTerminatedEvent", "session-end", "session", "end", ""},
	{"VmPoweredOnEvent", "vm-powered-on", "host", "start", ""},
	{"VmPoweredOffEvent", "vm-powered-off", "host", "end", ""},
	{"VmGuestShutdownEvent", "vm-shutdown", "host", "end", ""},
	{"VmCreatedEvent", "vm-created", "host", "creation", ""},
	{"VmRemovedEvent", "vm-removed", "host", "deletion", ""},
	{"VmReconfiguredEvent", "vm-reconfigured", "configuration", "change", ""},
	{"VmMigratedEvent", "vm-migrated", "host", "change", ""},
	{"VmFailoverFailed", "vm-failover-failed", "host", "change", ""},
	{"HostConnectionLostEvent", "host-connection-lost", "host", "change", ""},
	{"HostDisconnectedEvent", "host-disconnected", "host", "change", ""},
	{"HostConnectedEvent", "host-connected", "host", "change", ""},
	{"PermissionAddedEvent", "permission-added", "iam", "admin", ""},
	{"PermissionUpdatedEvent", "permission-updated", "iam", "admin", ""},
	{"PermissionRemovedEvent", "permission-removed", "iam", "admin", ""},
	{"AccountCreatedEvent", "added-user-account", "iam", "creation", ""},
	{"AccountRemovedEvent", "deleted-user-account", "iam", "deletion", ""},
	{"AlarmStatusChangedEvent", "alarm-status-changed", "host", "info", ""},
}

// esxiShapes: what hostd and vCenter say of people.
var esxiShapes = [...]shape{
	{start: "User ", form: "User {u}@{h} logged in as {_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User ", form: "User {u}@{h} logged out {_}", action: "logout", category: "authentication", typ: "end"},
	{start: "Cannot login ", form: "Cannot login {u}@{h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Cannot login ", form: "Cannot login user {u}@{h}: {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Rejected password for user ", form: "Rejected password for user {u} from {h}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Accepted password for user ", form: "Accepted password for user {u} from {h}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User login from", form: "User login from {h} to {_}", action: "login", category: "authentication", typ: "start"},
	{start: "Remote access for ESXi local user account", form: "Remote access for ESXi local user account '{u}' has been locked for {r}", action: "locked-out", category: "iam", typ: "change"},
	{start: "SSH login enabled", form: "SSH login {r}", action: "ssh-enabled", category: "configuration", typ: "change"},
	{start: "SSH login disabled", form: "SSH login {r}", action: "ssh-disabled", category: "configuration", typ: "change"},
	{start: "ESXi shell enabled", form: "ESXi shell {r}", action: "shell-enabled", category: "configuration", typ: "change"},
	{start: "SSH session was opened for", form: "SSH session was opened for '{u}@{h}'{_}", action: "session-start", category: "session", typ: "start"},
	{start: "SSH session was closed for", form: "SSH session was closed for '{u}@{h}'{_}", action: "session-end", category: "session", typ: "end"},
	{start: "Account ", form: "Account {t} was created on host {_}", action: "added-user-account", category: "iam", typ: "creation"},
	{start: "Password was changed for account ", form: "Password was changed for account {t} on host {_}", action: "changed-password", category: "iam", typ: "change"},
}

// esxiObservation: "[netCorrelator] 12345us: [esx.problem.net.x] text".
func esxiObservation(l *Line, b []byte) {
	if esxiObserved(l, b); !l.Has(event.EventCategory) {
		setClass(l.Draft, "host", "info")
	}
}

func esxiObserved(l *Line, b []byte) {
	if rest, ok := cutPrefix(b, "["); ok {
		name, text, ok := cut(rest, "]")
		if !ok {
			return
		}
		l.Set(event.LogLogger, name)
		_, b, _ = cut(text, "us: ")
	}
	code, ok := between(b, "[", "]")
	if !ok || bytes.IndexByte(code, '.') < 0 {
		return
	}
	l.Set(event.EventCode, code)
	if hasPrefix(code, "esx.audit.") {
		_, text, _ := cut(b, "] ")
		if applyFirst(esxiShapes[:], l, trim(text)) {
			return
		}
	}
	switch {
	case contains(code, "connectivity.lost"), contains(code, "redundancy.lost"):
		l.SetString(event.EventAction, "connectivity-lost")
	case contains(code, "connectivity.restored"), contains(code, "redundancy.restored"):
		l.SetString(event.EventAction, "connectivity-restored")
	case contains(code, "nic.linkstate.down"):
		l.SetString(event.EventAction, "link-down")
	case contains(code, "nic.linkstate.up"):
		l.SetString(event.EventAction, "link-up")
	case contains(code, "pathstate.dead"):
		l.SetString(event.EventAction, "storage-path-dead")
	}
	if nic, ok := wordAfter(b, "hysical NIC "); ok {
		l.Set(event.ObserverIngressInterface, nic)
	}
}

// esxiShell: "[root]: esxcli ...".
func esxiShell(l *Line, b []byte) bool {
	user, command, ok := cut(b[1:], "]: ")
	if !ok {
		return false
	}
	l.SetString(event.EventAction, "command")
	setClass(l.Draft, "process", "info")
	setUser(l, event.UserName, event.UserDomain, user)
	setText(l, event.ProcessCommandLine, trim(command))
	return true
}
