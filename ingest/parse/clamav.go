package parse

import "yagura/internal/event"

// clamav reads what clamd found: "/path: NAME FOUND", "instream(A@port): NAME FOUND",
// "fd[10]: NAME(md5:size) FOUND".
type clamav struct{}

func (clamav) name() string { return "clamav" }
func (clamav) tags() []string {
	return []string{"clamd", "clamav", "clamscan", "clamonacc", "clamav-milter"}
}

func (clamav) match(l *Line) int {
	switch string(l.Tag) {
	case "clamd", "clamav", "clamscan", "clamonacc", "clamav-milter":
		return certain
	}
	return 0
}

func (clamav) parse(l *Line) bool {
	b := trim(l.Body)
	what, ok := cutSuffix(b, " FOUND")
	if !ok {
		return false
	}
	object, virus, ok := cutLast(what, ": ")
	if !ok {
		return false
	}
	l.SetString(event.EventAction, "malware-detected")
	l.SetString(event.EventCategory, "malware")
	if i := index(virus, "("); i > 0 { // ExtendedDetectionInfo
		virus = virus[:i]
	}
	setText(l, event.RuleName, virus)
	switch {
	case object[0] == '/':
		l.Set(event.FilePath, object)
		if _, base, ok := cutLast(object, "/"); ok {
			setText(l, event.FileName, base)
		}
	case hasPrefix(object, "instream("):
		peer, _ := between(object, "(", ")")
		addr, port, _ := cut(peer, "@")
		if setIP(l, event.SourceIP, addr) {
			setPort(l, event.SourcePort, port)
		}
	}
	return true
}

// cutSuffix drops s from the end of b.
func cutSuffix(b []byte, s string) (rest []byte, ok bool) {
	if !hasSuffix(b, s) {
		return b, false
	}
	return b[:len(b)-len(s)], true
}
