package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// oracle shows an event to sigma.Naive, with the field mapping done slowly.
type oracle struct {
	e  event.Event
	sc *scope
}

func (o oracle) Field(name string) (out []sigma.Element, present bool) {
	for _, n := range o.sc.names(name, false) {
		switch pseudoOf(n) {
		case pseudoMessage:
			if m := o.e.Message(); m != nil {
				return []sigma.Element{{Text: string(m)}}, true
			}
			continue
		case pseudoTime:
			return []sigma.Element{{Text: o.e.Time().Format(time.RFC3339Nano)}}, true
		}
		for i := range o.e.Len() {
			if f, v := o.e.At(i); o.e.Block().NameOf(f) == n {
				out, present = append(out, sigma.Element{Text: string(v), Null: v == nil}), true
			}
		}
		if present {
			return out, true
		}
	}
	return nil, false
}

func (o oracle) Line() string { return string(o.e.Raw()) }

// words are made of few letters, so that they often meet.
var (
	wordGen  = rapid.OneOf(rapid.StringMatching(`[abAB]{1,3}`), rapid.StringMatching(`[abAB\\*?é -]{0,5}`))
	valueGen = rapid.OneOf(rapid.StringMatching(`[abAB]{1,5}`), rapid.StringMatching(`[abABéÉ \\*?/-]{0,6}`), rapid.SampledFrom([]string{
		"1", "01", "1.0", "-1", "5", "7", "true", "True", "FALSE", "", "10.0.0.1", "10.1.0.1", "::1", "2026-11-24T03:00:00Z",
		"Ка", "ка", "K", "k", "ſ", "s", "日本", "a\xffb", "-ab", "/ab", "–ab",
	}))
	fieldGen = rapid.SampledFrom([]string{"f", "f", "f", "g", "Image", "process.executable", "message", "EventID"})
)

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func genItem(t *rapid.T) string {
	field := fieldGen.Draw(t, "field")
	switch rapid.IntRange(0, 11).Draw(t, "kind") {
	case 0:
		return field + ": null"
	case 1:
		return field + ": ''"
	case 2:
		return fmt.Sprintf("%s: %d", field, rapid.IntRange(-1, 10).Draw(t, "number"))
	case 3:
		return fmt.Sprintf("%s|exists: %v", field, rapid.Bool().Draw(t, "exists"))
	case 4:
		return fmt.Sprintf("%s|cidr: %s", field, rapid.SampledFrom([]string{"10.0.0.0/16", "::/64", "10.0.0.1/32"}).Draw(t, "net"))
	case 5:
		return fmt.Sprintf("%s|%s: %d", field, rapid.SampledFrom([]string{"gt", "gte", "lt", "lte", "hour", "minute", "year"}).Draw(t, "op"), rapid.IntRange(0, 9).Draw(t, "number"))
	case 6:
		return fmt.Sprintf("%s|re%s: %s", field, rapid.SampledFrom([]string{"", "|i", "|s"}).Draw(t, "flags"),
			quoted(rapid.SampledFrom([]string{"a+b", "^a", "b$", "(aa|bb)", "a.b", "é", "[ab]{2}", "ab?", "k"}).Draw(t, "re")))
	case 7:
		return fmt.Sprintf("%s|fieldref%s: %s", field, rapid.SampledFrom([]string{"", "|startswith", "|endswith", "|contains"}).Draw(t, "where"), fieldGen.Draw(t, "other"))
	case 8:
		return fmt.Sprintf("%s: %v", field, rapid.Bool().Draw(t, "bool"))
	}
	mods := rapid.SampledFrom([]string{"", "|contains", "|startswith", "|endswith", "|contains|all", "|cased", "|contains|cased", "|neq", "|windash|contains", "|startswith|neq"}).Draw(t, "modifiers")
	n := rapid.IntRange(1, 3).Draw(t, "values")
	if strings.Contains(mods, "all") {
		n = max(n, 2)
	}
	values := make([]string, n)
	for i := range values {
		values[i] = quoted(rapid.OneOf(wordGen, valueGen.Filter(func(s string) bool { return s != "a\xffb" })).Draw(t, "value"))
	}
	return fmt.Sprintf("%s%s: [%s]", field, mods, strings.Join(values, ", "))
}

func genSelection(t *rapid.T) string {
	if rapid.IntRange(0, 5).Draw(t, "shape") == 0 {
		return fmt.Sprintf("[%s, %s]", quoted("a"+wordGen.Draw(t, "keyword")), quoted("b"+wordGen.Draw(t, "keyword")))
	}
	var maps []string
	for range rapid.IntRange(1, 2).Draw(t, "groups") {
		seen := map[string]bool{}
		var items []string
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			it := genItem(t)
			key, _, _ := strings.Cut(it, ":")
			if !seen[key] {
				seen[key] = true
				items = append(items, it)
			}
		}
		maps = append(maps, "{"+strings.Join(items, ", ")+"}")
	}
	return "[" + strings.Join(maps, ", ") + "]"
}

