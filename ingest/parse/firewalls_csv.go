package parse

import "yagura/internal/event"

// csvLine cuts comma-separated columns; quotes hold a column together.
type csvLine struct {
	column [64][]byte
	n      int
}

func cutCSV(b []byte) (c csvLine) {
	for c.n < len(c.column) {
		v, rest, more := b, []byte(nil), false
		if len(b) > 0 && b[0] == '"' {
			i := 1
			for i < len(b) && (b[i] != '"' || i+1 < len(b) && b[i+1] == '"') {
				if b[i] == '"' {
					i++
				}
				i++
			}
			v = b[1:min(i, len(b))]
			_, rest, more = cut(b[min(i, len(b)):], ",")
		} else {
			v, rest, more = cut(b, ",")
		}
		c.column[c.n] = trim(v)
		c.n++
		if !more {
			break
		}
		b = rest
	}
	return c
}

// set sets the fields of columns by their places.
func (c *csvLine) set(l *Line, places []csvPlace) {
	for _, p := range places {
		if p.at < c.n {
			c.column[p.at] = trim(c.column[p.at])
			setByKind(l, p.field, c.column[p.at])
		}
	}
}

type csvPlace struct {
	at    int
	field event.Field
}

// setByKind sets a field when the text is fit for what it holds.
func setByKind(l *Line, f event.Field, v []byte) {
	switch f {
	case event.SourcePort, event.DestinationPort, event.SourceNATPort, event.DestinationNATPort:
		putPort(l, f, v)
	case event.SourceNATIP, event.DestinationNATIP:
		if !zeroAddress(v) {
			setIP(l, f, v)
		}
	case event.UserName:
		setUser(l, event.UserName, event.UserDomain, v)
	case event.NetworkTransport:
		setTransport(l.Draft, v)
	case event.EventAction:
		if !none(v) {
			putLower(l.Draft, f, v)
		}
	default:
		switch f.Kind() {
		case event.IP:
			setIP(l, f, v)
		case event.Long:
			setNumber(l, f, v)
		default:
			setText(l, f, v)
		}
	}
}

// sumBytes sets network.bytes when both directions are known.
func sumBytes(l *Line) {
	out, _ := l.Get(event.SourceBytes)
	in, _ := l.Get(event.DestinationBytes)
	sent, ok := number(out)
	received, ok2 := number(in)
	if ok && ok2 && !l.Has(event.NetworkBytes) {
		l.SetInt(event.NetworkBytes, sent+received)
	}
}

// setPair sets the field that a table gives to the pair's key, or keeps it behind the
// vendor's name.
func setPair(l *Line, fields map[string]event.Field, vendor string, p *pairs) {
	if none(p.value) || len(p.key) > 64 {
		return
	}
	if f, ok := fields[string(p.key)]; ok && f != 0 {
		if !l.Has(f) {
			setByKind(l, f, p.value)
		}
		return
	}
	l.Set(l.LocalBytes(vendor, p.key), p.value)
}
