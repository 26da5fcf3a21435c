package parse

import (
	"bytes"
	"time"

	"yagura/internal/event"
)

// xferlog is the transfer log of wu-ftpd, which vsftpd and ProFTPD write, too: "time
// SECONDS HOST BYTES FILE TYPE FLAG DIRECTION MODE USER SERVICE METHOD ID STATUS". A
// file name may hold blanks, so the columns behind it are counted from the end.
// Source: xferlog(5).
type xferlog struct {
	seconds, host, size, file, direction, mode, user, status []byte
}

// readXferlog reads what follows the time.
func readXferlog(b []byte) (x xferlog, ok bool) {
	x.seconds, b = word(b)
	x.host, b = word(b)
	x.size, b = word(b)
	if !isNumber(x.seconds) || !isNumber(x.size) || len(x.host) == 0 {
		return x, false
	}
	var tail [9][]byte // from the last: status, id, method, service, user, mode, direction, flag, type
	b = trim(b)
	for i := range tail {
		at := bytes.LastIndexByte(b, ' ')
		if at <= 0 {
			return x, false
		}
		tail[i], b = b[at+1:], b[:at]
	}
	x.file, x.status, x.user, x.mode, x.direction = b, tail[0], tail[4], tail[5], tail[6]
	switch {
	case len(x.status) != 1 || x.status[0] != 'c' && x.status[0] != 'i':
	case len(x.direction) != 1 || x.direction[0] != 'i' && x.direction[0] != 'o' && x.direction[0] != 'd':
	case len(tail[8]) != 1 || tail[8][0] != 'a' && tail[8][0] != 'b':
	default:
		return x, true
	}
	return x, false
}

// xferlogOf finds the columns in a line's text: behind the time, which the header's
// reader may have taken.
func xferlogOf(l *Line) (xferlog, bool) {
	b := trim(l.Whole)
	if l.Tag != nil || l.ietf {
		b = trim(l.Body)
	}
	if !weekday(b) {
		return xferlog{}, false
	}
	_, n, ok := readStamp(b)
	if !ok {
		return xferlog{}, false
	}
	return readXferlog(b[n:])
}

func (x xferlog) set(l *Line) bool {
	if l.Tag == nil { // the seconds stood where a host would
		l.Host = nil
		l.Body = l.Whole
	}
	l.SetString(event.EventCategory, "file")
	switch x.direction[0] {
	case 'i':
		l.SetString(event.EventAction, "upload")
	case 'o':
		l.SetString(event.EventAction, "download")
	default:
		l.SetString(event.EventAction, "delete")
	}
	outcome(l, x.status[0] == 'c')
	if n, ok := number(x.seconds); ok && n < 1<<31 {
		l.SetInt(event.EventDuration, n*int64(time.Second))
	}
	setHost(l, event.SourceIP, event.SourceDomain, x.host)
	setNumber(l, event.FileSize, x.size)
	setText(l, event.FilePath, x.file)
	setUser(l, event.UserName, event.UserDomain, x.user)
	l.SetString(event.NetworkProtocol, "ftp")
	return true
}
