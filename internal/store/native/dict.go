package native

import (
	"encoding/binary"
)

// Dict is a column of LowCardinality(String). The empty string has index 0.
type Dict struct {
	keys  []uint32
	words dictionary
}

// Index returns the index of a word in the column's dictionary: look it up once
// and Put it many times. It is good until Reset.
func (c *Dict) Index(word []byte) uint32 { return c.words.index(word) }

// Set stores the word at row, which must not be below Rows.
func (c *Dict) Set(row int, word []byte) { c.Put(row, c.words.index(word)) }

// Put stores the word with that index at row.
func (c *Dict) Put(row int, index uint32) {
	if row > len(c.keys) {
		c.Pad(row)
	}
	c.keys = append(c.keys, index)
}

// Fill repeats the word with that index until the column holds n rows.
func (c *Dict) Fill(n int, index uint32) {
	for len(c.keys) < n {
		c.keys = append(c.keys, index)
	}
}

// Keys returns the index of every row's word, good until the next change.
func (c *Dict) Keys() []uint32 { return c.keys }

// Word returns the word with that index, good until the next change.
func (c *Dict) Word(index uint32) []byte { return c.words.bytes(index) }

// Rows is the number of rows held.
func (c *Dict) Rows() int { return len(c.keys) }

// Pad appends empty strings until the column holds n rows.
func (c *Dict) Pad(n int) { c.Fill(n, 0) }

// Reset drops all rows and words.
func (c *Dict) Reset() { c.keys = c.keys[:0]; c.words.reset() }

// Encode appends state prefix, dictionary and keys.
func (c *Dict) Encode(dst []byte) []byte {
	return c.encodeBody(appendVersion(dst))
}

// Values returns the rows as []string.
func (c *Dict) Values() any { return c.strings() }

func (c *Dict) strings() []string {
	list := make([]string, len(c.keys))
	for i, k := range c.keys {
		list[i] = c.words.word(k)
	}
	return list
}

// appendVersion writes the state prefix of LowCardinality: shared dictionaries
// with additional keys.
func appendVersion(dst []byte) []byte { return binary.LittleEndian.AppendUint64(dst, 1) }

// encodeBody appends the rows without the prefix, which an enclosing array or
// map writes before its offsets.
func (c *Dict) encodeBody(dst []byte) []byte {
	if len(c.keys) == 0 {
		return dst
	}
	const hasKeys, updateDictionary = 1 << 9, 1 << 10
	width := uint64(0)
	switch n := c.words.len(); {
	case n > 1<<16:
		width = 2
	case n > 1<<8:
		width = 1
	}
	dst = binary.LittleEndian.AppendUint64(dst, hasKeys|updateDictionary|width)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(c.words.len()))
	dst = c.words.encode(dst)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(c.keys)))
	switch width {
	case 0:
		return appendNarrow[uint8](dst, c.keys)
	case 1:
		return appendNarrow[uint16](dst, c.keys)
	}
	return append(dst, bytesOf(c.keys)...)
}

func appendNarrow[T uint8 | uint16](dst []byte, keys []uint32) []byte {
	var part [512]T
	for len(keys) > 0 {
		n := min(len(keys), len(part))
		for i, k := range keys[:n] {
			part[i] = T(k)
		}
		dst = append(dst, bytesOf(part[:n])...)
		keys = keys[n:]
	}
	return dst
}

// dictionary numbers the distinct words of a column. A small direct-mapped cache
// before the map answers the common case, a word seen lately, in a few
// nanoseconds.
type dictionary struct {
	buf    []byte // the words one after the other
	ends   []uint32
	byWord map[string]uint32
	cache  [128]uint32 // index + 1; 0 is empty
}

func (d *dictionary) len() int { return max(1, len(d.ends)) }

func (d *dictionary) word(i uint32) string { return string(d.bytes(i)) }

func (d *dictionary) bytes(i uint32) []byte {
	if i == 0 {
		return nil
	}
	return d.buf[d.ends[i-1]:d.ends[i]]
}

func (d *dictionary) index(word []byte) uint32 {
	if len(word) == 0 {
		return 0
	}
	slot := &d.cache[hash(word)%uint32(len(d.cache))]
	if at := *slot; at > 0 && string(d.bytes(at-1)) == string(word) {
		return at - 1
	}
	i, ok := d.byWord[string(word)]
	if !ok {
		i = d.add(word)
	}
	*slot = i + 1
	return i
}

func (d *dictionary) add(word []byte) uint32 {
	if d.byWord == nil {
		d.byWord = make(map[string]uint32)
	}
	if len(d.ends) == 0 {
		d.ends = append(d.ends, 0) // the empty string
	}
	i := uint32(len(d.ends))
	d.buf = append(d.buf, word...)
	d.ends = append(d.ends, uint32(len(d.buf)))
	d.byWord[string(word)] = i
	return i
}

func (d *dictionary) encode(dst []byte) []byte {
	dst = append(dst, 0)
	for i := 1; i < len(d.ends); i++ {
		w := d.bytes(uint32(i))
		dst = append(binary.AppendUvarint(dst, uint64(len(w))), w...)
	}
	return dst
}

func (d *dictionary) reset() {
	d.buf, d.ends = d.buf[:0], d.ends[:0]
	clear(d.byWord)
	clear(d.cache[:])
}

// hash mixes the length and the first and last bytes: enough to tell the words
// of one column apart; a clash costs a map lookup.
func hash(w []byte) uint32 {
	n := len(w)
	var a, b uint64
	if n >= 8 {
		a, b = binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[n-8:])
	} else {
		for i, c := range w {
			a |= uint64(c) << (8 * i)
		}
	}
	h := (a ^ b*0x9E3779B97F4A7C15 ^ uint64(n)) * 0xD6E8FEB86659FD93
	return uint32(h >> 40)
}
