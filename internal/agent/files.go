package agent

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// FilesConfig is an input of log files. Zero values are the defaults.
type FilesConfig struct {
	Patterns  []string       // as of filepath.Match, with folders: /var/log/*.log
	Exclude   []string       // patterns of whole paths, or of names
	Encoding  string         // "" or auto: as the file has it (UTF-16 with a mark becomes UTF-8)
	Beginning bool           // files that are there at the very first start are read from their beginning
	Start     *regexp.Regexp // first line of a record of several lines; nil: each line is one
	Indented  bool           // lines that begin with a blank belong to the one before
	MaxLines  int            // lines of a record; 500
	Partial   time.Duration  // a last line without an end is taken after this; 1 min
	MaxOpen   int            // files open at once; 256
}

// Times of the files input.
const (
	scanEvery  = 250 * time.Millisecond // patterns are looked at again
	goneAfter  = time.Minute            // a file that was rotated away or deleted is read for so long after its last line
	copyWait   = 10 * time.Second       // a copy of a followed file waits for the original to be cut
	groupQuiet = 5 * time.Second        // the last record of several lines is whole after this
)

// compressed files are not read: their lines were, before.
var compressed = []string{"*.gz", "*.zst", "*.xz", "*.bz2", "*.zip", "*.lz4"}

// Files follows log files by what they are (device and inode, and their first and
// last bytes read), not by name: through rotation by rename and by copy and cut,
// deletion, and restarts of the agent.
type Files struct {
	cfg    FilesConfig
	log    *slog.Logger
	prefix string // of the marks
	text   decoder

	files   map[fileID]*file
	changed map[string]string // marks that changed
	scanned time.Time
	began   bool // a run before has looked at the patterns
	buf     []byte
	lag     atomic.Int64
}

// NewFiles makes the input; nothing is opened.
func NewFiles(cfg FilesConfig, log *slog.Logger) (*Files, error) {
	for _, p := range append(slices.Clone(cfg.Patterns), cfg.Exclude...) {
		if _, err := filepath.Match(p, "x"); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	text, err := decoderOf(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	if cfg.MaxLines == 0 {
		cfg.MaxLines = 500
	}
	if cfg.Partial == 0 {
		cfg.Partial = time.Minute
	}
	if cfg.MaxOpen == 0 {
		cfg.MaxOpen = 256
	}
	h := fnv.New64a()
	fmt.Fprint(h, cfg.Patterns)
	return &Files{
		cfg: cfg, log: log, text: text, prefix: fmt.Sprintf("files/%x/", h.Sum64()),
		files: map[fileID]*file{}, changed: map[string]string{}, buf: make([]byte, MaxRaw+64<<10),
	}, nil
}

// Name implements Input.
func (f *Files) Name() string { return "files " + strings.Join(f.cfg.Patterns, " ") }

// Restore implements Input.
func (f *Files) Restore(marks map[string]string) {
	for key, value := range marks {
		rest, ok := strings.CutPrefix(key, f.prefix)
		if !ok {
			continue
		}
		f.began = true
		if id, ok := parseID(rest); ok {
			if one, ok := f.restored(id, value); ok {
				f.files[id] = one
			}
		}
	}
}

// Poll implements Input.
func (f *Files) Poll(_ context.Context, to *Sink) (more bool) {
	now := time.Now()
	if now.Sub(f.scanned) >= scanEvery {
		f.scan(now)
	}
	lag := int64(0)
	for _, one := range f.ordered() {
		if one.read(to, now) {
			more = true
		}
		lag += one.behind
	}
	f.lag.Store(lag)
	f.forget(now)
	f.closeIdle()
	return more
}

// ordered puts what was rotated away first: its lines are the older ones.
func (f *Files) ordered() []*file {
	all := make([]*file, 0, len(f.files))
	for _, one := range f.files {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *file) int {
		if a.gone != b.gone {
			if a.gone {
				return -1
			}
			return 1
		}
		return strings.Compare(a.path, b.path)
	})
	return all
}

// Marks implements Input.
func (f *Files) Marks(put func(key, value string)) {
	for id, one := range f.files {
		if one.moved && one.copy == nil { // what waits is found anew after a start
			one.moved = false
			put(f.prefix+id.String(), one.mark())
		}
	}
	for k, v := range f.changed {
		put(k, v)
	}
	clear(f.changed)
}

// forget drops the files that are gone and read to their end.
func (f *Files) forget(now time.Time) {
	for id, one := range f.files {
		if one.gone && one.behind == 0 && now.Sub(one.grew) > goneAfter {
			one.close()
			delete(f.files, id)
			f.changed[f.prefix+id.String()] = ""
		}
	}
}

// closeIdle keeps the open files within their bound: those that have been silent
// longest are opened again when they grow.
func (f *Files) closeIdle() {
	var open []*file
	for _, one := range f.files {
		if one.handle != nil {
			open = append(open, one)
		}
	}
	if len(open) <= f.cfg.MaxOpen {
		return
	}
	slices.SortFunc(open, func(a, b *file) int { return a.grew.Compare(b.grew) })
	for _, one := range open[:len(open)-f.cfg.MaxOpen] {
		if !one.gone {
			one.close()
		}
	}
}

// Lag implements Input.
func (f *Files) Lag() int64 { return f.lag.Load() }

// Close implements Input.
func (f *Files) Close() error {
	for _, one := range f.files {
		one.close()
	}
	return nil
}

// wanted says whether a path is not excluded.
func (f *Files) wanted(path string) bool {
	name := filepath.Base(path)
	for _, p := range append(compressed, f.cfg.Exclude...) {
		whole, _ := filepath.Match(p, path)
		base, _ := filepath.Match(p, name)
		if whole || base {
			return false
		}
	}
	return true
}

// listed is a file that the patterns name now.
type listed struct {
	path string
	id   fileID
	info os.FileInfo
}

// list looks at the patterns; a file with several names comes once.
func (f *Files) list() (all []listed) {
	seen := map[fileID]bool{}
	for _, pattern := range f.cfg.Patterns {
		names, _ := filepath.Glob(pattern)
		for _, path := range names {
			if !f.wanted(path) {
				continue
			}
			info, err := os.Stat(path)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			id, err := idOf(path, info)
			if err != nil || seen[id] {
				continue
			}
			seen[id] = true
			all = append(all, listed{path, id, info})
		}
	}
	return all
}
