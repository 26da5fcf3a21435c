package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"yagura/internal/event"
)

// tests checks what tests say before any is run.
func (b *compiler) tests() {
	b.parser.tests = b.def.Tests
	if n := len(b.def.Tests); n > maxLineTests {
		b.fail("tests", fmt.Sprintf("found %d", n), fmt.Sprintf("want at most %d", maxLineTests))
	}
	reads := false
	for i, t := range b.def.Tests {
		at := fmt.Sprintf("tests[%d]", i)
		reads = reads || !t.Not && len(t.Want) > 0
		switch _, timed := t.Want["@timestamp"]; {
		case t.Line == "":
			b.fail(at+".line", `found ""`, "want a line as the device sends it")
		case t.Not && len(t.Want) > 0:
			b.fail(at+".not", "beside want", "want one of them")
		case !t.Not && len(t.Want) == 0:
			b.fail(at, "nothing is wanted of the line", "want fields in want, or not: true")
		case timed && t.Received == "":
			b.fail(at+".want.@timestamp", "without received", "want received beside it, such as 2026-11-24T12:00:00+09:00: it decides the year of times without one")
		}
		if _, err := time.Parse(time.RFC3339, t.Received); t.Received != "" && err != nil {
			b.fail(at+".received", fmt.Sprintf("found %q", t.Received), "want a time such as 2026-11-24T12:00:00+09:00")
		}
		for _, name := range slices.Sorted(maps.Keys(t.Want)) {
			if name != "@timestamp" && name != "message" && !strings.HasPrefix(name, "yagura.") {
				b.target(at+".want."+name, name)
			}
		}
	}
	if !reads {
		b.fail("tests", "no test says what is read of a line", "want at least one line and its fields in want")
	}
}

// testReceived is when the lines of tests without a time of receipt came.
var testReceived = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// Test runs the parser's own tests beside the built-in families and returns what
// they found; none: the parser may be used.
func (c *Custom) Test() (faults []Fault) {
	p := NewSet(c).New()
	settings := Settings{}
	if len(c.recognise.Tag)+len(c.recognise.Starts)+len(c.recognise.Contains) == 0 {
		settings.Device = c.title
	}
	for i, t := range c.tests {
		d := &event.Draft{}
		d.Reset([]byte(strings.TrimRight(t.Line, "\r\n")))
		d.Received = testReceived
		if at, err := time.Parse(time.RFC3339, t.Received); err == nil {
			d.Received = at
		}
		p.Parse(d, &settings)
		faults = append(faults, c.judge(fmt.Sprintf("tests[%d]", i), d, t)...)
	}
	return faults
}

func (c *Custom) judge(at string, d *event.Draft, t LineTest) (faults []Fault) {
	parser, _ := d.Get(event.YaguraParser)
	mine := string(parser) == c.title
	switch {
	case t.Not && mine:
		return []Fault{{Field: at + ".not", Found: "the parser took the line", Want: "want a recognise or patterns that leave it alone"}}
	case t.Not:
		return nil
	case !mine && len(parser) == 0:
		return []Fault{{Field: at + ".line", Found: "the parser did not take the line; its text is " + quoteSome(d.Message()), Want: "want recognise and a pattern that fit it"}}
	case !mine:
		return []Fault{{Field: at + ".line", Found: fmt.Sprintf("%s took the line", parser), Want: "want recognise and a pattern that fit it, or another order"}}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Want)) {
		got, want := valuesOf(d, name), t.Want[name]
		if name == "@timestamp" && len(want) == 1 && len(got) == 1 {
			if at, err := time.Parse(time.RFC3339Nano, want[0]); err == nil && at.Equal(d.Time) {
				continue
			}
		}
		if !slices.Equal(got, want) {
			faults = append(faults, Fault{Field: at + ".want." + name, Found: "read " + valueText(got), Want: "want " + valueText(want)})
		}
	}
	return faults
}

func valuesOf(d *event.Draft, name string) (all Texts) {
	switch name {
	case "message":
		return Texts{string(d.Message())}
	case "@timestamp":
		if d.Time.IsZero() {
			return nil
		}
		return Texts{d.Time.UTC().Format(time.RFC3339Nano)}
	}
	for i := range d.Len() {
		if f, v := d.At(i); d.NameOf(f) == name && v != nil {
			all = append(all, string(v))
		}
	}
	return all
}

func valueText(all Texts) string {
	switch len(all) {
	case 0:
		return "nothing"
	case 1:
		return quoteSome([]byte(all[0]))
	}
	return fmt.Sprintf("%q", []string(all))
}

func quoteSome(b []byte) string {
	if len(b) > 200 {
		return fmt.Sprintf("%q…", b[:200])
	}
	return fmt.Sprintf("%q", b)
}
