package agent

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// A segment is a file of the spool: a head (magic, number of its first record), then
// entries: length, CRC-32C, kind, payload. What stands behind the last commit never
// counted.
const (
	segmentMagic = "YGS1"
	segmentHead  = len(segmentMagic) + 8
	entryHead    = 9
	kindRecord   = 'R'
	kindCommit   = 'C'
	maxEntry     = 16 << 20 // a commit holds the positions of all files
	suffix       = ".seg"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// commit is the payload of a commit entry: the records before it are durable
// together with these positions.
type commit struct {
	Acked uint64            `json:"acked,omitempty"` // records up to this number are with the server
	Whole bool              `json:"whole,omitempty"` // Marks are all there are
	Marks map[string]string `json:"marks,omitempty"` // position of each input; "" forgets it
}

type segment struct {
	path  string
	first uint64 // number of its first record
	size  int64  // bytes that count: up to the last commit
}

func segmentName(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", first, suffix))
}

func appendEntry(b []byte, kind byte, payload []byte) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, kind)
	b = append(b, payload...)
	sealEntry(b[at:])
	return b
}

// sealEntry writes the length and checksum into an entry whose kind and payload
// stand already.
func sealEntry(e []byte) {
	binary.LittleEndian.PutUint32(e, uint32(len(e)-entryHead))
	binary.LittleEndian.PutUint32(e[4:], crc32.Checksum(e[8:], castagnoli))
}

// errTorn is an entry that is not whole.
var errTorn = errors.New("an entry is not whole")

// readEntry reads the entry at off into buf. io.EOF is the end.
func readEntry(f io.ReaderAt, off int64, buf []byte) (kind byte, payload, grown []byte, err error) {
	if cap(buf) < entryHead {
		buf = make([]byte, 4<<10)
	}
	buf = buf[:entryHead]
	if n, err := f.ReadAt(buf, off); n < entryHead {
		if n == 0 && err == io.EOF {
			return 0, nil, buf, io.EOF
		}
		return 0, nil, buf, errTorn
	}
	size := int(binary.LittleEndian.Uint32(buf))
	if size > maxEntry {
		return 0, nil, buf, errTorn
	}
	buf = slices.Grow(buf, size)[:entryHead+size]
	if n, _ := f.ReadAt(buf[entryHead:], off+entryHead); n < size {
		return 0, nil, buf, errTorn
	}
	if crc32.Checksum(buf[entryHead-1:], castagnoli) != binary.LittleEndian.Uint32(buf[4:]) {
		return 0, nil, buf, errTorn
	}
	return buf[entryHead-1], buf[entryHead:], buf, nil
}

// scanned is what a segment's entries come to.
type scanned struct {
	next  uint64 // number after the last committed record
	size  int64  // end of the last commit
	acked uint64
	marks map[string]string
	torn  bool
}

// scan reads a segment up to its last commit.
func (g segment) scan() (s scanned, err error) {
	s = scanned{next: g.first, size: int64(segmentHead), marks: map[string]string{}}
	f, err := os.Open(g.path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	var head [segmentHead]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:4]) != segmentMagic {
		return s, errTorn
	}
	at, next, buf := s.size, g.first, []byte(nil)
	for {
		kind, payload, grown, err := readEntry(f, at, buf)
		buf = grown
		if err != nil {
			s.torn = s.size < at || err != io.EOF
			return s, nil
		}
		at += entryHead + int64(len(payload))
		if kind == kindRecord {
			next++
			continue
		}
		var c commit
		if json.Unmarshal(payload, &c) != nil {
			s.torn = true
			return s, nil
		}
		s.take(c)
		s.next, s.size = next, at
	}
}

func (s *scanned) take(c commit) {
	s.acked = max(s.acked, c.Acked)
	if c.Whole {
		clear(s.marks)
	}
	for k, v := range c.Marks {
		if v == "" {
			delete(s.marks, k)
		} else {
			s.marks[k] = v
		}
	}
}

// create makes a segment file with its head, durable but for its entries.
func createSegment(dir string, first uint64) (*os.File, error) {
	f, err := os.OpenFile(segmentName(dir, first), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	head := binary.LittleEndian.AppendUint64([]byte(segmentMagic), first)
	if _, err := f.WriteAt(head, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
