package native

import "encoding/binary"

// Text is a column of strings, held in wire form.
type Text struct {
	buf  []byte
	rows int
}

// Set stores v at row, which must not be below Rows.
func (c *Text) Set(row int, v []byte) {
	if row > c.rows {
		c.Pad(row)
	}
	c.buf = binary.AppendUvarint(c.buf, uint64(len(v)))
	c.buf = append(c.buf, v...)
	c.rows++
}

// Rows is the number of rows held.
func (c *Text) Rows() int { return c.rows }

// Pad appends empty strings until the column holds n rows.
func (c *Text) Pad(n int) {
	for ; c.rows < n; c.rows++ {
		c.buf = append(c.buf, 0)
	}
}

// Reset drops all rows.
func (c *Text) Reset() { c.buf, c.rows = c.buf[:0], 0 }

// Encode appends the rows.
func (c *Text) Encode(dst []byte) []byte { return append(dst, c.buf...) }

// Values returns the rows as []string.
func (c *Text) Values() any { return c.strings() }

func (c *Text) strings() []string {
	list := make([]string, 0, c.rows)
	for rest := c.buf; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		rest = rest[size:]
		list = append(list, string(rest[:n]))
		rest = rest[n:]
	}
	return list
}

// Fixed is a column of FixedString(Size); an unset row holds zeros.
type Fixed struct {
	Size int
	buf  []byte
}

// Set stores v, cut or filled with zeros to Size, at row.
func (c *Fixed) Set(row int, v []byte) {
	c.Pad(row)
	c.buf = append(c.buf, v[:min(len(v), c.Size)]...)
	c.Pad(row + 1)
}

// Rows is the number of rows held.
func (c *Fixed) Rows() int { return len(c.buf) / c.Size }

// Pad appends zeros until the column holds n rows.
func (c *Fixed) Pad(n int) {
	if missing := n*c.Size - len(c.buf); missing > 0 {
		c.buf = append(c.buf, make([]byte, missing)...)
	}
}

// Reset drops all rows.
func (c *Fixed) Reset() { c.buf = c.buf[:0] }

// Encode appends the rows.
func (c *Fixed) Encode(dst []byte) []byte { return append(dst, c.buf...) }

// Values returns the rows as []string.
func (c *Fixed) Values() any {
	list := make([]string, 0, c.Rows())
	for rest := c.buf; len(rest) > 0; rest = rest[c.Size:] {
		list = append(list, string(rest[:c.Size]))
	}
	return list
}
