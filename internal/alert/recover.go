package alert

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Recovery says what New found in the ledger. The zero value is a new ledger.
type Recovery struct {
	Records int    // read
	Torn    int64  // bytes of an unfinished last line, cut off: never promised to anybody
	Damaged int    // lines in the middle whose checksum fails: skipped
	At      int64  // offset of the first of them
	Kept    string // where the damaged file was kept
}

// recovered reads the ledger's file; a damaged one is kept beside it.
func recovered(path string) (*state, Recovery, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, Recovery{}, fmt.Errorf("read ledger: %w", err)
	}
	s, found := replay(content)
	if found.Damaged > 0 {
		found.Kept = path + ".damaged"
		if err := keep(found.Kept, content); err != nil {
			return nil, found, err
		}
	}
	return s, found, nil
}

// replay reads the ledger into a state. Every record stands alone, so what
// follows a damaged line still counts.
func replay(content []byte) (*state, Recovery) {
	s, found := newState(), Recovery{At: -1}
	last := -1 // offset of a damaged line that nothing good has followed yet
	for at := 0; at < len(content); {
		line, rest, whole := bytes.Cut(content[at:], []byte("\n"))
		r, err := unframe(line)
		switch {
		case err != nil && last < 0:
			last = at
		case err == nil && whole:
			if last >= 0 {
				found.damaged(last)
				last = -1
			}
			found.Records++
			s.apply(r)
		case err == nil: // good but for its line feed: fsync never returned
			last = at
		}
		at = len(content) - len(rest)
	}
	if last >= 0 {
		found.Torn = int64(len(content) - last)
	}
	s.counts = Counts{}
	return s, found
}

func (f *Recovery) damaged(at int) {
	if f.Damaged++; f.At < 0 {
		f.At = int64(at)
	}
}

func keep(path string, content []byte) error {
	file, err := writeWhole(path, content)
	if err != nil {
		return fmt.Errorf("keep damaged ledger: %w", err)
	}
	return file.Close()
}

// ledgerPath is the ledger's file in the data folder.
func ledgerPath(data string) string { return filepath.Join(data, "alert", "ledger.jsonl") }
