package native

import (
	"encoding/binary"
	"unsafe"
)

// Column is what a Table writes: a typed column of one insert.
type Column interface {
	// Rows is the number of rows held.
	Rows() int
	// Pad appends empty values until the column holds n rows.
	Pad(n int)
	// Reset drops all rows and keeps the memory.
	Reset()
	// Encode appends the wire form of all rows to dst.
	Encode(dst []byte) []byte
	// Values returns the rows as the slice that clickhouse-go's
	// batch.Column(i).Append takes: a copy, for protocols other than HTTP.
	Values() any
}

// Named is a column with its name and its ClickHouse type.
type Named struct {
	Name   string
	Type   string
	Column Column
}

// Encode appends one block of the Native format to dst: the counts, then each
// column with name, type and rows. All columns must hold the same number of rows.
func Encode(dst []byte, columns []Named) []byte {
	rows := 0
	if len(columns) > 0 {
		rows = columns[0].Column.Rows()
	}
	dst = appendCounts(dst, len(columns), rows)
	for _, c := range columns {
		dst = appendHead(dst, c)
		if rows > 0 {
			dst = c.Column.Encode(dst)
		}
	}
	return dst
}

func appendCounts(dst []byte, columns, rows int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, uint64(columns)), uint64(rows))
}

func appendHead(dst []byte, c Named) []byte { return appendText(appendText(dst, c.Name), c.Type) }

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Number is a fixed-size little-endian value.
type Number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int8 | ~int16 | ~int32 | ~int64 | ~float64
}

// Numbers is a column of numbers, of times (as integers of their unit) or of
// booleans (0 and 1). Empty is what an unset row holds.
type Numbers[T Number] struct {
	Empty T
	rows  []T
}

// Set stores v at row, which must not be below Rows.
func (c *Numbers[T]) Set(row int, v T) {
	if row > len(c.rows) {
		c.Pad(row)
	}
	c.rows = append(c.rows, v)
}

// Fill repeats v until the column holds n rows.
func (c *Numbers[T]) Fill(n int, v T) {
	for len(c.rows) < n {
		c.rows = append(c.rows, v)
	}
}

// Rows is the number of rows held.
func (c *Numbers[T]) Rows() int { return len(c.rows) }

// All returns the rows themselves, good until the next Set, Fill, Pad or Reset.
func (c *Numbers[T]) All() []T { return c.rows }

// Pad appends Empty until the column holds n rows.
func (c *Numbers[T]) Pad(n int) { c.Fill(n, c.Empty) }

// Reset drops all rows.
func (c *Numbers[T]) Reset() { c.rows = c.rows[:0] }

// Encode appends the rows; the hosts that yagura runs on are little endian.
func (c *Numbers[T]) Encode(dst []byte) []byte { return append(dst, bytesOf(c.rows)...) }

// Values returns the rows.
func (c *Numbers[T]) Values() any { return append([]T(nil), c.rows...) }

func bytesOf[T Number](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

// Present is a Nullable column without a NULL.
type Present struct{ Column }

// Encode appends the map of NULLs, all zero, and the rows.
func (c Present) Encode(dst []byte) []byte {
	return c.Column.Encode(append(dst, make([]byte, c.Rows())...))
}
