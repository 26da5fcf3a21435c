package detect

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"yagura/detect/sigma"
)

// Source is a tree of rule files. Files *.yml and *.yaml are rules, except under
// mapping/; lists/NAME.txt is the list %NAME%, an entry a line, # begins a comment.
type Source struct {
	Name string // before the paths in messages; "" for none
	FS   fs.FS
}

// LoadConfig says how rules are loaded. The zero value knows no log source.
type LoadConfig struct {
	Mapping    fs.FS           // folder of the log source mappings: *.yaml
	Lists      sigma.Lists     // further lists; those of the sources come first
	Deprecated bool            // load rules of status deprecated and unsupported too
	Skip       map[string]bool // ids of rules to leave out: they failed their tests
}

// Report says what Load refused or doubts. Errors of rule files are sigma.Error.
type Report struct{ Errors, Warnings []error }

// Load reads and compiles rules. A rule replaces that of an earlier source with the
// same id. It always returns a program: of all rules that
// are sound. Every error is reported at once; a caller with a running set keeps
// that when there are any.
func Load(cfg LoadConfig, sources ...Source) (*Program, Report) {
	l := loader{lists: lists{more: cfg.Lists, entries: map[string][]string{}}}
	m := &mapping{}
	if cfg.Mapping != nil {
		var errs []error
		m, errs = loadMapping(cfg.Mapping)
		l.report.Errors = append(l.report.Errors, errs...)
	}
	for _, s := range sources {
		before := len(l.docs)
		l.read(s)
		l.override(before)
	}
	l.docs = slices.DeleteFunc(l.docs, func(d sigma.Document) bool { return cfg.Skip[d.Head().Key()] })
	set, errs, warnings := sigma.NewSet(l.docs, sigma.Options{LoadDeprecated: cfg.Deprecated})
	l.fail(errs)
	for _, w := range warnings {
		l.report.Warnings = append(l.report.Warnings, w)
	}
	set, errs = set.Resolve(&l.lists)
	l.fail(errs)
	p, errs, err := compile(set, m, &l.lists)
	l.fail(errs)
	if err != nil {
		l.report.Errors = append(l.report.Errors, err)
		p, _, _ = compile(&sigma.Set{}, &mapping{}, nil)
	}
	return p, l.report
}

type loader struct {
	docs   []sigma.Document
	lists  lists
	report Report
}

func (l *loader) fail(errs sigma.Errors) {
	for _, e := range errs {
		l.report.Errors = append(l.report.Errors, e)
	}
}

// override drops documents of earlier sources whose id the last source, from the
// given document on, has taken.
func (l *loader) override(from int) {
	taken := map[string]bool{}
	for _, d := range l.docs[from:] {
		if id := d.Head().ID; id != "" {
			taken[id] = true
		}
	}
	kept := slices.DeleteFunc(slices.Clone(l.docs[:from]), func(d sigma.Document) bool { return taken[d.Head().ID] })
	l.docs = append(kept, l.docs[from:]...)
}

// maxFileSize bounds a rule file before it is read.
const maxFileSize = 1 << 20

func (l *loader) read(s Source) {
	err := fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch full := path.Join(s.Name, name); {
		case err != nil:
			l.report.Errors = append(l.report.Errors, fmt.Errorf("%s: %w", full, err))
		case d.IsDir() && name == "mapping":
			return fs.SkipDir
		case d.IsDir():
		case path.Ext(name) == ".yml" || path.Ext(name) == ".yaml":
			l.file(s, name, full, d)
		case path.Ext(name) == ".txt" && path.Base(path.Dir(name)) == "lists":
			l.list(s, name, full)
		}
		return nil
	})
	if err != nil {
		l.report.Errors = append(l.report.Errors, fmt.Errorf("read rules of %q: %w", s.Name, err))
	}
}

func (l *loader) file(s Source, name, full string, d fs.DirEntry) {
	if info, err := d.Info(); err == nil && info.Size() > maxFileSize {
		l.fail(sigma.Errors{{Path: full, Line: 1, Col: 1, Found: fmt.Sprintf("a file of %d bytes", info.Size()), Want: fmt.Sprintf("at most %d", maxFileSize)}})
		return
	}
	data, err := fs.ReadFile(s.FS, name)
	if err != nil {
		l.report.Errors = append(l.report.Errors, fmt.Errorf("%s: %w", full, err))
		return
	}
	docs, errs := sigma.Parse(full, data)
	l.docs = append(l.docs, docs...)
	l.fail(errs)
}

func (l *loader) list(s Source, name, full string) {
	f, err := s.FS.Open(name)
	if err != nil {
		l.report.Errors = append(l.report.Errors, fmt.Errorf("%s: %w", full, err))
		return
	}
	key := strings.TrimSuffix(path.Base(name), ".txt")
	entries := []string{}
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		line, _, _ := strings.Cut(scan.Text(), " #")
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			entries = append(entries, line)
		}
	}
	if err := errors.Join(scan.Err(), f.Close()); err != nil {
		l.report.Errors = append(l.report.Errors, fmt.Errorf("%s: %w", full, err))
	}
	l.lists.entries[key] = entries
}

// lists are those of the sources, then those of the caller.
type lists struct {
	entries map[string][]string
	more    sigma.Lists
}

// List implements sigma.Lists.
func (l *lists) List(name string) (iter.Seq[string], bool) {
	if e, ok := l.entries[name]; ok {
		return slices.Values(e), true
	}
	if l.more != nil {
		return l.more.List(name)
	}
	return nil, false
}
