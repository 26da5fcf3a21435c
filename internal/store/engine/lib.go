package engine

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ebitengine/purego"
)

// libEnv names the environment variable that overrides the search of [Find].
const libEnv = "YAGURA_ENGINE_LIB"

// ErrNoLibrary is wrapped by [Find] when libchdb is not on this machine.
var ErrNoLibrary = errors.New("engine library libchdb.so not found")

// ErrLibrary is wrapped when there is a file of that name which is not libchdb, or
// only a part of it, or cannot be read.
var ErrLibrary = errors.New("load engine library")

// Find returns the path of libchdb.so. It looks, in this order, at
// $YAGURA_ENGINE_LIB, at dir (a file or a folder holding libchdb.so; "" = none),
// at lib/libchdb.so and libchdb.so beside the executable, and at the npm package
// under deploy/engine, from the working directory and from the executable's
// folder, each with up to four parents. A path named explicitly is never
// silently replaced by another one.
func Find(dir string) (string, error) {
	for _, named := range []string{os.Getenv(libEnv), dir} {
		if named == "" {
			continue
		}
		for _, p := range []string{named, filepath.Join(named, "libchdb.so")} {
			if isFile(p) {
				return p, loadable(p)
			}
		}
		return "", fmt.Errorf("%w at %s; give the path of libchdb.so, or run: make engine", ErrNoLibrary, named)
	}
	for _, p := range candidates() {
		if isFile(p) {
			return p, loadable(p)
		}
	}
	return "", fmt.Errorf("%w; run: make engine", ErrNoLibrary)
}

// loadable finds early what would fail late, again and again or by a fault: a file
// that is no library, or half of one, whose end with the table of sections is
// missing.
func loadable(path string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %s is no library, or only a part of one (%w); give the path of libchdb.so, or run: make engine", ErrLibrary, path, err)
	}
	return f.Close()
}

func candidates() []string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	npm := filepath.Join("deploy", "engine", "node_modules", "@chdb", "lib-linux-"+arch+"-gnu", "libchdb.so")
	var paths, roots []string
	if exe, err := os.Executable(); err == nil {
		d := filepath.Dir(exe)
		paths = append(paths, filepath.Join(d, "lib", "libchdb.so"), filepath.Join(d, "libchdb.so"))
		roots = append(roots, d)
	}
	if wd, err := os.Getwd(); err == nil {
		roots = append([]string{wd}, roots...)
	}
	for _, d := range roots {
		for range 5 {
			paths = append(paths, filepath.Join(d, npm))
			d = filepath.Dir(d)
		}
	}
	return paths
}

func isFile(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.Mode().IsRegular()
}

// library is the part of libchdb's C interface (programs/local/chdb.h) that
// the gateway uses. Pointers are uintptr: they belong to C and Go's collector
// must not look at them.
type library struct {
	setSignalHandlers func(enabled int32)
	version           func() string

	connect   func(argc int32, argv **byte) uintptr
	closeConn func(conn uintptr)
	classify  func(conn uintptr, sql *byte, n uintptr, db *byte, dbLen uintptr, out *analysis) int32

	query       func(conn uintptr, sql *byte, n uintptr, format *byte, fn uintptr, p cParams) uintptr
	streamQuery func(conn uintptr, sql *byte, n uintptr, format *byte, fn uintptr, p cParams) uintptr
	fetch       func(conn, result uintptr) uintptr
	cancelQuery func(conn, result uintptr)

	insert        func(conn uintptr, sql *byte, n uintptr, format *byte, fn uintptr, p cParams) uintptr
	appendData    func(stream uintptr, data *byte, n uintptr) int32
	insertDone    func(stream uintptr) uintptr
	insertError   func(stream uintptr) uintptr
	destroyInsert func(stream uintptr)

	destroy                                     func(result uintptr)
	buffer, length, errText                     func(result uintptr) uintptr
	rowsRead, bytesRead, rowsWritten, bytesWrit func(result uintptr) uint64
	storageRows, storageBytes                   func(result uintptr) uint64
	elapsed                                     func(result uintptr) float64
}

// open loads the library. It can be done once per process and never undone.
func open(path string) (*library, error) {
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; run: make engine", ErrLibrary, err)
	}
	l := &library{}
	for _, s := range l.symbols() {
		if _, err := purego.Dlsym(h, s.name); err != nil {
			return nil, fmt.Errorf("%w: %s lacks %s; run: make engine", ErrLibrary, path, s.name)
		}
		purego.RegisterLibFunc(s.fn, h, s.name)
	}
	l.bindParams(h)
	// Go's own handlers stay in place: without this call a nil dereference in
	// Go ends the process without a stack.
	l.setSignalHandlers(0)
	return l, nil
}

type symbol struct {
	name string
	fn   any
}

func (l *library) symbols() []symbol {
	return []symbol{
		{"chdb_set_signal_handlers_enabled", &l.setSignalHandlers},
		{"chdb_version", &l.version},
		{"chdb_connect", &l.connect},
		{"chdb_close_conn", &l.closeConn},
		{"chdb_classify_query_n", &l.classify},
		{"chdb_stream_fetch_result", &l.fetch},
		{"chdb_stream_cancel_query", &l.cancelQuery},
		{"chdb_stream_append", &l.appendData},
		{"chdb_stream_done", &l.insertDone},
		{"chdb_stream_insert_error", &l.insertError},
		{"chdb_destroy_insert_stream", &l.destroyInsert},
		{"chdb_destroy_query_result", &l.destroy},
		{"chdb_result_buffer", &l.buffer},
		{"chdb_result_length", &l.length},
		{"chdb_result_error", &l.errText},
		{"chdb_result_elapsed", &l.elapsed},
		{"chdb_result_rows_read", &l.rowsRead},
		{"chdb_result_bytes_read", &l.bytesRead},
		{"chdb_result_rows_written", &l.rowsWritten},
		{"chdb_result_bytes_written", &l.bytesWrit},
		{"chdb_result_storage_rows_read", &l.storageRows},
		{"chdb_result_storage_bytes_read", &l.storageBytes},
	}
}
