package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ifilter parses the access and block logs of i-FILTER and D-SPA, and the mail log of
// m-FILTER (Digital Arts). The number and order of the columns change with the
// version; what is certain in all of them is found by its shape: the time in brackets,
// the quoted request, the verdict after the status. Source: the vendor's FAQ.
type ifilter struct{}

func (ifilter) name() string { return "digitalarts.i-filter" }

func (ifilter) aliases() []string { return []string{"i-filter", "digitalarts.m-filter"} }

func (ifilter) match(l *Line) int {
	text, _ := ifilterText(l)
	if text == nil {
		return 0
	}
	c := ifilterColumns(text)
	switch {
	case c.time >= 3 && c.sources > 0 && ifilterID(c.column[1]):
		return 97
	case c.form == ifilterBlock, c.form == ifilterMail:
		return 88
	}
	return 0
}

// ifilterText is where the columns begin: at the start of the line, or behind the
// header of whoever passed it on, which may name the host. nil: nowhere.
func ifilterText(l *Line) (text []byte, host bool) {
	switch b, ok := l.from(l.Host); {
	case ifilterAhead(l.Whole):
		return l.Whole, false
	case ifilterAhead(l.Body):
		return l.Body, true
	case ok && ifilterAhead(b):
		return b, false
	}
	return nil, false
}

// ifilterAhead looks at the first two columns, so that other lines are not cut into
// columns: a number, then the record's number or an address; or a date and a comma.
func ifilterAhead(b []byte) bool {
	if len(b) >= 40 && b[19] == ',' && b[10] == ' ' {
		return true
	}
	if s, n, ok := readStamp(b); ok && s.year == 0 {
		b = b[n:]
	}
	first, rest := word(b)
	if !isNumber(first) || len(rest) == 0 {
		return false
	}
	second, _ := ifilterCut(rest)
	return ifilterID(second) || isAddress(second)
}

// ifilterForm is which of the logs a line belongs to.
type ifilterForm byte

const (
	ifilterAccess ifilterForm = iota
	ifilterBlock
	ifilterMail
)

// ifilterLine is a line in columns. Places are 0 when there is none.
type ifilterLine struct {
	form                                            ifilterForm
	column                                          [48][]byte
	n, time, request, verdict, status, source, user int
	sources                                         int
}

// ifilterColumns cuts the line; quotes and brackets hold a column together, and a quote
// may end one that began without blank.
func ifilterColumns(b []byte) (c ifilterLine) {
	if m, ok := mfilterColumns(b); ok {
		return m
	}
	if s, n, ok := readStamp(b); ok && s.year == 0 {
		b = b[n:]
	}
	if w, _ := word(b); !isNumber(w) {
		return c
	}
	for c.n < len(c.column) {
		b = trimLeft(b)
		if len(b) == 0 {
			break
		}
		var col []byte
		col, b = ifilterCut(b)
		c.column[c.n] = col
		c.n++
	}
	c.places()
	return c
}

// ifilterID says whether v is the record's number, "1000/01/".
func ifilterID(v []byte) bool {
	n := digits(v)
	return n > 0 && n+2 < len(v) && v[n] == '/' && v[len(v)-1] == '/' && digits(v[n+1:]) == len(v)-n-2
}

func ifilterCut(b []byte) (col, rest []byte) {
	end := byte(0)
	switch b[0] {
	case '"':
		end = '"'
	case '[':
		end = ']'
	}
	if end != 0 {
		if i := bytes.IndexByte(b[1:], end); i >= 0 {
			return b[:i+2], b[i+2:]
		}
	}
	return word(b)
}

// places finds the columns that are known by their shape.
func (c *ifilterLine) places() {
	for i := 0; i < c.n; i++ {
		v := c.column[i]
		switch {
		case c.time == 0 && len(v) > 20 && v[0] == '[' && v[3] == '/':
			c.time = i
			if i > 1 {
				c.user = i - 1
			}
		case c.request == 0 && len(v) > 8 && v[0] == '"' && contains(v, " HTTP/"):
			c.request = i
		case c.time > 0 && c.status == 0 && len(v) == 3 && digits(v) == 3:
			c.status = i
		case c.status > 0 && c.verdict == 0 && ifilterVerdict(v) != "":
			c.verdict = i
		case c.time == 0 && isAddress(v):
			c.source = i
			c.sources++
		}
	}
	c.blockPlaces()
}

