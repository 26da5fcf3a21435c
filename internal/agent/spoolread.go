package agent

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// reading is where the sender is.
type reading struct {
	spool *Spool
	file  *os.File
	first uint64 // of the open segment
	off   int64
	at    uint64 // number of the record at off
	next  uint64 // number of the record that is wanted next
	buf   []byte
	view  window
}

// window reads ahead, within the bytes of a segment that count.
type window struct {
	file *os.File
	end  int64
	at   int64
	data []byte
}

// readAhead is how much of a segment is read at once.
const readAhead = 128 << 10

// ReadAt implements io.ReaderAt.
func (w *window) ReadAt(b []byte, off int64) (int, error) {
	if off < w.at || off+int64(len(b)) > w.at+int64(len(w.data)) {
		n := min(max(readAhead, int64(len(b))), w.end-off)
		if n <= 0 {
			return 0, io.EOF
		}
		if int64(cap(w.data)) < n {
			w.data = make([]byte, n)
		}
		got, err := w.file.ReadAt(w.data[:n], off)
		w.at, w.data = off, w.data[:got]
		if err != nil && err != io.EOF {
			return 0, err
		}
	}
	n := copy(b, w.data[off-w.at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// Batch is a run of records as the wire has them.
type Batch struct {
	First uint64 // number of the first
	Count int
	Body  []byte // each with its length before it
}

// Batch limits.
const (
	batchBytes   = 1 << 20
	batchRecords = 4096
)

// Read fills b with the next durable records that are not acknowledged, from the
// last Rewind or Read on. Count 0: there are none.
func (s *Spool) Read(b *Batch) error {
	b.Count, b.Body = 0, b.Body[:0]
	for {
		more, err := s.read.fill(b)
		if err != nil || !more || b.Count > 0 {
			return err
		}
	}
}

// Rewind lets Read begin again after what is acknowledged.
func (s *Spool) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read.next != s.acked+1 {
		_ = s.read.close()
		s.read.next = s.acked + 1
	}
}

// find returns the segment that holds the record n, and up to where it counts.
func (s *Spool) find(n uint64) (g segment, end uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, g := range s.segments {
		end := s.durable + 1
		if i+1 < len(s.segments) {
			end = s.segments[i+1].first
		}
		if n < end {
			return g, end, true
		}
	}
	return g, 0, false
}

// fill reads records of one segment; more: there may be others behind it.
func (r *reading) fill(b *Batch) (more bool, err error) {
	g, end, ok := r.spool.find(r.next)
	if !ok {
		return false, nil
	}
	if err := r.open(g); err != nil {
		return false, err
	}
	r.view.end = g.size
	for r.at < end && b.Count < batchRecords && len(b.Body) < batchBytes {
		kind, payload, grown, err := readEntry(&r.view, r.off, r.buf)
		r.buf = grown
		if err != nil || r.off >= g.size {
			return true, r.damaged(g, end, err)
		}
		r.off += entryHead + int64(len(payload))
		if kind != kindRecord {
			continue
		}
		if r.at >= r.next {
			if b.Count == 0 {
				b.First = r.at
			}
			b.Count++
			b.Body = append(binary.AppendUvarint(b.Body, uint64(len(payload))), payload...)
			r.next = r.at + 1
		}
		r.at++
	}
	return true, nil
}

func (r *reading) open(g segment) error {
	if r.file != nil && r.first == g.first && r.at <= r.next {
		return nil
	}
	if err := r.close(); err != nil {
		return err
	}
	f, err := os.Open(g.path)
	if err != nil {
		return err
	}
	r.file, r.first, r.off, r.at = f, g.first, int64(segmentHead), g.first
	r.view = window{file: f, data: r.view.data[:0]}
	r.next = max(r.next, g.first) // a segment that was taken away by hand
	return nil
}

// damaged passes over the rest of a segment that cannot be read: the disk has lost
// it, and the records behind it must not wait for ever.
func (r *reading) damaged(g segment, end uint64, err error) error {
	if err != nil && !errors.Is(err, errTorn) && err != io.EOF {
		return err
	}
	r.spool.mu.Lock()
	r.spool.damaged++
	r.spool.mu.Unlock()
	r.spool.log.Error("spool: a segment is damaged; its rest is lost", "segment", filepath.Base(g.path), "records", end-r.at)
	r.next = end
	return nil
}

func (r *reading) close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// Ack notes that the server has the records up to number n, and removes the
// segments that hold no others.
func (s *Spool) Ack(n uint64) error {
	s.mu.Lock()
	s.acked = max(s.acked, min(n, s.durable))
	var gone []segment
	for len(s.segments) > 1 && s.segments[1].first <= s.acked+1 {
		gone = append(gone, s.segments[0])
		s.segments = s.segments[1:]
	}
	s.mu.Unlock()
	for _, g := range gone {
		if s.read.file != nil && s.read.first == g.first {
			_ = s.read.close()
		}
		if err := os.Remove(g.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Base is the sequence before record 1; fixed: the server knows it.
func (s *Spool) Base() (base uint64, fixed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base, s.fixed
}
