package parse

import "yagura/internal/event"

// auditMeanings are action, category and type of record types. The actions are
// Auditbeat's.
var auditMeanings = map[string][3]string{
	"USER_AUTH":           {"authenticated", "authentication", "info"},
	"USER_ACCT":           {"was-authorized", "authentication", "info"},
	"USER_LOGIN":          {"logged-in", "authentication", "start"},
	"USER_LOGOUT":         {"logged-out", "authentication", "end"},
	"USER_START":          {"started-session", "session", "start"},
	"USER_END":            {"ended-session", "session", "end"},
	"USER_ERR":            {"error", "authentication", "info"},
	"USER_CMD":            {"ran-command", "process", "start"},
	"USER_CHAUTHTOK":      {"changed-password", "iam", "change"},
	"USER_MGMT":           {"modified-user-account", "iam", "change"},
	"USER_AVC":            {"access-decision", "process", "info"},
	"USER_TTY":            {"typed", "process", "info"},
	"TTY":                 {"typed", "process", "info"},
	"ADD_USER":            {"added-user-account", "iam", "creation"},
	"DEL_USER":            {"deleted-user-account", "iam", "deletion"},
	"ADD_GROUP":           {"added-group-account-to", "iam", "creation"},
	"DEL_GROUP":           {"deleted-group-account-from", "iam", "deletion"},
	"GRP_MGMT":            {"modified-group-account", "iam", "change"},
	"ACCT_LOCK":           {"locked-account", "iam", "change"},
	"ACCT_UNLOCK":         {"unlocked-account", "iam", "change"},
	"CHUSER_ID":           {"changed-user-id", "iam", "change"},
	"ROLE_ASSIGN":         {"assigned-user-role-to", "iam", "change"},
	"CRED_ACQ":            {"acquired-credentials", "authentication", "info"},
	"CRED_DISP":           {"disposed-credentials", "authentication", "info"},
	"CRED_REFR":           {"refreshed-credentials", "authentication", "info"},
	"LOGIN":               {"changed-login-id-to", "authentication", "info"},
	"CONFIG_CHANGE":       {"changed-audit-configuration", "configuration", "change"},
	"DAEMON_START":        {"started-audit", "configuration", "start"},
	"DAEMON_END":          {"shutdown-audit", "configuration", "end"},
	"DAEMON_ABORT":        {"aborted-auditd-startup", "configuration", "end"},
	"DAEMON_CONFIG":       {"changed-auditd-configuration", "configuration", "change"},
	"DAEMON_ROTATE":       {"rotated-audit-logs", "configuration", "info"},
	"SERVICE_START":       {"started-service", "process", "start"},
	"SERVICE_STOP":        {"stopped-service", "process", "end"},
	"SYSTEM_BOOT":         {"booted-system", "host", "start"},
	"SYSTEM_SHUTDOWN":     {"shutdown-system", "host", "end"},
	"SOFTWARE_UPDATE":     {"updated-software", "package", "change"},
	"KERN_MODULE":         {"loaded-kernel-module", "driver", "start"},
	"NETFILTER_CFG":       {"loaded-firewall-rule-to", "configuration", "change"},
	"SECCOMP":             {"violated-seccomp-policy", "process", "denied"},
	"MAC_STATUS":          {"changed-selinux-enforcement", "configuration", "change"},
	"MAC_POLICY_LOAD":     {"loaded-selinux-policy", "configuration", "change"},
	"MAC_CONFIG_CHANGE":   {"changed-selinux-boolean", "configuration", "change"},
	"ANOM_ABEND":          {"crashed-program", "process", "end"},
	"ANOM_PROMISCUOUS":    {"changed-promiscuous-mode-on-device", "network", "change"},
	"ANOM_LINK":           {"used-suspicious-link", "file", "info"},
	"ANOM_LOGIN_FAILURES": {"failed-log-in-too-many-times-to", "authentication", "info"},
	"EXECVE":              {"executed", "process", "start"},
	"PROCTITLE":           {"", "process", "info"},
	"CWD":                 {"", "process", "info"},
	"SOCKADDR":            {"", "network", "info"},
}

// finish sets what follows from several fields and from the record's type.
func (r *auditRecord) finish() {
	r.SetString(event.EventModule, "auditd")
	switch string(r.kind) {
	case "SYSCALL":
		r.system()
	case "AVC", "USER_AVC", "SELINUX_ERR":
		r.access()
	case "PATH":
		setClass(r.Draft, "file", r.pathType())
	default:
		m := auditMeanings[string(r.kind)]
		if m[0] != "" {
			r.SetString(event.EventAction, m[0])
		}
		setClass(r.Draft, m[1], m[2])
	}
	r.who()
	r.where()
	r.how()
	if r.endArgument(); len(r.line) > 0 {
		r.Set(event.ProcessCommandLine, r.line)
	}
	if r.unit != nil {
		r.Set(event.ServiceName, r.unit)
	}
}

