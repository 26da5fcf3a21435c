package dashboards

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Site is what differs from one installation to the next. The zero value is the
// built-in one: everything on one machine.
type Site struct {
	Console string // URL of yagura's own pages as a browser reaches them, without a slash at its end; "" is http://127.0.0.1:8080
}

// Files returns every generated file by its path relative to the output folder:
// dashboards/UID.json and provisioning/{datasources,dashboards,alerting}/*.yaml.
// The same build gives the same bytes.
func Files() (map[string][]byte, error) { return Site{}.Files() }

// Write writes every file below dir: see [Site.Write].
func Write(dir string) error { return Site{}.Write(dir) }

// Files is [Files] for this site.
func (s Site) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, b := range boards() {
		text, err := s.json(b)
		if err != nil {
			return nil, err
		}
		files["dashboards/"+b.uid+".json"] = text
	}
	err := fs.WalkDir(provisioning, "provisioning", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel("provisioning", name)
		if err != nil {
			return err
		}
		text, err := provisioned(filepath.ToSlash(rel))
		files[path.Clean(name)] = text
		return err
	})
	return files, err
}

// Write writes every file below dir, which it makes when it is missing. Each file
// appears whole or not at all, since Grafana reads them while they are written. It
// deletes nothing.
func (s Site) Write(dir string) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	for name, text := range files {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("write dashboards: %w", err)
		}
		if err := renameio.WriteFile(to, text, 0o644); err != nil {
			return fmt.Errorf("write dashboards: %w", err)
		}
	}
	return nil
}
