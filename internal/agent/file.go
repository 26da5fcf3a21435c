package agent

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"os"
	"time"
)

// Bytes that tell one file from another.
const (
	headBytes = 256
	tailBytes = 64
)

// place is where the agent is in a file, with what proves that it still is that file.
type place struct {
	off          int64  // everything before is read
	headN, tailN int    // bytes that the sums are of: the first ones, and those before off
	head, tail   uint64 // FNV-1a
	wide         int8   // UTF-16: 1 little, 2 big endian; -1 no
	skip         bool   // in the middle of a line that is too long: up to its end nothing is taken
}

// fileMark is the mark of a file.
type fileMark struct {
	Path  string `json:"p"`
	Off   int64  `json:"o"`
	HeadN int    `json:"hn,omitempty"`
	Head  uint64 `json:"h,omitempty"`
	TailN int    `json:"tn,omitempty"`
	Tail  uint64 `json:"t,omitempty"`
	Wide  int8   `json:"w,omitempty"`
	Skip  bool   `json:"s,omitempty"`
	Gone  bool   `json:"g,omitempty"`
}

// file is one that is followed.
type file struct {
	of     *Files
	id     fileID
	path   string
	handle *os.File
	at     place
	before *place // where we were when the file was cut
	copy   *file  // the original, while it is not known whether this is a rotation
	until  time.Time

	grew    time.Time // when bytes were last seen to come
	size    int64
	written time.Time // when the file was last changed
	stuck   bool      // nothing at this size could be taken
	behind  int64     // bytes that are not read
	gone    bool      // no pattern names it any more
	moved   bool      // the mark has changed
}

func (f *Files) restored(id fileID, text string) (*file, bool) {
	var m fileMark
	if json.Unmarshal([]byte(text), &m) != nil {
		return nil, false
	}
	return &file{
		of: f, id: id, path: m.Path, gone: false, grew: time.Now(),
		at: place{off: m.Off, headN: m.HeadN, head: m.Head, tailN: m.TailN, tail: m.Tail, wide: m.Wide, skip: m.Skip},
	}, true
}

func (f *file) mark() string {
	p := f.at
	text, err := json.Marshal(fileMark{f.path, p.off, p.headN, p.head, p.tailN, p.tail, p.wide, p.skip, f.gone})
	if err != nil {
		return ""
	}
	return string(text)
}

// named: a pattern names the file, perhaps under another name than before.
func (f *file) named(l listed, now time.Time) {
	if f.path != l.path {
		f.path, f.moved = l.path, true
	}
	f.gone = false
	if l.info.Size() < f.at.off {
		f.cut(now)
	}
}

// open opens the file if need be, and checks that it is the one.
func (f *file) open() bool {
	if f.handle != nil {
		return true
	}
	h, err := openShared(f.path)
	if err != nil {
		return false
	}
	info, err := h.Stat()
	if err == nil {
		var id fileID
		if id, err = idOfFile(h, info); err == nil && id == f.id {
			f.handle = h
			return true
		}
	}
	_ = h.Close()
	return false
}

func (f *file) close() {
	if f.handle != nil {
		_ = f.handle.Close()
		f.handle = nil
	}
}

// fits says whether the file has the bytes that prove a place.
func (f *file) fits(p place) bool {
	if p.headN == 0 || p.tailN == 0 || !f.open() {
		return false
	}
	var b [headBytes]byte
	return f.sum(b[:p.headN], 0) == p.head && f.sum(b[:p.tailN], p.off-int64(p.tailN)) == p.tail
}

// sum is the checksum of the bytes at off; 0 when there are not so many.
func (f *file) sum(b []byte, off int64) uint64 {
	if n, _ := f.handle.ReadAt(b, off); n < len(b) {
		return 0
	}
	return sumOf(b)
}

func sumOf(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// cut: the file holds less than was read, or other bytes: it begins anew. Where we
// were is kept for a while, as a copy may have the rest.
func (f *file) cut(now time.Time) {
	before := f.at
	f.before, f.at = &before, place{}
	f.moved = true
	f.grew = now
	for _, c := range f.of.files {
		if c.copy == f && c.fits(before) {
			c.at, c.copy, c.moved = before, nil, true // the rest of what was cut
			f.before = nil
		}
	}
	if f.before != nil {
		f.of.cutAway(f, now)
	}
}

// skipTo passes over what is there, up to the last line that is whole.
func (f *file) skipTo(size int64) {
	if !f.open() {
		return
	}
	f.at.off = size
	var b [2]byte
	if n, _ := f.handle.ReadAt(b[:], 0); n == 2 {
		f.at.wide = wideOf(b[:], f.of.text)
	}
	from := max(0, size-int64(len(f.of.buf)))
	n, err := f.handle.ReadAt(f.of.buf[:size-from], from)
	if err != nil && err != io.EOF {
		return
	}
	if end := lastEnd(f.of.buf[:n], f.at.wide); end > 0 {
		f.at.off = from + int64(end)
	}
	f.prove(f.of.buf[:f.at.off-from], f.at.off)
}

// prove notes the bytes that prove the place off; read are those before it, as far as
// they are at hand.
func (f *file) prove(read []byte, off int64) {
	f.at.off, f.moved = off, true
	tail := read[max(0, len(read)-tailBytes):]
	f.at.tailN, f.at.tail = len(tail), sumOf(tail)
	if f.at.headN < headBytes && off > int64(f.at.headN) {
		var b [headBytes]byte
		n := int(min(off, headBytes))
		if got, _ := f.handle.ReadAt(b[:n], 0); got == n {
			f.at.headN, f.at.head = n, sumOf(b[:n])
		}
	}
}

// copied: the file is a copy of one that is followed. Whether it is a rotation is
// seen when the original is cut.
func (f *file) copied(original *file, now time.Time) {
	if original.before != nil && f.fits(*original.before) {
		f.at = *original.before
		original.before = nil
		return
	}
	f.copy, f.until = original, now.Add(copyWait)
}

// settleCopy ends the waiting for the original.
func (f *file) settleCopy(now time.Time) {
	if f.copy == nil {
		return
	}
	if now.Before(f.until) {
		return
	}
	if info, err := os.Stat(f.path); err == nil {
		f.skipTo(info.Size()) // a copy that somebody keeps
	}
	f.copy, f.moved = nil, true
}
