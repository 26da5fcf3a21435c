package agent

import (
	"os"
	"path/filepath"
	"time"
)

// scan compares what the patterns name with what is followed. Known files come
// first: a new one may be the copy of a file that was just cut.
func (f *Files) scan(now time.Time) {
	first := f.scanned.IsZero()
	f.scanned = now
	all := f.list()
	named := map[fileID]bool{}
	for _, l := range all {
		named[l.id] = true
		if one := f.files[l.id]; one != nil {
			one.named(l, now)
		}
	}
	for id, one := range f.files {
		if !named[id] && !one.gone {
			f.vanished(one, now)
		}
	}
	for _, l := range all {
		if f.files[l.id] == nil {
			f.found(l, now)
		}
	}
	for _, one := range f.files {
		one.settleCopy(now)
	}
	if first && !f.began {
		f.began = true
		f.changed[f.prefix] = "1" // from now on a new file is read from its beginning
	}
}

// found begins to follow a file.
func (f *Files) found(l listed, now time.Time) {
	one := &file{of: f, id: l.id, path: l.path, grew: now, moved: true}
	f.files[l.id] = one
	if !f.began && !f.cfg.Beginning {
		one.skipTo(l.info.Size())
		return
	}
	if original := f.copyOf(one, l.info.Size()); original != nil {
		one.copied(original, now)
	}
}

// vanished: no pattern names the file any more. It was deleted, or renamed by a
// rotation: it is read to its end.
func (f *Files) vanished(one *file, now time.Time) {
	one.gone, one.grew = true, now
	if one.handle != nil {
		return
	}
	if path, ok := f.find(filepath.Dir(one.path), one.id); ok {
		one.path = path
		return
	}
	one.grew = time.Time{} // nowhere: it is forgotten at once
}

// find looks for a file by what it is, in its folder.
func (f *Files) find(dir string, id fileID) (path string, ok bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		path = filepath.Join(dir, e.Name())
		if got, err := idOf(path, info); err == nil && got == id {
			return path, true
		}
	}
	return "", false
}

// copyOf returns the followed file that a new one is a copy of: the same first bytes,
// and the same ones before where we are in the original.
func (f *Files) copyOf(one *file, size int64) *file {
	for _, o := range f.files {
		if o == one || filepath.Dir(o.path) != filepath.Dir(one.path) {
			continue
		}
		if o.before != nil && size >= o.before.off && one.fits(*o.before) {
			return o
		}
		if o.at.off > 0 && size >= o.at.off && one.fits(o.at) {
			return o
		}
	}
	return nil
}

// maxLooked bounds the files that are looked at in search of a copy.
const maxLooked = 4096

// cutAway: the file was cut while its last lines were not read. A rotation by copy
// has them in a new file beside it that no pattern may name.
func (f *Files) cutAway(one *file, now time.Time) {
	entries, err := os.ReadDir(filepath.Dir(one.path))
	if err != nil {
		return
	}
	for _, e := range entries[:min(len(entries), maxLooked)] {
		path := filepath.Join(filepath.Dir(one.path), e.Name())
		if !e.Type().IsRegular() || path == one.path {
			continue
		}
		info, err := e.Info()
		if err != nil || info.Size() < one.before.off {
			continue
		}
		id, err := idOf(path, info)
		if err != nil || f.files[id] != nil {
			continue
		}
		c := &file{of: f, id: id, path: path, grew: now, moved: true}
		if c.fits(*one.before) {
			c.at, c.gone = *one.before, true
			f.files[id] = c
			one.before = nil
			return
		}
		c.close()
	}
}
