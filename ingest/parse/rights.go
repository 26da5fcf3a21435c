package parse

import "yagura/internal/event"

// rightsLine reads what gives rights beside sudo and su: polkit, doas, and PAM's
// helper that checks passwords.
func rightsLine(l *Line, b []byte) bool {
	switch {
	case pamLine(l, b):
	case hasPrefix(b, "Operator of "):
		polkitLine(l, b)
	case hasPrefix(b, "password check failed for user ("): // the module tells of the log-on, too
		l.SetString(event.EventAction, "password-check-failed")
		l.SetString(event.EventOutcome, "failure")
		who, _ := between(b, "(", ")")
		setUser(l, event.UserName, event.UserDomain, who)
	case hasPrefix(b, "check pass; user unknown"):
		l.SetString(event.EventAction, "password-check-failed")
		l.SetString(event.EventOutcome, "failure")
	case contains(b, " [COMMAND="):
		pkexecLine(l, b)
	case string(l.Tag) == "doas":
		return doasLine(l, b)
	default:
		return false
	}
	return true
}

// polkitLine: "Operator of unix-session:2 FAILED to authenticate to gain
// authorization for action A for unix-process:1:2 [CMD] (owned by unix-user:x)".
func polkitLine(l *Line, b []byte) {
	l.SetString(event.EventAction, "authorization")
	l.SetString(event.EventCategory, "authentication")
	outcome(l, contains(b, " successfully authenticated "))
	if _, rest, ok := cut(b, " for action "); ok {
		action, _ := word(rest)
		setText(l, l.Local("polkit.action"), action)
	}
	if cmd, ok := between(b, " [", "] ("); ok {
		setText(l, event.ProcessCommandLine, cmd)
	}
	if _, who, ok := cutLast(b, "(owned by unix-user:"); ok {
		setUser(l, event.UserName, event.UserDomain, trimTail(who))
	}
	if _, as, ok := cut(b, " authenticated as unix-user:"); ok {
		w, _ := word(as)
		setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), w)
	}
}

// pkexecLine: "x: Executing command [USER=root] [TTY=t] [CWD=d] [COMMAND=c]".
func pkexecLine(l *Line, b []byte) {
	l.SetString(event.EventAction, "pkexec")
	l.SetString(event.EventCategory, "process")
	who, what, _ := cut(b, ": ")
	setUser(l, event.UserName, event.UserDomain, who)
	outcome(l, hasPrefix(what, "Executing command"))
	if as, ok := between(what, "[USER=", "]"); ok {
		setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), as)
	}
	if dir, ok := between(what, "[CWD=", "]"); ok {
		setText(l, event.ProcessWorkingDirectory, dir)
	}
	_, cmd, _ := cut(what, "[COMMAND=")
	cmd, _, _ = cutLast(cmd, "]")
	setText(l, event.ProcessCommandLine, cmd)
}

// doasLine: "x ran command C as root from D", "command not permitted for x: C",
// "failed auth for x".
func doasLine(l *Line, b []byte) bool {
	failed := true
	var who, cmd []byte
	switch {
	case hasPrefix(b, "failed auth for "):
		who = b[len("failed auth for "):]
	case hasPrefix(b, "command not permitted for "):
		who, cmd, _ = cut(b[len("command not permitted for "):], ": ")
	default:
		var ok bool
		if who, cmd, ok = cut(b, " ran command "); !ok {
			return false
		}
		failed = false
		cmd, dir, _ := cutLast(cmd, " from ")
		cmd, as, _ := cutLast(cmd, " as ")
		setText(l, event.ProcessWorkingDirectory, dir)
		setUser(l, event.UserEffectiveName, l.Local("user.effective.domain"), as)
		setText(l, event.ProcessCommandLine, cmd)
	}
	l.SetString(event.EventAction, "doas")
	l.SetString(event.EventCategory, "process")
	outcome(l, !failed)
	setUser(l, event.UserName, event.UserDomain, trim(who))
	if failed {
		setText(l, event.ProcessCommandLine, cmd)
	}
	return true
}
