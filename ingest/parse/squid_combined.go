package parse

import "bytes"

// squidCombined reads Squid's common and combined formats: those of a web server,
// with the result behind them: `client ident user [time] "request" status bytes
// ["referrer" "agent"] TCP_MISS:HIER_DIRECT`. It is a family of its own, as rules
// for proxies are not those for web servers.
type squidCombined struct{}

func (squidCombined) name() string { return "squid.combined" }

func (squidCombined) match(l *Line) int {
	if _, _, ok := squidTail(l.Body); ok && webTime(l.Body) > 0 {
		return certain
	}
	return 0
}

func (squidCombined) parse(l *Line) bool {
	code, peer, ok := squidTail(l.Body)
	if !ok || !(webAccess{}).parse(l) {
		return false
	}
	squidResult(l, code)
	setText(l, l.Local("squid.hierarchy"), peer)
	return true
}

// squidTail reads the result at the end of a line.
func squidTail(b []byte) (code, peer []byte, ok bool) {
	b = trim(b)
	last := b[bytes.LastIndexByte(b, ' ')+1:]
	if len(last) < 8 || len(last) > 80 || !hasPrefix(last, "TCP_") && !hasPrefix(last, "UDP_") && !hasPrefix(last, "NONE") && !hasPrefix(last, "TAG_") {
		return nil, nil, false
	}
	code, peer, ok = cut(last, ":")
	return code, peer, ok && bytes.IndexByte(code, '"') < 0
}
