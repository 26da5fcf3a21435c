package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"yagura/ingest/archive"
	"yagura/internal/console"
)

type importCmd struct {
	instance
	Device   string   `help:"Parser of the lines; found by content when left out (yagura parse -h names them)." placeholder:"NAME"`
	Timezone string   `help:"Zone of times that name none; the source's when left out." placeholder:"ZONE"`
	Encoding string   `help:"utf-8, cp932, euc-jp or iso-2022-jp; found by content when left out." placeholder:"NAME"`
	Received string   `help:"When the newest lines were written: times without a year are read against it. The file's modification time when left out." placeholder:"TIME"`
	Source   string   `help:"The sender whose settings hold (sources in the configuration); the file's path when left out." placeholder:"NAME"`
	Detect   bool     `help:"Run the rules over it, too: alerts and mails as for live events."`
	Again    bool     `help:"Import files once more that have been imported."`
	Files    []string `arg:"" help:"Log files: plain, gzip, zstd, xz or bzip2, with one message a line or one JSON array; Windows event logs (.evtx); - is standard input." name:"FILE"`
}

// Help is shown below the usage.
func (importCmd) Help() string {
	return `Old log files become history: they are parsed, enriched and stored like live lines, keep their own times, and raise no alert unless --detect is given.
An import that was cut off goes on where it ended, and a file that has been imported is passed over: files are known by what they hold, not by their names.`
}

// Run imports one file after the other, oldest first when they are named so.
func (c *importCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	received := time.Time{}
	if c.Received != "" {
		if received, err = parseWhen(c.Received, time.Now()); err != nil {
			return invalid{fmt.Errorf("--received %s: %w", c.Received, err)}
		}
	}
	for _, name := range c.Files {
		i := importing{importCmd: c, r: r, cl: cl, name: name, received: received}
		if err := i.file(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// importing is one file on its way.
type importing struct {
	*importCmd
	r        *run
	cl       *client
	name     string
	received time.Time
	hash     string // "" of standard input: it cannot be known again
	path     string
	done     bool // the file has been read to its end
	sent     bool // a part has been taken
	state    console.ImportState
}

func (i *importing) file() error {
	if i.name == "-" {
		i.path = "-"
		return i.send(i.r.In, nil)
	}
	path, err := filepath.Abs(i.name)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return invalid{err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return invalid{errors.New("no regular file; want files, or - for standard input")}
	}
	i.path = path
	if i.received.IsZero() {
		i.received = info.ModTime()
	}
	if i.hash, err = i.sum(f, info.Size()); err != nil {
		return err
	}
	known, err := i.known()
	if err != nil || known {
		return err
	}
	return i.send(f, info)
}

// sum is the SHA-256 of what the file holds, unpacked: logrotate packs a file after it
// was imported. The file is at its beginning then.
func (i *importing) sum(f *os.File, size int64) (string, error) {
	p := newProgress(i.r.Err, "bytes read")
	defer p.done()
	h := sha256.New()
	in := &counting{Reader: f}
	p.part = func() (int64, int64) { return in.n, size }
	text, _, err := archive.Open(in)
	if err != nil {
		return "", invalid{err}
	}
	defer text.Close()
	buf := make([]byte, 1<<20)
	for {
		n, err := text.Read(buf)
		h.Write(buf[:n])
		p.add(n)
		if err == io.EOF || errors.Is(err, archive.ErrDamaged) { // send tells what is damaged
			break
		}
		if err == nil {
			err = i.r.ctx.Err()
		}
		if err != nil {
			return "", err
		}
	}
	_, err = f.Seek(0, io.SeekStart)
	return hex.EncodeToString(h.Sum(nil)), err
}

// known asks how much of the file has been imported; true: all of it.
func (i *importing) known() (bool, error) {
	if i.Again {
		return false, nil
	}
	if err := i.cl.get(i.r.ctx, "import", map[string][]string{"file": {i.hash}}, &i.state); err != nil {
		return false, err
	}
	if i.state.Done {
		fmt.Fprintf(i.r.Err, "%s: imported already, %s (%d lines); --again imports it once more\n", i.name, i.state.At.Local().Format(time.DateTime), i.state.Records)
		return true, nil
	}
	if i.state.Records > 0 {
		fmt.Fprintf(i.r.Err, "%s: going on after %d lines\n", i.name, i.state.Records)
	}
	return false, nil
}

// counting counts the bytes read.
type counting struct {
	io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// send unpacks, cuts and sends. What is damaged is left out and told.
func (i *importing) send(f io.Reader, info os.FileInfo) error {
	in := &counting{Reader: f}
	p := newProgress(i.r.Err, "imported")
	if info != nil {
		p.part = func() (int64, int64) { return in.n, info.Size() }
	}
	defer p.done()
	if i.received.IsZero() {
		i.received = time.Now()
	}
	began := time.Now()
	text, _, err := archive.Open(in)
	if err != nil {
		return invalid{err}
	}
	defer text.Close()
	parts := &partWriter{ctx: i.r.ctx, skip: i.state.Records, send: i.post, progress: p}
	err = eachRecord(text, "auto", parts.add)
	if errors.Is(err, archive.ErrDamaged) {
		i.done = true // there is no more to be had of it
		err = errors.Join(parts.flush(), fmt.Errorf("%w; the rest is imported", err))
	}
	if err == nil {
		i.done = true
		err = parts.flush()
	}
	p.done()
	if i.sent || err == nil {
		i.say(time.Since(began))
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("cut off; the same command goes on there")
	}
	return err
}

// say tells what was imported.
func (i *importing) say(took time.Duration) {
	s := i.state
	span := ""
	if !s.First.IsZero() {
		span = fmt.Sprintf(", from %s to %s", s.First.Local().Format(time.DateTime), s.Last.Local().Format(time.DateTime))
	}
	fmt.Fprintf(i.r.Err, "%s: %d lines imported in %v%s; %d not understood, %d without a time\n", i.name, s.Records, took.Round(10*time.Millisecond), span, s.Unparsed, s.NoTime)
}
