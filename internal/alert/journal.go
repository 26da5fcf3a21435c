package alert

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// journal is an append-only file of records. A line is the CRC-32C of the JSON
// in eight hexadecimal digits, a space, the JSON, a line feed. Callers that wait
// at the same time share one write and one fsync.
//
// After an error the file is never appended to again, as an fsync that failed
// must not be believed later: the stage writes a whole new file (rewrite.go).
type journal struct {
	path string

	mu       sync.Mutex
	turned   sync.Cond // a write ended
	file     *os.File
	buf      []byte // appended, not yet written
	spare    []byte
	appended uint64 // number of the newest line
	synced   uint64 // newest line known to be on disk
	size     int64
	writing  bool
	err      error
	closed   bool
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errClosed = errors.New("alert stage is closed")

// frame appends the record's line to dst.
func frame(dst []byte, r *record) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return dst, fmt.Errorf("encode record: %w", err)
	}
	dst = fmt.Appendf(dst, "%08x ", crc32.Checksum(body, castagnoli))
	return append(append(dst, body...), '\n'), nil
}

// unframe reads a line without its line feed.
func unframe(line []byte) (*record, error) {
	if len(line) < 10 || line[8] != ' ' {
		return nil, errors.New("no checksum")
	}
	want, err := strconv.ParseUint(string(line[:8]), 16, 32)
	if err != nil || uint32(want) != crc32.Checksum(line[9:], castagnoli) {
		return nil, errors.New("checksum does not match")
	}
	var r record
	if err := json.Unmarshal(line[9:], &r); err != nil {
		return nil, fmt.Errorf("decode record: %w", err)
	}
	return &r, nil
}

// append takes the record and returns its number for sync.
func (j *journal) append(r *record) (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.appended++
	if j.err != nil { // the next rewrite holds it
		return j.appended, nil
	}
	buf, err := frame(j.buf, r)
	j.buf = buf
	return j.appended, err
}

// sync returns when line number is on disk.
func (j *journal) sync(number uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.synced < number {
		switch {
		case j.closed:
			return errClosed
		case j.err != nil:
			return j.err
		case j.writing:
			j.turned.Wait()
		default:
			j.write()
		}
	}
	return nil
}

// write carries the buffer to disk; called and returning with the lock held, not
// held meanwhile.
func (j *journal) write() {
	file, buf, upto := j.file, j.buf, j.appended
	j.writing, j.buf = true, j.spare[:0]
	j.mu.Unlock()
	n, err := file.Write(buf)
	if err == nil {
		err = file.Sync()
	}
	j.mu.Lock()
	j.writing, j.spare = false, buf
	j.size += int64(n)
	if err != nil {
		j.err, j.buf = fmt.Errorf("write ledger: %w", err), nil
	} else {
		j.synced = upto
	}
	j.turned.Broadcast()
}

// latest is the number of the newest line.
func (j *journal) latest() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.appended
}

// failed returns the error that stopped the file, nil while it is well.
func (j *journal) failed() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// grown reports the file's size.
func (j *journal) grown() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size
}

// replace puts content in the file's place: temp, fsync, rename, fsync of the
// folder. The content must hold all that was appended; nobody may append
// meanwhile.
func (j *journal) replace(content []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.writing {
		j.turned.Wait()
	}
	if j.closed {
		return errClosed
	}
	file, err := writeWhole(j.path, content)
	if err != nil {
		return err
	}
	if j.file != nil {
		_ = j.file.Close() // replaced: nothing in it counts any more
	}
	j.file, j.buf, j.err, j.size, j.synced = file, nil, nil, int64(len(content)), j.appended
	j.turned.Broadcast()
	return nil
}

// close syncs what is left and closes the file.
func (j *journal) close() error {
	err := j.sync(j.latest())
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	j.turned.Broadcast()
	if j.file == nil {
		return err
	}
	return errors.Join(err, j.file.Close())
}

// writeWhole writes a file durably and returns it open for appending.
func writeWhole(path string, content []byte) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	return file, nil
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
