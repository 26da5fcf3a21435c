package alert

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
)

// maildir delivers into a folder as the Maildir form asks (cr.yp.to/proto/maildir.html):
// written and fsynced in tmp, renamed into new, folder fsynced. A file's name comes
// from the mail's id and recipient, so a second try replaces the first copy.
type maildir struct {
	path string
}

func newMaildir(path string) (*maildir, error) {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(path, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open maildir: %w", err)
		}
	}
	return &maildir{path}, nil
}

func (m *maildir) name() string { return "maildir" }

func (m *maildir) deliver(_ context.Context, l letter, before func() error) error {
	h := fnv.New32a()
	h.Write([]byte(l.to))
	name := fmt.Sprintf("%s.%08x.yagura", l.id, h.Sum32())
	temp := filepath.Join(m.path, "tmp", name)
	// Lines of a Maildir file end in LF.
	if err := writeSynced(temp, bytes.ReplaceAll(l.bytes, []byte("\r\n"), []byte("\n"))); err != nil {
		return fmt.Errorf("write to maildir: %w", err)
	}
	if err := before(); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(m.path, "new", name)); err != nil {
		return fmt.Errorf("write to maildir: %w", err)
	}
	if err := syncFolder(filepath.Join(m.path, "new")); err != nil {
		return fmt.Errorf("write to maildir: %w", err)
	}
	return nil
}

func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
