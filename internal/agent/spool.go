package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of the spool.
const (
	segmentSize = 8 << 20
	commitBytes = 1 << 20     // gathered records that are written at once
	commitEvery = time.Second // how long a gathered record waits at most
)

// Spool keeps records on disk until the server has them. Records are numbered from
// 1 on; Base and number make the sequence. One goroutine gathers (Add, Commit),
// one sends (Read, Ack).
type Spool struct {
	dir string
	max int64
	log *slog.Logger

	mu       sync.Mutex
	base     uint64 // sequence before record 1
	fixed    bool   // the server knows the base: it never changes again
	segments []segment
	next     uint64 // number of the next record that is gathered
	durable  uint64 // records up to here are on disk
	acked    uint64 // records up to here are with the server
	told     uint64 // what the last commit says of acked
	damaged  uint64 // segments that were not whole
	marks    map[string]string
	news     chan struct{} // something became durable

	// of the gathering goroutine
	file    *os.File // the last segment
	pending []byte   // entries that are not on disk
	since   time.Time
	sealed  bool // pending ends in a commit that could not be written yet

	read reading // of the sending goroutine
}

// OpenSpool reads what an earlier run has left, cutting what was not committed. max
// is in bytes.
func OpenSpool(dir string, max int64, log *slog.Logger) (*Spool, error) {
	s := &Spool{dir: dir, max: max, log: log, next: 1, marks: map[string]string{}, news: make(chan struct{}, 1)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := s.list(); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := s.recover(); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := s.loadBase(); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	s.read = reading{spool: s, next: s.acked + 1}
	return s, nil
}

func (s *Spool) list() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), suffix)
		first, err := strconv.ParseUint(digits, 10, 63)
		if !ok || err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		s.segments = append(s.segments, segment{filepath.Join(s.dir, e.Name()), first, info.Size()})
	}
	slices.SortFunc(s.segments, func(a, b segment) int { return int(int64(a.first) - int64(b.first)) })
	return nil
}

// recover reads the newest segment that is readable at all; the others end in a
// commit.
func (s *Spool) recover() error {
	for len(s.segments) > 0 {
		last := &s.segments[len(s.segments)-1]
		got, err := last.scan()
		if err == nil && got.size > int64(segmentHead) {
			last.size, s.next, s.acked, s.told, s.marks = got.size, got.next, got.acked, got.acked, got.marks
			if got.torn {
				s.log.Info("spool: a write that was cut short is dropped; it is read again", "segment", filepath.Base(last.path))
			}
			s.file, err = os.OpenFile(last.path, os.O_RDWR, 0o600)
			if err != nil {
				return err
			}
			if err := s.file.Truncate(last.size); err != nil {
				return err
			}
			break
		}
		if err != nil && !errors.Is(err, errTorn) {
			return err
		}
		if err := os.Remove(last.path); err != nil { // nothing in it was ever committed
			return err
		}
		s.segments = s.segments[:len(s.segments)-1]
	}
	s.durable = s.next - 1
	return nil
}

// baseOf is the file of the base.
type baseFile struct {
	Base  uint64 `json:"base"`
	Fixed bool   `json:"fixed"`
}

// loadBase reads the base, making one for a new folder: the time, so that the
// sequence of an agent whose folder was lost goes on above the old one. (Seconds
// times 2^20 stay below 2^53: every reader of JSON keeps them exactly.)
func (s *Spool) loadBase() error {
	text, err := os.ReadFile(filepath.Join(s.dir, "base.json"))
	var b baseFile
	if err == nil && json.Unmarshal(text, &b) == nil && b.Base > 0 {
		s.base, s.fixed = b.Base, b.Fixed
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.saveBase(uint64(max(time.Now().Unix(), 1))<<20, false)
}

func (s *Spool) saveBase(base uint64, fixed bool) error {
	text, err := json.Marshal(baseFile{base, fixed})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(s.dir, "base.json"), text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.fixed = base, fixed
	return nil
}

// Marks are the positions that go with the durable records.
func (s *Spool) Marks() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.marks)
}

// Full says that nothing more is gathered until the server has taken something.
func (s *Spool) Full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes()+int64(len(s.pending)) >= s.max
}

func (s *Spool) bytes() (n int64) {
	for _, g := range s.segments {
		n += g.size
	}
	return n
}

// SpoolState is how full the spool is.
type SpoolState struct {
	Bytes, Max     int64
	Records        uint64 // that the server does not have yet
	Written, Acked uint64 // numbers of the last record on disk, and with the server
	Damaged        uint64 // segments that were not whole and could not be sent to their end
}

// State tells how full it is.
func (s *Spool) State() SpoolState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SpoolState{s.bytes(), s.max, s.durable - min(s.acked, s.durable), s.durable, s.acked, s.damaged}
}

// Close gives the files back; what was not committed is read again.
func (s *Spool) Close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	return errors.Join(err, s.read.close())
}
