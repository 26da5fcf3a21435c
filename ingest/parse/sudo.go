package parse

import (
	"bytes"

	"yagura/internal/event"
)

// sudo reads sudo's command log: "user : [why ; ]TTY=t ; PWD=d ; USER=u ;
// COMMAND=c" (sudoers(5), LOG FORMAT). With a reason in front it was refused.
func sudoLine(l *Line, b []byte) bool {
	if pamLine(l, b) {
		return true
	}
	b = trimLeft(b)
	who, rest, ok := cut(b, " : ")
	if !ok || len(who) == 0 {
		return false
	}
	l.SetString(event.EventCategory, "process")
	setUser(l, event.UserName, event.UserDomain, trim(who))
	if more, ok := cutPrefix(rest, "(command continued) "); ok {
		l.SetString(event.EventAction, "sudo-continued")
		setText(l, event.ProcessCommandLine, trim(more))
		return true
	}
	if !contains(rest, "TTY=") && !contains(rest, "USER=") { // a complaint, no command
		setText(l, event.EventReason, rest)
		return true
	}
	l.SetString(event.EventAction, "sudo")
	var why []byte
	whole := false
	for first := true; len(rest) > 0; first = false {
		var part []byte
		if hasPrefix(rest, "COMMAND=") { // the rest, semicolons and all
			l.Set(event.ProcessCommandLine, trim(rest[len("COMMAND="):]))
			whole = true
			break
		}
		if part, rest, ok = cut(rest, " ; "); !ok {
			part, _ = bytes.CutSuffix(part, []byte(" ;"))
		}
		if !sudoPart(l, trim(part)) && first { // else it belongs to the directory before it
			why = trim(part)
		}
	}
	switch {
	case len(why) > 0:
		l.SetString(event.EventOutcome, "failure")
		l.Set(event.EventReason, why)
	case whole:
		l.SetString(event.EventOutcome, "success")
	default:
		l.broken("sudo:cut")
	}
	return true
}

func sudoPart(l *Line, b []byte) bool {
	key, value, ok := cut(b, "=")
	if !ok {
		return false
	}
	switch string(key) {
	case "TTY":
		setText(l, l.Local("process.tty.name"), value)
	case "PWD":
		setText(l, event.ProcessWorkingDirectory, value)
	case "USER":
		setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), value)
	case "GROUP":
		setText(l, event.GroupName, value)
	case "HOST", "CHROOT", "ENV", "TSID":
	default:
		return false
	}
	return true
}

// suLine reads su in the forms of shadow-utils, util-linux, coreutils and BSD.
func suLine(l *Line, b []byte) bool {
	if pamLine(l, b) || pamText(l, b) {
		return true
	}
	if hasPrefix(b, "pam_") {
		return false
	}
	var who, as []byte
	failed := false
	switch {
	case hasPrefix(b, "(to "), hasPrefix(b, "FAILED SU (to "): // (to root) user on pts/0
		failed = b[0] == 'F'
		_, rest, _ := cut(b, "(to ")
		as, who, _ = cut(rest, ") ")
		who, _, _ = cutLast(who, " on ")
	case hasPrefix(b, "Successful su for "), hasPrefix(b, "FAILED su for "):
		failed = b[0] == 'F'
		_, rest, _ := cut(b, " for ")
		as, who, _ = cutLast(rest, " by ")
	case hasPrefix(b, "+ "), hasPrefix(b, "- "): // - pts/8 user:root
		failed = b[0] == '-'
		_, rest := word(b[2:])
		who, as, _ = cutLast(rest, ":")
	case contains(b, " failed for "): // su root failed for user on /dev/pts/8
		failed = true
		as, who, _ = cut(b, " failed for ")
		as, _ = cutPrefix(unquote(as), "su ")
		who, _, _ = cutLast(who, " on ")
	case contains(b, " to "): // [BAD SU ]user to root on /dev/ttyp0
		who, as, _ = cut(b, " to ")
		who, failed = cutPrefix(who, "BAD SU ")
		as, _, _ = cutLast(as, " on ")
	default:
		return false
	}
	if len(trim(who)) == 0 || len(trim(as)) == 0 {
		return false
	}
	l.SetString(event.EventAction, "su")
	l.SetString(event.EventCategory, "authentication")
	outcome(l, !failed)
	setUser(l, event.UserName, event.UserDomain, trim(who))
	setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), trim(as))
	return true
}

func outcome(l *Line, success bool) {
	if success {
		l.SetString(event.EventOutcome, "success")
	} else {
		l.SetString(event.EventOutcome, "failure")
	}
}
