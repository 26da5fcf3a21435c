package event

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"
)

// Builder gathers drafts into a block. Reset it after Encode and use it again.
// Not safe for concurrent use.
type Builder struct {
	events  []head
	refs    []ref
	mem     []byte // room bytes, then the data
	room    int    // before the data, see frontRoom
	tables  []byte // scratch of Seal
	names   []string
	index   map[string]Field
	sources []Source
	tallies []Tally
	lastSrc int
}

// Len is the number of events gathered.
func (b *Builder) Len() int { return len(b.events) }

// Size is the number of bytes the events take before packing.
func (b *Builder) Size() int {
	return b.dataLen() + len(b.refs)*refSize + len(b.events)*headSize
}

// frontRoom is the room before the data of a builder that is used again and again,
// bytes: an encoded block's heads, refs and tables are put there, so that the data,
// its larger part, stays where it was gathered. Where they are longer the data moves.
const frontRoom = 1 << 20

// roomFrom is the size of data for which that pays.
const roomFrom = 64 << 10

func (b *Builder) dataLen() int { return len(b.mem) - b.room }

// Full reports whether the block has reached a hard bound: seal it.
func (b *Builder) Full() bool { return len(b.events) >= MaxEvents || b.Size() >= MaxBlock }

// Empty reports whether there is nothing to seal.
func (b *Builder) Empty() bool { return len(b.events) == 0 && len(b.tallies) == 0 }

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	if n := b.dataLen(); b.room == 0 && n >= roomFrom {
		b.room = frontRoom
		b.mem = make([]byte, frontRoom, frontRoom+2*n)
	}
	b.events, b.refs, b.mem = b.events[:0], b.refs[:0], b.mem[:b.room]
	b.names, b.sources, b.tallies = b.names[:0], b.sources[:0], nil
	clear(b.index)
	b.lastSrc = 0
}

// Append copies the draft into the block. The draft may be reset afterwards.
// Received must be set; a zero Time becomes Received with FlagNoTime.
func (b *Builder) Append(d *Draft) {
	h := head{
		Received: d.Received.UnixNano(),
		DataOff:  uint32(b.dataLen()), DataLen: uint32(len(d.buf)), RawLen: uint32(d.rawLen),
		MsgOff: nullOff, RefOff: uint32(len(b.refs)), Flags: d.Flags,
	}
	h.Time = h.Received
	if d.Time.IsZero() {
		h.Flags |= FlagNoTime
	} else {
		h.Time = d.Time.UnixNano()
	}
	h.Source = b.source(d.Source)
	if d.message.off >= 0 {
		h.MsgOff, h.MsgLen = uint32(d.message.off), uint32(d.message.size)
	}
	b.mem = append(b.mem, d.buf...)
	for _, r := range d.refs {
		if r.name >= FirstLocal {
			if r.name = b.intern(d.names.name(r.name)); r.name == 0 {
				continue
			}
		}
		b.refs = append(b.refs, r)
		h.RefCount++
	}
	b.events = append(b.events, h)
}

// Tally adds a change of the books.
func (b *Builder) Tally(t Tally) { b.tallies = append(b.tallies, t) }

// maxNames bounds the local names of one block. Values of further names are
// left out of the fields (they stay in the raw line).
const maxNames = 16 << 10

func (b *Builder) intern(name string) Field {
	if f, ok := b.index[name]; ok {
		return f
	}
	if len(b.names) >= maxNames {
		return 0
	}
	if b.index == nil {
		b.index = make(map[string]Field)
	}
	f := FirstLocal + Field(len(b.names))
	b.names = append(b.names, name)
	b.index[name] = f
	return f
}

// source interns the source: neighbours mostly share one. A block is cut at
// MaxEvents, so there are never more sources than a uint16 can number.
func (b *Builder) source(s Source) uint16 {
	if b.lastSrc < len(b.sources) && b.sources[b.lastSrc] == s {
		return uint16(b.lastSrc)
	}
	for i := range b.sources {
		if b.sources[i] == s {
			b.lastSrc = i
			return uint16(i)
		}
	}
	b.sources = append(b.sources, s)
	b.lastSrc = len(b.sources) - 1
	return uint16(b.lastSrc)
}

const (
	magic       = "YGB1"
	formatFixed = 4 + 4*5 // magic, then counts
)

// Encode appends the block's bytes (not packed) to dst.
//
// Layout, little endian: magic "YGB1"; counts of events, refs, data bytes, names,
// sources; the heads; the refs; the tables (identity, created, names, sources,
// tallies) as length-prefixed text and varints; the data. The heads begin at an
// offset divisible by eight, so that a reader may use them in place.
func (b *Builder) Encode(dst []byte, id ID, created time.Time) []byte {
	return append(dst, b.Seal(id, created)...)
}

// Seal returns the block's bytes as Encode writes them, in the builder's own memory:
// good until the next Append or Reset.
func (b *Builder) Seal(id ID, created time.Time) []byte {
	b.tables = b.appendTables(b.tables[:0], id, created)
	events, refs := bytesOf(b.events), bytesOf(b.refs)
	n := formatFixed + len(events) + len(refs) + len(b.tables)
	wire := b.mem[max(0, b.room-n):]
	if n > b.room {
		wire = make([]byte, n, n+b.dataLen())
		wire = append(wire, b.mem[b.room:]...)
	}
	front := append(wire[:0], magic...)
	for _, n := range [...]int{len(b.events), len(b.refs), b.dataLen(), len(b.names), len(b.sources)} {
		front = binary.LittleEndian.AppendUint32(front, uint32(n))
	}
	_ = append(append(append(front, events...), refs...), b.tables...)
	return wire
}

// appendTables appends what lies between the refs and the data.
func (b *Builder) appendTables(dst []byte, id ID, created time.Time) []byte {
	dst = appendText(dst, id.Tenant)
	dst = appendText(dst, id.Node)
	dst = binary.AppendUvarint(dst, id.Epoch)
	dst = binary.AppendUvarint(dst, id.Seq)
	dst = binary.AppendVarint(dst, created.UnixNano())
	for _, n := range b.names {
		dst = appendText(dst, n)
	}
	for _, s := range b.sources {
		dst = appendSource(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.tallies)))
	for _, t := range b.tallies {
		dst = appendSource(dst, t.Source)
		dst = binary.AppendUvarint(dst, t.Received)
		dst = append(dst, byte(reasons))
		for _, n := range t.Refused {
			dst = binary.AppendUvarint(dst, n)
		}
	}
	return dst
}

// Block encodes and decodes the gathered events: for offline use and tests.
func (b *Builder) Block(id ID, created time.Time) (*Block, error) {
	block, err := Decode(b.Encode(nil, id, created))
	if err != nil {
		return nil, fmt.Errorf("own block: %w", err)
	}
	return block, nil
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendSource(dst []byte, s Source) []byte {
	return appendText(appendText(dst, s.Peer), s.Listener)
}

// bytesOf views fixed-size records as bytes. The codec runs on little-endian
// hosts only (amd64, arm64), which Decode checks.
func bytesOf[T head | ref](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}
