package parse

import "yagura/internal/event"

// linuxAuth reads what a Linux host logs about people and their rights: sudo,
// su, PAM under any tag, accounts, cron, logind, the console's log-in, systemd's
// units, and the kernel's removable media.
type linuxAuth struct{}

func (linuxAuth) name() string { return "linux.auth" }
func (linuxAuth) tags() []string {
	return []string{"sudo", "su", "su(pam_unix)", "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd",
		"passwd", "chage", "chpasswd", "newusers", "cron", "CRON", "crond", "CROND", "crontab", "anacron", "systemd",
		"systemd-logind", "login", "polkitd", "pkexec"}
}

func (f linuxAuth) match(l *Line) int {
	if hasPrefix(l.Body, "pam_") {
		return 90
	}
	if contains(l.Tag, "(pam_unix)") {
		return certain
	}
	switch linuxProgram(l.Tag) {
	case progNone:
		return 0
	case progKernel:
		return 50 // netfilter and others know more of it
	}
	return certain
}

type linuxProg uint8

const (
	progNone linuxProg = iota
	progSudo
	progSu
	progAccount
	progCron
	progSystemd
	progLogind
	progLogin
	progKernel
)

func linuxProgram(tag []byte) linuxProg {
	if len(tag) > 0 && tag[0] == '/' {
		_, tag, _ = cutLast(tag, "/")
	}
	switch string(tag) {
	case "sudo":
		return progSudo
	case "su", "su(pam_unix)":
		return progSu
	case "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chage", "chpasswd", "newusers":
		return progAccount
	case "cron", "CRON", "crond", "CROND", "crontab", "anacron":
		return progCron
	case "systemd":
		return progSystemd
	case "systemd-logind":
		return progLogind
	case "login", "polkitd", "pkexec":
		return progLogin
	case "kernel":
		return progKernel
	}
	return progNone
}

func (linuxAuth) parse(l *Line) bool {
	b := trim(l.Body)
	if contains(l.Tag, "(pam_unix)") {
		return pamText(l, b)
	}
	switch linuxProgram(l.Tag) {
	case progSudo:
		return sudoLine(l, b)
	case progSu:
		return suLine(l, b)
	case progAccount:
		return accountLine(l, b)
	case progCron:
		return cronLine(l, b)
	case progSystemd:
		return systemdLine(l, b)
	case progLogind:
		return logindLine(l, b)
	case progLogin:
		return loginLine(l, b)
	case progKernel:
		return kernelLine(l, b)
	}
	return pamLine(l, b)
}

// cronLine: "(root) CMD (command)", "(x) RELOAD (crontabs/x)", "(x) BEGIN EDIT (x)".
func cronLine(l *Line, b []byte) bool {
	if pamLine(l, b) {
		return true
	}
	if len(b) == 0 || b[0] != '(' {
		return false
	}
	user, rest, ok := cut(b[1:], ") ")
	if !ok {
		return false
	}
	what, arg, _ := cut(rest, " (")
	if n := len(arg); n > 0 && arg[n-1] == ')' {
		arg = arg[:n-1]
	}
	setUser(l, event.UserName, event.UserDomain, user)
	switch string(what) {
	case "CMD":
		l.SetString(event.EventAction, "cron-command")
		l.SetString(event.EventCategory, "process")
		l.Set(event.ProcessCommandLine, trim(arg))
	case "REPLACE":
		l.SetString(event.EventAction, "crontab-replaced")
	case "BEGIN EDIT":
		l.SetString(event.EventAction, "crontab-edit-started")
	case "END EDIT":
		l.SetString(event.EventAction, "crontab-edit-ended")
	case "DELETE":
		l.SetString(event.EventAction, "crontab-deleted")
	case "LIST":
		l.SetString(event.EventAction, "crontab-listed")
	case "RELOAD":
		l.SetString(event.EventAction, "crontab-reloaded")
	}
	return true
}

// systemdLine: "Started x.service - Words.", "Failed to start Words."
func systemdLine(l *Line, b []byte) bool {
	if pamLine(l, b) {
		return true
	}
	for _, a := range [...]struct{ head, action string }{
		{"Started ", "service-started"}, {"Starting ", "service-starting"}, {"Stopped ", "service-stopped"},
		{"Stopping ", "service-stopping"}, {"Failed to start ", "service-failed"}, {"Finished ", "service-finished"},
		{"Reloaded ", "service-reloaded"},
	} {
		rest, ok := cutPrefix(b, a.head)
		if !ok {
			continue
		}
		l.SetString(event.EventAction, a.action)
		name, _, _ := cut(trimTail(rest), " - ")
		setText(l, event.ServiceName, name)
		return true
	}
	if unit, rest, ok := cut(b, ": "); ok && (hasSuffix(unit, ".service") || hasSuffix(unit, ".timer") || hasSuffix(unit, ".socket")) {
		l.Set(event.ServiceName, unit)
		if hasPrefix(rest, "Failed with result") || hasPrefix(rest, "Main process exited") {
			l.SetString(event.EventAction, "service-failed")
		}
		return true
	}
	return false
}

// logindLine: "New session 12 of user root.", "Removed session 12."
func logindLine(l *Line, b []byte) bool {
	if rest, ok := cutPrefix(b, "New session "); ok {
		l.SetString(event.EventAction, "session-opened")
		l.SetString(event.EventCategory, "session")
		if _, user, ok := cutLast(rest, " of user "); ok {
			setUser(l, event.UserName, event.UserDomain, trimQuotesDot(user))
		}
		return true
	}
	if hasPrefix(b, "Removed session ") {
		l.SetString(event.EventAction, "session-closed")
		return true
	}
	return pamLine(l, b)
}

func trimQuotesDot(b []byte) []byte { return unquote(trimTail(trim(b))) }

// loginLine: "FAILED LOGIN 1 FROM tty1 FOR root, why", "ROOT LOGIN ON tty1",
// "LOGIN ON tty1 BY x".
func loginLine(l *Line, b []byte) bool {
	switch {
	case hasPrefix(b, "FAILED LOGIN"), hasPrefix(b, "TOO MANY LOGIN TRIES"):
		loginFailure(l)
		if _, rest, ok := cut(b, " FOR "); ok {
			who, why, _ := cut(rest, ", ")
			setUser(l, event.UserName, event.UserDomain, trimQuotesDot(who))
			setText(l, event.EventReason, why)
		}
	case hasPrefix(b, "ROOT LOGIN"):
		loginSuccess(l)
		l.SetString(event.UserName, "root")
	case hasPrefix(b, "LOGIN ON "):
		loginSuccess(l)
		if _, who, ok := cut(b, " BY "); ok {
			w, _ := word(who)
			setUser(l, event.UserName, event.UserDomain, w)
		}
	default:
		return pamLine(l, b)
	}
	return true
}

func loginSuccess(l *Line) {
	l.SetString(event.EventAction, "login")
	l.SetString(event.EventOutcome, "success")
	l.SetString(event.EventCategory, "authentication")
}
