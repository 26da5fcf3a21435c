package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Compile checks a definition and makes a parser of it; with any fault there is
// none. Its tests are not run: see Custom.Test.
func Compile(d *Definition) (*Custom, []Fault) {
	b := &compiler{def: d, parser: &Custom{title: d.Name, observer: [3]string{d.Vendor, d.Product, d.Type}}, slots: map[string]int{}}
	b.name()
	b.choices()
	b.recognition()
	b.parser.time.of = nil
	b.timeForm() // patterns need it
	b.patterns()
	b.shapes()
	b.timeSlots()
	b.words()
	b.parser.defaults = b.constants("defaults", d.Defaults, "")
	b.tests()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	return b.parser, nil
}

// compiler gathers the faults of one definition.
type compiler struct {
	def    *Definition
	parser *Custom
	slots  map[string]int // by field:type
	faults []Fault
}

func (b *compiler) fail(field, found, want string) {
	b.faults = append(b.faults, Fault{Field: field, Found: found, Want: want})
}

// slip is a fault that may be a slip of one of among.
func (b *compiler) slip(field, word string, among []string, want string) {
	b.faults = append(b.faults, Fault{Field: field, Found: fmt.Sprintf("found %q", word), Want: want, Word: word, Among: among})
}

func (b *compiler) name() {
	n := b.def.Name
	ok := len(n) > 0 && len(n) <= 64 && n[0] >= 'a' && n[0] <= 'z' && strings.Contains(n, ".")
	for _, c := range []byte(n) {
		ok = ok && (c >= 'a' && c <= 'z' || digit(c) || c == '.' || c == '-' || c == '_')
	}
	switch {
	case !ok:
		b.fail("name", fmt.Sprintf("found %q", n), "want vendor.product in small letters, digits, - and _, such as acme.door")
	case slices.Contains(Devices(), n), n == "generic.kv", n == "generic.json", n == "generic.syslog":
		b.fail("name", fmt.Sprintf("%q is built in", n), "want another name")
	}
	b.parser.cut, b.parser.unfit = n+":cut", n+":value"
	for field, v := range map[string]string{"vendor": b.def.Vendor, "product": b.def.Product, "type": b.def.Type} {
		if len(v) > 256 {
			b.fail(field, fmt.Sprintf("found %d bytes", len(v)), "want at most 256")
		}
	}
}

func (b *compiler) choices() {
	orders := map[string]order{"": orderNormal, "normal": orderNormal, "first": orderFirst, "last": orderLast}
	var ok bool
	if b.parser.order, ok = orders[b.def.Order]; !ok {
		b.slip("order", b.def.Order, []string{"first", "normal", "last"}, "want first, normal or last")
	}
	starts := map[string]from{"": fromMessage, "message": fromMessage, "tag": fromTag, "line": fromLine}
	if b.parser.from, ok = starts[b.def.From]; !ok {
		b.slip("from", b.def.From, []string{"message", "tag", "line"}, "want message, tag or line")
	}
}

func (b *compiler) recognition() {
	r := b.def.Recognise
	b.parser.recognise = r
	for i, s := range r.Tag {
		if s == "" || len(s) > maxTag {
			b.fail(fmt.Sprintf("recognise.tag[%d]", i), fmt.Sprintf("found %q", s), "want a program's name")
		}
	}
	firm := len(r.Tag) > 0 || slices.ContainsFunc(r.Contains, long) || len(r.Starts) > 0 && !slices.ContainsFunc(r.Starts, func(s string) bool { return !long(s) })
	for _, one := range []struct {
		key   string
		texts Texts
	}{{"starts", r.Starts}, {"contains", r.Contains}} {
		for i, s := range one.texts {
			if !firm && !long(s) || s == "" {
				b.fail(fmt.Sprintf("recognise.%s[%d]", one.key, i), fmt.Sprintf("found %q", s), fmt.Sprintf("want %d bytes or more: what is shorter stands in others' lines, too", minLiteral))
			}
		}
	}
}

func long(s string) bool { return len(s) >= minLiteral }

// timeForm compiles the form of times.
func (b *compiler) timeForm() {
	t := b.def.Time
	var err error
	if b.parser.time.layout, err = newLayout(t.Format); err != nil {
		b.slip("time.format", t.Format, slices.Sorted(maps.Keys(epochUnits)), `want auto, epoch, or a form of YYYY MM DD hh mm ss such as "YYYY/MM/DD hh:mm:ss" (`+err.Error()+")")
	}
	if t.Zone != "" {
		if b.parser.time.zone, err = time.LoadLocation(t.Zone); err != nil {
			b.fail("time.zone", fmt.Sprintf("found %q", t.Zone), "want a time zone such as Asia/Tokyo")
		}
	}
}

