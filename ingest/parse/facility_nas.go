package parse

import "yagura/internal/event"

// nasShapes: what Synology's DSM, QNAP and Buffalo say of people.
var nasShapes = [...]shape{
	{start: "User [", form: "User [{u}] from [{h}] failed to sign in to [{n}] via [{_}] due to {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User [", form: "User [{u}] from [{h}] failed to log in via [{q}] due to {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User [", form: "User [{u}] from [{h}] failed to sign in to [{n}]{_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User [", form: "User [{u}] from [{h}] signed in to [{n}] successfully{_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User [", form: "User [{u}] from [{h}] logged in successfully via [{q}].", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User [", form: "User [{u}] logged in from [{h}] via [{q}].", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User [", form: "User [{u}] from [{h}] signed out of [{n}]{_}", action: "logout", category: "authentication", typ: "end"},
	{start: "User [", form: "User [{u}] from [{h}] logged out the server via [{q}]{_}", action: "logout", category: "authentication", typ: "end"},
	{start: "User [", form: "User [{u}] from [{h}] via [{q}] accessed shared folder [{_}].", action: "share-access", category: "file", typ: "access", outcome: "success"},
	{start: "User [", form: "User [{u}] from [{h}] via [{q}] failed to access shared folder [{_}]{_}", action: "share-access", category: "file", typ: "access", outcome: "failure"},
	{start: "Host [", form: "Host [{h}] was blocked via [{q}].", action: "blocked", category: "intrusion_detection", typ: "denied"},
	{start: "Host [", form: "Host [{h}] has been blocked {_}", action: "blocked", category: "intrusion_detection", typ: "denied"},
}

// nasVolume reads what happened to disks.
var nasStates = [...]deviceSentence{
	{"volume&degraded", "storage-degraded", "host", "change", ""},
	{"storage pool&degraded", "storage-degraded", "host", "change", ""},
	{"raid&degraded", "storage-degraded", "host", "change", ""},
	{"volume&crashed", "storage-failed", "host", "change", ""},
	{"drive&removed", "disk-removed", "host", "change", ""},
	{"disk&removed", "disk-removed", "host", "change", ""},
	{"drive&fail", "disk-failed", "host", "change", ""},
	{"disk&fail", "disk-failed", "host", "change", ""},
	{"bad sector", "disk-failed", "host", "info", ""},
}

// nasTag says whether the tag is one of Synology's log kinds.
func nasTag(tag []byte) bool {
	switch string(tag) {
	case "Connection", "System", "Backup", "SYNO.Connection":
		return true
	}
	return false
}

// nasWords reads a sentence of a file server. False: nothing was known of it.
func nasWords(l *Line, b []byte) bool {
	if applyFirst(nasShapes[:], l, b) {
		return true
	}
	var tmp [256]byte
	low := lowerInto(tmp[:0], b[:min(len(b), len(tmp))])
	for i := range nasStates {
		if s := &nasStates[i]; s.in(low) {
			l.SetString(event.EventAction, s.action)
			setClass(l.Draft, s.category, s.typ)
			return true
		}
	}
	return false
}
