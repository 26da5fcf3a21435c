package sigma

import (
	"strconv"
	"strings"
)

func cased(on bool) string {
	if on {
		return "cased "
	}
	return ""
}

// String implements Matcher. A text that is not cased is printed folded: equal strings match the same.
func (t *Text) String() string {
	p := t.Pattern
	if !t.Cased {
		p = mapLiterals(p, Fold)
	}
	return cased(t.Cased) + "text " + strconv.Quote(p.String())
}

// String implements Matcher.
func (n *Number) String() string {
	return "number " + strconv.Quote(Fold(n.Text)) + " " + n.value()
}

func (n *Number) value() string {
	if n.IsInt {
		return strconv.FormatInt(n.Int, 10)
	}
	return strconv.FormatFloat(n.Float, 'g', -1, 64)
}

// String implements Matcher.
func (b *Bool) String() string { return "bool " + strconv.FormatBool(b.Value) }

// String implements Matcher.
func (*Null) String() string { return "null" }

// String implements Matcher.
func (r *Regexp) String() string { return "re " + strconv.Quote(r.Re.String()) }

// String implements Matcher.
func (n *Network) String() string { return "network " + n.Prefix.String() }

var partNames = []string{"", "minute ", "hour ", "day ", "week ", "month ", "year "}

// String implements Matcher.
func (c *Compare) String() string { return partNames[c.Part] + c.Op.String() + " " + c.Number.value() }

// String implements Matcher.
func (e *Exists) String() string { return "exists " + strconv.FormatBool(e.Want) }

var whereNames = []string{"", "startswith ", "endswith ", "contains ", "cidr "}

// String implements Matcher.
func (f *FieldRef) String() string {
	return cased(f.Cased) + whereNames[f.Where] + "field " + strconv.Quote(f.Field)
}

// String implements Matcher.
func (l *List) String() string { return cased(l.Cased) + whereNames[l.Where] + "list " + l.Name }

// FormatCondition prints an expression over names so that ParseCondition reads the same again.
func FormatCondition(e Expr, names []string) string {
	var b strings.Builder
	formatExpr(&b, e, names, 0)
	return b.String()
}

// formatExpr puts parentheses round what binds less than level: 0 or, 1 and, 2 not.
func formatExpr(b *strings.Builder, e Expr, names []string, level int) {
	switch e := e.(type) {
	case Sel:
		b.WriteString(names[e])
	case Not:
		b.WriteString("not ")
		formatExpr(b, e.Of, names, 2)
	case And:
		formatList(b, e.Of, names, " and ", level > 1)
	case Or:
		formatList(b, e.Of, names, " or ", level > 0)
	}
}

func formatList(b *strings.Builder, of []Expr, names []string, word string, parentheses bool) {
	level := 1
	if word == " and " {
		level = 2
	}
	if parentheses {
		b.WriteByte('(')
	}
	for i, e := range of {
		if i > 0 {
			b.WriteString(word)
		}
		formatExpr(b, e, names, level)
	}
	if parentheses {
		b.WriteByte(')')
	}
}
