package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// modifiers are all names a field may carry after a |.
var modifiers = []string{
	"contains", "startswith", "endswith", "all", "cased", "re", "i", "m", "s", "ignorecase", "multiline", "dotall", "cidr",
	"base64", "base64offset", "wide", "utf16le", "utf16be", "utf16", "windash", "exists", "fieldref", "gt", "gte", "lt", "lte",
	"neq", "expand", "minute", "hour", "day", "week", "month", "year",
}

// mode is what an item compares with; the zero mode is text, number, bool or null as the value is written.
type mode uint8

const (
	plainMode mode = iota
	regexpMode
	cidrMode
	existsMode
	fieldrefMode
	numberMode // gt gte lt lte and the parts of a date
)

// chain is a checked sequence of modifiers.
type chain struct {
	names    []string
	mode     mode
	flags    string   // of a regexp
	encoders []string // windash, wide and base64 kinds, in order
	shape    Where
	shaped   bool // Whole is also the zero shape
	op       Op
	part     DatePart
	all      bool
	neq      bool
	cased    bool
	expand   bool
}

var (
	shapes = map[string]Where{"contains": Anywhere, "startswith": Prefix, "endswith": Suffix}
	ops    = map[string]Op{"gt": Gt, "gte": Gte, "lt": Lt, "lte": Lte}
	parts  = map[string]DatePart{
		"minute": PartMinute, "hour": PartHour, "day": PartDay, "week": PartWeek, "month": PartMonth, "year": PartYear,
	}
	flags = map[string]string{"i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s"}
)

// chain reads the modifiers after a field's name and checks their order and combination.
func (r *reader) chain(names []string, pos Pos, field string) (chain, bool) {
	c := chain{names: names}
	for i, name := range names {
		found, want := "", ""
		switch {
		case !slices.Contains(modifiers, name):
			found, want = "the unknown modifier "+quote(name), suggest(name, modifiers)
		case slices.Contains(names[:i], name):
			found, want = "the modifier "+name+" stands twice", "once"
		default:
			found, want = c.apply(name)
		}
		if found != "" {
			r.fail(pos, field, found, want)
			return c, false
		}
	}
	if found, want := c.whole(); found != "" {
		r.fail(pos, field, found, want)
		return c, false
	}
	return c, true
}

// apply adds one modifier; found is empty when it may stand there.
func (c *chain) apply(name string) (found, want string) {
	switch name {
	case "all":
		c.all = true
	case "neq":
		c.neq = true
	case "cased":
		c.cased = true
	case "expand":
		c.expand = true
	case "contains", "startswith", "endswith":
		return c.applyShape(name)
	case "base64", "base64offset", "wide", "utf16le", "utf16be", "utf16", "windash":
		return c.applyEncoder(name)
	case "i", "m", "s", "ignorecase", "multiline", "dotall":
		if c.mode != regexpMode {
			return "the modifier " + name + " without re before it", "re|" + name
		}
		if c.shaped {
			return "the modifier " + name + " after contains, startswith or endswith", "re|" + name + " first"
		}
		if !strings.Contains(c.flags, flags[name]) {
			c.flags += flags[name]
		}
	case "gt", "gte", "lt", "lte":
		if c.op != Eq {
			return "two comparisons in one field", "two fields of one map, or of two selections joined by and"
		}
		c.op = ops[name]
		return c.enter(numberMode, name)
	case "minute", "hour", "day", "week", "month", "year":
		if c.part != PartNone || c.op != Eq {
			return "the modifier " + name + " after a comparison or another part of a date", "one part of a date, then gt, gte, lt or lte"
		}
		c.part = parts[name]
		return c.enter(numberMode, name)
	case "re":
		return c.enter(regexpMode, name)
	case "cidr":
		return c.enter(cidrMode, name)
	case "exists":
		return c.enter(existsMode, name)
	case "fieldref":
		return c.enter(fieldrefMode, name)
	}
	return "", ""
}

func (c *chain) applyShape(name string) (found, want string) {
	switch {
	case c.shaped:
		return name + " together with another of contains, startswith, endswith", "one of them; * in the value does the rest"
	case c.mode != plainMode && c.mode != regexpMode && c.mode != fieldrefMode:
		return "the modifier " + name + " on a value that is no text", "leave it out"
	}
	c.shape, c.shaped = shapes[name], true
	return "", ""
}

func (c *chain) applyEncoder(name string) (found, want string) {
	utf16 := strings.HasPrefix(name, "utf16") || name == "wide"
	for _, before := range c.encoders {
		switch {
		case strings.HasPrefix(before, "base64") && name != "windash":
			return name + " after " + before, name + "|" + before
		case utf16 && before != "windash":
			return name + " together with " + before, "one of them"
		case name == "windash":
			return "windash after " + before, "windash|" + before
		}
	}
	switch {
	case c.mode != plainMode:
		return "the modifier " + name + " on a value that is no text", "leave it out"
	case c.shaped && name != "windash":
		return name + " after contains, startswith or endswith", "put it before them"
	}
	c.encoders = append(c.encoders, name)
	return "", ""
}

func (c *chain) enter(m mode, name string) (found, want string) {
	switch {
	case c.mode != plainMode && !(c.mode == numberMode && m == numberMode):
		return name + " together with " + modeName(c.mode), "one of re, cidr, exists, fieldref, gt, gte, lt, lte and the date parts"
	case len(c.encoders) > 0:
		return name + " after " + c.encoders[0], "leave one of them out"
	case c.shaped:
		return name + " after contains, startswith or endswith", "put " + name + " first"
	}
	c.mode = m
	return "", ""
}

// whole checks what does not depend on order.
func (c *chain) whole() (found, want string) {
	switch {
	case c.cased && c.mode == regexpMode:
		return "cased together with re", "re alone is case-sensitive already"
	case c.cased && c.mode != plainMode && c.mode != fieldrefMode:
		return "cased on a value that is no text", "leave it out"
	case c.expand && c.mode != plainMode && c.mode != cidrMode:
		return "expand together with " + modeName(c.mode), "expand on a text, or with cidr"
	case c.expand && (len(c.encoders) > 1 || len(c.encoders) == 1 && c.encoders[0] != "windash"):
		return "expand together with " + c.encoders[len(c.encoders)-1], "entries in the list as they shall be compared"
	case c.all && c.mode == existsMode:
		return "all together with exists", "exists alone"
	}
	return "", ""
}

func modeName(m mode) string {
	return [...]string{"text", "re", "cidr", "exists", "fieldref", "a comparison of numbers"}[m]
}

// splitKey cuts a detection key into the field and its chain.
func (r *reader) splitKey(key *Node, path string) (field string, c chain, ok bool) {
	parts := strings.Split(key.Text, "|")
	field = parts[0]
	switch {
	case key.Text == "":
		r.fail(key.Pos, path, "an empty field name", "a field, or '|all' for keywords")
		return field, c, false
	case strings.TrimSpace(field) != field:
		r.fail(key.Pos, path, fmt.Sprintf("the field name %q", field), "no blanks around it")
		return field, c, false
	case len(parts) > maxModifiers:
		r.fail(key.Pos, path, fmt.Sprintf("%d modifiers", len(parts)-1), fmt.Sprintf("at most %d", maxModifiers-1))
		return field, c, false
	}
	c, ok = r.chain(parts[1:], key.Pos, path)
	if ok && field == "" && c.mode != plainMode && c.mode != regexpMode {
		r.fail(key.Pos, path, modeName(c.mode)+" without a field", "a field before the first |")
		return field, c, false
	}
	return field, c, ok
}

const maxModifiers = 16
