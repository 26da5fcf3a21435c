// Package archive opens log files of old: plain, packed by gzip, zstd, xz or bzip2,
// and Windows event logs. What a file is, its first bytes say, not its name.
package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"yagura/ingest/archive/evtx"
)

// maxWindow bounds the memory that a packed file may ask for; `zstd --ultra -22
// --long=27` and `xz -9e` need as much.
const maxWindow = 128 << 20

// ErrDamaged is wrapped by errors of packed files that end early or do not unpack:
// what was read until then is whole.
var ErrDamaged = errors.New("damaged or cut file")

// Format is how a file is packed: "", "gzip", "zstd", "xz" or "bzip2"; or "evtx", a
// Windows event log.
type Format string

// Magic numbers: RFC 1952 2.3.1, RFC 8878 3.1.1 (and skippable frames), The .xz File
// Format 2.1.1.1, bzip2's header.
var magics = []struct {
	magic  string
	format Format
}{
	{"\x1f\x8b\x08", "gzip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ\x00", "xz"},
	{"BZh", "bzip2"},
	{evtx.Magic, "evtx"},
}

// others are files that people name by mistake, and what to do with them.
var others = []struct{ magic, words string }{
	{"PK\x03\x04", "a ZIP archive; unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"},
	{"SQLite format 3\x00", "an SQLite database, no log"},
	{"LPKSHHRH", "a journal of systemd; write it as JSON first: journalctl --file FILE -o json"},
}

// Open returns a reader of what is inside, and how it is packed; an event log's
// records come as XML, one a line. Close frees the
// unpacker, not r. Memory is bounded whatever the file says.
func Open(r io.Reader) (io.ReadCloser, Format, error) {
	br := bufio.NewReaderSize(r, 256<<10)
	head, err := br.Peek(264)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	for _, o := range others {
		if bytes.HasPrefix(head, []byte(o.magic)) {
			return nil, "", fmt.Errorf("this is %s", o.words)
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return nil, "", errors.New("this is a tar archive; unpack it first")
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			in, err := unpack(br, m.format)
			if err != nil {
				return nil, m.format, damaged(m.format, err)
			}
			return &reader{in, m.format}, m.format, nil
		}
	}
	return io.NopCloser(br), "", nil
}

func unpack(r *bufio.Reader, f Format) (io.ReadCloser, error) {
	switch f {
	case "gzip":
		return gzip.NewReader(r)
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case "xz":
		return unpackXZ(r)
	case "evtx":
		return newEventLog(r)
	}
	return io.NopCloser(bzip2.NewReader(r)), nil
}

// reader names the format in errors.
type reader struct {
	io.ReadCloser
	format Format
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = damaged(r.format, err)
	}
	return n, err
}

func damaged(f Format, err error) error { return fmt.Errorf("%s: %w: %w", f, ErrDamaged, err) }
