package sigma

import (
	"net/netip"
	"regexp"
)

// Matcher decides about one element of a field: *Text, *Number, *Bool, *Null, *Regexp, *Network, *Compare, *Exists,
// *FieldRef or *List. String gives a canonical form: two matchers with equal strings match the same elements.
type Matcher interface {
	String() string
	matcher()
}

// Text compares the whole element with a pattern (contains and its kin are part of the pattern). Cased: exactly;
// otherwise after Fold of both.
type Text struct {
	Pattern Pattern
	Cased   bool
}

// Number is equality with a number: an element matches when its text equals Text, or when it is a plain decimal number of
// the same value (4625, "4625" and 4625.0 are equal). A quoted integer is a Number too, with Quoted set; any other quoted
// number is Text.
type Number struct {
	Text   string  // canonical decimal for integers (0x17 unquoted is 23), as written for fractions
	Float  float64 // the value
	Int    int64   // the exact value when IsInt
	IsInt  bool
	Quoted bool
}

// Bool matches true and the texts true, True, TRUE (or those of false).
type Bool struct{ Value bool }

// Null matches a field that the event lacks or that is null; an empty text is not null.
type Null struct{}

// Regexp searches the element's text (not anchored), case-sensitive unless its flags say so.
type Regexp struct {
	Source string         // as written, without flags
	Re     *regexp.Regexp // flags and anchors of startswith and endswith included
}

// Network matches an address (IPv4 or IPv6, 4-in-6 unmapped) that lies in the prefix.
type Network struct{ Prefix netip.Prefix }

// DatePart selects a number of a date field. The zone is the site's: the specification names none.
type DatePart uint8

// The parts of a date. PartNone compares the number itself. Week is the ISO 8601 week.
const (
	PartNone DatePart = iota
	PartMinute
	PartHour
	PartDay
	PartWeek
	PartMonth
	PartYear
)

// Compare compares the element, taken as a number (or a part of it, taken as a date), with a number. An element that is no
// number (no date) does not match.
type Compare struct {
	Op     Op // Eq only together with a Part; never Neq (that is Item.Neq)
	Part   DatePart
	Number Number
}

// Exists matches when the presence of the field's key, whatever its value, equals Want.
type Exists struct{ Want bool }

// Where says which part of the element a comparison looks at.
type Where uint8

// The parts of an element that FieldRef and List compare.
const (
	Whole     Where = iota
	Prefix          // startswith
	Suffix          // endswith
	Anywhere        // contains
	InNetwork       // cidr: List only; entries are networks or addresses
)

// FieldRef compares the element with another field of the same event (any element of it). It does not match when either is
// absent.
type FieldRef struct {
	Field string
	Where Where
	Cased bool
}

// List compares the element with the entries of a list, which may have millions: it is left to the engine to index it.
// Entries are plain texts: no wildcards. It comes from a value that is one %placeholder% and nothing else.
type List struct {
	Name  string
	Where Where
	Cased bool
}

func (*Text) matcher()     {}
func (*Number) matcher()   {}
func (*Bool) matcher()     {}
func (*Null) matcher()     {}
func (*Regexp) matcher()   {}
func (*Network) matcher()  {}
func (*Compare) matcher()  {}
func (*Exists) matcher()   {}
func (*FieldRef) matcher() {}
func (*List) matcher()     {}
