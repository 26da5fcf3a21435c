package native

// offsets are the ends of the rows of an array or map.
type offsets struct{ ends []uint64 }

func (o *offsets) padTo(n int, end int) {
	// Rows up to the one being filled end where the values end now.
	for len(o.ends) < n {
		o.ends = append(o.ends, uint64(end))
	}
}

// DictList is a column of Array(LowCardinality(String)).
type DictList struct {
	offsets
	values Dict
}

// Add appends a word to the array at row; rows ascend.
func (c *DictList) Add(row int, word []byte) {
	c.padTo(row, c.values.Rows())
	c.values.Set(c.values.Rows(), word)
}

// Row returns the indexes of the words of a finished row, good until the next
// change; see Word.
func (c *DictList) Row(row int) []uint32 {
	start := uint64(0)
	if row > 0 {
		start = c.ends[row-1]
	}
	return c.values.keys[start:c.ends[row]]
}

// Word returns the word with that index, good until the next change.
func (c *DictList) Word(index uint32) []byte { return c.values.Word(index) }

// Rows is the number of finished rows.
func (c *DictList) Rows() int { return len(c.ends) }

// Pad finishes the row being filled and appends empty arrays up to n rows.
func (c *DictList) Pad(n int) { c.padTo(n, c.values.Rows()) }

// Reset drops all rows.
func (c *DictList) Reset() { c.ends = c.ends[:0]; c.values.Reset() }

// Encode appends prefix, offsets and values.
func (c *DictList) Encode(dst []byte) []byte {
	dst = append(appendVersion(dst), bytesOf(c.ends)...)
	return c.values.encodeBody(dst)
}

// Values returns the rows as [][]string.
func (c *DictList) Values() any { return cutRows(c.ends, c.values.strings()) }

// TextList is a column of Array(String).
type TextList struct {
	offsets
	values Text
}

// Add appends a value to the array at row; rows ascend.
func (c *TextList) Add(row int, v []byte) {
	c.padTo(row, c.values.Rows())
	c.values.Set(c.values.Rows(), v)
}

// Rows is the number of finished rows.
func (c *TextList) Rows() int { return len(c.ends) }

// Pad finishes the row being filled and appends empty arrays up to n rows.
func (c *TextList) Pad(n int) { c.padTo(n, c.values.Rows()) }

// Reset drops all rows.
func (c *TextList) Reset() { c.ends = c.ends[:0]; c.values.Reset() }

// Encode appends offsets and values.
func (c *TextList) Encode(dst []byte) []byte {
	return c.values.Encode(append(dst, bytesOf(c.ends)...))
}

// Values returns the rows as [][]string.
func (c *TextList) Values() any { return cutRows(c.ends, c.values.strings()) }

// Pairs is a column of Map(LowCardinality(String), String).
type Pairs struct {
	offsets
	keys   Dict
	values Text
}

// Key returns the index of a name: look it up once and Add it many times. It is
// good until Reset.
func (c *Pairs) Key(name []byte) uint32 { return c.keys.Index(name) }

// Add appends a pair to the map at row; rows ascend.
func (c *Pairs) Add(row int, key uint32, v []byte) {
	c.padTo(row, c.values.Rows())
	c.keys.Put(c.keys.Rows(), key)
	c.values.Set(c.values.Rows(), v)
}

// Rows is the number of finished rows.
func (c *Pairs) Rows() int { return len(c.ends) }

// Pad finishes the row being filled and appends empty maps up to n rows.
func (c *Pairs) Pad(n int) { c.padTo(n, c.values.Rows()) }

// Reset drops all rows.
func (c *Pairs) Reset() { c.ends = c.ends[:0]; c.keys.Reset(); c.values.Reset() }

// Encode appends prefix, offsets, keys and values.
func (c *Pairs) Encode(dst []byte) []byte {
	dst = append(appendVersion(dst), bytesOf(c.ends)...)
	return c.values.Encode(c.keys.encodeBody(dst))
}

// Values returns the rows as []map[string]string.
func (c *Pairs) Values() any {
	keys, values := c.keys.strings(), c.values.strings()
	list := make([]map[string]string, 0, len(c.ends))
	start := uint64(0)
	for _, end := range c.ends {
		m := make(map[string]string, end-start)
		for ; start < end; start++ {
			m[keys[start]] = values[start]
		}
		list = append(list, m)
	}
	return list
}

func cutRows[T any](ends []uint64, flat []T) [][]T {
	list := make([][]T, 0, len(ends))
	start := uint64(0)
	for _, end := range ends {
		list = append(list, append([]T{}, flat[start:end]...))
		start = end
	}
	return list
}

// Mark is a place in a Pairs column: see Rewind.
type Mark struct{ pairs, bytes int }

// Mark notes where the pairs end now.
func (c *Pairs) Mark() Mark { return Mark{c.values.rows, len(c.values.buf)} }

// Rewind drops the pairs added to the row being filled since the mark.
func (c *Pairs) Rewind(m Mark) {
	c.keys.keys = c.keys.keys[:m.pairs]
	c.values.rows, c.values.buf = m.pairs, c.values.buf[:m.bytes]
}
