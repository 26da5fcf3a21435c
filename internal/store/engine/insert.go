package engine

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// insertChunk is the unit in which rows are handed to the engine, bytes. The
// engine copies it and holds the sender back when it is slower.
const insertChunk = 256 << 10

// insert streams the rows of an INSERT from r, in st.format, and returns after
// the engine has committed them. When r fails, nothing is committed (as long as
// the rows fit one block: max_insert_block_size).
func (c *conn) insert(st statement, r io.Reader) (stats, error) {
	var s stats
	sql, n := cString(st.sql)
	format, fn := cString(st.format)
	p := encodeParams(st.params)
	h := c.lib.insert(c.ptr(), sql, n, format, fn, p)
	runtime.KeepAlive(p)
	runtime.KeepAlive(st)
	if h == 0 {
		return s, exception(0, "the engine gave no insert stream")
	}
	defer c.lib.destroyInsert(h)
	if err := c.insertFault(h); err != nil {
		return s, err
	}
	refused, err := c.pump(h, r)
	if err != nil {
		return s, err // destroyInsert cancels it
	}
	done := c.lib.insertDone(h)
	defer c.lib.destroy(done)
	if err := c.resultError(done); err != nil {
		return s, err
	}
	if err := c.insertFault(h); err != nil {
		return s, err
	}
	if refused {
		return s, exception(0, "the engine refused the rows without saying why")
	}
	s.add(c.lib, done)
	return s, nil
}

// pump copies r into the stream. refused: the engine takes no more, the reason
// comes with the end of the insert.
func (c *conn) pump(h uintptr, r io.Reader) (refused bool, err error) {
	buf := make([]byte, insertChunk)
	for {
		n, err := io.ReadFull(r, buf)
		if n > 0 && c.lib.appendData(h, &buf[0], uintptr(n)) != 0 {
			return true, nil
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF && isShort(r):
			return false, nil
		case err != nil:
			return false, bodyError(err)
		}
	}
}

func (c *conn) insertFault(h uintptr) error {
	if text := goString(c.lib.insertError(h)); text != "" {
		return parseException(text)
	}
	return nil
}

// faultReader remembers the true end of a body: io.ReadFull turns both a short
// last chunk and a body cut off into io.ErrUnexpectedEOF.
type faultReader struct {
	r   io.Reader
	err error
}

func (f *faultReader) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.r.Read(p)
	f.err = err
	return n, err
}

func isShort(r io.Reader) bool {
	f, ok := r.(*faultReader)
	return ok && f.err == io.EOF
}

func bodyError(err error) error {
	var e *Exception
	if errors.As(err, &e) {
		return err
	}
	return exception(codeCannotReadAll, "%s", fmt.Sprintf("read request body: %v", err))
}
