package parse

import "yagura/internal/event"

// facility reads small devices of a server room that have a form of their own
// and little to say: NetApp ONTAP, HPE/Aruba ProCurve, UPS (APC's cards, NUT, Omron),
// file servers (Synology, QNAP), Ruckus ICX.
type facility struct{}

func (facility) name() string { return "facility" }
func (facility) aliases() []string {
	return []string{"netapp.ontap", "hpe.procurve", "apc.ups", "omron.ups", "ruckus.icx", "synology.dsm", "qnap.qts", "ubiquiti.unifi"}
}

func (facility) match(l *Line) int {
	b := trimLeft(l.Body)
	if len(b) < 8 {
		return 0
	}
	switch {
	case b[0] == '[' && (l.Headers || l.ietf) && ontapHead(b) > 0, digit(b[0]) && procurveTag(b) > 0:
		return 60
	case b[0] == 'E' && hasPrefix(b, "Event: ") && contains(b, ", User: "), b[0] == 'W' && hasPrefix(b, "WinFileService Event: "):
		return 80
	case len(l.Tag) > 0 && facilityTag(l, b):
		return 80
	case (b[0] == 'P' && hasPrefix(b, "Power") || b[0] == 'U' && hasPrefix(b, "UPS Event: ")) && facilityTag(l, b):
		return 70
	case (l.Headers || l.ietf) && hexTail(b) > 0:
		return 60
	case l.Tag != nil && l.PID == nil && contains(b, " from src IP "):
		return 70
	}
	return 0
}

// facilityTag judges by the program's name and what it says.
func facilityTag(l *Line, b []byte) bool {
	if string(l.Tag) == "qulogd" {
		return contains(b, "Users: ")
	}
	if vendor, product := powerProgram(l); vendor != "" || product != "" {
		return true
	}
	switch {
	case apcTag(l.Tag) && hexTail(b) > 0:
		return true
	case nasTag(l.Tag):
		return hasPrefix(b, "User [") || hasPrefix(b, "Host [") || hasPrefix(b, "Volume ") || hasPrefix(b, "Storage Pool ") || hasPrefix(b, "Drive ")
	}
	return false
}

func (facility) parse(l *Line) bool {
	b := trim(l.Body)
	if len(b) == 0 {
		return false
	}
	if rest, ok := cutPrefix(b, "WinFileService "); ok { // a tag without its colon
		l.Tag, l.Body, b = b[:len(b)-len(rest)-1], rest, rest
	}
	if hasPrefix(b, "Event: ") && contains(b, ", User: ") {
		return fileService(l, b)
	}
	if string(l.Tag) == "qulogd" {
		return qulog(l, b)
	}
	if n := ontapHead(b); n > 0 { // [node:event.name:severity]: text
		_, rest, _ := cut(b[1:n], ":")
		code, level, _ := cut(rest, ":")
		l.Set(event.EventCode, code)
		l.Set(event.LogLevel, level)
		b = trimLeft(b[n+2:])
	}
	if n := procurveTag(b); n > 0 { // 00179 mgr:  text
		code, rest := word(b)
		l.Set(event.EventCode, code)
		b = l.tag(rest, false)
		l.Body = b
		setObserver(l.Draft, "HPE", "ProCurve", "switch")
	}
	if n := hexTail(b); n > 0 { // text 0x0004
		l.Set(event.EventCode, b[n:])
	} else if code := bracketCode(b); code != nil {
		l.Set(event.EventCode, code)
	}
	facilityVendor(l, b)
	facilityWords(l, b)
	return true
}

// facilityVendor sets whose product it is, where that is certain.
func facilityVendor(l *Line, b []byte) {
	vendor, product := powerProgram(l)
	switch {
	case vendor != "":
		setObserver(l.Draft, vendor, product, "ups")
	case product != "":
		l.SetString(event.ObserverProduct, product)
		l.SetString(event.ObserverType, "ups")
	case apcTag(l.Tag) && hexTail(b) > 0:
		setObserver(l.Draft, "APC", "Network Management Card", "ups")
	}
}

