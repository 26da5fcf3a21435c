package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Add gathers a record. It is durable, and may be sent, after Commit.
func (s *Spool) Add(r *Record) {
	if len(s.pending) == 0 {
		s.since = time.Now()
	}
	at := len(s.pending)
	s.pending = append(s.pending, 0, 0, 0, 0, 0, 0, 0, 0, kindRecord)
	s.pending = r.appendTo(s.pending)
	sealEntry(s.pending[at:])
	s.mu.Lock()
	s.next++
	s.mu.Unlock()
}

// Heavy says that a commit is due before more is gathered.
func (s *Spool) Heavy() bool { return s.sealed || len(s.pending) >= commitBytes }

// Due says that gathered records have waited long enough.
func (s *Spool) Due(now time.Time) bool {
	return s.Heavy() || len(s.pending) > 0 && now.Sub(s.since) >= commitEvery
}

// Commit makes the gathered records durable together with the marks that changed.
// After an error nothing is lost: call it again (the marks of that call are not
// used then), and gather nothing meanwhile.
func (s *Spool) Commit(changed map[string]string) error {
	if len(s.pending) == 0 && len(changed) == 0 && !s.sealed && !s.ackedMore() {
		return nil
	}
	if !s.sealed {
		if err := s.seal(changed); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
	}
	if err := s.write(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
	return nil
}

// ackedMore says that the server has more than the last commit says.
func (s *Spool) ackedMore() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked > s.told
}

// seal ends the pending entries with a commit. A new segment begins with all marks.
func (s *Spool) seal(changed map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range changed {
		if v == "" {
			delete(s.marks, k)
		} else {
			s.marks[k] = v
		}
	}
	c := commit{Acked: s.acked, Marks: changed}
	s.told = s.acked
	if s.rotates() {
		c.Whole, c.Marks = true, s.marks
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	s.pending = appendEntry(s.pending, kindCommit, text)
	s.sealed = true
	return nil
}

// rotates says that the pending entries begin a segment; the lock is held.
func (s *Spool) rotates() bool {
	return len(s.segments) == 0 || s.segments[len(s.segments)-1].size >= segmentSize
}

// write brings the pending entries to the disk.
func (s *Spool) write() error {
	s.mu.Lock()
	rotate, first := s.rotates(), s.durable+1
	size := int64(segmentHead)
	if !rotate {
		size = s.segments[len(s.segments)-1].size
	}
	s.mu.Unlock()
	file := s.file
	if rotate {
		var err error
		if file, err = createSegment(s.dir, first); err != nil {
			return err
		}
	}
	err := writeAt(file, s.pending, size)
	if err == nil && rotate {
		err = syncDir(s.dir)
	}
	if err != nil {
		if rotate {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
		return err
	}
	s.wrote(file, rotate, size)
	return nil
}

// writeAt writes and syncs; what does not get through is cut away.
func writeAt(f *os.File, data []byte, at int64) error {
	_, err := f.WriteAt(data, at)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Truncate(at)
	}
	return err
}

func (s *Spool) wrote(file *os.File, rotate bool, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rotate {
		if s.file != nil {
			_ = s.file.Close()
		}
		s.file = file
		s.segments = append(s.segments, segment{path: file.Name(), first: s.durable + 1})
	}
	s.segments[len(s.segments)-1].size = size + int64(len(s.pending))
	s.durable = s.next - 1
	s.pending, s.sealed = s.pending[:0], false
}
