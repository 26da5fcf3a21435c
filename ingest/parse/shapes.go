package parse

import (
	"bytes"
	"strings"

	"yagura/internal/event"
)

// shape is one message: words that stand for themselves, and places for values. A
// blank in the form stands for one or more.
//
//	{p} transport      {s} source end      {d} destination end    {q} protocol, as a name
//	{i} interface in   {e} interface out   {u} user               {t} user spoken of
//	{a} access list    {r} reason, to the end or the next words   {c} command
//	{l} URL            {m} MAC address     {f} file               {k} number of the rule
//	{b} bytes sent     {o} bytes received  {g} group              {v} number of a VLAN
//	{h} who is there: an address, with or without a port; anything else is passed over
//	{z} the same of the other end          {n} service's name     {_} nothing kept
//	{w} source port                        {x} destination port
type shape struct {
	start    string // the first words, for a quick no
	form     string
	action   string
	category string // "" is network
	typ      string
	outcome  string
	dir      string
}

// shapePlaces bounds the places of a shape.
const shapePlaces = 12

// applyFirst reads b by the first shape that fits. False: none does.
func applyFirst(shapes []shape, l *Line, b []byte) bool {
	if len(b) == 0 {
		return false
	}
	single := false
	for i := range shapes {
		s := &shapes[i]
		if s.start != "" && (s.start[0] != b[0] || !hasPrefix(b, s.start)) {
			continue
		}
		if s.read(l, b, shapeReading{classify: true, single: single}) {
			return true
		}
		single = single || index(b, "  ") < 0
	}
	return false
}

// values reads b by the shape without what the message means: only the values are set.
func (s *shape) values(l *Line, b []byte) bool {
	return s.read(l, b, shapeReading{})
}

// shapeReading is how a shape is read.
type shapeReading struct {
	classify bool // what the message means is set, too
	single   bool // the text is known to hold no run of blanks
}

// read sets the values. All the words must be there, in order. False: nothing was set.
func (s *shape) read(l *Line, b []byte, how shapeReading) bool {
	var kinds [shapePlaces]byte
	var values [shapePlaces][]byte
	i := literal(s.form)
	end := looseAt(b, s.form[:i])
	if end < 0 {
		return false
	}
	b = b[end:]
	n := 0
	for form := s.form[i:]; len(form) > 0; n++ {
		kinds[n], form = form[1], form[3:]
		if i = literal(form); i == 0 {
			values[n], b = shapeTail(kinds[n], b)
		} else {
			values[n], b = shapePlace(b, form[:i], how.single)
		}
		if values[n] == nil {
			return false
		}
		form = form[i:]
	}
	if how.classify {
		s.classify(l)
	}
	for i := range n {
		shapeSet(l, kinds[i], values[i])
	}
	return true
}

func (s *shape) classify(l *Line) {
	if l.Has(event.EventAction) { // the type of the event said it
		return
	}
	category := s.category
	if category == "" {
		category = "network"
	}
	setClass(l.Draft, category, s.typ)
	l.SetString(event.EventAction, s.action)
	if s.outcome != "" {
		l.SetString(event.EventOutcome, s.outcome)
	}
	if s.dir != "" {
		l.SetString(event.NetworkDirection, s.dir)
	}
}

// literal is the length of the words in front of the next place.
func literal(form string) int {
	if i := strings.IndexByte(form, '{'); i >= 0 {
		return i
	}
	return len(form)
}

// looseAt says where words end that b begins with, -1 when it does not.
func looseAt(b []byte, words string) int {
	if hasPrefix(b, words) {
		return len(words)
	}
	i := 0
	for j := range len(words) {
		if i >= len(b) || b[i] != words[j] {
			return -1
		}
		if i++; words[j] == ' ' {
			i += blanks(b[i:])
		}
	}
	return i
}

