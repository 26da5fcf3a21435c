package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ftp reads pure-ftpd, vsftpd ("[user] OK LOGIN: Client "A"") and ProFTPD ("host (name[A])
// - USER x: Login successful.").
type ftp struct{}

func (ftp) name() string   { return "ftp" }
func (ftp) tags() []string { return []string{"vsftpd", "proftpd", "pure-ftpd"} }

func (ftp) match(l *Line) int {
	switch string(l.Tag) {
	case "vsftpd", "proftpd", "pure-ftpd":
		if hasPrefix(l.Body, "pam_") {
			return 0
		}
		return certain
	}
	if l.Tag != nil {
		return 0
	}
	if hasPrefix(l.Body, "[pid ") && contains(l.Body, ": Client \"") { // vsftpd's own file
		return 80
	}
	if n := len(l.Body); n > 2 && l.Body[n-2] == ' ' && (l.Body[n-1] == 'c' || l.Body[n-1] == 'i') {
		if _, ok := xferlogOf(l); ok {
			return certain
		}
	}
	return 0
}

func (ftp) parse(l *Line) bool {
	b := trim(l.Body)
	if x, ok := xferlogOf(l); ok {
		return x.set(l)
	}
	if _, client, ok := cut(b, `Client "`); ok {
		return vsftpd(l, b, client)
	}
	if hasPrefix(b, "(") && string(l.Tag) == "pure-ftpd" {
		return pureFTP(l, b)
	}
	client, rest, ok := cut(b, ") - ")
	if !ok {
		return false
	}
	if _, peer, ok := cut(client, " ("); ok {
		setClient(l, peer, sourceEnd)
	}
	return proftpd(l, rest)
}

func vsftpd(l *Line, b, client []byte) bool {
	client, rest, _ := cut(client, `"`)
	client, _ = cutPrefix(client, "::ffff:")
	setIP(l, event.SourceIP, client)
	switch {
	case contains(b, "OK LOGIN:"):
		loginSuccess(l)
	case contains(b, "FAIL LOGIN:"):
		loginFailure(l)
	case contains(b, "CONNECT:"):
		l.SetString(event.EventAction, "connect")
	case contains(b, "OK UPLOAD:"):
		l.SetString(event.EventAction, "upload")
	case contains(b, "OK DOWNLOAD:"):
		l.SetString(event.EventAction, "download")
	case contains(b, "OK DELETE:"):
		l.SetString(event.EventAction, "delete")
	case contains(b, "OK RENAME:"):
		l.SetString(event.EventAction, "rename")
	}
	if path, ok := between(rest, `, "`, `"`); ok && hasPrefix(path, "/") {
		setText(l, event.FilePath, path)
	}
	if head, _, ok := cut(b, "] "); ok { // [user], behind an optional [pid 3]
		if hasPrefix(head, "[pid ") {
			_, head, _ = cut(b, "] ")
			head, _, _ = cut(head, "] ")
		}
		if name, ok := cutPrefix(trimLeft(head), "["); ok {
			setUser(l, event.UserName, event.UserDomain, name)
		}
	}
	return true
}

// pureFTP: "(?@A) [INFO] x is now logged in", "(?@A) [WARNING] Authentication failed
// for user [x]".
func pureFTP(l *Line, b []byte) bool {
	who, rest, _ := cut(b[1:], ") ")
	user, addr, _ := cutLast(who, "@")
	setHost(l, event.SourceIP, event.SourceDomain, addr)
	setUser(l, event.UserName, event.UserDomain, user)
	_, text, _ := cut(rest, "] ")
	if name, _, ok := cut(text, " is now logged in"); ok {
		loginSuccess(l)
		setUser(l, event.UserName, event.UserDomain, name)
	} else if name, ok := between(text, "Authentication failed for user [", "]"); ok {
		loginFailure(l)
		setUser(l, event.UserName, event.UserDomain, name)
	} else if hasPrefix(text, "New connection from ") {
		l.SetString(event.EventAction, "connect")
	} else if hasPrefix(text, "Logout") {
		l.SetString(event.EventAction, "disconnect")
	}
	return true
}

func proftpd(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "USER ")
	switch {
	case ok:
	case hasPrefix(b, "FTP session opened"):
		l.SetString(event.EventAction, "connect")
		return true
	case hasPrefix(b, "FTP session closed"):
		l.SetString(event.EventAction, "disconnect")
		return true
	case hasPrefix(b, "Maximum login attempts "):
		l.SetString(event.EventAction, "too-many-attempts")
		return true
	case hasPrefix(b, "SECURITY VIOLATION: "):
		if who, _, ok := cut(b[len("SECURITY VIOLATION: "):], " login attempted"); ok {
			loginFailure(l)
			setLower(l, event.UserName, trim(who))
		}
		return true
	default:
		return l.Has(event.SourceIP)
	}
	name, rest := word(rest)
	setUser(l, event.UserName, event.UserDomain, bytes.TrimRight(name, ":"))
	switch {
	case contains(rest, "successful"):
		loginSuccess(l)
	case contains(rest, "no such user"):
		l.SetString(event.EventAction, "invalid-user")
		l.SetString(event.EventOutcome, "failure")
		l.SetString(event.EventCategory, "authentication")
	case contains(rest, "failed"), contains(rest, "ncorrect"):
		loginFailure(l)
	}
	return true
}