// timeSlots finds what the time is read of.
func (b *compiler) timeSlots() {
	of := b.def.Time.Of
	if len(of) == 0 {
		of = Texts{"@timestamp"}
	}
	for i, name := range of {
		slot, ok := b.slots[name]
		switch {
		case ok:
			b.parser.time.of = append(b.parser.time.of, slot)
		case len(b.def.Time.Of) > 0:
			b.slip(fmt.Sprintf("time.of[%d]", i), name, b.temporary(), "want @timestamp, or an @name that is read of the line")
		}
	}
}

// temporary lists the names that are no fields.
func (b *compiler) temporary() (names []string) {
	for name := range b.slots {
		if name[0] == '@' && !strings.Contains(name, ":") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// shapes compiles kv, csv and json, and sees that there is something to read.
func (b *compiler) shapes() {
	d, c := b.def, b.parser
	var have []string
	if len(d.KV.Fields) > 0 {
		have, c.form = append(have, "kv"), kvForm
	}
	if len(d.CSV.Columns) > 0 {
		have, c.form = append(have, "csv"), csvForm
	}
	if len(d.JSON.Fields) > 0 {
		have, c.form = append(have, "json"), jsonForm
	}
	switch {
	case len(d.Patterns) == 0 && len(have) == 0:
		b.fail("patterns", "nothing says how a line is read", "want patterns, kv, csv or json")
	case len(d.Patterns) == 0 && len(have) > 1:
		b.fail(have[1], "beside "+have[0]+" without patterns", "want one of them, or patterns that say where each stands: {:kv}, {:csv}, {:json}")
	}
	b.pairs()
	b.columns()
	c.json = objectReader{least: max(1, d.JSON.Least), names: b.names("json.fields", d.JSON.Fields)}
}

func (b *compiler) pairs() {
	k := b.def.KV
	r := pairReader{pair: k.Pair, between: k.Between, quote: '"', least: max(1, k.Least), names: b.names("kv.fields", k.Fields)}
	if r.pair == "" {
		r.pair = "="
	}
	if r.between == "" {
		r.between = " "
	}
	if k.Quote != "" {
		r.quote = b.character("kv.quote", k.Quote, `a quote such as "`)
	}
	if r.pair == r.between {
		b.fail("kv.pair", fmt.Sprintf("%q stands between the pairs, too", r.pair), "want another text, or another kv.between")
	}
	if n := len(k.Fields); n > 0 && r.least > n {
		b.fail("kv.least", fmt.Sprintf("found %d", r.least), fmt.Sprintf("want at most the %d fields", n))
	}
	b.parser.kv = r
}

func (b *compiler) columns() {
	s := b.def.CSV
	r := columnReader{separator: ',', quote: '"', least: s.Least}
	if s.Separator != "" {
		r.separator = b.character("csv.separator", s.Separator, "one character such as , ; | or a tab")
	}
	if s.Quote != "" {
		r.quote = b.character("csv.quote", s.Quote, `a quote such as "`)
	}
	if r.least <= 0 {
		r.least = len(s.Columns)
	}
	if r.least > len(s.Columns) {
		b.fail("csv.least", fmt.Sprintf("found %d", s.Least), fmt.Sprintf("want at most the %d columns", len(s.Columns)))
	}
	if len(s.Columns) == 1 {
		b.fail("csv.columns", "one column", "want all columns in their order; - for those to leave out")
	}
	for i, text := range s.Columns {
		slot := -1
		if text != "" && text != "-" {
			slot, _ = b.slot(fmt.Sprintf("csv.columns[%d]", i), text)
		}
		r.columns = append(r.columns, slot)
	}
	b.parser.csv = r
}

func (b *compiler) names(field string, fields map[string]string) map[string]int {
	names := make(map[string]int, len(fields))
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		names[key], _ = b.slot(field+"."+key, fields[key])
	}
	return names
}

// character wants one ASCII character.
func (b *compiler) character(field, s, want string) byte {
	if s == `\t` {
		s = "\t"
	}
	if len(s) != 1 {
		b.fail(field, fmt.Sprintf("found %q", s), "want "+want)
		return 0
	}
	return s[0]
}
