package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/renameio/v2"

	"yagura/ingest"
	"yagura/internal/console"
)

// importer takes records of old files into blocks, as history, and writes down how
// much of each file has been taken: an import that was cut off goes on there.
type importer struct {
	dir      string // of the notes; one for each file
	packer   *ingest.Packer
	handlers *Handlers

	mu sync.Mutex // one part at a time: they come in order anyway
}

// errImport marks what is wrong with what was sent.
func errImport(format string, args ...any) error {
	return &console.BadRequest{Message: fmt.Sprintf(format, args...)}
}

// State implements console.Importer.
func (i *importer) State(_ context.Context, file string) (console.ImportState, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.state(file)
}

func (i *importer) state(file string) (s console.ImportState, err error) {
	if file == "" {
		return s, nil
	}
	path, err := i.note(file)
	if err != nil {
		return s, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w; remove it to import that file once more from its beginning", path, err)
	}
	return s, nil
}

// note is where a file's state is written down; its name is a hash, nothing else.
func (i *importer) note(file string) (string, error) {
	if len(file) != 64 || slices.ContainsFunc([]byte(file), func(c byte) bool { return (c < '0' || '9' < c) && (c < 'a' || 'f' < c) }) {
		return "", errImport("file: no SHA-256 in hexadecimal")
	}
	return filepath.Join(i.dir, file+".json"), nil
}

// Take implements console.Importer.
func (i *importer) Take(ctx context.Context, part console.ImportPart, records io.Reader) (console.ImportState, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, err := i.state(part.File)
	if err != nil {
		return s, err
	}
	if part.File == "" || part.From == 0 { // of its beginning: also once more
		s = console.ImportState{Records: part.From}
	}
	if part.From != s.Records {
		return s, errImport("from: %d; %d records of this file have been taken", part.From, s.Records)
	}
	h, err := i.handler(part)
	if err != nil {
		return s, err
	}
	in := reading{importer: i, handler: h, part: part, state: s}
	if err := in.all(ctx, bufio.NewReader(records)); err != nil {
		return s, err
	}
	return in.state, i.write(part, in.state)
}

// write notes the state once its records are on disk. A crash before it brings that
// one part again.
func (i *importer) write(part console.ImportPart, s console.ImportState) error {
	if part.File == "" {
		return nil
	}
	path, err := i.note(part.File)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o600)
}

// handler reads the part's lines: by the settings of its source, and what the
// operator says beyond them.
func (i *importer) handler(part console.ImportPart) (*Handler, error) {
	set := *i.handlers.New().pinned(senderOf(part).Peer)
	if part.Device != "" {
		if !slices.Contains(i.handlers.families.Devices(), part.Device) {
			return nil, errImport("device: %q is unknown", part.Device)
		}
		set.settings.Device = part.Device
	}
	if part.Encoding != "" {
		set.settings.Encoding = part.Encoding
	}
	if part.Timezone != "" {
		zone, err := time.LoadLocation(part.Timezone)
		if err != nil {
			return nil, errImport("timezone: %q is unknown; would be right: a name such as Asia/Tokyo", part.Timezone)
		}
		set.settings.Location = zone
	}
	h := i.handlers.New()
	h.peer, h.known = senderOf(part).Peer, &set
	return h, nil
}
