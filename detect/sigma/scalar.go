package sigma

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// scalarKind is what YAML takes a scalar for.
type scalarKind uint8

const (
	textScalar scalarKind = iota
	numberScalar
	boolScalar
	nullScalar
)

var (
	decimalForm   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	hexForm       = regexp.MustCompile(`^[-+]?0x[0-9a-fA-F]+$`)
	octalForm     = regexp.MustCompile(`^0o[0-7]+$`)
	floatForm     = regexp.MustCompile(`^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+)([eE][-+]?[0-9]+)?$`)
	canonicalForm = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)
)

// kind types a scalar by YAML's core schema: only plain scalars (or tagged ones) are anything but text.
func (n *Node) kind() scalarKind {
	switch n.Tag {
	case "!!str":
		return textScalar
	case "!!null":
		return nullScalar
	case "!!int", "!!float":
		return numberScalar
	case "!!bool":
		return boolScalar
	}
	if n.Style != Plain {
		return textScalar
	}
	switch n.Text {
	case "", "~", "null", "Null", "NULL":
		return nullScalar
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return boolScalar
	}
	if _, ok := parseNumber(n.Text); ok {
		return numberScalar
	}
	return textScalar
}

// parseNumber reads YAML's numbers. An integer beyond 64 bits is a float; a leading zero means decimal (YAML 1.2).
func parseNumber(text string) (Number, bool) {
	sign, digits, base := "", text, 10
	switch {
	case octalForm.MatchString(text):
		digits, base = text[2:], 8
	case hexForm.MatchString(text):
		sign, digits, _ = strings.Cut(text, "0x")
		digits, base = strings.TrimPrefix(sign, "+")+digits, 16
	case floatForm.MatchString(text):
		f, err := strconv.ParseFloat(text, 64)
		return Number{Text: text, Float: f}, err == nil && !math.IsInf(f, 0)
	case !decimalForm.MatchString(text):
		return Number{}, false
	}
	i, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(text, 64)
		return Number{Text: text, Float: f}, base == 10 && ferr == nil && !math.IsInf(f, 0)
	}
	return Number{Text: strconv.FormatInt(i, 10), Float: float64(i), Int: i, IsInt: true}, true
}

// describe names a node in an error message.
func (n *Node) describe() string {
	switch {
	case n.Kind == MapNode:
		return "a map"
	case n.Kind == ListNode && len(n.Items) == 0:
		return "an empty list"
	case n.Kind == ListNode:
		return "a list"
	case n.kind() == nullScalar:
		return "nothing (null)"
	case n.Text == "":
		return "an empty text"
	}
	return quote(n.Text)
}

// quote shows a found text, cut when it is long.
func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// get returns the value of a map's key, nil when there is none.
func (n *Node) get(key string) *Node {
	for i, k := range n.Keys {
		if k.Text == key {
			return n.Items[i]
		}
	}
	return nil
}
