package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"yagura/ingest/parse"
)

// maxParsers is how many parsers by configuration there may be.
const maxParsers = 256

// Parsers are the parsers by configuration that were found.
type Parsers struct {
	Loaded []*parse.Custom // those that are sound and pass their own tests
	Names  []string        // of all, also of those that do not load
	Faults []error         // of those that do not load: path:line:col: field: ...
}

// parsers loads the files that the configuration names; a path that does not
// exist is a fault of the configuration, a parser that is wrong is not: it is left
// out, and Custom.Faults says why.
func (d *decoder) parsers(c *Config, path string) {
	for i, p := range c.Parsers {
		if path != "" {
			p = relative(filepath.Dir(path), p)
			c.Parsers[i] = p
		}
		if err := c.Custom.add(p); err != nil {
			d.fail(fmt.Sprintf("parsers[%d]", i), err.Error(), "want a file of one parser, or a folder of them")
		}
	}
}

// LoadParsers reads parsers by configuration from files and folders. The error is
// that a path cannot be read; what is wrong with a parser is in its Faults.
func LoadParsers(paths ...string) (Parsers, error) {
	var all Parsers
	var errs []error
	for _, p := range paths {
		errs = append(errs, all.add(p))
	}
	return all, errors.Join(errs...)
}

func (p *Parsers) add(path string) error {
	files, err := parserFiles(path)
	if err != nil {
		return err
	}
	for _, f := range files {
		if len(p.Names) == maxParsers {
			return fmt.Errorf("more than %d parsers", maxParsers)
		}
		p.load(f)
	}
	return nil
}

// parserFiles lists the files of a folder that end in .yaml or .yml, in the order
// of their names, or the file itself.
func parserFiles(path string) (files []string, err error) {
	if path == "" {
		return nil, errors.New(`found ""`)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	err = filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(e.Name(), ".") && p != path
		if e.IsDir() && hidden {
			return fs.SkipDir
		}
		if ext := filepath.Ext(p); !e.IsDir() && !hidden && (ext == ".yaml" || ext == ".yml") {
			files = append(files, p)
		}
		return nil
	})
	return files, err
}

// load reads one file, compiles it and runs its tests.
func (p *Parsers) load(path string) {
	d := &decoder{path: path, place: map[string]position{}}
	var def parse.Definition
	if err := d.file(path, reflect.ValueOf(&def).Elem()); err != nil {
		p.Faults = append(p.Faults, err)
		return
	}
	known := slices.Contains(p.Names, def.Name)
	if def.Name != "" && !known {
		p.Names = append(p.Names, def.Name)
	}
	if known {
		d.fail("name", fmt.Sprintf("%q is the name of another file's parser", def.Name), "want another name")
	}
	var custom *parse.Custom
	if len(d.errs) == 0 {
		var faults []parse.Fault
		if custom, faults = parse.Compile(&def); faults == nil {
			faults = custom.Test()
		}
		d.faults(faults)
	}
	if len(d.errs) > 0 {
		slices.SortStableFunc(d.errs, byPlace)
		p.Faults = append(p.Faults, d.errs...)
		return
	}
	p.Loaded = append(p.Loaded, custom)
}

// faults gives what Compile and Test found its place in the file.
func (d *decoder) faults(all []parse.Fault) {
	for _, f := range all {
		want := f.Want
		if best := Closest(f.Word, f.Among); best != "" && f.Word != "" {
			want = "want " + best
		}
		d.fail(f.Field, f.Found, want)
	}
}
