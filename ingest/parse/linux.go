package parse

import (
	"bytes"

	"yagura/internal/event"
)

// linuxAuth reads what a Linux host logs about people and their rights: sudo,
// su, PAM under any tag, accounts, cron, logind, the console's log-in, systemd's
// units, and the kernel's removable media.
type linuxAuth struct{}

func (linuxAuth) name() string { return "linux.auth" }
func (linuxAuth) tags() []string {
	return []string{"sudo", "su", "su(pam_unix)", "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd",
		"passwd", "chage", "chpasswd", "chfn", "chsh", "newusers", "cron", "CRON", "crond", "CROND", "crontab", "anacron", "systemd",
		"systemd-logind", "login", "polkitd", "pkexec", "unix_chkpwd", "doas"}
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
	progRights
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
	case "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chage", "chpasswd", "chfn", "chsh", "newusers":
		return progAccount
	case "cron", "CRON", "crond", "CROND", "crontab", "anacron":
		return progCron
	case "systemd":
		return progSystemd
	case "systemd-logind":
		return progLogind
	case "login":
		return progLogin
	case "polkitd", "pkexec", "unix_chkpwd", "doas":
		return progRights
	case "kernel":
		return progKernel
	}
	return progNone
}

func (linuxAuth) parse(l *Line) bool {
	l.noMACs = true
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
	case progRights:
		return rightsLine(l, b)
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
	} else if n > 0 {
		l.broken("cron:cut")
	}
	if string(user) != "CRON" && string(user) != "*system*" { // cron itself
		setUser(l, event.UserName, event.UserDomain, user)
	}
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
	case "CMDEND":
		l.SetString(event.EventAction, "cron-command-ended")
		l.Set(event.ProcessCommandLine, trim(arg))
	case "CMDOUT":
		l.SetString(event.EventAction, "cron-output")
	case "AUTH", "FAILED to authorize user with PAM":
		l.SetString(event.EventAction, "cron-denied")
		l.SetString(event.EventOutcome, "failure")
		setText(l, event.EventReason, arg)
	}
	return true
}

// systemdLine: "Started x.service - Words.", "Failed to start Words."
func systemdLine(l *Line, b []byte) bool {
	if pamLine(l, b) {
		return true
	}
	if rest, ok := cutPrefix(b, "Started Session "); ok { // N of [Uu]ser x.
		l.SetString(event.EventAction, "session-started")
		if _, user, ok := cutLast(rest, "ser "); ok {
			setUser(l, event.UserName, event.UserDomain, trimTail(user))
		}
		return true
	}
	for _, a := range [...]struct{ head, action string }{
		{"Started target ", "target-started"}, {"Stopped target ", "target-stopped"}, {"Reached target ", "target-reached"},
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
			user, _, _ = cut(user, " with class ")
			setUser(l, event.UserName, event.UserDomain, trimQuotesDot(user))
		}
		return true
	}
	switch {
	case hasPrefix(b, "Removed session "):
		l.SetString(event.EventAction, "session-closed")
	case hasPrefix(b, "System is rebooting"), hasPrefix(b, "The system will reboot "):
		l.SetString(event.EventAction, "system-rebooting")
	case hasPrefix(b, "System is powering down"), hasPrefix(b, "System is halting"), hasPrefix(b, "The system will power off "):
		l.SetString(event.EventAction, "system-powering-down")
	default:
		return pamLine(l, b)
	}
	return true
}

func trimQuotesDot(b []byte) []byte { return unquote(trimTail(trim(b))) }

// loginLine: "FAILED LOGIN 1 FROM tty1 FOR root, why", "ROOT LOGIN ON tty1",
// "LOGIN ON tty1 BY x".
func loginLine(l *Line, b []byte) bool {
	if _, from, ok := cut(b, " FROM "); ok {
		w, _ := word(from)
		if _, addr := address(w); addr || bytes.IndexByte(w, '.') > 0 && hostLike(w) { // else a terminal
			setHost(l, event.SourceIP, event.SourceDomain, w)
		}
	}
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
