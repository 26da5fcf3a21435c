package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/renameio/v2"
)

// borders remembers which blocks the insert in flight holds, so that after a kill
// exactly the same rows are tried again.
type borders struct {
	path        string
	Origin      string // of the stream that the sequences belong to
	First, Last uint64
}

func readBorders(path string) (borders, error) {
	b := borders{path: path}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("read the borders of the last insert: %w", err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return borders{path: path}, fmt.Errorf("read the borders of the last insert: %s: %w", path, err)
	}
	return b, nil
}

// set writes the borders down: durable before the insert begins. After an error
// they are as they were.
func (b *borders) set(origin string, first, last uint64) error {
	next := borders{b.path, origin, first, last}
	if *b == next {
		return nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(b.path, text, 0o600); err != nil {
		return fmt.Errorf("write the borders of an insert: %w", err)
	}
	*b = next
	return nil
}
