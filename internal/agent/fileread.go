package agent

import (
	"bytes"
	"time"
)

// maxLength bounds the search for the end of a line that is too long; a longer one is
// said to be this long.
const maxLength = 16 << 20

// read puts the lines that have come into the sink; more: there are others at hand.
func (f *file) read(to *Sink, now time.Time) (more bool) {
	f.behind = 0
	if f.copy != nil || !f.open() {
		return false
	}
	info, err := f.handle.Stat()
	if err != nil {
		f.close()
		return false
	}
	size := info.Size()
	if size != f.size {
		f.size, f.grew, f.stuck = size, now, false
	}
	if size < f.at.off {
		f.cut(now)
	}
	if !info.ModTime().Equal(f.written) && size == f.at.off && !f.proven() {
		f.cut(now) // as long as before, and another
	}
	f.written = info.ModTime()
	if f.behind = size - f.at.off; f.behind == 0 || f.stuck && !f.quiet(now) {
		return false
	}
	before := f.at.off
	if !f.lines(to, now) {
		return true // the sink is full, or the file was cut
	}
	f.behind = max(0, size-f.at.off)
	f.stuck = f.at.off == before
	return f.behind > 0 && !f.stuck
}

// proven says whether the bytes before the place are those that were read.
func (f *file) proven() bool {
	var b [tailBytes]byte
	return f.at.tailN == 0 || f.sum(b[:f.at.tailN], f.at.off-int64(f.at.tailN)) == f.at.tail
}

// quiet: nothing has come for so long that the last line is taken without its end.
func (f *file) quiet(now time.Time) bool {
	wait := f.of.cfg.Partial
	if f.of.grouped() {
		wait = min(wait, groupQuiet)
	}
	return now.Sub(f.grew) >= wait
}

// lines reads one buffer full. false: the sink took not all, or the file is not what
// it was.
func (f *file) lines(to *Sink, now time.Time) bool {
	from := f.at.off - int64(f.at.tailN)
	n, _ := f.handle.ReadAt(f.of.buf, from)
	tail := f.at.tailN
	if n < tail || sumOf(f.of.buf[:tail]) != f.at.tail && tail > 0 {
		f.cut(now)
		return false
	}
	c := cutter{file: f, to: to, now: now, data: f.of.buf[tail:n], whole: n == len(f.of.buf), ok: true}
	if f.at.off == 0 {
		c.mark()
	}
	c.all()
	if c.done > 0 {
		f.prove(f.of.buf[:tail+c.done], f.at.off+int64(c.done))
	}
	return c.ok
}

// cutter cuts a buffer into records.
type cutter struct {
	*file
	to    *Sink
	now   time.Time
	data  []byte
	whole bool // the buffer is full: there may be more behind it
	done  int  // bytes that are taken
	at0   int  // start of the record that is being gathered
	lines int  // of it
	ok    bool
}

// mark reads the byte order mark of a file's beginning.
func (c *cutter) mark() {
	c.at.wide = wideOf(c.data, c.of.text)
	if c.at.wide > 0 && len(c.data) >= 2 && (c.data[0]^c.data[1] == 0xff^0xfe) && c.data[0] >= 0xfe {
		c.done = 2
	}
}

func (c *cutter) all() {
	if c.at.skip && !c.skip() {
		return
	}
	c.holes()
	c.at0 = c.done
	for at := c.done; c.ok; {
		end, next := lineEnd(c.data[at:], c.at.wide)
		if next == 0 {
			c.rest(at)
			return
		}
		c.line(at, at+end, at+next)
		at += next
	}
}

// line takes the line [at,end) that the next follows.
func (c *cutter) line(at, end, next int) {
	if !c.of.grouped() {
		c.put(at, end, next)
		return
	}
	if c.lines > 0 && (c.begins(c.data[at:end]) || c.lines >= c.of.cfg.MaxLines || end-c.at0 > MaxRaw) {
		c.put(c.at0, at, at)
		c.lines, c.at0 = 0, at
	}
	c.lines++
}

// begins says whether the line begins a record.
func (c *cutter) begins(line []byte) bool {
	if c.of.cfg.Indented {
		return len(line) > 0 && line[0] != ' ' && line[0] != '\t'
	}
	return c.of.cfg.Start.Match(line)
}

// rest decides on what stands behind the last whole line.
func (c *cutter) rest(at int) {
	final := !c.whole && c.quiet(c.now)
	if c.lines > 0 && (final || c.whole) {
		c.put(c.at0, at, at)
		c.lines = 0
	}
	if c.lines > 0 || !c.ok {
		return
	}
	switch {
	case c.whole && len(c.data)-at > MaxRaw && c.done == at:
		c.long(at)
	case final && at < len(c.data) && c.now.Sub(c.grew) >= c.of.cfg.Partial:
		c.put(at, len(c.data), len(c.data))
	}
}

// long takes the beginning of a line that is longer than the buffer.
func (c *cutter) long(at int) {
	start := c.at.off + int64(at)
	length, found := c.length(start)
	if !found && length < maxLength && !c.quiet(c.now) {
		return // it is still being written
	}
	if c.emit(start, c.data[at:at+MaxRaw], int(length)) {
		c.done, c.at.skip = at+MaxRaw, true
	}
}

// length is how long the line at start is; found: with its end.
func (c *cutter) length(start int64) (n int64, found bool) {
	b := make([]byte, 64<<10)
	for n < maxLength {
		got, _ := c.handle.ReadAt(b, start+n)
		if end, next := lineEnd(b[:got], c.at.wide); next > 0 {
			return n + int64(end), true
		}
		if n += int64(got); got < len(b) {
			return n, false
		}
	}
	return n, false
}

// skip passes over the rest of a line that was too long.
func (c *cutter) skip() bool {
	_, next := lineEnd(c.data[c.done:], c.at.wide)
	if next == 0 {
		c.done = len(c.data)
		if c.at.wide > 0 {
			c.done &^= 1
		}
		return false
	}
	c.done += next
	c.at.skip = false
	return true
}

// holes passes over the zero bytes that a file has after it was cut under a writer
// that does not append.
func (c *cutter) holes() {
	if c.at.wide > 0 {
		return
	}
	for c.done < len(c.data) && c.data[c.done] == 0 {
		c.done++
	}
}

// put emits the record [at,end); next is where the following begins.
func (c *cutter) put(at, end, next int) {
	raw := c.data[at:end]
	if c.emit(c.at.off+int64(at), raw, 0) {
		c.done = next
	}
}

func (c *cutter) emit(off int64, raw []byte, original int) bool {
	raw, name := c.of.text.utf8(raw, c.at.wide)
	raw = bytes.TrimRight(raw, "\r\n")
	if len(raw) == 0 {
		return true
	}
	c.ok = c.to.Put(&Record{Input: "files", Path: c.path, Offset: off, Read: c.now, Encoding: name, Original: original, Raw: raw})
	return c.ok
}

// grouped says that a record may have several lines.
func (f *Files) grouped() bool { return f.cfg.Start != nil || f.cfg.Indented }
