package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ftp reads vsftpd ("[user] OK LOGIN: Client "A"") and ProFTPD ("host (name[A])
// - USER x: Login successful.").
type ftp struct{}

func (ftp) name() string   { return "ftp" }
func (ftp) tags() []string { return []string{"vsftpd", "proftpd", "pure-ftpd"} }

func (ftp) match(l *Line) int {
	switch string(l.Tag) {
	case "vsftpd", "proftpd":
		if hasPrefix(l.Body, "pam_") {
			return 0
		}
		return certain
	}
	if l.Tag == nil && hasPrefix(l.Body, "[pid ") && contains(l.Body, ": Client \"") { // vsftpd's own file
		return 80
	}
	return 0
}

func (ftp) parse(l *Line) bool {
	b := trim(l.Body)
	if _, client, ok := cut(b, `Client "`); ok {
		return vsftpd(l, b, client)
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
	client, _, _ = cut(client, `"`)
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

func proftpd(l *Line, b []byte) bool {
	rest, ok := cutPrefix(b, "USER ")
	if !ok {
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
	case contains(rest, "failed"), contains(rest, "ncorrect"):
		loginFailure(l)
	}
	return true
}
