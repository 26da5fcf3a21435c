package parse

import (
	"bytes"

	"yagura/internal/event"
)

// setURL sets url.original and the parts of it that are certain: a full URL
// ("http://a:80/p?q"), "host:port" (CONNECT), or a path with its query.
func setURL(l *Line, b []byte) {
	if none(b) {
		return
	}
	l.Set(event.URLOriginal, b)
	if scheme, rest, ok := cut(b, "://"); ok && len(scheme) > 0 && len(scheme) < 12 && hasLetter(scheme) && bytes.IndexByte(scheme, '/') < 0 {
		l.Set(event.URLScheme, scheme)
		host, path := rest, []byte(nil)
		if i := bytes.IndexAny(rest, "/?#"); i >= 0 {
			host, path = rest[:i], rest[i:]
		}
		setAuthority(l, host)
		setPath(l, path)
		return
	}
	if b[0] == '/' {
		setPath(l, b)
		return
	}
	if host, port, ok := cutLast(b, ":"); ok && hostLike(bytes.Trim(host, "[]")) && len(port) > 0 && digits(port) == len(port) {
		setAuthority(l, b)
	}
}

// urlParts sets the parts of an address that is in url.original already; a domain that
// is set stays.
func urlParts(l *Line, b []byte) {
	if scheme, rest, ok := cut(b, "://"); ok && len(scheme) > 0 && len(scheme) < 12 && hasLetter(scheme) && bytes.IndexByte(scheme, '/') < 0 {
		host := rest
		if i := bytes.IndexAny(rest, "/?#"); i >= 0 {
			host = rest[:i]
			setPath(l, rest[i:])
		}
		l.Set(event.URLScheme, scheme)
		if !l.Has(event.URLDomain) {
			setAuthority(l, host)
		}
	} else if len(b) > 0 && b[0] == '/' {
		setPath(l, b)
	}
}

// setAuthority reads "[user@]host[:port]".
func setAuthority(l *Line, b []byte) {
	if i := bytes.LastIndexByte(b, '@'); i >= 0 {
		b = b[i+1:]
	}
	host := b
	if i := bytes.LastIndexByte(b, ':'); i >= 0 && bytes.IndexByte(b[i:], ']') < 0 {
		if setPort(l, event.URLPort, b[i+1:]) {
			host = b[:i]
		}
	}
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	if len(host) > 0 {
		l.Set(event.URLDomain, host)
	}
}

func setPath(l *Line, b []byte) {
	if i := bytes.IndexByte(b, '#'); i >= 0 {
		b = b[:i]
	}
	path, query, ok := cut(b, "?")
	if len(path) > 0 {
		l.Set(event.URLPath, path)
	}
	if ok {
		l.Set(event.URLQuery, query)
	}
}

// setPercentUser sets a user name that a proxy wrote with percent escapes.
func setPercentUser(l *Line, b []byte) {
	if bytes.IndexByte(b, '%') < 0 {
		setUser(l, event.UserName, event.UserDomain, b)
		return
	}
	var tmp [256]byte
	out := tmp[:0]
	for i := 0; i < len(b) && len(out) < len(tmp); i++ {
		if b[i] == '%' && i+2 < len(b) {
			if n, ok := hexNumber(b[i+1 : i+3]); ok && n >= ' ' {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	setUser(l, event.UserName, event.UserDomain, bytes.ToValidUTF8(out, replacement))
}

// methodLike says whether w may be an HTTP method.
func methodLike(w []byte) bool {
	if len(w) < 3 || len(w) > 20 {
		return false
	}
	for _, c := range w {
		if c-'A' > 25 && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
