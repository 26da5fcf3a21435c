package agent

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// Bounds of a request beside those of its body.
const (
	maxRecords = 100_000
	maxNest    = 32 // brackets within brackets of a record, as the parser reads them
)

var errRecords = &refusal{Status: http.StatusRequestEntityTooLarge, Text: fmt.Sprintf("more than %d records in one request", maxRecords)}

// shape says how a body is cut into records.
type shape int

const (
	shapeFound shape = iota // by its first byte: objects, an array, lines
	shapeJSON               // the sender says that it is JSON: a broken array is refused
	shapeLines              // a line is a record, whatever it looks like
)

// split cuts the records out of a body and calls f with each: the elements of an array
// (of a string, what it says), objects one behind the other, also those that stand on
// several lines, and lines. What is no JSON is a line: it is kept as it came. Nothing
// is copied but strings of an array. An error of f ends it.
func split(body []byte, s shape, f func(record []byte) error) error {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if text := jsonSpace(body); s != shapeLines && len(text) > 0 && text[0] == '[' {
		elements, at := arrayOf(text)
		if elements != nil || at == 0 {
			return each(elements, f)
		}
		if s == shapeJSON {
			return &refusal{Status: http.StatusBadRequest, Text: fmt.Sprintf("the array is broken at byte %d", len(body)-len(text)+at)}
		}
	}
	for n := 0; ; n++ {
		record, rest := next(body, s)
		if record == nil {
			return nil
		}
		if n >= maxRecords {
			return errRecords
		}
		if err := f(record); err != nil {
			return err
		}
		body = rest
	}
}

func each(elements [][]byte, f func([]byte) error) error {
	if len(elements) > maxRecords {
		return errRecords
	}
	for _, e := range elements {
		if text := jsonText(e); len(text) > 0 {
			if err := f(text); err != nil {
				return err
			}
		}
	}
	return nil
}

// next cuts the first record; nil: there is none. Blank lines are none.
func next(b []byte, s shape) (record, rest []byte) {
	if s != shapeLines {
		text := jsonSpace(b)
		if len(text) > 0 && text[0] == '{' {
			if n := valueEnd(text); n > 0 && endsRecord(text[n:]) {
				return text[:n], text[n:]
			}
		}
	}
	for len(b) > 0 {
		line := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		if line = bytes.TrimSuffix(line, []byte("\r")); len(bytes.TrimSpace(line)) > 0 {
			return line, b
		}
	}
	return nil, nil
}

// endsRecord tells whether an object may end here: at a line's end, before another
// one, or with the body.
func endsRecord(b []byte) bool {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return len(b) == 0 || b[0] == '\n' || b[0] == '\r' || b[0] == '{'
}

// arrayOf cuts the elements of an array; nil and the place where it broke otherwise.
func arrayOf(b []byte) (elements [][]byte, at int) {
	all := make([][]byte, 0, 16)
	rest := jsonSpace(b[1:])
	if len(rest) > 0 && rest[0] == ']' {
		return all, 0
	}
	for {
		n := valueEnd(rest)
		if n == 0 || len(all) > maxRecords {
			return nil, len(b) - len(rest)
		}
		all = append(all, rest[:n])
		rest = jsonSpace(rest[n:])
		switch {
		case len(rest) > 0 && rest[0] == ',':
			rest = jsonSpace(rest[1:])
		case len(rest) > 0 && rest[0] == ']' && len(jsonSpace(rest[1:])) == 0:
			return all, 0
		default:
			return nil, len(b) - len(rest)
		}
	}
}

// valueEnd is the length of the JSON value at the start of b; 0: it does not end, has
// brackets that do not match or are deeper than maxNest, or a line end in a string.
// What lies between the brackets is not looked at: the parser copes with it.
func valueEnd(b []byte) int {
	var open [maxNest]byte
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			n := lineString(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			if depth == maxNest {
				return 0
			}
			open[depth] = c + 2 // its partner in ASCII
			depth++
		case '}', ']':
			if depth == 0 || open[depth-1] != c {
				return 0
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return 0
			}
		default:
			if depth == 0 {
				return scalarEnd(b)
			}
		}
	}
	return 0
}

// lineString is the length of the string at the start of b; 0: its line ends first.
func lineString(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '\n':
			return 0
		case '"':
			return i + 1
		}
	}
	return 0
}

func scalarEnd(b []byte) int {
	if i := bytes.IndexAny(b, ",]}: \t\r\n\"[{"); i >= 0 {
		return i
	}
	return len(b)
}

// stampNames are the members that say when, the first of them first.
var stampNames = [...]string{"@timestamp", "timestamp", "time", "ts"}

// stampIn is the time that a JSON object states at its top; zero: none that is certain.
func stampIn(object []byte) time.Time {
	var found [len(stampNames)][]byte
	_ = jsonMembers(object, func(key string, value []byte) error {
		for i, n := range stampNames {
			if key == n && found[i] == nil {
				found[i] = value
			}
		}
		return nil
	})
	for _, v := range found {
		if at, ok := stampText(v); ok {
			return at
		}
	}
	return time.Time{}
}

// stampText reads an RFC 3339 time, or seconds or milliseconds since 1970.
func stampText(value []byte) (time.Time, bool) {
	if len(value) == 0 || len(value) > 64 {
		return time.Time{}, false
	}
	if text, ok := jsonString(value); ok {
		at, err := time.Parse(time.RFC3339Nano, string(text))
		return at, err == nil && plausible(at)
	}
	at, ok := hecTime(value)
	if !ok {
		return at, false
	}
	if !plausible(at) { // milliseconds
		at = time.UnixMilli(at.Unix())
	}
	return at, plausible(at)
}

// plausible tells a time from a number that is something else.
func plausible(at time.Time) bool { return at.Year() >= 1990 && at.Year() < 2100 }
