package parse

import (
	"bytes"

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
	for i := range shapes {
		if s := &shapes[i]; hasPrefix(b, s.start) && s.apply(l, b) {
			return true
		}
	}
	return false
}

// apply reads b by the shape. All the words must be there, in order; then the
// values are set. False: nothing was set.
func (s *shape) apply(l *Line, b []byte) bool {
	return s.read(l, b, true)
}

// values is apply without what the message means: only the values are set.
func (s *shape) values(l *Line, b []byte) bool {
	return s.read(l, b, false)
}

func (s *shape) read(l *Line, b []byte, classify bool) bool {
	var kinds [shapePlaces]byte
	var values [shapePlaces][]byte
	n := 0
	form := s.form
	for len(form) > 0 {
		if form[0] != '{' {
			i := literal(form)
			end := looseAt(b, form[:i])
			if end < 0 {
				return false
			}
			b, form = b[end:], form[i:]
			continue
		}
		kinds[n], form = form[1], form[3:]
		values[n], b = shapePlace(kinds[n], form, b)
		if values[n] == nil {
			return false
		}
		n++
	}
	if classify {
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
	i := 0
	for i < len(form) && form[i] != '{' {
		i++
	}
	return i
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

// looseIndex is the place of words in b, -1 without them.
func looseIndex(b []byte, words string) int {
	if at := index(b, words); at >= 0 || bytes.IndexByte(b, ' ') < 0 || index(b, "  ") < 0 {
		return at
	}
	for at := 0; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], words[0])
		if i < 0 {
			return -1
		}
		if at += i; looseAt(b[at:], words) >= 0 {
			return at
		}
	}
	return -1
}

// shapePlace cuts a value: up to the words that follow the place; at the end of the
// form a word, or all of the rest for texts. nil: the words do not follow.
func shapePlace(kind byte, form string, b []byte) (value, rest []byte) {
	if i := literal(form); i > 0 {
		at := looseIndex(b, form[:i])
		if at < 0 {
			return nil, b
		}
		return b[:at:at], b[at:]
	}
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
