package parse

import (
	"time"

	"yagura/internal/event"
)

// squid reads Squid's native access log (and what imitates it: Cisco WSA):
// "time.ms elapsed client code/status bytes method url user peer/host type".
type squid struct{}

func (squid) name() string   { return "squid" }
func (squid) tags() []string { return []string{"squid", "(squid-1)", "squid-1"} }

func (squid) match(l *Line) int {
	if _, ok := squidStart(l.Body); ok {
		return certain
	}
	return 0
}

// squidStart checks time and elapsed time and returns what follows.
func squidStart(b []byte) (rest []byte, ok bool) {
	if len(b) < 20 || !digit(b[0]) || digits(b) != 10 || b[10] != '.' {
		return nil, false
	}
	n := digits(b[11:])
	if n < 1 || n > 6 || !blank(b[11+n]) {
		return nil, false
	}
	elapsed, rest := word(b[11+n:])
	if len(elapsed) > 1 && elapsed[0] == '-' {
		elapsed = elapsed[1:]
	}
	if _, ok := number(elapsed); !ok {
		return nil, false
	}
	return rest, len(rest) > 0
}

func (squid) parse(l *Line) bool {
	l.noMACs = true
	b := trim(l.Body)
	rest, ok := squidStart(b)
	if !ok {
		return false
	}
	stampText, elapsed := word(b)
	if t, ok := epoch(stampText); ok {
		l.setInstant(t)
	}
	elapsed, _ = word(elapsed)
	if n, ok := number(elapsed); ok {
		l.SetInt(event.EventDuration, n*int64(time.Millisecond))
	}
	l.SetString(event.EventCategory, "web")
	client, rest := word(rest)
	setHost(l, event.SourceIP, event.SourceDomain, client)
	result, rest := word(rest)
	code, status, ok := cut(result, "/")
	if !ok {
		l.broken("squid:result")
		return true
	}
	squidResult(l, code)
	if string(status) != "000" && string(status) != "0" {
		setNumber(l, event.HTTPResponseStatusCode, status)
	}
	size, rest := word(rest)
	setNumber(l, event.HTTPResponseBytes, size)
	squidRequest(l, rest)
	return true
}

// squidResult: the result code is the action; its words say the verdict.
func squidResult(l *Line, code []byte) {
	setLower(l, event.EventAction, code)
	switch {
	case contains(code, "DENIED"):
		l.SetString(event.EventType, "denied")
	case hasPrefix(code, "TCP_"), hasPrefix(code, "UDP_"), hasPrefix(code, "TAG_"):
		l.SetString(event.EventType, "allowed")
	}
}

// squidRequest reads method, URL, user, hierarchy and type.
func squidRequest(l *Line, b []byte) {
	method, rest := word(b)
	if len(rest) == 0 {
		l.broken("squid:cut")
		return
	}
	setText(l, event.HTTPRequestMethod, method)
	url, rest := word(rest)
	if len(rest) == 0 {
		l.broken("squid:cut")
		return
	}
	setURL(l, url)
	user, after, ok := quoted(rest)
	if ok {
		rest = trimLeft(after)
	} else {
		user, rest = word(rest)
	}
	peer, rest := word(rest)
	for more := rest; len(more) > 0 && !squidPeer(peer); { // blanks in the URL
		user = peer
		if peer, more = word(more); squidPeer(peer) {
			rest = more
		}
	}
	if len(peer) > 0 && !squidPeer(peer) { // custom columns: whose they are is not known
		return
	}
	if len(rest) == 0 {
		l.broken("squid:cut")
		if len(peer) > 0 {
			setPercentUser(l, user)
		}
		return
	}
	setPercentUser(l, user)
	if hier, host, ok := cut(peer, "/"); ok {
		setText(l, l.Local("squid.hierarchy"), hier)
		setHost(l, event.DestinationIP, event.DestinationDomain, host)
	}
	kind, _ := word(rest)
	setText(l, event.HTTPResponseMimeType, kind)
}

// squidPeer says whether w is "HIER_DIRECT/192.0.2.80", "TIMEOUT_FIRSTUP_PARENT/name",
// "DIRECT/-".
func squidPeer(w []byte) bool {
	code, peer, ok := cut(w, "/")
	if !ok || len(code) < 4 || len(peer) == 0 {
		return false
	}
	for _, c := range code {
		if c-'A' > 25 && c != '_' && !digit(c) {
			return false
		}
	}
	return true
}
