package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one fault of a rule file: where, in which field, what was found and what would be right.
type Error struct {
	Path      string
	Line, Col int    // from 1; 0 when unknown
	Field     string // such as detection.sel.Image|contains; may be empty
	Found     string
	Want      string // may be empty
}

// Error prints path:line:col: field: found; would be right.
func (e Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", e.Path, e.Line, e.Col)
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Found)
	if e.Want != "" {
		b.WriteString("; " + e.Want)
	}
	return b.String()
}

// Errors are all faults found at once, in the order of path, line and column. Nil means none; as an error, test its length
// and not against nil.
type Errors []Error

// Error prints one fault a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
}