// facilityWords reads the sentence.
func facilityWords(l *Line, b []byte) {
	if i := index(b, " from src IP "); i > 0 { // SSH terminated by user from src IP A
		if _, who, ok := cutLast(b[:i], " by "); ok {
			setUser(l, event.UserName, event.UserDomain, who)
		}
	}
	if nasTag(l.Tag) && nasWords(l, b) || powerWords(l, b) || deviceWords(l, b) {
		if !l.Has(event.SourceIP) {
			addressAfter(l, b, "from ")
		}
		return
	}
	genericWords(l, b)
}

// fileService reads what file servers (Synology, QNAP) log of a file: "Event:
// delete, Path: /a/b, File/Folder: File, Size: 1 KB, User: x, IP: A".
func fileService(l *Line, b []byte) bool {
	action, rest, _ := cut(b[len("Event: "):], ", ")
	l.Set(event.EventAction, action)
	l.SetString(event.EventCategory, "file")
	if path, ok := between(rest, "Path: ", ", "); ok {
		setText(l, event.FilePath, path)
	}
	if _, user, ok := cut(rest, "User: "); ok {
		user, _, _ = cut(user, ", ")
		setUser(l, event.UserName, event.UserDomain, user)
	}
	if _, addr, ok := cut(rest, "IP: "); ok {
		w, _ := word(addr)
		setIP(l, event.SourceIP, trimTail(w))
	}
	return true
}

// qulog reads QNAP's logs: "conn log: Users: x, Source IP: A, Computer name: PC1,
// Connection type: SAMBA, Accessed resources: a/b, Action: Read".
func qulog(l *Line, b []byte) bool {
	_, rest, ok := cut(b, "Users: ")
	if !ok {
		return false
	}
	user, _, _ := cut(rest, ", ")
	if string(user) != "System" {
		setUser(l, event.UserName, event.UserDomain, user)
	}
	if ip, ok := wordAfter(rest, "Source IP: "); ok && string(ip) != "127.0.0.1" {
		setIP(l, event.SourceIP, ip)
	}
	if pc, ok := between(rest, "Computer name: ", ", "); ok && string(pc) != "---" && string(pc) != "localhost" {
		setText(l, event.SourceDomain, pc)
	}
	if kind, ok := between(rest, "Connection type: ", ", "); ok {
		putLower(l.Draft, event.NetworkProtocol, kind)
	}
	action, ok := after(rest, "Action: ")
	if !ok {
		setClass(l.Draft, "host", "info")
		return true
	}
	switch action = trim(action); string(action) {
	case "Login OK", "Login Success", "Login Fail":
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		outcome(l, string(action) != "Login Fail")
		return true
	case "Logout":
		setClass(l.Draft, "authentication", "end")
	default:
		if len(action) < 3 { // cut
			return true
		}
		setClass(l.Draft, "file", "")
		if path, ok := between(rest, "Accessed resources: ", ", Action: "); ok && string(path) != "---" {
			setText(l, event.FilePath, path)
		}
	}
	putLower(l.Draft, event.EventAction, action)
	return true
}

// ontapHead is the place of the bracket that ends "[a:b:c]: ", or 0.
func ontapHead(b []byte) int {
	if b[0] != '[' {
		return 0
	}
	colons := 0
	for i := 1; i+1 < len(b) && i < 128; i++ {
		switch c := b[i]; {
		case c == ':':
			colons++
		case c == ']':
			if colons == 2 && b[i+1] == ':' {
				return i
			}
			return 0
		case blank(c):
			return 0
		}
	}
	return 0
}

// procurveTag is the length of "00179 mgr" in front of a colon, or 0.
func procurveTag(b []byte) int {
	if len(b) < 8 || digits(b) != 5 || b[5] != ' ' {
		return 0
	}
	n := tagLength(b[6:], false)
	if n == 0 || !hasLetter(b[6:6+n]) {
		return 0
	}
	return 6 + n
}

// hexTail is the place of " 0x0004" at the end, or 0.
func hexTail(b []byte) int {
	n := len(b)
	if n < 8 || b[n-7] != ' ' || b[n-6] != '0' || b[n-5] != 'x' || !hexDigits(b[n-4:]) {
		return 0
	}
	return n - 6
}

func hexDigits(b []byte) bool {
	for _, c := range b {
		if !digit(c) && c|0x20-'a' > 5 {
			return false
		}
	}
	return true
}
