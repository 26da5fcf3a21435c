package search

import (
	"fmt"
	"unicode/utf8"
)

// Error says what is wrong with a search, where, and what would be right.
type Error struct {
	Text    string // the search
	Offset  int    // bytes before the fault
	Message string
	Hint    string // what would be right; may be empty
}

// Column is where the fault is, in characters from 1.
func (e *Error) Column() int {
	return utf8.RuneCountInString(e.Text[:min(e.Offset, len(e.Text))]) + 1
}

// Error returns "search:1:12: message; hint".
func (e *Error) Error() string {
	s := fmt.Sprintf("search:1:%d: %s", e.Column(), e.Message)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// fault is thrown inside the package and caught by Compile.
type fault struct {
	offset        int
	message, hint string
}

func fail(offset int, hint, format string, args ...any) {
	panic(fault{offset, fmt.Sprintf(format, args...), hint})
}
