package engine

import (
	"errors"
	"runtime"
	"strings"
	"unsafe"
)

// conn is one engine connection: a session with settings of its own. It runs
// one statement at a time; its user holds it exclusively. Several connections
// run in parallel.
type conn struct {
	lib    *library
	handle uintptr // chdb_connection*, as chdb_connect gave it
	id     string  // value of log_comment, by which KILL QUERY finds its statement
	key    string  // role and settings it was opened with; see pool
}

// dial opens a connection with the arguments a clickhouse-local would take.
func dial(lib *library, args []string) (*conn, error) {
	argv := make([]*byte, 0, len(args)+1)
	hold := make([][]byte, 0, len(args)+1)
	for _, a := range append([]string{"clickhouse"}, args...) {
		b := append([]byte(a), 0)
		hold = append(hold, b)
		argv = append(argv, &b[0])
	}
	h := lib.connect(int32(len(argv)), &argv[0])
	runtime.KeepAlive(hold)
	if h == 0 || *(*uintptr)(foreign(h)) == 0 {
		return nil, errors.New("the engine refused the connection (a setting it does not know, or its data folder cannot be opened)")
	}
	return &conn{lib: lib, handle: h}, nil
}

func (c *conn) ptr() uintptr { return *(*uintptr)(foreign(c.handle)) }

func (c *conn) close() {
	if c.handle != 0 {
		c.lib.closeConn(c.handle)
		c.handle = 0
	}
}

// stats counts what one statement did.
type stats struct {
	readRows, readBytes, writtenRows, writtenBytes uint64
	elapsedNs                                      uint64
}

func (s *stats) add(l *library, r uintptr) {
	s.readRows += l.storageRows(r)
	s.readBytes += l.storageBytes(r)
	s.writtenRows += l.rowsWritten(r)
	s.writtenBytes += l.bytesWrit(r)
	s.elapsedNs += uint64(l.elapsed(r) * 1e9)
}

// query runs one statement and hands its whole output to use; the bytes are the
// engine's and are gone when use returns.
func (c *conn) query(st statement, use func([]byte) error) (stats, error) {
	var s stats
	sql, n := cString(st.sql)
	format, fn := cString(st.format)
	p := encodeParams(st.params)
	r := c.lib.query(c.ptr(), sql, n, format, fn, p)
	runtime.KeepAlive(p)
	runtime.KeepAlive(st)
	defer c.lib.destroy(r)
	if err := c.resultError(r); err != nil {
		return s, err
	}
	s.add(c.lib, r)
	if use == nil {
		return s, nil
	}
	return s, use(c.view(r))
}

// stream runs one statement and hands its output on chunk by chunk. Only for
// formats whose chunks can be put one after another.
func (c *conn) stream(st statement, use func([]byte) error) (stats, error) {
	// The engine keeps per-thread state between the calls of one stream.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var s stats
	sql, n := cString(st.sql)
	format, fn := cString(st.format)
	p := encodeParams(st.params)
	h := c.lib.streamQuery(c.ptr(), sql, n, format, fn, p)
	runtime.KeepAlive(p)
	runtime.KeepAlive(st)
	defer c.lib.destroy(h)
	if err := c.resultError(h); err != nil {
		return s, err
	}
	for {
		more, err := c.chunk(h, &s, use)
		if err != nil {
			c.lib.cancelQuery(c.ptr(), h)
			return s, err
		}
		if !more {
			return s, nil
		}
	}
}

func (c *conn) chunk(h uintptr, s *stats, use func([]byte) error) (more bool, err error) {
	r := c.lib.fetch(c.ptr(), h)
	defer c.lib.destroy(r)
	if err := c.resultError(r); err != nil {
		return false, err
	}
	b := c.view(r)
	if len(b) == 0 {
		return false, nil
	}
	s.add(c.lib, r)
	return true, use(b)
}

func (c *conn) view(r uintptr) []byte {
	p, n := c.lib.buffer(r), c.lib.length(r)
	if p == 0 || n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(foreign(p)), int(n))
}

func (c *conn) resultError(r uintptr) error {
	if r == 0 {
		return exception(0, "the engine gave no result")
	}
	if text := goString(c.lib.errText(r)); text != "" {
		return parseException(text)
	}
	return nil
}

// Classes of [analysis], in rising order of what they touch.
const (
	classReadOnly = 0
	classUnknown  = 4
)

// analysis is chdb_query_analysis_v1: what the engine's own parser says of a
// statement.
type analysis struct {
	size, statements uint32
	_                uint32 // flags
	class            uint32
}

// classify asks the engine's own parser what sql would do.
func (c *conn) classify(sql string) analysis {
	a := analysis{size: uint32(unsafe.Sizeof(analysis{}))}
	p, n := cString(sql)
	if rc := c.lib.classify(c.ptr(), p, n, nil, 0, &a); rc != 0 {
		a.class = classUnknown
	}
	runtime.KeepAlive(sql)
	return a
}

// text runs a statement that answers with one short text.
func (c *conn) text(sql string) (string, error) {
	var out string
	_, err := c.query(statement{sql: sql, format: "TabSeparatedRaw"}, func(b []byte) error {
		out = strings.TrimSuffix(string(b), "\n")
		return nil
	})
	return out, err
}
