package sigma

// NodeKind is the shape of a YAML node.
type NodeKind uint8

// The kinds of nodes.
const (
	ScalarNode NodeKind = iota
	MapNode
	ListNode
)

// Style is how a scalar was written: it decides whether 23 is a number or a text.
type Style uint8

// The styles of scalars.
const (
	Plain  Style = iota
	Quoted       // in single or double quotes
	Block        // | or >
)

// Node is a YAML value that keeps its place and, for scalars, text and style as written.
type Node struct {
	Kind  NodeKind
	Pos   Pos
	Text  string  // of a scalar, escapes of YAML resolved
	Style Style   // of a scalar
	Tag   string  // of a scalar: !!null, !!str, ... when written
	Keys  []*Node // of a map: scalars, all different
	Items []*Node // of a list, or the values of a map, index by index with Keys
}
