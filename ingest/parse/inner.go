package parse

import (
	"time"

	"yagura/internal/event"
)

// inner reads b as a line of its own that something carries: the message of a
// JSON object (agents, the journal, containers), or the body of a line that a
// relay put behind a header of its own. The host, program and time of the inner
// header win over the carrier's. It returns the family's name, "" when the inner
// line is nobody's: then nothing has changed.
func (p *Parser) inner(l *Line, b []byte) string {
	if len(b) < 8 || l.depth > 1 {
		return ""
	}
	l.depth++
	defer func() { l.depth-- }()
	kept := carrier{l.Host, l.Tag, l.PID, l.Whole, l.Body, l.Time, l.Flags}
	whole, before := b, l.Len()
	if b[0] == '<' && digit(b[1]) {
		_, rest, ok := cut(b[:min(len(b), 5)], ">")
		if ok {
			b = trimLeft(b[min(len(b), 5)-len(rest):])
		}
	}
	l.Whole, l.Body = b, b
	if versionAhead(b) {
		p.unwrap5424(l, b, false)
	} else if stampAhead(b) {
		l.Host, l.Tag, l.PID = nil, nil, nil
		l.bsd(false)
		if carried(l.Body) {
			p.unwrap(l)
		}
		if l.Host == nil {
			l.Host = kept.host
		}
	} else if l.Tag == nil {
		l.Body = l.pidTag(b)
	}
	name := p.innerFamily(l)
	if name == "" && l.Body != nil && jsonAhead(l.Body) {
		name = p.genericJSON(l, trimLeft(l.Body))
	}
	if name == "" {
		kept.restore(l)
		return ""
	}
	l.prefer(before)
	if whole[0] == '<' {
		l.innerPriority(whole)
	}
	if l.Host != nil && l.Has(event.HostName) {
		l.Replace(event.HostName, l.Host)
	}
	return name
}

// prefer drops what was set before the place and again behind it: what a carrier says
// of a line stands behind what the line itself says.
func (l *Line) prefer(before int) {
	for i := 0; i < before; {
		f, _ := l.At(i)
		var again [8][]byte
		n, earlier := 0, 0
		for j := i; j < l.Len() && n < len(again); j++ {
			switch g, v := l.At(j); {
			case f != g || f == event.YaguraAnomaly || f == event.Tags:
			case j < before:
				earlier++
			default:
				again[n] = v
				n++
			}
		}
		if n == 0 {
			i++
			continue
		}
		l.Delete(f)
		for _, v := range again[:n] {
			l.Set(f, v)
		}
		before -= earlier
	}
}

// innerFamily has the family of an inner line read it; generic never reads one.
func (p *Parser) innerFamily(l *Line) (name string) {
	whole, body := l.Whole, l.Body
	first := severalLines(trim(body)) && p.oneLine(l)
	if fam := p.readFound(l, nil); fam != nil {
		name = fam.name()
	}
	if first {
		l.rejoin(whole, body, name != "")
	}
	return name
}

// carrier is what the outer header said.
type carrier struct {
	host, tag, pid, whole, body []byte
	time                        time.Time
	flags                       uint16
}

func (c carrier) restore(l *Line) {
	l.Host, l.Tag, l.PID, l.Whole, l.Body = c.host, c.tag, c.pid, c.whole, c.body
	l.Time, l.Flags = c.time, c.flags
}

// versionAhead says whether b begins with version and time of RFC 5424.
func versionAhead(b []byte) bool {
	return len(b) > 20 && b[0]-'1' < 9 && b[1] == ' ' && dateAhead(b[2:])
}

// carried says whether the body of a line begins with a header of its own.
func carried(b []byte) bool {
	return len(b) > 20 && (b[0] == '<' && digit(b[1]) || b[1] == ' ' && versionAhead(b) || stampAhead(b))
}
