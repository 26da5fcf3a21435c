package parse

import (
	"bytes"

	"yagura/internal/event"
)

// accountLine reads shadow-utils: useradd, userdel, usermod, groupadd, groupdel,
// groupmod, gpasswd, passwd, chage, chfn, chsh, newusers.
func accountLine(l *Line, b []byte) bool {
	if pamLine(l, b) {
		return true
	}
	if !(account{Line: l, text: b}).read() {
		return false
	}
	l.SetString(event.EventCategory, "iam")
	outcome(l, !hasPrefix(b, "failed ") && !contains(b, "fail"))
	return true
}

type account struct {
	*Line
	text []byte
}

func (a account) read() bool {
	b := a.text
	switch {
	case hasPrefix(b, "new user"), hasPrefix(b, "failed adding user"):
		return a.done("user-added", event.UserTargetName)
	case hasPrefix(b, "new group"), hasPrefix(b, "group added to "):
		return a.done("group-added", event.GroupName)
	case hasPrefix(b, "delete user"), hasPrefix(b, "failed deleting user"):
		return a.done("user-deleted", event.UserTargetName)
	case hasPrefix(b, "removed group"), hasPrefix(b, "removed shadow group"), hasPrefix(b, "group ") && contains(b, " removed"):
		return a.done("group-deleted", event.GroupName)
	case hasPrefix(b, "add "), hasPrefix(b, "delete "):
		return a.member()
	case hasPrefix(b, "user ") && contains(b, " group "): // gpasswd: user x added by root to group y
		return a.gpasswd()
	case hasPrefix(b, "lock user"):
		return a.done("user-locked", event.UserTargetName)
	case hasPrefix(b, "unlock user"):
		return a.done("user-unlocked", event.UserTargetName)
	case hasPrefix(b, "group changed in "): // (group web/1010, new name: www)
		a.SetString(event.EventAction, "group-changed")
		name, _ := between(b, "(group ", "/")
		return setText(a.Line, event.GroupName, name)
	case hasPrefix(b, "members of group "):
		return a.members()
	case hasPrefix(b, "password for "), hasPrefix(b, "password changed for "):
		if _, by, ok := cut(b, " changed by "); ok {
			setUser(a.Line, event.UserName, event.UserDomain, unquote(trim(by)))
		}
		return a.done("password-changed", event.UserTargetName)
	case hasPrefix(b, "change user name "):
		_, as, _ := cutLast(b, " to ")
		setText(a.Line, event.UserChangesName, unquote(trim(as)))
		return a.done("user-changed", event.UserTargetName)
	case hasPrefix(b, "change user"), hasPrefix(b, "changed user"), hasPrefix(b, "changed password expiry for"):
		return a.done("user-changed", event.UserTargetName)
	}
	return false
}

// done sets the action and the name: in quotes, behind "name=", or a word.
func (a account) done(action string, f event.Field) bool {
	a.SetString(event.EventAction, action)
	name, ok := between(a.text, "name=", ",")
	if !ok {
		if name, ok = between(a.text, "'", "'"); !ok {
			if name, ok = after(a.text, "name="); ok && action == "user-added" {
				a.broken("accounts:cut")
				return true
			} else if !ok {
				_, name, _ = cutLast(trim(a.text), " ")
			}
		}
	}
	setText(a.Line, f, trimTail(trim(name)))
	a.ids(f)
	return true
}

// ids reads "UID=48, GID=48, home=/x, shell=/y".
func (a account) ids(f event.Field) {
	for p := (pairs{rest: a.text, sep: ','}); p.next(); {
		switch string(p.key) {
		case "UID":
			setText(a.Line, event.UserTargetID, p.value)
		case "GID":
			if f == event.GroupName {
				setText(a.Line, event.GroupID, p.value)
			}
		}
	}
}

// member: "add 'x' to group 'y'", "delete 'x' from shadow group 'y'".
func (a account) member() bool {
	who, rest, ok := cut(a.text, " group ")
	if !ok {
		return false
	}
	if hasPrefix(who, "add ") {
		a.SetString(event.EventAction, "group-member-added")
	} else {
		a.SetString(event.EventAction, "group-member-removed")
	}
	name, _ := between(who, "'", "'")
	setText(a.Line, event.UserTargetName, name)
	setText(a.Line, event.GroupName, bytes.Trim(rest, "' \t"))
	return true
}

// members: "members of group y set by root to a,b,c".
func (a account) members() bool {
	group, rest := word(a.text[len("members of group "):])
	a.SetString(event.EventAction, "group-members-set")
	setText(a.Line, event.GroupName, group)
	if by, ok := cutPrefix(rest, "set by "); ok {
		w, _ := word(by)
		setUser(a.Line, event.UserName, event.UserDomain, w)
	}
	return true
}

// gpasswd: "user x added by root to group y", "user x removed by root from group y".
func (a account) gpasswd() bool {
	name, rest := word(a.text[len("user "):])
	what, rest := word(rest)
	action := "group-member-added"
	if string(what) == "removed" {
		action = "group-member-removed"
	}
	a.SetString(event.EventAction, action)
	setText(a.Line, event.UserTargetName, name)
	if by, ok := cutPrefix(rest, "by "); ok {
		w, _ := word(by)
		setUser(a.Line, event.UserName, event.UserDomain, w)
	}
	if _, group, ok := cutLast(rest, " group "); ok {
		setText(a.Line, event.GroupName, trim(group))
	}
	return true
}