// pathType: what became of the file that a PATH record names.
func (r *auditRecord) pathType() string {
	v, _ := r.Draft.Get(r.Local("auditd.data.nametype"))
	switch string(v) {
	case "CREATE":
		return "creation"
	case "DELETE":
		return "deletion"
	}
	return "info"
}

// who: in a system call uid is the user; in messages of programs it is the
// program's, and the user is acct or id.
func (r *auditRecord) who() {
	switch string(r.kind) {
	case "ADD_USER", "DEL_USER", "USER_MGMT", "USER_CHAUTHTOK", "ACCT_LOCK", "ACCT_UNLOCK":
		setUser(r.Line, event.UserTargetName, event.UserTargetDomain, r.acct)
	case "ADD_GROUP", "DEL_GROUP", "GRP_MGMT":
		setText(r.Line, event.GroupName, r.acct)
	default:
		setUser(r.Line, event.UserName, event.UserDomain, r.acct)
	}
	switch string(r.kind) {
	case "SYSCALL", "SECCOMP", "ANOM_ABEND", "USER_CMD":
		setText(r.Line, event.UserID, r.uid)
		setText(r.Line, event.UserEffectiveID, r.euid)
		r.name(event.UserName, r.uidName)
	case "ADD_USER", "DEL_USER", "USER_MGMT", "USER_CHAUTHTOK":
		setText(r.Line, event.UserTargetID, r.id)
		r.name(event.UserTargetName, r.idName)
		r.name(event.UserName, r.auidName)
	case "ADD_GROUP", "DEL_GROUP", "GRP_MGMT":
		setText(r.Line, event.GroupID, r.id)
		r.name(event.UserName, r.auidName)
	case "USER_LOGIN", "USER_START", "USER_END", "USER_AUTH", "USER_ACCT":
		if isNumber(r.id) {
			r.Set(event.UserID, r.id)
		}
		r.name(event.UserName, r.idName)
	case "LOGIN", "CONFIG_CHANGE":
		r.name(event.UserName, r.auidName)
	}
}

// name sets a name that auditd resolved, where the record has none itself.
func (r *auditRecord) name(f event.Field, v []byte) {
	if !none(v) && !r.Has(f) && string(v) != "unset" && !hasPrefix(v, "unknown(") {
		r.Set(f, v)
	}
}

func (r *auditRecord) where() {
	if r.addr != nil {
		setIP(r.Line, event.SourceIP, r.addr)
	}
	switch {
	case none(r.hostname):
	case isAddress(r.hostname):
		if !r.Has(event.SourceIP) {
			setIP(r.Line, event.SourceIP, r.hostname)
		}
	case r.Has(event.SourceIP):
		r.Set(event.SourceDomain, r.hostname)
	}
}

func (r *auditRecord) how() {
	if hasPrefix(r.kind, "ANOM_ABEND") { // res says that it was logged
		return
	}
	v := r.res
	if v == nil {
		v = r.success
	}
	switch string(v) {
	case "success", "yes", "1":
		r.SetString(event.EventOutcome, "success")
	case "failed", "no", "0", "fail", "failure":
		r.SetString(event.EventOutcome, "failure")
	}
}

// system names the call, where auditd did not, and says what it means.
func (r *auditRecord) system() {
	name := string(r.syscallName)
	if name == "" {
		if name = syscallName(string(r.arch), string(r.syscall)); name != "" {
			r.SetString(r.Local("auditd.data.SYSCALL"), name)
		}
	}
	r.call = auditCallOf(name)
	m, ok := auditCalls[name]
	if !ok {
		m = [3]string{name, "process", "info"}
	}
	r.action = m[0]
	if r.action != "" {
		r.SetString(event.EventAction, r.action)
	}
	setClass(r.Draft, m[1], m[2])
}

