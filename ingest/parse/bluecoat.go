package parse

import (
	"bytes"

	"yagura/internal/event"
)

// blueCoat reads the main format of ProxySG's access log (ELFF, bcreportermain_v1):
// "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result
// cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type)
// cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension
// cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id". Its times are UTC.
type blueCoat struct{}

func (blueCoat) name() string      { return "bluecoat.proxysg" }
func (blueCoat) aliases() []string { return []string{"bluecoat"} }

// The columns behind date and time.
const (
	bcTaken = iota
	bcClient
	bcUser
	bcGroup
	bcException
	bcResult
	bcCategories
	bcReferrer
	bcStatus
	bcAction
	bcMethod
	bcType
	bcScheme
	bcHost
	bcPort
	bcPath
	bcQuery
	bcExtension
	bcAgent
	bcServer
	bcReceived // bytes to the client
	bcSent     // bytes from the client
	bcVirus
	bcCount
)

func (blueCoat) match(l *Line) int {
	b := blueCoatText(l)
	if len(b) < 60 || !digit(b[0]) || l.Tag != nil {
		return 0
	}
	if c, n := blueCoatColumns(b); n > bcMethod && blueCoatShape(&c) {
		return 96
	}
	return 0
}

// blueCoatText is the line from the time taken, which a header's reader takes for the
// host that follows date and time.
func blueCoatText(l *Line) []byte {
	if l.Host != nil && isNumber(l.Host) {
		b, _ := l.from(l.Host)
		return b
	}
	return l.Body
}

// blueCoatColumns cuts the columns; quotes hold one together. It stops at the client
// when that is no address: most lines are none of this log.
func blueCoatColumns(b []byte) (c [bcCount][]byte, n int) {
	if first, rest := word(b); len(first) == 10 && first[4] == '-' { // date and time were no header
		if clock, after := word(rest); len(clock) == 8 {
			b = after
		}
	}
	for n < bcCount && len(b) > 0 {
		if b[0] == '"' {
			v, rest, ok := quoted(b)
			if !ok {
				break
			}
			c[n], b = v, trimLeft(rest)
		} else {
			c[n], b = word(b)
		}
		if n == bcTaken && !isNumber(c[n]) || n == bcClient && !isAddress(c[n]) {
			return c, 0
		}
		n++
	}
	return c, n
}

func blueCoatShape(c *[bcCount][]byte) bool {
	switch string(c[bcResult]) {
	case "OBSERVED", "DENIED", "PROXIED", "-":
	default:
		return false
	}
	return len(c[bcStatus]) <= 3 && isNumber(c[bcStatus]) && bytes.IndexByte(c[bcAction], '_') > 0 && methodLike(c[bcMethod])
}

func (blueCoat) parse(l *Line) bool {
	b := blueCoatText(l)
	c, n := blueCoatColumns(b)
	if n <= bcMethod || !blueCoatShape(&c) {
		return false
	}
	if n <= bcSent { // cut: the last may be a part of itself
		n--
		c[n] = nil
		partial(l.Draft, "bluecoat:cut")
	}
	if len(b) != len(l.Body) { // in front of date and time stands the relay's header
		l.Body, l.Host = b, nil
		if _, n, ok := readStamp(l.Whole); ok {
			if w, rest := word(l.Whole[n:]); hostLike(w) && stampAhead(rest) {
				l.Host = w
			}
		}
	}
	l.universal()
	setObserver(l.Draft, "Broadcom", "ProxySG", "proxy")
	typ := "allowed"
	if string(c[bcResult]) == "DENIED" {
		typ = "denied"
	}
	setClass(l.Draft, "web", typ)
	putLower(l.Draft, event.EventAction, c[bcAction])
	setIP(l, event.SourceIP, c[bcClient])
	setUser(l, event.UserName, event.UserDomain, c[bcUser])
	setText(l, event.UserGroupName, c[bcGroup])
	setText(l, event.EventReason, c[bcException])
	setText(l, event.RuleCategory, c[bcCategories])
	setText(l, event.HTTPRequestReferrer, c[bcReferrer])
	if string(c[bcStatus]) != "0" {
		setNumber(l, event.HTTPResponseStatusCode, c[bcStatus])
	}
	l.Set(event.HTTPRequestMethod, c[bcMethod])
	if ms, ok := number(c[bcTaken]); ok && ms < 1<<32 {
		l.SetInt(event.EventDuration, ms*1e6)
	}
	if n <= bcPath {
		return true
	}
	setText(l, event.HTTPResponseMimeType, c[bcType])
	blueCoatURL(l, &c)
	setText(l, event.UserAgentOriginal, c[bcAgent])
	setIP(l, event.ObserverIP, c[bcServer])
	setNumber(l, event.DestinationBytes, c[bcReceived])
	setNumber(l, event.SourceBytes, c[bcSent])
	sumBytes(l)
	if v := c[bcVirus]; !none(v) {
		l.Set(event.RuleName, v)
	}
	return true
}

// blueCoatURL puts the address together again from its parts.
func blueCoatURL(l *Line, c *[bcCount][]byte) {
	if none(c[bcHost]) {
		return
	}
	out := l.scratch.scratch[:0]
	connect := string(c[bcMethod]) == "CONNECT"
	if !connect && !none(c[bcScheme]) {
		out = append(append(out, c[bcScheme]...), "://"...)
	}
	out = append(out, c[bcHost]...)
	if p := c[bcPort]; isNumber(p) && (connect || string(p) != "80" && string(p) != "443") {
		out = append(append(out, ':'), p...)
	}
	if !connect && !none(c[bcPath]) {
		out = append(out, c[bcPath]...)
	}
	if !none(c[bcQuery]) {
		out = append(out, c[bcQuery]...)
	}
	l.scratch.scratch = out
	setURL(l, out)
	if !l.Has(event.URLPort) {
		setPort(l, event.URLPort, c[bcPort])
	}
}