func genRules(t *rapid.T) string {
	var b strings.Builder
	for i := range rapid.IntRange(3, 10).Draw(t, "rules") {
		product := rapid.SampledFrom([]string{"{product: windows}", "{product: windows, service: security}", "{category: process_creation, product: windows}"}).Draw(t, "source")
		fmt.Fprintf(&b, "---\ntitle: r%d\nid: r%d\nlogsource: %s\ndetection:\n  a: %s\n  b: %s\n  c: %s\n  condition: %s\n", i, i, product,
			genSelection(t), genSelection(t), genSelection(t),
			rapid.SampledFrom([]string{"a", "a and b", "a or b", "a and not b", "not a", "a and (b or not c)", "1 of them", "all of them", "not (a or b) and c"}).Draw(t, "condition"))
	}
	return b.String()
}

func genEvent(t *rapid.T) ev {
	e := ev{0, map[string]any{"winlog.channel": rapid.SampledFrom([]string{"Security", "System", "Microsoft-Windows-Sysmon/Operational"}).Draw(t, "channel")}}
	e.fields["event.code"] = rapid.SampledFrom([]string{"1", "4688", "01", "5", "7"}).Draw(t, "code")
	for range rapid.IntRange(1, 6).Draw(t, "fields") {
		name := rapid.SampledFrom([]string{"f", "f", "winlog.event_data.f", "g", "winlog.event_data.f", "winlog.event_data.Image", "NewProcessName", "process.executable", "EventID"}).Draw(t, "name")
		switch rapid.IntRange(0, 6).Draw(t, "shape") {
		case 0:
			e.fields[name] = nil
		case 1:
			e.fields[name] = []any{valueGen.Draw(t, "value"), nil, valueGen.Draw(t, "value")}
		default:
			e.fields[name] = valueGen.Draw(t, "value")
		}
	}
	e.fields["message"] = valueGen.Draw(t, "line") + " " + valueGen.Draw(t, "line")
	return e
}

// inSource is the meaning of a log source, slowly.
func inSource(e event.Event, sc *scope) bool {
	o := oracle{e, sc}
	for _, need := range sc.needs {
		ok := false
		for _, c := range need {
			all := true
			for key, values := range c {
				found := false
				for _, name := range strings.Split(key, "\x00") {
					v, present := e.Block().Event(e.Index()), false
					for i := range v.Len() {
						if f, x := v.At(i); e.Block().NameOf(f) == name {
							present = true
							one := 0
							for k := range v.Len() {
								if g, _ := v.At(k); g == f {
									one++
								}
							}
							if x != nil && one == 1 && plainNumber(x) {
								found = slices.ContainsFunc(values, func(w string) bool { return strings.EqualFold(w, string(x)) })
							}
							if x != nil && slices.Contains(values, "*") {
								found = true
							}
							break
						}
					}
					if present {
						break
					}
				}
				all = all && found
			}
			ok = ok || all
		}
		if !ok {
			return false
		}
	}
	_ = o
	return true
}

// The engine must match exactly what the slow reference does.
func TestMatchesAsTheReferenceDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := genRules(rt)
		p, report := loadText(text)
		if len(report.Errors) > 0 {
			rt.Skip(report.Errors[0])
		}
		zone := time.FixedZone("JST", 9*3600)
		e := NewEngine(p, EngineConfig{Location: zone})
		var events []ev
		for range rapid.IntRange(4, 12).Draw(rt, "events") {
			events = append(events, genEvent(rt))
		}
		block := blocksOf(t, 100, events...)[0]
		v, _ := e.Block(block, 1)
		got := make([][]string, block.Len())
		for _, h := range v.Hits {
			got[h.Event] = append(got[h.Event], v.Rules[h.Rule])
		}
		naive := sigma.Naive{Zone: zone}
		for i := range block.Len() {
			var want []string
			for k := range p.rules {
				r := &p.rules[k]
				if inSource(block.Event(i), r.scope) && naive.Match(r.src, oracle{block.Event(i), r.scope}) {
					want = append(want, r.src.ID)
				}
			}
			if !slices.Equal(want, got[i]) {
				rt.Fatalf("event %v\nmatches %v; the reference says %v\nrules:\n%s", events[i].fields, got[i], want, text)
			}
		}
	})
}
