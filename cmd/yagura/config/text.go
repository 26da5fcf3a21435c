package config

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// Bounds of a configuration file: bytes, and brackets within brackets, for which
// the YAML parser would take minutes.
const (
	maxFile  = 1 << 20
	maxDepth = 64
)

// readText reads the file and refuses what the YAML parser would misread: text
// that is not UTF-8, and bombs. Notepad's byte order mark is dropped.
func readText(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes; a configuration is smaller", path, maxFile)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if i := notUTF8(text); i >= 0 {
		return nil, faultAt(path, text[:i], "found bytes that are not UTF-8", "save the file as UTF-8")
	}
	if i := tooDeep(text); i >= 0 {
		return nil, faultAt(path, text[:i], fmt.Sprintf("more than %d brackets within brackets", maxDepth), "close them")
	}
	return text, nil
}

// faultAt is the fault of the byte after before.
func faultAt(path string, before []byte, found, want string) error {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return &Error{path, 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(line), "file", found, want}
}

// notUTF8 is the place of the first byte that is not UTF-8; -1 when all is.
func notUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// tooDeep is the place of the bracket that stands in too many others; -1 when
// none does. Brackets in texts and comments count: nobody writes so many.
func tooDeep(text []byte) int {
	depth := 0
	for i, c := range text {
		switch c {
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return -1
}