// blockPlaces: "pid address user group n 06/Oct/2014:11:26:21 +0900 url verdict ...".
func (c *ifilterLine) blockPlaces() {
	if c.time > 0 || c.n < 10 || !isNumber(c.column[0]) || !isAddress(c.column[1]) {
		return
	}
	if s, _, ok := readStamp(c.column[5]); !ok || s.year == 0 {
		return
	}
	if ifilterVerdict(c.column[8]) != "" && contains(c.column[7], "://") {
		c.form = ifilterBlock
	}
}

// ifilterVerdict turns the verdict's word into event.type; "" is no verdict.
func ifilterVerdict(v []byte) string {
	switch string(v) {
	case "block", "BLOCK", "deny", "overwrite-block", "write-block":
		return "denied"
	case "allow", "pass", "ALLOW", "PASS", "permit", "accept", "override", "overridable", "warn", "warning", "log":
		return "allowed"
	}
	return ""
}

func (ifilter) parse(l *Line) bool {
	text, host := ifilterText(l)
	if text == nil {
		return false
	}
	c := ifilterColumns(text)
	if !host {
		l.Host = nil
	}
	l.untag(text)
	product := "i-FILTER"
	if c.form == ifilterMail {
		product = "m-FILTER"
	}
	setObserver(l.Draft, "Digital Arts", product, "proxy")
	switch {
	case c.form == ifilterMail:
		c.mail(l)
	case c.form == ifilterBlock:
		c.block(l)
	case c.time > 0:
		c.access(l)
	default:
		return false
	}
	return true
}

func (c *ifilterLine) access(l *Line) {
	setClass(l.Draft, "web", "access")
	setNumber(l, event.ProcessPID, c.column[0])
	if c.source > 0 {
		setIP(l, event.SourceIP, c.column[c.source])
	}
	setUser(l, event.UserName, event.UserDomain, c.column[c.user])
	if when := c.column[c.time]; len(when) > 2 {
		l.setWritten(when[1 : len(when)-1])
	}
	if c.status > 0 {
		setNumber(l, event.HTTPResponseStatusCode, c.column[c.status])
	}
	c.setVerdict(l, c.verdict)
	c.setRequest(l)
	c.group(l)
}

func (c *ifilterLine) setVerdict(l *Line, at int) {
	if at > 0 {
		l.Set(event.EventAction, c.column[at])
		setClass(l.Draft, "", ifilterVerdict(c.column[at]))
	}
}

// setRequest: the quoted request; in the newer form the agent's name is the second
// column behind it.
func (c *ifilterLine) setRequest(l *Line) {
	if c.request == 0 {
		return
	}
	line := unquote(c.column[c.request])
	method, rest := word(line)
	url, version, ok := cutLast(rest, " HTTP/")
	if !ok {
		return
	}
	l.Set(event.HTTPRequestMethod, method)
	l.Set(event.HTTPVersion, version)
	ifilterURL(l, url)
	if c.request+2 < c.n && c.verdict > 0 && c.request > c.verdict {
		if agent := c.column[c.request+2]; !none(agent) {
			l.Set(event.UserAgentOriginal, agent)
		}
	}
}

func ifilterURL(l *Line, url []byte) {
	l.Set(event.URLOriginal, url)
	host, ok := after(url, "://")
	if !ok {
		host = url
	}
	for i, b := range host {
		if b == '/' || b == '?' || b == ':' {
			host = host[:i]
			break
		}
	}
	if len(host) > 0 {
		l.Set(event.URLDomain, host)
	}
}

// group: the first name among the columns after the verdict.
func (c *ifilterLine) group(l *Line) {
	if c.verdict == 0 {
		return
	}
	for _, v := range c.column[c.verdict+1 : c.n] {
		switch {
		case none(v), v[0] == '"', contains(v, "%2F"):
			return
		case hasLetter(v):
			l.Set(event.UserGroupName, v)
			return
		}
	}
}

func (c *ifilterLine) block(l *Line) {
	setClass(l.Draft, "web", "")
	setNumber(l, event.ProcessPID, c.column[0])
	setIP(l, event.SourceIP, c.column[1])
	setUser(l, event.UserName, event.UserDomain, c.column[2])
	setText(l, event.UserGroupName, c.column[3])
	when := append(append(append([]byte(nil), c.column[5]...), ' '), c.column[6]...)
	l.setWritten(when)
	ifilterURL(l, c.column[7])
	c.setVerdict(l, 8)
	if c.n == 17 {
		setText(l, event.RuleName, c.column[16]) // the virus
	}
}
