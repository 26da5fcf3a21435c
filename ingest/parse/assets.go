package parse

import (
	"bytes"

	"yagura/internal/event"
)

// assets reads what managers of PCs send by syslog (SKYSEA Client View, LANSCOPE,
// QND, AssetView and their kin): columns parted by commas or tabs, with or without
// the name of each in Japanese in front of its value. The vendors publish no format, so that
// only what a column says of itself is believed: its name, or its shape (a time, an
// address, a hardware address, a path, DOMAIN\user, a page, a word for what was done).
// What people do becomes a code (assetWords), whatever the language.
type assets struct{}

func (assets) name() string      { return "assets" }
func (assets) aliases() []string { return []string{"skysea", "lanscope", "assetview", "qnd"} }

func (assets) match(l *Line) int {
	b := l.Body
	if len(b) < 40 || !assetTable(b) {
		return 0
	}
	if assetProduct(l.Tag) != nil || assetProduct(b[:min(len(b), 48)]) != nil {
		return 85
	}
	if !japaneseIn(b[:min(len(b), 512)]) {
		return 0
	}
	c := assetColumns(b)
	named, shaped, stamped := 0, 0, false
	for i := range c.n {
		if key, _ := assetKey(c.column[i]); key != assetNone {
			named++
		}
		switch assetShape(c.column[i]) {
		case shapeTime:
			stamped = stamped || i < 4
		case shapeAddress, shapeMAC, shapePath, shapeUser:
			shaped++
		}
	}
	switch {
	case named >= 3:
		return 85
	case stamped && shaped >= 2 && c.n >= 6:
		return 45
	}
	return 0
}

// japaneseIn says whether b holds a character of kana or kanji, in UTF-8.
func japaneseIn(b []byte) bool {
	for _, c := range b {
		if c >= 0xe3 && c <= 0xe9 {
			return true
		}
	}
	return false
}

// assetProducts are products by a part of their name, and whose they are.
var assetProducts = [...]struct{ word, vendor, product string }{
	{"SKYSEA", "Sky", "SKYSEA Client View"},
	{"LANSCOPE", "MOTEX", "LANSCOPE"},
	{"LanScope", "MOTEX", "LANSCOPE"},
	{"AssetView", "Hammock", "AssetView"},
	{"QND", "Quality Soft", "QND"},
	{"InfoTrace", "Soliton", "InfoTrace"},
	{"MylogStar", "Runexy", "MylogStar"},
}

// assetProduct is the place in assetProducts of a product that b names, nil without.
func assetProduct(b []byte) *struct{ word, vendor, product string } {
	for i := range assetProducts {
		p := &assetProducts[i]
		if len(b) >= len(p.word) && contains(b, p.word) {
			return p
		}
	}
	return nil
}

// assetTable says whether b is in columns: four commas, or three tabs.
func assetTable(b []byte) bool {
	return bytes.Count(b, []byte{','}) >= 4 || bytes.Count(b, []byte{'\t'}) >= 3
}

// assetColumns cuts at tabs when there are some, else at commas.
func assetColumns(b []byte) (c csvLine) {
	if bytes.Count(b, []byte{'\t'}) < 3 {
		return cutCSV(b)
	}
	for c.n < len(c.column) {
		v, rest, more := cut(b, "\t")
		c.column[c.n] = unquote(trim(v))
		c.n++
		if !more {
			break
		}
		b = rest
	}
	return c
}

func (assets) parse(l *Line) bool {
	p := assetProduct(l.Tag)
	if p == nil {
		p = assetProduct(l.Body[:min(len(l.Body), 48)])
	}
	if p != nil {
		setObserver(l.Draft, p.vendor, p.product, "asset-management")
	} else {
		l.SetString(event.ObserverType, "asset-management")
	}
	c := assetColumns(l.Body)
	n := 0
	for i := range c.n {
		key, v := assetKey(c.column[i])
		if key == assetNone {
			continue
		}
		if assetSet(l, key, v) {
			n++
		}
	}
	if n == 0 {
		n = assetShapes(l, &c)
	}
	if action, ok := l.Get(event.EventAction); ok {
		setClass(l.Draft, assetCategory(action), "info")
	} else {
		setClass(l.Draft, "host", "info")
	}
	return n > 0
}

// assetShapes sets what columns without names are by their shape. Of two that look
// alike nobody knows which is which: neither is set, but for the first time and path.
func assetShapes(l *Line, c *csvLine) (n int) {
	var addresses, macs, users, seen int
	var address, mac, user []byte
	for i := range c.n {
		v := c.column[i]
		switch assetShape(v) {
		case shapeTime:
			if seen++; seen == 1 {
				l.setWritten(v)
			}
		case shapeAddress:
			address, addresses = v, addresses+1
		case shapeMAC:
			mac, macs = v, macs+1
		case shapeUser:
			user, users = v, users+1
		case shapePath:
			if !l.Has(event.FilePath) {
				l.Set(event.FilePath, v)
			}
		case shapePage:
			if !l.Has(event.URLOriginal) {
				setURL(l, v)
			}
		case shapeWord:
			assetAction(l, v)
		default:
			continue
		}
		n++
	}
	if addresses == 1 {
		setIP(l, event.HostIP, address)
	}
	if macs == 1 {
		l.Set(event.HostMAC, mac)
	}
	if users == 1 {
		setUser(l, event.UserName, event.UserDomain, user)
	}
	return n
}

// The shapes of a column.
const (
	shapeNone = iota
	shapeTime
	shapeAddress
	shapeMAC
	shapePath
	shapeUser
	shapePage
	shapeWord
)

func assetShape(v []byte) int {
	switch {
	case len(v) < 2:
		return shapeNone
	case digit(v[0]) && len(v) >= 16 && len(v) < 32:
		if _, n, ok := readStamp(v); ok && n == len(v) {
			return shapeTime
		}
	case v[0] >= 0xe3:
		if assetWord(v) != "" {
			return shapeWord
		}
		return shapeNone
	case len(v) > 3 && (letter(v[0]) && v[1] == ':' && v[2] == '\\' || v[0] == '\\' && v[1] == '\\'):
		return shapePath
	case hasPrefix(v, "http://"), hasPrefix(v, "https://"):
		return shapePage
	}
	switch {
	case isAddress(v):
		return shapeAddress
	case isMAC(v):
		return shapeMAC
	}
	if d, u, ok := cut(v, `\`); ok && hostLike(d) && len(u) > 0 && len(u) < 64 && index(u, `\`) < 0 && index(u, " ") < 0 {
		return shapeUser
	}
	return shapeNone
}
