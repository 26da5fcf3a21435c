package engine

import (
	"unsafe"

	"github.com/ebitengine/purego"
)

// param is one query parameter: `param_name=value` fills `{name:Type}`. The
// value is in ClickHouse's escaped text form, as the HTTP interface has it.
type param struct{ name, value string }

// cParams is a list of parameters as the C interface takes it: four arrays of
// one length. hold keeps the memory alive while C looks at it.
type cParams struct {
	names, values  **byte
	nameLs, valLs  *uintptr
	n              uintptr
	hold           []*byte
	lengths        []uintptr
	bytesOfStrings [][]byte
}

func encodeParams(ps []param) cParams {
	n := len(ps)
	if n == 0 {
		return cParams{}
	}
	c := cParams{n: uintptr(n), hold: make([]*byte, 2*n), lengths: make([]uintptr, 2*n)}
	put := func(i int, s string) {
		b := append([]byte(s), 0)
		c.bytesOfStrings = append(c.bytesOfStrings, b)
		c.hold[i], c.lengths[i] = &b[0], uintptr(len(s))
	}
	for i, p := range ps {
		put(i, p.name)
		put(n+i, p.value)
	}
	c.names, c.values = &c.hold[0], &c.hold[n]
	c.nameLs, c.valLs = &c.lengths[0], &c.lengths[n]
	return c
}

type paramCall func(conn uintptr, sql *byte, n uintptr, format *byte, fn uintptr,
	names **byte, nameLs *uintptr, values **byte, valLs *uintptr, count uintptr) uintptr

// bindParams binds the three calls that take parameters.
func (l *library) bindParams(h uintptr) {
	bind := func(name string) func(uintptr, *byte, uintptr, *byte, uintptr, cParams) uintptr {
		var f paramCall
		purego.RegisterLibFunc(&f, h, name)
		return func(conn uintptr, sql *byte, n uintptr, format *byte, fn uintptr, p cParams) uintptr {
			return f(conn, sql, n, format, fn, p.names, p.nameLs, p.values, p.valLs, p.n)
		}
	}
	l.query = bind("chdb_query_with_params_n")
	l.streamQuery = bind("chdb_stream_query_with_params_n")
	l.insert = bind("chdb_stream_insert_with_params_n")
}

// cString returns s for C; the length goes beside it, so no terminator is needed.
func cString(s string) (*byte, uintptr) {
	if s == "" {
		return nil, 0
	}
	return unsafe.StringData(s), uintptr(len(s))
}

// goString copies a terminated C string.
func goString(p uintptr) string {
	if p == 0 {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(foreign(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(foreign(p)), n))
}

// foreign turns an address that C owns into a pointer. Going through a variable
// keeps vet's unsafeptr check content: the memory is not Go's and never moves.
func foreign(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }
