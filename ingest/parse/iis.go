package parse

import (
	"bytes"

	"yagura/internal/event"
)

// iis reads Microsoft IIS's W3C extended log with its default fields: "date time
// s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent)
// [cs(Referer)] sc-status sc-substatus sc-win32-status [time-taken]". Its times are
// UTC (W3C, "Extended Log File Format").
type iis struct{}

func (iis) name() string      { return "iis.access" }
func (iis) aliases() []string { return []string{"iis"} }

func (iis) match(l *Line) int {
	if b := iisText(l); len(b) > 40 {
		if _, ok := iisColumns(b); ok {
			return certain
		}
	}
	return 0
}

// iisText is the line from the server's address on, nil when there is none. Behind
// a relay's header the address stands where a host's name may.
func iisText(l *Line) []byte {
	if l.Tag != nil || len(l.Body) == 0 {
		return nil
	}
	if w, _ := word(l.Body); l.Host != nil && methodLike(w) {
		if _, ok := address(l.Host); ok {
			b, _ := l.from(l.Host)
			return b
		}
	}
	if c := l.Body[0]; digit(c) || c == ':' || c|0x20-'a' <= 5 {
		return l.Body
	}
	return nil
}

// The columns up to the user agent.
const (
	iisServer = iota
	iisMethod
	iisStem
	iisQuery
	iisPort
	iisUser
	iisClient
	iisAgent
	iisReferrer
	iisStatus
	iisCount = iisStatus + 4
)

// iisColumns cuts the columns and checks those that tell.
func iisColumns(b []byte) (c [iisCount][]byte, ok bool) {
	n := 0
	for ; n < iisCount && len(b) > 0; n++ {
		c[n], b = word(b)
		switch n {
		case iisServer, iisClient:
			_, ok = address(c[n])
		case iisMethod:
			ok = methodLike(c[n])
		case iisStem:
			ok = c[n][0] == '/' || c[n][0] == '*'
		case iisPort:
			ok = digits(c[n]) == len(c[n]) && len(c[n]) < 6
		}
		if !ok {
			return c, false
		}
	}
	if len(c[iisReferrer]) == 3 && digits(c[iisReferrer]) == 3 { // IIS 6 and 7 leave the referrer out
		copy(c[iisStatus:], c[iisReferrer:iisCount-1])
		c[iisReferrer] = nil
	}
	return c, n > iisClient && (len(c[iisStatus]) == 3 && digits(c[iisStatus]) == 3 || len(c[iisStatus]) == 0)
}

func (iis) parse(l *Line) bool {
	b := trim(iisText(l))
	c, ok := iisColumns(b)
	if !ok {
		return false
	}
	if !bytes.Equal(b, trim(l.Body)) { // the relay's host
		l.Body, l.Host = b, nil
		if _, n, ok := readStamp(l.Whole); ok {
			if w, rest := word(l.Whole[n:]); hostLike(w) && stampAhead(rest) {
				l.Host = w
			}
		}
	}
	l.universal()
	l.SetString(event.EventCategory, "web")
	setIP(l, event.DestinationIP, c[iisServer])
	setPort(l, event.DestinationPort, c[iisPort])
	setIP(l, event.SourceIP, c[iisClient])
	l.Set(event.HTTPRequestMethod, c[iisMethod])
	setURL(l, c[iisStem])
	if setText(l, event.URLQuery, c[iisQuery]) {
		l.Delete(event.URLOriginal)
		l.Set(event.URLOriginal, append(append(append(l.scratch.scratch[:0], c[iisStem]...), '?'), c[iisQuery]...))
	}
	setUser(l, event.UserName, event.UserDomain, c[iisUser])
	setText(l, event.UserAgentOriginal, plusBlanks(l, c[iisAgent]))
	setText(l, event.HTTPRequestReferrer, c[iisReferrer])
	if len(c[iisStatus]) == 0 {
		l.broken("iis:cut")
		return true
	}
	setNumber(l, event.HTTPResponseStatusCode, c[iisStatus])
	setNumber(l, l.Local("iis.access.sub_status"), c[iisStatus+1])
	setNumber(l, l.Local("iis.access.win32_status"), c[iisStatus+2])
	return true
}

// universal reads the time in front of the body, which is UTC.
func (l *Line) universal() {
	const size = len("2026-11-24 02:15:42 ")
	rest, ok := l.from(l.Body)
	if !ok {
		return
	}
	at := len(l.Whole) - len(rest)
	if at < size {
		return
	}
	if s, n, ok := readStamp(l.Whole[at-size : at]); ok && n == size-1 {
		s.zoned = true
		l.setStamp(s)
	}
}

// plusBlanks turns the pluses of a user agent back into blanks.
func plusBlanks(l *Line, b []byte) []byte {
	out := append(l.scratch.scratch[:0], b...)
	for i, c := range out {
		if c == '+' {
			out[i] = ' '
		}
	}
	l.scratch.scratch = out
	return out
}
