package native

import "encoding/binary"

// Addresses is a column of IPv6; IPv4 addresses are mapped. An unset row holds
// zeros.
type Addresses struct{ buf []byte }

// Set stores the address at row, which must not be below Rows.
func (c *Addresses) Set(row int, a [16]byte) {
	c.Pad(row)
	c.buf = append(c.buf, a[:]...)
}

// Rows is the number of rows held.
func (c *Addresses) Rows() int { return len(c.buf) / 16 }

// Pad appends zeros until the column holds n rows.
func (c *Addresses) Pad(n int) {
	for len(c.buf) < 16*n {
		c.buf = binary.LittleEndian.AppendUint64(c.buf, 0)
	}
}

// Reset drops all rows.
func (c *Addresses) Reset() { c.buf = c.buf[:0] }

// Encode appends the rows.
func (c *Addresses) Encode(dst []byte) []byte { return append(dst, c.buf...) }

// Values returns the rows as [][16]byte.
func (c *Addresses) Values() any {
	list := make([][16]byte, 0, c.Rows())
	for rest := c.buf; len(rest) > 0; rest = rest[16:] {
		list = append(list, [16]byte(rest))
	}
	return list
}
