// Package evtx reads Windows event log files (.evtx) and gives each record as the
// XML that Event Viewer shows: what the parser of Windows events reads.
//
// The file is a header of 4 KiB and chunks of 64 KiB; a chunk holds records of
// binary XML, whose names and templates are shared within the chunk. Sources:
// Microsoft, [MS-EVEN6] 2.2.12 to 2.2.17 (BinXml); Joachim Metz, "Windows XML Event
// Log (EVTX) format" (libevtx documentation). Nothing that a file says takes more
// memory than a chunk and one record of maxXML.
package evtx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sizes of the format, in bytes.
const (
	fileHeader   = 4096
	chunkSize    = 64 << 10
	chunkHeader  = 512
	recordHeader = 24
	recordEnd    = 4 // the size once more
)

// Magic begins a file.
const Magic = "ElfFile\x00"

// ErrFormat is wrapped by errors of a file that is no event log.
var ErrFormat = errors.New("no Windows event log")

// DamagedError tells a record or chunk that cannot be read. Reading goes on behind
// it.
type DamagedError struct {
	Chunk  int    // from 0
	Offset int    // bytes into the chunk
	Record uint64 // EventRecordID; 0: the chunk itself
	Err    error
}

func (e *DamagedError) Error() string {
	if e.Record == 0 {
		return fmt.Sprintf("chunk %d: %v", e.Chunk, e.Err)
	}
	return fmt.Sprintf("record %d, chunk %d at %#x: %v", e.Record, e.Chunk, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Reader gives the records of a file in their order. Not safe for concurrent use.
type Reader struct {
	r      io.Reader
	chunk  []byte
	number int // of the chunk at hand
	at     int // of the next record in it
	end    int // of the records in it
	xml    renderer
}

// NewReader checks the file's header.
func NewReader(r io.Reader) (*Reader, error) {
	head := make([]byte, fileHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("%w: its header is cut: %w", ErrFormat, noEOF(err))
	}
	if !bytes.HasPrefix(head, []byte(Magic)) {
		return nil, fmt.Errorf("%w: it does not begin with ElfFile", ErrFormat)
	}
	return &Reader{r: r, chunk: make([]byte, chunkSize), number: -1}, nil
}

// Next returns the next record's XML, valid until the call after. io.EOF is the end;
// a *DamagedError passes one record or chunk over.
func (r *Reader) Next() ([]byte, error) {
	for {
		if r.at+recordHeader+recordEnd <= r.end {
			if xml, err := r.record(); xml != nil || err != nil {
				return xml, err
			}
			continue
		}
		if err := r.nextChunk(); err != nil {
			return nil, err
		}
	}
}

// nextChunk reads a chunk. Those that were never used are empty: zero bytes.
func (r *Reader) nextChunk() error {
	n, err := io.ReadFull(r.r, r.chunk)
	if err == io.EOF {
		return io.EOF
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return err
	}
	r.number++
	r.at, r.end = 0, 0
	clear(r.chunk[n:])
	switch {
	case n < chunkHeader:
		return r.damagedChunk(errors.New("it is cut"))
	case len(bytes.TrimLeft(r.chunk[:chunkHeader], "\x00")) == 0:
		return nil
	case !bytes.HasPrefix(r.chunk, []byte("ElfChnk\x00")):
		return r.damagedChunk(errors.New("it does not begin with ElfChnk"))
	}
	r.at, r.end = chunkHeader, chunkSize
	if free := int(binary.LittleEndian.Uint32(r.chunk[48:])); free >= chunkHeader && free <= chunkSize {
		r.end = free
	}
	if n < r.end {
		r.end = n
		// What is whole is read; the record that is cut is told there.
	}
	r.xml.use(r.chunk)
	return nil
}

func (r *Reader) damagedChunk(err error) error { return &DamagedError{Chunk: r.number, Err: err} }

// recordMagic begins a record.
const recordMagic = "\x2a\x2a\x00\x00"

// record reads the record at r.at; nil and nil where none is.
func (r *Reader) record() ([]byte, error) {
	head := r.chunk[r.at:r.end]
	if string(head[:4]) != recordMagic {
		r.resync()
		return nil, nil
	}
	size, id := int(binary.LittleEndian.Uint32(head[4:])), binary.LittleEndian.Uint64(head[8:])
	at := r.at
	if size < recordHeader+recordEnd || size > len(head) {
		r.at += len(recordMagic)
		r.resync()
		return nil, &DamagedError{r.number, at, id, fmt.Errorf("its size is %d bytes", size)}
	}
	r.at += size
	xml, err := r.xml.render(at+recordHeader, at+size-recordEnd)
	if err != nil {
		return nil, &DamagedError{r.number, at, id, err}
	}
	return xml, nil
}

// resync goes to the next record's magic, at a multiple of 8 as all are.
func (r *Reader) resync() {
	for r.at = (r.at + 8) &^ 7; r.at+len(recordMagic) <= r.end; r.at += 8 {
		if string(r.chunk[r.at:r.at+4]) == recordMagic {
			return
		}
	}
	r.at = r.end
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
