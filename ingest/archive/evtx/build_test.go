package evtx

import (
	"encoding/binary"
	"unicode/utf16"
)

// builder writes an event log as Windows does, for tests: chunks of records whose
// names and templates stand in the chunk at their first use.
type builder struct {
	chunk []byte
	names map[string]int
	id    uint64
}

func newBuilder() *builder {
	b := &builder{chunk: make([]byte, chunkHeader), names: map[string]int{}, id: 1}
	copy(b.chunk, "ElfChnk\x00")
	return b
}

func (b *builder) u8(v ...byte) { b.chunk = append(b.chunk, v...) }
func (b *builder) u16(v int)    { b.chunk = binary.LittleEndian.AppendUint16(b.chunk, uint16(v)) }
func (b *builder) u32(v int)    { b.chunk = binary.LittleEndian.AppendUint32(b.chunk, uint32(v)) }

func wide(s string) (out []byte) {
	for _, c := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, c)
	}
	return out
}

func (b *builder) text(s string) {
	b.u16(len(utf16.Encode([]rune(s))))
	b.u8(wide(s)...)
}

// name writes the offset of a name, and the name where it is new.
func (b *builder) name(s string) {
	at, known := b.names[s]
	if !known {
		at = len(b.chunk) + 4
		b.names[s] = at
	}
	b.u32(at)
	if !known {
		b.u32(0)
		b.u16(0)
		b.text(s)
		b.u16(0)
	}
}

// piece is what an element or attribute holds: text, or a number of a value.
type piece struct {
	text     string
	value    int
	isValue  bool
	optional bool
}

// node is an element.
type node struct {
	name       string
	attributes []attribute
	inside     []any // node, piece
}

type attribute struct {
	name  string
	piece piece
}

func (b *builder) element(n node, definition bool) {
	token := byte(tokenOpen)
	if len(n.attributes) > 0 {
		token |= moreFollows
	}
	b.u8(token)
	if definition {
		b.u16(0xffff)
	}
	b.u32(0)
	b.name(n.name)
	if len(n.attributes) > 0 {
		b.u32(0)
	}
	for _, a := range n.attributes {
		b.u8(tokenAttribute)
		b.name(a.name)
		b.piece(a.piece)
	}
	if len(n.inside) == 0 {
		b.u8(tokenCloseEmpty)
		return
	}
	b.u8(tokenClose)
	for _, i := range n.inside {
		switch i := i.(type) {
		case node:
			b.element(i, definition)
		case piece:
			b.piece(i)
		}
	}
	b.u8(tokenEndElement)
}

func (b *builder) piece(p piece) {
	switch {
	case !p.isValue:
		b.u8(tokenValue, kindString)
		b.text(p.text)
	case p.optional:
		b.u8(tokenOptional)
		b.u16(p.value)
		b.u8(0)
	default:
		b.u8(tokenSubstitution)
		b.u16(p.value)
		b.u8(0)
	}
}

// given is a value of a template.
type given struct {
	kind byte
	data []byte
}

// instance writes a template instance; the definition stands at its first use. It
// returns where that is.
func (b *builder) instance(at int, n node, values ...given) int {
	b.u8(tokenFragment, 1, 1, 0, tokenTemplate, 1)
	b.u32(7)
	here := len(b.chunk) + 4
	if at == 0 {
		at = here
	}
	b.u32(at)
	if at == here {
		b.u32(0)
		b.u8(make([]byte, 16)...)
		size := len(b.chunk)
		b.u32(0)
		b.u8(tokenFragment, 1, 1, 0)
		b.element(n, true)
		b.u8(tokenEnd)
		binary.LittleEndian.PutUint32(b.chunk[size:], uint32(len(b.chunk)-size-4))
	}
	b.u32(len(values))
	for _, v := range values {
		b.u16(len(v.data))
		b.u8(v.kind, 0)
	}
	for _, v := range values {
		b.u8(v.data...)
	}
	return at
}

// record writes a record around what body writes, and returns where it begins.
func (b *builder) record(body func()) int {
	at := len(b.chunk)
	b.u8([]byte(recordMagic)...)
	b.u32(0)
	b.chunk = binary.LittleEndian.AppendUint64(b.chunk, b.id)
	b.chunk = binary.LittleEndian.AppendUint64(b.chunk, 0)
	body()
	for (len(b.chunk)-at+4)%8 != 0 {
		b.u8(0)
	}
	b.u32(len(b.chunk) - at + 4)
	binary.LittleEndian.PutUint32(b.chunk[at+4:], uint32(len(b.chunk)-at))
	b.id++
	return at
}

// end is the chunk, whole.
func (b *builder) end() []byte {
	binary.LittleEndian.PutUint32(b.chunk[48:], uint32(len(b.chunk)))
	return append(b.chunk, make([]byte, chunkSize-len(b.chunk))...)
}

// file is a log of chunks.
func file(chunks ...[]byte) []byte {
	out := make([]byte, fileHeader)
	copy(out, Magic)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return out
}
