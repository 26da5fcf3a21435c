package parse

import (
	"time"

	"yagura/internal/event"
)

// Settings is what is known about a source beforehand. The zero value means:
// find out.
type Settings struct {
	Device   string         // family name or alias (Devices), or a Custom's name; "" finds it by content; unknown names too
	Location *time.Location // zone of times without one; nil is Asia/Tokyo
	Encoding string         // "utf-8", "cp932", "euc-jp", "iso-2022-jp"; "" or "auto" judges each line
}

// Parser turns raw lines into fields. One for each goroutine: it holds scratch
// space. Its families are shared and immutable.
type Parser struct {
	families *families
	zone     *time.Location
	line     Line
	year     lastYear
	scratch  []byte // a name or value being built
	decoded  []byte // text being decoded
	json     jsonWalk
	machines machines
	fields   jsonFields
	audit    auditMemory
	zeek     zeekMemory
	custom   customScratch
}

// New returns a parser that knows the built-in families.
func New() *Parser { return NewSet().New() }

// Set is the families that parsers share. Safe for concurrent use.
type Set struct{ families *families }

// NewSet returns the built-in families and parsers by configuration. Of two with
// one name the later is used by sources that name it.
func NewSet(custom ...*Custom) *Set {
	f := newFamilies()
	for _, c := range custom {
		f.add(c)
	}
	return &Set{f}
}

// Ambiguous counts the lines that were left to generic as two families were nearly
// equally sure of them.
func (s *Set) Ambiguous() uint64 { return s.families.ambiguous.Load() }

// New returns a parser of the set.
func (s *Set) New() *Parser { return &Parser{families: s.families, zone: tokyo()} }

// tokyo works without zone files, too: Japan has had no summer time since 1951.
func tokyo() *time.Location {
	if zone, err := time.LoadLocation("Asia/Tokyo"); err == nil {
		return zone
	}
	return time.FixedZone("JST", 9*60*60)
}

// Parse reads the draft's raw line and sets its time, fields, message and flags.
// The caller has called Reset and set Received; for imported files it sets
// event.FlagHistory, too, so that old times are not taken for a wrong clock. It
// rejects nothing and never panics: a line that nobody understands keeps its
// bytes and is flagged.
func (p *Parser) Parse(d *event.Draft, s *Settings) {
	l := &p.line
	*l = Line{Draft: d, Zone: p.zone, scratch: p}
	p.custom.refused = p.custom.refused[:0]
	if s != nil && s.Location != nil {
		l.Zone = s.Location
	}
	device, encoding := "", ""
	if s != nil {
		device, encoding = s.Device, s.Encoding
	}
	p.decode(l, encoding)
	p.unspread(l)
	l.Whole = d.Text()
	l.Body = l.Whole
	p.header(l)
	p.content(l, device)
	l.finish()
}

// anomalyFault says that a family had a fault: a bug of ours. The line must not
// take the receiver with it.
const anomalyFault = "parser_fault"

// read is the family's parse, guarded.
func read(fam family, l *Line) (ok bool) {
	defer func() {
		if recover() != nil {
			l.broken(anomalyFault)
			ok = false
		}
	}()
	return fam.parse(l)
}

// content hands the line to its family; what a family leaves undone is done
// here, so that a family may set host.name, process.name or message itself, or
// clear l.Host and l.Tag when they are none.
func (p *Parser) content(l *Line, device string) {
	whole, body := l.Whole, l.Body
	first := l.lines && p.oneLine(l)
	name := p.understand(l, device)
	if first {
		l.rejoin(whole, body, name != "")
	}
	if name == "" {
		p.reference(l)
		l.Flags |= event.FlagUnparsed
		return
	}
	l.SetString(event.YaguraParser, name)
}

// readFound has the family that is found by content read the line; nil: none could.
// What a parser by configuration recognises and cannot read is left to the next.
func (p *Parser) readFound(l *Line, not family) family {
	for {
		fam := p.families.find(l, not)
		if fam == nil || read(fam, l) {
			return fam
		}
		c, ok := fam.(*Custom)
		if !ok {
			return nil
		}
		l.refuse(c)
	}
}

// understand has a family or generic read the line; it returns the name for
// yagura.parser, "" when nobody understood it.
func (p *Parser) understand(l *Line, device string) string {
	fam := p.families.names[device]
	if fam == nil || !read(fam, l) {
		fam = p.readFound(l, fam)
	}
	if fam != nil {
		return fam.name()
	}
	return p.generic(l)
}
