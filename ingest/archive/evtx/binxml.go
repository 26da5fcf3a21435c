package evtx

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Tokens of BinXml ([MS-EVEN6] 2.2.12). 0x40 says that more follows: attributes of
// an element, further values.
const (
	tokenEnd          = 0x00
	tokenOpen         = 0x01
	tokenClose        = 0x02
	tokenCloseEmpty   = 0x03
	tokenEndElement   = 0x04
	tokenValue        = 0x05
	tokenAttribute    = 0x06
	tokenCDATA        = 0x07
	tokenCharRef      = 0x08
	tokenEntity       = 0x09
	tokenPITarget     = 0x0a
	tokenPIData       = 0x0b
	tokenTemplate     = 0x0c
	tokenSubstitution = 0x0d
	tokenOptional     = 0x0e
	tokenFragment     = 0x0f
	moreFollows       = 0x40
)

// Bounds of one record.
const (
	maxDepth  = 48        // templates and elements inside one another
	maxXML    = 256 << 10 // bytes of XML; what is longer is damaged or hostile
	maxValues = 4096      // values of one template
)

var (
	errCut   = errors.New("it ends inside a token")
	errDeep  = fmt.Errorf("more than %d elements inside one another", maxDepth)
	errLarge = fmt.Errorf("more than %d KiB of XML", maxXML>>10)
)

// cursor reads from the chunk; names and templates stand at offsets of the chunk.
type cursor struct {
	chunk   []byte
	at, end int
	bare    bool // elements have no dependency: this is no definition of a template
	err     error
}

func (c *cursor) take(n int) []byte {
	if c.err != nil || n < 0 || n > c.end-c.at {
		if c.err == nil {
			c.err = errCut
		}
		return nil
	}
	c.at += n
	return c.chunk[c.at-n : c.at]
}

func (c *cursor) u8() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// peek is the next token; tokenEnd at the end.
func (c *cursor) peek() byte {
	if c.err != nil || c.at >= c.end {
		return tokenEnd
	}
	return c.chunk[c.at]
}

// text is a counted UTF-16 string.
func (c *cursor) text() []byte { return c.take(2 * int(c.u16())) }

// name is an element's, attribute's or entity's name, UTF-16: it stands where the
// offset says; at its first use that is here.
func (c *cursor) name() []byte {
	offset := int(c.u32())
	if c.err != nil {
		return nil
	}
	there := cursor{chunk: c.chunk, at: offset, end: len(c.chunk)}
	there.take(6) // the next name of the same hash, the hash
	text := there.text()
	there.take(2) // a NUL
	if there.err != nil {
		c.err = errors.New("a name lies outside the chunk")
		return nil
	}
	if offset == c.at {
		c.take(there.at - offset)
	}
	return text
}

// value is one of a template's values.
type value struct {
	kind byte
	at   int // of its bytes in the chunk
	data []byte
}

// absent values leave out what is optional.
func (v value) absent() bool { return v.kind == kindNull || len(v.data) == 0 && v.kind != kindBinXML }

// template reads the head of an instance: where its definition lies and its values.
func (c *cursor) template() (definition cursor, values []value) {
	c.take(5) // 1, the identifier
	offset := int(c.u32())
	if c.err != nil {
		return definition, nil
	}
	there := cursor{chunk: c.chunk, at: offset, end: len(c.chunk)}
	there.take(20) // the next template of the same hash, the GUID
	size := int(there.u32())
	definition = cursor{chunk: c.chunk, at: there.at, end: there.at + size}
	if there.err != nil || size > len(c.chunk)-there.at {
		c.err = errors.New("a template lies outside the chunk")
		return definition, nil
	}
	if offset == c.at {
		c.take(definition.end - offset)
	}
	return definition, c.values()
}

func (c *cursor) values() []value {
	count := int(c.u32())
	if count > maxValues {
		c.err = fmt.Errorf("a template with %d values", count)
	}
	kinds := cursor{chunk: c.chunk, at: c.at, end: c.end}
	if c.take(4*count) == nil && count > 0 {
		return nil
	}
	values := make([]value, count)
	for i := range values {
		size, kind := int(kinds.u16()), kinds.u8()
		kinds.u8()
		at := c.at
		values[i] = value{kind, at, c.take(size)}
	}
	return values
}