// auditCalls are action, category and type of system calls; the others are called by
// their name.
var auditCalls = map[string][3]string{
	"execve":        {"executed", "process", "start"},
	"execveat":      {"executed", "process", "start"},
	"connect":       {"connected-to", "network", "start"},
	"accept":        {"accepted-connection-from", "network", "start"},
	"accept4":       {"accepted-connection-from", "network", "start"},
	"bind":          {"bound-socket", "network", "start"},
	"open":          {"opened-file", "file", "access"},
	"openat":        {"opened-file", "file", "access"},
	"creat":         {"opened-file", "file", "access"},
	"unlink":        {"deleted", "file", "deletion"},
	"unlinkat":      {"deleted", "file", "deletion"},
	"rmdir":         {"deleted", "file", "deletion"},
	"rename":        {"renamed", "file", "change"},
	"renameat":      {"renamed", "file", "change"},
	"renameat2":     {"renamed", "file", "change"},
	"chmod":         {"changed-file-permissions-of", "file", "change"},
	"fchmod":        {"changed-file-permissions-of", "file", "change"},
	"fchmodat":      {"changed-file-permissions-of", "file", "change"},
	"chown":         {"changed-file-ownership-of", "file", "change"},
	"fchown":        {"changed-file-ownership-of", "file", "change"},
	"fchownat":      {"changed-file-ownership-of", "file", "change"},
	"lchown":        {"changed-file-ownership-of", "file", "change"},
	"init_module":   {"loaded-kernel-module", "driver", "start"},
	"finit_module":  {"loaded-kernel-module", "driver", "start"},
	"delete_module": {"unloaded-kernel-module", "driver", "end"},
	"mount":         {"mounted", "file", "info"},
	"kill":          {"killed-pid", "process", "end"},
	"settimeofday":  {"changed-system-time", "host", "change"},
	"clock_settime": {"changed-system-time", "host", "change"},
	"adjtimex":      {"changed-system-time", "host", "change"},
	"stime":         {"changed-system-time", "host", "change"},
	"openat2":       {"opened-file", "file", "access"},
	"sendto":        {"sent-to", "network", "info"},
	"link":          {"linked", "file", "creation"},
	"linkat":        {"linked", "file", "creation"},
	"symlink":       {"linked", "file", "creation"},
	"symlinkat":     {"linked", "file", "creation"},
	"mkdir":         {"created-directory", "file", "creation"},
	"mkdirat":       {"created-directory", "file", "creation"},
	"umount2":       {"unmounted", "file", "info"},
	"setxattr":      {"changed-file-attributes-of", "file", "change"},
	"truncate":      {"truncated", "file", "change"},
	"listen":        {"listen-for-connections", "network", "start"},
}

// syscallName knows the calls that rules ask for, by architecture.
func syscallName(arch, number string) string {
	switch arch {
	case "c000003e", "x86_64":
		return syscalls64[number]
	case "c00000b7", "aarch64":
		return syscallsARM[number]
	case "40000003", "i386":
		return syscalls32[number]
	}
	return ""
}

var syscalls64 = map[string]string{
	"2": "open", "42": "connect", "43": "accept", "49": "bind", "59": "execve", "62": "kill", "76": "truncate", "82": "rename",
	"84": "rmdir", "85": "creat", "86": "link", "87": "unlink", "88": "symlink", "90": "chmod", "91": "fchmod", "92": "chown",
	"93": "fchown", "94": "lchown", "101": "ptrace", "105": "setuid", "106": "setgid", "113": "setreuid", "117": "setresuid",
	"159": "adjtimex", "161": "chroot", "164": "settimeofday", "165": "mount", "166": "umount2", "170": "sethostname",
	"175": "init_module", "176": "delete_module", "188": "setxattr", "227": "clock_settime", "257": "openat", "263": "unlinkat",
	"264": "renameat", "268": "fchmodat", "260": "fchownat", "288": "accept4", "310": "process_vm_readv", "313": "finit_module",
	"316": "renameat2", "44": "sendto", "50": "listen", "83": "mkdir", "258": "mkdirat", "265": "linkat", "266": "symlinkat", "437": "openat2", "319": "memfd_create", "322": "execveat", "321": "bpf",
}

var syscallsARM = map[string]string{
	"35": "unlinkat", "38": "renameat", "40": "mount", "53": "fchmodat", "54": "fchownat", "56": "openat", "105": "init_module",
	"106": "delete_module", "112": "clock_settime", "117": "ptrace", "129": "kill", "146": "setuid", "161": "sethostname",
	"170": "settimeofday", "171": "adjtimex", "200": "bind", "202": "accept", "203": "connect", "221": "execve", "242": "accept4",
	"273": "finit_module", "276": "renameat2", "279": "memfd_create", "280": "bpf", "281": "execveat",
}

var syscalls32 = map[string]string{
	"5": "open", "8": "creat", "10": "unlink", "11": "execve", "15": "chmod", "21": "mount", "23": "setuid", "25": "stime",
	"26": "ptrace", "37": "kill", "38": "rename", "40": "rmdir", "79": "settimeofday", "124": "adjtimex", "128": "init_module",
	"129": "delete_module", "182": "chown", "264": "clock_settime", "295": "openat", "301": "unlinkat", "302": "renameat",
	"306": "fchmodat", "350": "finit_module", "358": "execveat", "361": "bind", "362": "connect", "364": "accept4",
}

// access reads the verdicts of SELinux ("avc:  denied  { read } for ...") and
// AppArmor (apparmor="DENIED").
func (r *auditRecord) access() {
	verdict, action := "", "violated-selinux-policy"
	if v, ok := r.Draft.Get(r.Local("auditd.data.apparmor")); ok {
		action = "violated-apparmor-policy"
		switch string(v) {
		case "DENIED":
			verdict = "denied"
		case "ALLOWED", "AUDIT":
			verdict = "allowed"
		case "STATUS":
			action = "changed-apparmor-configuration"
		}
	} else if contains(r.Body, "denied ") {
		verdict = "denied"
	} else if contains(r.Body, "granted ") {
		verdict = "allowed"
	}
	r.SetString(event.EventAction, action)
	setClass(r.Draft, "process", verdict)
}
