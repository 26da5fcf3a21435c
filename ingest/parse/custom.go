package parse

import (
	"slices"
	"time"

	"yagura/internal/event"
)

// Custom is a parser by configuration: a family like the built-in ones, compiled
// once. Immutable; parsers share it.
type Custom struct {
	title     string
	observer  [3]string // vendor, product, type
	order     order
	from      from
	recognise Recognition
	patterns  []pattern
	kv        pairReader
	csv       columnReader
	json      objectReader
	form      bodyForm // how a text without patterns is read
	slots     []slot
	time      timeReader
	defaults  []constant
	tests     []LineTest
	cut       string // anomaly: the text ended early
	unfit     string // anomaly: a value is not what its type says
}

// order says when a parser is asked about a line that no source is pinned for.
type order uint8

const (
	orderNormal order = iota // unless a built-in family is certain
	orderFirst               // before all built-in families
	orderLast                // when no built-in family takes the line
	orderTagged              // normal, and known by its program: before what is known by content
	orders
)

// from says where the text begins that a parser reads.
type from uint8

const (
	fromMessage from = iota // behind the header and the tag
	fromTag                 // at what looks like a tag
	fromLine                // behind the PRI
)

// slot is one thing that is read of a line: a field, or a temporary name.
type slot struct {
	name    string
	field   event.Field // 0: temporary, or a name that is not ECS
	local   string      // a name that is not ECS
	convert convert
	words   map[string][]constant // nil: the value is taken as it is
	others  []constant            // of words that are not in words
	mapped  bool                  // words or others were given
}

// constant is a value that a definition gives to a field.
type constant struct {
	field event.Field
	local string // a name that is not ECS
	text  string
}

// capture is what was read of one slot.
type capture struct {
	slot  int
	value []byte
}

// Name is the value of yagura.parser.
func (c *Custom) Name() string { return c.title }

func (c *Custom) name() string { return c.title }

// match implements family; where a custom parser stands among the others is for
// families.find to know.
func (c *Custom) match(l *Line) int {
	if c.recognises(l) {
		return certain
	}
	return 0
}

// recognises says whether the line is the parser's by its literals.
func (c *Custom) recognises(l *Line) bool {
	r := &c.recognise
	if len(r.Tag) > 0 && (len(l.Tag) == 0 || !slices.Contains(r.Tag, str(l.Tag)) && !slices.Contains(r.Tag, str(program(l.Tag)))) {
		return false
	}
	if len(r.Starts)+len(r.Contains) == 0 {
		return len(r.Tag) > 0
	}
	text := trimLeft(c.text(l))
	if len(r.Starts) > 0 && !startsWithOne(text, r.Starts) {
		return false
	}
	for _, s := range r.Contains {
		if index(text, s) < 0 {
			return false
		}
	}
	return true
}

func startsWithOne(b []byte, all []string) bool {
	for _, s := range all {
		if hasPrefix(b, s) {
			return true
		}
	}
	return false
}

// text is the part of the line that the parser reads.
func (c *Custom) text(l *Line) []byte {
	switch {
	case c.from == fromLine:
		return l.Whole
	case c.from == fromTag && len(l.Tag) > 0:
		return l.fromTag()
	}
	return l.Body
}

// parse implements family. A line that no form fits sets nothing.
func (c *Custom) parse(l *Line) bool {
	p := l.scratch
	p.custom.captures, p.custom.held = p.custom.captures[:0], p.custom.held[:0]
	text := trim(c.text(l))
	set, ok, whole := c.read(p, text)
	if !ok {
		return false
	}
	if c.from != fromMessage {
		l.untag(text)
	}
	if c.from == fromLine {
		l.Host = nil
	}
	if !whole {
		l.broken(c.cut)
	}
	c.give(l, set)
	return true
}

// read gathers captures from the text by the first form that fits. whole is false
// when the text ended before its form did. set is what the form itself says.
func (c *Custom) read(p *Parser, text []byte) (set []constant, ok, whole bool) {
	if len(text) == 0 {
		return nil, false, false
	}
	if len(c.patterns) == 0 {
		ok, whole = c.readShape(p, c.form, text)
		return nil, ok, whole
	}
	cut := -1
	for i := range c.patterns {
		pat := &c.patterns[i]
		p.custom.captures, p.custom.held = p.custom.captures[:0], p.custom.held[:0]
		switch pat.read(c, p, text) {
		case fits:
			return pat.set, true, !p.custom.damaged
		case endsEarly:
			if cut < 0 {
				cut = i
			}
		}
	}
	if cut < 0 {
		return nil, false, false
	}
	p.custom.captures, p.custom.held = p.custom.captures[:0], p.custom.held[:0]
	c.patterns[cut].read(c, p, text)
	return nil, true, false // what the whole sentence would have said is not known
}

// give sets the fields: what was read, what it means, then what is always so.
func (c *Custom) give(l *Line, set []constant) {
	for i, f := range [...]event.Field{event.ObserverVendor, event.ObserverProduct, event.ObserverType} {
		if c.observer[i] != "" {
			l.SetString(f, c.observer[i])
		}
	}
	unfit := false
	for _, got := range l.scratch.custom.captures {
		if s := &c.slots[got.slot]; !none(got.value) && !s.give(l, got.value) {
			unfit = true
		}
	}
	if !c.giveTime(l) {
		unfit = true
	}
	giveAll(l, set)
	giveAll(l, c.defaults)
	if unfit {
		l.broken(c.unfit)
	}
}

// giveTime sets the event's time from what the definition names; true when there
// was nothing to read.
func (c *Custom) giveTime(l *Line) bool {
	p := l.scratch
	var text []byte
	found := 0
	for _, of := range c.time.of {
		for _, got := range p.custom.captures {
			if got.slot != of || len(got.value) == 0 {
				continue
			}
			if found++; found == 1 {
				text = got.value
				break
			}
			p.custom.joined = append(append(append(p.custom.joined[:0], text...), ' '), got.value...)
			text = p.custom.joined
			break
		}
	}
	if found == 0 || found < len(c.time.of) || none(text) {
		return true
	}
	return c.time.set(l, text)
}

// giveAll sets the constants whose fields nothing has set before. The values of a
// list stand one behind the other.
func giveAll(l *Line, all []constant) {
	for i := 0; i < len(all); {
		f := all[i].of(l)
		free := f != 0 && !l.Has(f)
		for j := i; i < len(all) && all[i].field == all[j].field && all[i].local == all[j].local; i++ {
			if free {
				l.SetString(f, all[i].text)
			}
		}
	}
}

func (k *constant) of(l *Line) event.Field {
	if k.field != 0 {
		return k.field
	}
	return l.Local(k.local)
}

// timeReader sets the event's time.
type timeReader struct {
	layout layout
	of     []int // slots
	zone   *time.Location
}

func (t *timeReader) set(l *Line, text []byte) bool {
	zone := l.Zone
	if t.zone != nil {
		l.Zone = t.zone
		defer func() { l.Zone = zone }()
	}
	return t.layout.set(l, text)
}