// shapePlace cuts a value up to the words that follow its place. nil: they do not
// follow. single: b is known to hold no run of blanks.
func shapePlace(b []byte, words string, single bool) (value, rest []byte) {
	if at := index(b, words); at >= 0 {
		return b[:at:at], b[at+len(words):]
	}
	if single || index(b, "  ") < 0 {
		return nil, b
	}
	for at := 0; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], words[0])
		if i < 0 {
			return nil, b
		}
		at += i
		if end := looseAt(b[at:], words); end >= 0 {
			return b[:at:at], b[at+end:]
		}
	}
	return nil, b
}

// shapeTail cuts a value at the end of the form: a word, or all of the rest for texts.
func shapeTail(kind byte, b []byte) (value, rest []byte) {
	if kind == 'r' || kind == 'c' || kind == 'l' || kind == '_' {
		return b, nil
	}
	if at := index(b, " ("); at > 0 { // "dst inside:192.0.2.1 (type 8, code 0)"
		return b[:at], b[at:]
	}
	w, rest := word(b)
	for len(w) > 0 && (w[len(w)-1] == '.' || w[len(w)-1] == ',') {
		w = w[:len(w)-1]
	}
	return w, rest
}

// shapeSet files one value.
func shapeSet(l *Line, kind byte, v []byte) {
	v = trim(v)
	switch kind {
	case 'p':
		setTransport(l.Draft, v)
	case 's':
		p := asaEnd(v)
		if !p.set(l, asaSource) {
			partial(l.Draft, "cisco:end")
		}
		if p.user != nil {
			setUser(l, event.UserName, event.UserDomain, p.user)
		}
	case 'd':
		if !asaEnd(v).set(l, asaDestination) {
			partial(l.Draft, "cisco:end")
		}
	case 'i':
		if w, _ := word(v); len(w) > 0 && !l.Has(event.ObserverIngressInterface) {
			l.Set(event.ObserverIngressInterface, w)
		}
	case 'u':
		if v = unquote(v); !isAddress(v) && !masked(v) && string(v) != "Unknown" && !l.Has(event.UserName) && !hasPrefix(v, "(") { // a tunnel's peer is no user
			setUser(l, event.UserName, event.UserDomain, v)
		}
	case 'h':
		putEnd(l, event.SourceIP, event.SourcePort, bytes.Trim(v, "'\"()<>.,;"))
	case 'z':
		putEnd(l, event.DestinationIP, event.DestinationPort, bytes.Trim(v, "'\"()<>.,;"))
	case 'a':
		setText(l, event.RuleName, v)
	case 'r':
		setText(l, event.EventReason, unquote(v))
	case 'c':
		if n := len(v); n > 0 && v[n-1] == '\'' {
			v = v[:n-1]
		}
		setText(l, event.ProcessCommandLine, v)
	case 'l':
		asaURL(l, v)
	case 'm':
		setText(l, event.SourceMAC, v)
	case 'f':
		setText(l, event.FileName, v)
	case 'k':
		setText(l, event.RuleID, v)
	default:
		shapeSetName(l, kind, v)
	}
}

// shapeSetName files a value that is a name or a number as it stands.
func shapeSetName(l *Line, kind byte, v []byte) {
	switch kind {
	case 'w':
		putPort(l, event.SourcePort, v)
	case 'x':
		putPort(l, event.DestinationPort, v)
	case 'q':
		if len(v) < 16 && !none(v) {
			putLower(l.Draft, event.NetworkProtocol, v)
		}
	case 't':
		setUser(l, event.UserTargetName, event.UserTargetDomain, unquote(v))
	case 'g':
		setText(l, event.UserGroupName, v)
	case 'e':
		setText(l, event.ObserverEgressInterface, v)
	case 'v':
		if isNumber(v) {
			l.Set(event.NetworkVLANID, v)
		}
	case 'n':
		setText(l, event.ServiceName, v)
	case 'b':
		setNumber(l, event.SourceBytes, v)
	case 'o':
		setNumber(l, event.DestinationBytes, v)
	}
}
